// name: horizons
// Behind what is not kept, as the inbox's one node remembers it.
MATCH (i:Inbox {id: 'inbox'})
RETURN i.history AS history, i.known AS known, i.runs AS runs, i.series AS series, i.payloads AS payloads

// name: raise_horizons
// Together with `fence_off`: whoever applies next reads it with its claim.
MATCH (i:Inbox {id: 'inbox'})
SET i += $values

// name: fence_off
// A worker that claimed its batch under the old horizon finds itself fenced off, and claims again under the new one.
MATCH (s:Shard)
SET s.lock = $token, s.fence = s.fence + 1

// name: payloads
// Entries by sequence, one equality look-up each, with what is known of their payloads.
UNWIND $sequences AS q
MATCH (e:Entry {sequence: q})
RETURN e.id AS key, e.sequence AS sequence, e.state AS state, e.kind AS kind, e.time AS time, e.chunks AS chunks,
       e.purgedAt IS NOT NULL AS purged

// name: empty
// The small record of the entry stays and says that its payload was taken: sequences have no gaps.
UNWIND $ids AS id
MATCH (e:Entry {id: id})
SET e.purgedAt = $now

// name: guard_jobs
// The fold of a job, and what is taken from its past, exclude each other.
UNWIND $ids AS id
MATCH (n:Job {id: id})
SET n.lock = $token

// name: guard_datasets
// The same for datasets.
UNWIND $ids AS id
MATCH (n:Dataset {id: id})
SET n.lock = $token

// name: guard_manifests
// The same for manifests.
UNWIND $ids AS id
MATCH (n:Manifest {id: id})
SET n.lock = $token

// name: guard_entities
// The same for entities.
UNWIND $ids AS id
MATCH (n:Entity {id: id})
SET n.lock = $token

// name: uses
// How long ago each bundle of a subject was said, and how much of its log was taken before.
UNWIND $ids AS id
MATCH (u:Use {subject: id})
RETURN u.subject AS subject, u.first AS first, u.last AS last, u.n AS n, u.goneN AS goneN, u.goneLast AS goneLast

// name: log
// Observations of some days behind the horizon.
UNWIND $buckets AS bucket
MATCH (o:Obs {bucket: bucket})
WHERE o.t <= $history AND o.s <= $known
RETURN o.id AS id, o.use AS use, o.t AS t, o.run AS run
LIMIT $limit

// name: count_log
// The same, counted.
UNWIND $buckets AS bucket
MATCH (o:Obs {bucket: bucket})
WHERE o.t <= $history AND o.s <= $known
RETURN count(o) AS n

// name: forget_log
// Observations have no relationships; nobody reads them but the fold of late events, and none so late is applied.
UNWIND $ids AS id
MATCH (o:Obs {id: id})
DELETE o

// name: gone
// What was taken from their logs so far.
UNWIND $ids AS id
MATCH (u:Use {id: id})
RETURN u.id AS id, u.goneN AS n, u.goneFirst AS first, u.goneLast AS last, u.goneRun AS run

// name: count_gone
// The evidence keeps what was taken from its log, so that a replay can begin with it.
UNWIND $rows AS row
MATCH (u:Use {id: row.id})
SET u += row.values

// name: runs_heard
// Runs by the sequence that told of them last.
UNWIND $sequences AS q
MATCH (r:Run {heard: q})
MATCH (j:Job {id: r.job})
RETURN r.id AS id, r.job AS job, r.state AS state, r.lastT AS lastT, r.heard AS heard, j.latest AS latest, j.closes AS closes

// name: newest_completed
// The run whose inputs and outputs stand for its job.
UNWIND $ids AS id
CALL (id) {
  MATCH (r:Run {job: id})
  WHERE r.state = 'COMPLETED'
  RETURN r.id AS run ORDER BY r.endedAt DESC, r.id LIMIT 1
}
RETURN id, run

// name: children
// Runs that were started by others.
UNWIND $ids AS id
MATCH (c:Run {parent: id})
RETURN DISTINCT id, c.id AS child

// name: forget_runs
// With their one relationship, to the job.
UNWIND $ids AS id
MATCH (r:Run {id: id})
DETACH DELETE r

// name: registers
// Everything said of some things, with its Steps.
UNWIND $ids AS id
MATCH (g:Reg {of: id})
RETURN g.id AS id, g.subject AS subject, g.aspect AS aspect, g.name AS name, g.of AS of, g.ts AS ts, g.ss AS ss,
       g.vs AS vs, g.mixed AS mixed

// name: registers_by_id
// The same again under the guard of those who say it.
UNWIND $ids AS id
MATCH (g:Reg {id: id})
RETURN g.id AS id, g.subject AS subject, g.aspect AS aspect, g.name AS name, g.of AS of, g.ts AS ts, g.ss AS ss,
       g.vs AS vs, g.mixed AS mixed

// name: forget_registers
// What was taken back behind the horizon, and lists that edges carry themselves again.
UNWIND $ids AS id
MATCH (g:Reg {id: id})
DELETE g

// name: forget_job_edges
// From the job, whose degree is small.
UNWIND $rows AS row
MATCH (j:Job {id: row.source})-[r:READS|WRITES|FED_BY]->()
WHERE r.key = row.key
DELETE r

// name: forget_field_edges
// Column edges that ended behind the horizon.
UNWIND $rows AS row
MATCH (f:Field {id: row.source})-[r:DERIVES_FROM]->()
WHERE r.key = row.key
DELETE r

// name: forget_dataset_edges
// What a dataset as a whole derived from, and what contained it, until then.
UNWIND $rows AS row
MATCH (d:Dataset {id: row.source})-[r:DERIVES_FROM|WITHIN]->()
WHERE r.key = row.key
DELETE r

// name: forget_entity_edges
// What the document of an entity named until then.
UNWIND $rows AS row
MATCH (e:Entity {id: row.source})-[r:REFERS]->()
WHERE r.key = row.key
DELETE r

// name: spanning
// Jobs with a run that began by the horizon and told something after it, or may: its end can reopen what it wrote.
UNWIND $ids AS id
MATCH (r:Run {job: id})
WHERE r.firstT <= $history AND (r.lastT > $history OR r.endedAt IS NULL)
RETURN DISTINCT id

// name: samples
// What was measured of datasets behind the horizon, month by month.
UNWIND $buckets AS bucket
MATCH (x:Sample {bucket: bucket})
WHERE x.t <= $history AND x.s <= $known
RETURN x.id AS id
LIMIT $limit

// name: count_samples
// All samples of some months, and those behind the horizon.
UNWIND $buckets AS bucket
MATCH (x:Sample {bucket: bucket})
RETURN bucket, count(x) AS n, sum(CASE WHEN x.t <= $history AND x.s <= $known THEN 1 ELSE 0 END) AS gone

// name: forget_samples
// Samples have no relationships.
UNWIND $ids AS id
MATCH (x:Sample {id: id})
DELETE x

// name: forget_months
// Months without samples, so that nobody looks there.
UNWIND $ids AS id
MATCH (m:SampleMonth {id: id})
DELETE m

// name: orders_of
// Orders by number, one equality look-up each; one that waits or is at work has not ended.
UNWIND $numbers AS number
MATCH (o:Order {number: number})
RETURN o.id AS id, o.ended AS ended, o.chunks AS chunks

// name: forget_orders
// Orders have no relationships; numbers are never given again.
UNWIND $ids AS id
MATCH (o:Order {id: id})
DELETE o

// name: evaluations_of
// Evaluations by number, one equality look-up each.
UNWIND $numbers AS number
MATCH (e:Evaluation {number: number})
RETURN e.id AS id, e.number AS number, e.started AS started

// name: forget_evaluations
// Evaluations have no relationships; findings name them by number, and that stays.
UNWIND $ids AS id
MATCH (e:Evaluation {id: id})
DELETE e
