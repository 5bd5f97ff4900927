// name: guard
// Every commit of the inbox writes this node first, so sequence and received are given by one writer at a time.
MERGE (i:Inbox {id: 'inbox'})
ON CREATE SET i.sequence = 0, i.received = 0
SET i.lock = $token
RETURN i.sequence AS sequence, i.received AS received, coalesce(i.applies, 0) AS applies

// name: head
// The newest accepted apply of a manifest; under the guard, so nobody else moves it.
MATCH (h:Head {id: $id})
RETURN h.entry AS entry, h.plan AS plan, h.at AS at

// name: move_head
// In the commit that accepts an apply; applies of all manifests are counted, so that who checks claims can tell whether
// any came between.
MATCH (i:Inbox {id: 'inbox'})
SET i.applies = $applies
WITH i
MERGE (h:Head {id: $id})
SET h += $values

// name: known
// Entries that exist already, by key.
UNWIND $keys AS key
MATCH (e:Entry {id: key})
RETURN e.id AS key, e.sequence AS sequence, e.state AS state, e.purgedAt IS NOT NULL AS purged

// name: insert
// The newest sequence and reception, and the entries that got them, with payloads of ordinary size: each statement is a
// round trip that every waiting client waits for. The guard makes sure that nobody else inserts the same key. Payloads
// stay apart from the small record whose state changes (stores.md, rule 16b).
MATCH (i:Inbox {id: 'inbox'})
SET i.sequence = $sequence, i.received = $received
WITH i
UNWIND $rows AS row
CREATE (e:Entry {id: row.entry.id})
SET e += row.entry
FOREACH (chunk IN row.chunks | CREATE (c:Chunk {id: chunk.id, data: chunk.data}))

// name: insert_chunks
// Payloads that need messages of their own.
UNWIND $rows AS row
CREATE (c:Chunk {id: row.id, data: row.data})

// name: chunks
// Payloads by chunk id.
UNWIND $ids AS id
MATCH (c:Chunk {id: id})
RETURN c.id AS id, c.data AS data

// name: shard
// Who holds a shard, for those who only want to know whether to try.
MATCH (s:Shard {id: $shard})
RETURN s.expires AS expires, s.owner AS owner, coalesce(s.lease, 0) AS lease

// name: guard_shard
// A shard is claimed, and written under, by one worker at a time: its node is written before anything is read.
// `settled` is how far its holder is, `through` how far everybody may count on.
MERGE (s:Shard {id: $shard})
ON CREATE SET s.fence = 0, s.expires = 0, s.owner = '', s.through = 0, s.batch = [], s.applied = 0, s.rejected = 0, s.dead = 0
SET s.lock = $token
RETURN s.fence AS fence, s.expires AS expires, s.owner AS owner, coalesce(s.lease, 0) AS lease,
       coalesce(s.settled, s.through) AS through, s.batch AS batch

// name: set_shard
// Owner, fence, expiry, claimed batch, and how far the shard is settled.
MATCH (s:Shard {id: $shard})
SET s += $values

// name: count_settled
// Totals for the metrics, kept where the guard is anyway.
MATCH (s:Shard {id: $shard})
SET s.applied = s.applied + $applied, s.rejected = s.rejected + $rejected, s.dead = s.dead + $dead

// name: newest
// Sequence and reception of the newest accepted entry, and behind what nothing is applied any more.
MATCH (i:Inbox {id: 'inbox'})
RETURN i.sequence AS sequence, i.received AS received, i.history AS history, i.known AS known

// name: window
// Entries by sequence, one equality look-up each: sequences have no gaps, so this needs no range.
UNWIND range($low, $high) AS q
MATCH (e:Entry {sequence: q})
RETURN e.id AS key, e.sequence AS sequence, e.state AS state, e.attempts AS attempts, e.size AS size,
       e.chunks AS chunks, e.shard AS shard, e.again AS again

// name: again
// Entries to be applied once more: sent back by a person, or after a failed attempt whose pause is over. A pause that
// ends later than any may was given by a clock that has been put back since.
MATCH (e:Entry {again: true})
WHERE e.retryAt <= $now OR e.retryAt > $far
RETURN e.id AS key, e.sequence AS sequence, e.state AS state, e.attempts AS attempts, e.size AS size,
       e.chunks AS chunks, e.shard AS shard
ORDER BY e.sequence LIMIT $limit

// name: blame
// An attempt that failed, or was cut off, is remembered on the entry itself.
UNWIND $rows AS row
MATCH (e:Entry {id: row.id})
WHERE e.state = 'ACCEPTED'
SET e += row.values

// name: blame_sequences
// The entries a worker had claimed when it ended: each is tried alone from now on.
UNWIND $sequences AS q
MATCH (e:Entry {sequence: q})
WHERE e.state = 'ACCEPTED'
SET e.attempts = e.attempts + 1, e.reason = $reason

// name: settle
// In the transaction that applies them: whoever finds an entry ACCEPTED here has written it, nobody else can.
UNWIND $rows AS row
MATCH (e:Entry {id: row.id})
WHERE e.state = 'ACCEPTED'
SET e += row.values
RETURN e.id AS key

// name: retry
// Back to ACCEPTED under its old sequence; `again` tells the workers, whose windows have passed it.
MATCH (e:Entry {id: $key})
WHERE e.state IN ['REJECTED', 'DEAD'] AND e.purgedAt IS NULL
SET e.lock = $token, e.state = 'ACCEPTED', e.again = true, e.trouble = null, e.attempts = 0, e.retryAt = 0, e.reason = null
RETURN e.sequence AS sequence, e.shard AS shard

// name: link_edits
// In the commit that accepts the edits: the entries they stand for name them, each once, oldest first.
UNWIND $rows AS row
MATCH (e:Entry {id: row.id})
WHERE NOT row.by IN coalesce(e.editedAs, [])
SET e.editedAs = coalesce(e.editedAs, []) + row.by

// name: purge
// The guard comes first: whoever retries the entry meanwhile waits, or has changed its state by now.
UNWIND $ids AS id
MATCH (e:Entry {id: id})
SET e.lock = $token
WITH e
WHERE e.state IN ['REJECTED', 'DEAD'] AND e.settledAt < $before AND e.purgedAt IS NULL
SET e.purgedAt = $now
RETURN e.id AS key, e.chunks AS chunks, e.size AS size

// name: drop_chunks
// Of purged payloads; nothing points to a chunk.
UNWIND $ids AS id
MATCH (c:Chunk {id: id})
DELETE c

// name: restore
// Entries that have their payload back.
UNWIND $keys AS key
MATCH (e:Entry {id: key})
SET e.purgedAt = null

// name: entries_by_beginning
// Entries by the beginning of their key: an index of its own, since the embedded store scans for prefixes.
MATCH (e:Entry {short: $short})
RETURN properties(e) AS entry ORDER BY e.id LIMIT 10

// name: await_entry
// The state of an entry whose transaction is over: who settles it holds its lock until then.
MATCH (e:Entry {id: $key})
SET e.lock = $token
RETURN e.state AS state

// name: entries
// Entries by sequence, for listings.
UNWIND $sequences AS q
MATCH (e:Entry {sequence: q})
RETURN properties(e) AS entry

// name: received
// When entries were accepted, by sequence: probes of a search in a list that rises.
UNWIND $sequences AS q
MATCH (e:Entry {sequence: q})
RETURN e.sequence AS sequence, e.received AS received

// name: warnings_of
// What was not understood of some entries.
UNWIND $sequences AS q
MATCH (e:Entry {sequence: q})
RETURN e.sequence AS sequence, e.warnings AS warnings

// name: troubled
// Rejected and dead entries have an index of their own: there are few, among millions.
MATCH (e:Entry {trouble: $state})
WHERE e.sequence < $before
RETURN properties(e) AS entry ORDER BY e.sequence DESC LIMIT $limit

// name: shards
// Totals and progress of the shards.
MATCH (s:Shard)
RETURN s.id AS id, s.through AS through, s.owner AS owner, s.expires AS expires,
       s.applied AS applied, s.rejected AS rejected, s.dead AS dead

// name: oldest_again
// The oldest entry that waits for another attempt: nothing from it on counts as settled.
MATCH (e:Entry {again: true})
RETURN min(e.sequence) AS sequence
