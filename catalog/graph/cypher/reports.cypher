// name: guard_reports
// The chain of seals is made longer by one writer at a time: this node is written before anything is read, so that no
// two seals have one number, or one before them.
MERGE (b:ReportBook {id: 'reports'})
ON CREATE SET b.number = 0, b.hash = ''
SET b.lock = $token
RETURN b.number AS number, b.hash AS hash

// name: newest_report
// How long the chain is; numbers have no gaps.
MATCH (b:ReportBook {id: 'reports'})
RETURN b.number AS number

// name: keep_report
// Under the guard: the chain goes on behind this one.
MATCH (b:ReportBook {id: 'reports'})
SET b.number = $number, b.hash = $hash
WITH b
CREATE (r:SealedReport {id: $id})
SET r += $values

// name: keep_key
// Public keys stay when a new one seals: what they have sealed is still verified.
MERGE (k:SealKey {id: $id})
ON CREATE SET k.pem = $pem, k.since = $now

// name: keep_report_chunks
// Renderings by the hash of their bytes: whoever writes one again writes the same.
UNWIND $rows AS row
MERGE (c:Chunk {id: row.id})
SET c.data = row.data

// name: reports_by_id
// Reports by the hash of their content.
UNWIND $ids AS id
MATCH (r:SealedReport {id: id})
RETURN properties(r) AS report

// name: reports_by_beginning
// Reports by the beginning of that hash: an index of its own, since the embedded store scans for prefixes.
MATCH (r:SealedReport {short: $short})
RETURN properties(r) AS report ORDER BY r.id LIMIT 10

// name: reports_by_number
// Reports by number, one equality look-up each, for listings and for the chain.
UNWIND $numbers AS number
MATCH (r:SealedReport {number: number})
RETURN properties(r) AS report

// name: seal_keys
// All public keys that ever sealed: there are few.
MATCH (k:SealKey)
RETURN k.id AS id, k.pem AS pem, k.since AS since ORDER BY k.since, k.id
