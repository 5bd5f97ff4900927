// name: guard_jobs
// The jobs a batch speaks of, sorted by id: written first, so that two appliers never fold one job at once.
UNWIND $rows AS row
MERGE (n:Job {id: row.id})
ON CREATE SET n += row.new
SET n.lock = $token
RETURN n.id AS id, n.lastT AS lastT, n.maxS AS maxS, n.closes AS closes, n.signatures AS signatures,
       n.latest AS latest, n.latestT AS latestT

// name: guard_datasets
// The same for datasets with facets of their own.
UNWIND $rows AS row
MERGE (n:Dataset {id: row.id})
ON CREATE SET n += row.new
SET n.lock = $token
RETURN n.id AS id, n.lastT AS lastT, n.maxS AS maxS, n.closes AS closes, n.signatures AS signatures

// name: guard_manifests
// The same for manifests, which say what documents declare.
UNWIND $rows AS row
MERGE (n:Manifest {id: row.id})
ON CREATE SET n += row.new
SET n.lock = $token
RETURN n.id AS id, n.lastT AS lastT, n.maxS AS maxS, n.closes AS closes, n.signatures AS signatures

// name: guard_entities
// The same for entities that people say something of.
UNWIND $rows AS row
MERGE (n:Entity {id: row.id})
ON CREATE SET n += row.new
SET n.lock = $token
RETURN n.id AS id, n.lastT AS lastT, n.maxS AS maxS, n.closes AS closes, n.signatures AS signatures

// name: mention_jobs
// Jobs that are only named (as parents): made once, never locked.
UNWIND $rows AS row
MERGE (n:Job {id: row.id})
ON CREATE SET n += row.new

// name: mention_datasets
// Datasets that are only named: as input, output, alias, or source of a column.
UNWIND $rows AS row
MERGE (n:Dataset {id: row.id})
ON CREATE SET n += row.new

// name: mention_entities
// Entities that are declared, spoken of, or only named by others.
UNWIND $rows AS row
MERGE (n:Entity {id: row.id})
ON CREATE SET n += row.new

// name: mention_namespaces
// One node per namespace, for listings.
UNWIND $rows AS row
MERGE (n:Namespace {id: row.id})
ON CREATE SET n.name = row.name, n.ord = row.ord

// name: load_edges
// All accumulating edges of jobs that change; a job's own degree is small beside a dataset's. What others say of a job
// is told by `by` and follows from a register of theirs.
UNWIND $ids AS id
MATCH (j:Job {id: id})-[r:READS|WRITES|FED_BY|CHILD_OF|FOLLOWS|PRECEDES]->(x)
WHERE r.origin = 'O' AND r.by IS NULL
RETURN id AS source, type(r) AS kind, x.id AS target, r.key AS key, r.n AS n, r.t0 AS t0, r.s0 AS s0,
       r.ts AS ts, r.ss AS ss, r.vs AS vs

// name: load_registers
// The Steps of registers (and of edges whose lists were spilled), by id.
UNWIND $ids AS id
MATCH (g:Reg {id: id})
RETURN g.id AS id, g.ts AS ts, g.ss AS ss, g.vs AS vs, g.mixed AS mixed

// name: load_log
// Observations by day bucket: equality look-ups, never a range (stores.md, rule 16a).
UNWIND $buckets AS bucket
MATCH (o:Obs {bucket: bucket})
WHERE o.t >= $since
RETURN o.t AS t, o.rank AS rank, o.key AS key, o.s AS s, o.run AS run, o.use AS use

// name: load_uses
// What subjects asserted as bundles, by id.
UNWIND $ids AS id
MATCH (u:Use {id: id})
RETURN u.id AS id, u.subject AS subject, u.label AS label, u.registers AS registers, u.vals AS vals, u.io AS io,
       u.parents AS parents, u.complete AS complete, u.producer AS producer

// name: load_shapes
// Bodies by content hash.
UNWIND $ids AS id
MATCH (s:Shape {id: id})
RETURN s.id AS id, s.body AS body, s.chunks AS chunks

// name: load_runs
// Runs as they are, to merge events into; the guard on their job covers them.
UNWIND $ids AS id
MATCH (r:Run {id: id})
RETURN r.id AS id, r.ts AS ts, r.ranks AS ranks, r.ss AS ss, r.ios AS ios, r.facets AS facets,
       r.lastT AS lastT, r.heard AS heard, r.parent AS parent, r.parentT AS parentT, r.root AS root

// name: put_shapes
// Content-addressed: whoever wrote it first wrote the same. Those that retention is about to collect are told.
UNWIND $rows AS row
MERGE (s:Shape {id: row.id})
ON CREATE SET s += row.new
WITH s
WHERE s.unused IS NOT NULL
RETURN s.id AS id

// name: spare_shapes
// Somebody refers to them again: retention finds its mark gone, and leaves them.
UNWIND $ids AS id
MATCH (s:Shape {id: id})
SET s.unused = null

// name: put_chunks
// Large bodies, in parts.
UNWIND $rows AS row
MERGE (c:Chunk {id: row.id})
ON CREATE SET c.data = row.data

// name: put_uses
// The evidence: how often, when first and last, by which run. Counted once per entry, in the entry's transaction.
UNWIND $rows AS row
MERGE (u:Use {id: row.id})
ON CREATE SET u += row.new, u.n = 0, u.first = row.first, u.last = row.last, u.lastRun = row.lastRun
SET u.lastRun = CASE WHEN row.last > u.last OR (row.last = u.last AND row.lastRun > u.lastRun)
                THEN row.lastRun ELSE u.lastRun END
SET u.n = u.n + row.n,
    u.first = CASE WHEN row.first < u.first THEN row.first ELSE u.first END,
    u.last = CASE WHEN row.last > u.last THEN row.last ELSE u.last END

// name: put_obs
// The log: one immutable record per entry and subject.
UNWIND $rows AS row
CREATE (o:Obs {id: row.id})
SET o += row

// name: put_jobs
// What is remembered of a job's past.
UNWIND $rows AS row
MATCH (n:Job {id: row.id})
SET n += row.values

// name: put_datasets
// What is remembered of a dataset's past.
UNWIND $rows AS row
MATCH (n:Dataset {id: row.id})
SET n += row.values

// name: put_manifests
// What is remembered of a manifest's past.
UNWIND $rows AS row
MATCH (n:Manifest {id: row.id})
SET n += row.values

// name: put_entities
// What is remembered of what people said of an entity.
UNWIND $rows AS row
MATCH (n:Entity {id: row.id})
SET n += row.values

// name: put_runs
// Runs with their events and their present state.
UNWIND $rows AS row
MERGE (r:Run {id: row.id})
ON CREATE SET r += row.new
SET r += row.values

// name: mention_runs
// Parents' runs that are only named; their own events fill them.
UNWIND $rows AS row
MERGE (r:Run {id: row.id})
ON CREATE SET r += row.new

// name: put_run_of
// From the run, whose degree is one, to the job, which may have a million.
UNWIND $rows AS row
MATCH (r:Run {id: row.id})
MATCH (j:Job {id: row.job})
MERGE (r)-[e:RUN_OF {key: row.id}]->(j)

// name: put_registers
// Steps of registers, with the present value beside them.
UNWIND $rows AS row
MERGE (g:Reg {id: row.id})
ON CREATE SET g += row.new
SET g += row.values

// name: put_reads
// Both ends first, then one edge per key.
UNWIND $rows AS row
MATCH (a:Job {id: row.source})
MATCH (b:Dataset {id: row.target})
MERGE (a)-[r:READS {key: row.key}]->(b)
SET r += row.values

// name: put_writes
// Both ends first, then one edge per key.
UNWIND $rows AS row
MATCH (a:Job {id: row.source})
MATCH (b:Dataset {id: row.target})
MERGE (a)-[r:WRITES {key: row.key}]->(b)
SET r += row.values

// name: put_reads_of_wide
// From the dataset: walking the job's own edges for each of thousands would cost their square (stores.md, rule 5a).
UNWIND $rows AS row
MATCH (a:Job {id: row.source})
MATCH (b:Dataset {id: row.target})
MERGE (b)<-[r:READS {key: row.key}]-(a)
SET r += row.values

// name: put_writes_of_wide
// From the dataset: walking the job's own edges for each of thousands would cost their square (stores.md, rule 5a).
UNWIND $rows AS row
MATCH (a:Job {id: row.source})
MATCH (b:Dataset {id: row.target})
MERGE (b)<-[r:WRITES {key: row.key}]-(a)
SET r += row.values

// name: put_child_of
// A job and the job that started it.
UNWIND $rows AS row
MATCH (a:Job {id: row.source})
MATCH (b:Job {id: row.target})
MERGE (a)-[r:CHILD_OF {key: row.key}]->(b)
SET r += row.values

// name: put_fed_by
// A job and the job whose data it takes without a dataset between.
UNWIND $rows AS row
MATCH (a:Job {id: row.source})
MATCH (b:Job {id: row.target})
MERGE (a)-[r:FED_BY {key: row.key}]->(b)
SET r += row.values

// name: put_follows
// Control flow: a job and the job that runs before it.
UNWIND $rows AS row
MATCH (a:Job {id: row.source})
MATCH (b:Job {id: row.target})
MERGE (a)-[r:FOLLOWS {key: row.key}]->(b)
SET r += row.values

// name: put_precedes
// Control flow: a job and the job that runs after it, as the first one tells it.
UNWIND $rows AS row
MATCH (a:Job {id: row.source})
MATCH (b:Job {id: row.target})
MERGE (a)-[r:PRECEDES {key: row.key}]->(b)
SET r += row.values

// name: put_maps
// Which inputs made an output, on the edge that writes it; from the dataset, as a job may write thousands.
UNWIND $rows AS row
MATCH (b:Dataset {id: row.target})<-[r:WRITES {key: row.key}]-(a:Job {id: row.source})
SET r += row.values

// name: put_fields
// The ends of column edges.
UNWIND $rows AS row
MERGE (f:Field {id: row.id})
ON CREATE SET f.dataset = row.dataset, f.path = row.path

// name: put_field_from_field
// One column edge per register, pair and transformation.
UNWIND $rows AS row
MATCH (a:Field {id: row.source})
MATCH (b:Field {id: row.target})
MERGE (a)-[r:DERIVES_FROM {key: row.key}]->(b)
SET r += row.values

// name: put_dataset_from_field
// A whole dataset depends on a column (a filter, a join).
UNWIND $rows AS row
MATCH (a:Dataset {id: row.source})
MATCH (b:Field {id: row.target})
MERGE (a)-[r:DERIVES_FROM {key: row.key}]->(b)
SET r += row.values

// name: put_dataset_from_dataset
// Lineage without a job: a DatasetEvent says where its dataset comes from.
UNWIND $rows AS row
MATCH (a:Dataset {id: row.source})
MATCH (b:Dataset {id: row.target})
MERGE (a)-[r:DERIVES_FROM {key: row.key}]->(b)
SET r += row.values

// name: put_within
// A dataset and what contains it, from the dataset, whose degree is small beside a database's.
UNWIND $rows AS row
MATCH (a:Dataset {id: row.source})
MATCH (b:Container {id: row.target})
MERGE (a)-[r:WITHIN {key: row.key}]->(b)
SET r += row.values

// name: put_refers
// An entity and one that its document names; from the one that names, as a team may be named by thousands.
UNWIND $rows AS row
MATCH (a:Entity {id: row.source})
MATCH (b:Entity {id: row.target})
MERGE (a)-[r:REFERS {key: row.key}]->(b)
SET r += row.values
