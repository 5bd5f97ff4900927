// name: all_namespaces
// All namespaces; there are few.
MATCH (n:Namespace)
RETURN n.id AS id, properties(n) AS kept

// name: jobs
// Jobs with all that is kept of them.
UNWIND $ids AS id
MATCH (n:Job {id: id})
RETURN id, properties(n) AS kept

// name: datasets
// Datasets with all that is kept of them.
UNWIND $ids AS id
MATCH (n:Dataset {id: id})
RETURN id, properties(n) AS kept

// name: uses
// Bundles of subjects, with how much of their log was taken.
UNWIND $ids AS id
MATCH (u:Use {subject: id})
RETURN u.id AS id, u.subject AS subject, properties(u) AS kept

// name: log
// Observations of some days that are part of the base, behind a place.
UNWIND $buckets AS bucket
MATCH (o:Obs {bucket: bucket})
WHERE (o.t <= $cut OR (o.t <= $history AND o.s <= $known)) AND o.id > $after
RETURN o.id AS id, properties(o) AS kept
ORDER BY id LIMIT $limit

// name: runs
// Runs by the sequence that told of them last, with all that is kept of them.
UNWIND $sequences AS q
MATCH (r:Run {heard: q})
RETURN r.id AS id, properties(r) AS kept

// name: samples
// Samples of some months that are part of the base, behind a place.
UNWIND $buckets AS bucket
MATCH (x:Sample {bucket: bucket})
WHERE (x.t <= $cut OR (x.t <= $history AND x.s <= $known)) AND x.id > $after
RETURN x.id AS id, properties(x) AS kept
ORDER BY id LIMIT $limit

// name: same_as
// Names that symlinks told to be one thing; what a later entry told is told again by its replay.
UNWIND $ids AS id
MATCH (a:Dataset {id: id})-[r:SAME_AS]->(b:Dataset)
RETURN r.key AS key, id AS source, b.id AS target, r.seen AS seen

// name: shapes
// Values as they are kept.
UNWIND $ids AS id
MATCH (s:Shape {id: id})
RETURN id, s.body AS body, s.chunks AS chunks

// name: put_jobs
// Once: what is applied afterwards goes on from it.
UNWIND $rows AS row
MERGE (n:Job {id: row.id})
ON CREATE SET n += row.kept

// name: put_datasets
// The same.
UNWIND $rows AS row
MERGE (n:Dataset {id: row.id})
ON CREATE SET n += row.kept

// name: put_namespaces
// The same.
UNWIND $rows AS row
MERGE (n:Namespace {id: row.id})
ON CREATE SET n += row.kept

// name: put_uses
// The same.
UNWIND $rows AS row
MERGE (u:Use {id: row.id})
ON CREATE SET u += row.kept

// name: put_log
// The same.
UNWIND $rows AS row
MERGE (o:Obs {id: row.id})
ON CREATE SET o += row.kept

// name: put_samples
// The same.
UNWIND $rows AS row
MERGE (x:Sample {id: row.id})
ON CREATE SET x += row.kept
