// name: watch
// How far findings are, and who evaluates, for those who only want to know.
MATCH (w:Watch {id: 'present'})
RETURN properties(w) AS watch

// name: guard_watch
// Findings are written by one evaluation at a time: this node is written before anything is read.
MERGE (w:Watch {id: 'present'})
ON CREATE SET w.fence = 0, w.expires = 0, w.owner = '', w.number = 0, w.known = 0, w.at = 0, w.through = 0
SET w.lock = $token
RETURN properties(w) AS watch

// name: set_watch
// Whose it is, how far findings are, how many are open.
MATCH (w:Watch {id: 'present'})
SET w += $values

// name: live_findings
// All that are open or waived, as far as it takes to compare them, by the beginnings of their ids.
UNWIND $buckets AS bucket
MATCH (f:Finding {live: bucket})
RETURN f.id AS id, f.state AS state, f.content AS content, f.severity AS severity, f.last AS last, f.since AS since,
       f.ord AS ord

// name: live_findings_of
// Those of some things, for an evaluation of these.
UNWIND $ids AS id
MATCH (f:Finding {thing: id})
WHERE f.live IS NOT NULL
RETURN f.id AS id, f.state AS state, f.content AS content, f.severity AS severity, f.last AS last, f.since AS since,
       f.ord AS ord, f.policy AS policy

// name: known_findings
// Those that were resolved once, by id: they are opened again under the same identity.
UNWIND $ids AS id
MATCH (f:Finding {id: id})
RETURN f.id AS id, f.state AS state, f.content AS content, f.severity AS severity, f.last AS last, f.since AS since,
       f.ord AS ord

// name: new_findings
// Under the guard, so that nobody else has made them. Whole: a first evaluation writes a hundred thousand, and this
// takes half the time of looking whether they are there and setting them value by value.
UNWIND $rows AS row
CREATE (f:Finding)
SET f = row

// name: new_transitions
// The first one of each new finding: there can be no other.
UNWIND $rows AS row
CREATE (t:Transition)
SET t = row

// name: put_findings
// Under the guard. What changed or ended.
UNWIND $rows AS row
MATCH (f:Finding {id: row.id})
SET f += row.values

// name: touch_findings
// Seen again as they are.
UNWIND $ids AS id
MATCH (f:Finding {id: id})
SET f.last = $at

// name: put_transitions
// An append-only log: the id is that of the finding and of the evaluation, so writing it twice is once.
UNWIND $rows AS row
MERGE (t:Transition {id: row.id})
ON CREATE SET t += row.new

// name: put_evaluation
// Begun with its first change, ended with its last.
MERGE (e:Evaluation {id: $id})
SET e += $values

// name: put_policies
// Policies as they were judged by, by the hash of their text: a changed one is another one.
UNWIND $rows AS row
MERGE (p:PolicyText {id: row.id})
ON CREATE SET p += row.new

// name: policies_by_hash
// Policies as they were judged by.
UNWIND $ids AS id
MATCH (p:PolicyText {id: id})
RETURN p.id AS id, p.name AS name, p.version AS version, p.pack AS pack, p.text AS text

// name: findings_by_id
// Findings by id, as far as the reader may see all that they speak of.
UNWIND $ids AS id
MATCH (f:Finding {id: id})
WHERE {visible f} AND ($grants IS NULL OR all(s IN f.spaces WHERE s IN $grants))
RETURN properties(f) AS finding

// name: findings_by_beginning
// Of those that are open or waived, by the bucket that its id begins with.
MATCH (f:Finding {live: $bucket})
WHERE f.id STARTS WITH $beginning
  AND {visible f} AND ($grants IS NULL OR all(s IN f.spaces WHERE s IN $grants))
RETURN properties(f) AS finding
ORDER BY f.id LIMIT 2

// name: page_findings
// Findings in order (state, severity, policy, thing), from a sort key on.
MATCH (f:Finding)
WHERE f.ord > $after AND f.ord < $end
  AND ($policy IS NULL OR f.policy = $policy) AND ($pack IS NULL OR f.pack = $pack)
  AND ($severity IS NULL OR f.severity = $severity) AND ($owner IS NULL OR $owner IN f.owners)
  AND ($due IS NULL OR f.due < $due)
  AND {visible f} AND ($grants IS NULL OR all(s IN f.spaces WHERE s IN $grants))
RETURN properties(f) AS finding
ORDER BY f.ord LIMIT $limit

// name: page_findings_of_things
// The same of some things.
UNWIND $things AS thing
MATCH (f:Finding {thing: thing})
WHERE f.ord > $after AND f.ord < $end
  AND ($policy IS NULL OR f.policy = $policy) AND ($pack IS NULL OR f.pack = $pack)
  AND ($severity IS NULL OR f.severity = $severity) AND ($owner IS NULL OR $owner IN f.owners)
  AND ($due IS NULL OR f.due < $due)
  AND {visible f} AND ($grants IS NULL OR all(s IN f.spaces WHERE s IN $grants))
RETURN properties(f) AS finding
ORDER BY f.ord LIMIT $limit

// name: count_findings
// How many there are in all, as far as the reader sees them, and how many whoever may see.
MATCH (f:Finding)
WHERE f.ord > $after AND f.ord < $end
  AND ($policy IS NULL OR f.policy = $policy) AND ($pack IS NULL OR f.pack = $pack)
  AND ($things IS NULL OR f.thing IN $things)
  AND ($severity IS NULL OR f.severity = $severity) AND ($owner IS NULL OR $owner IN f.owners)
  AND ($due IS NULL OR f.due < $due)
RETURN count(CASE WHEN {visible f} AND ($grants IS NULL OR all(s IN f.spaces WHERE s IN $grants)) THEN 1 END) AS seen,
       count(*) AS n

// name: transitions_of
// What became of findings, oldest first.
UNWIND $ids AS id
MATCH (t:Transition {finding: id})
RETURN id, t.kind AS kind, t.at AS at, t.known AS known, t.evaluation AS evaluation, t.reason AS reason,
       t.severity AS severity
ORDER BY t.known, t.at

// name: evaluations_by_number
// Evaluations by number, one equality look-up each, for listings.
UNWIND $numbers AS number
MATCH (e:Evaluation {number: number})
RETURN properties(e) AS evaluation
