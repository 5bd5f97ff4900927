// name: jobs
// Jobs in a range of ids; equal in two graphs when their newest event and newest run are.
MATCH (x:Job)
WHERE x.id >= $low AND x.id < $high
RETURN x.id AS id, x.namespace AS namespace, x.name AS name, x.lastT AS lastT, x.closes AS closes,
       x.latestT AS latestT, x.latest AS latest
LIMIT $limit

// name: datasets
// Datasets in a range of ids.
MATCH (x:Dataset)
WHERE x.id >= $low AND x.id < $high
RETURN x.id AS id, x.namespace AS namespace, x.name AS name, x.lastT AS lastT,
       x.tableSince IS NOT NULL AS isTable
LIMIT $limit

// name: namespaces
// Namespaces in a range of ids.
MATCH (x:Namespace)
WHERE x.id >= $low AND x.id < $high
RETURN x.id AS id, x.name AS name
LIMIT $limit

// name: edges_of_jobs
// What jobs read, write, take from and belong to; from the job, whose degree is small beside a dataset's.
UNWIND $ids AS id
MATCH (j:Job {id: id})-[r:READS|WRITES|FED_BY|CHILD_OF|FOLLOWS|PRECEDES]->(x)
WHERE r.key > $after
RETURN r.key AS cursor, r.key AS key, type(r) AS kind, id AS source, x.id AS target, r.origin AS origin, r.open AS now,
       r.by AS by, r.manifest AS manifest, r.basis AS basis, r.given AS given, r.excluded AS excluded,
       r.n AS n, r.t0 AS t0, r.s0 AS s0, r.ts AS ts, r.ss AS ss, r.vs AS vs
ORDER BY cursor LIMIT $limit

// name: edges_of_fields
// The column edges of the fields of datasets.
UNWIND $ids AS id
MATCH (f:Field {dataset: id})-[r:DERIVES_FROM]->(x:Field)
WHERE r.key > $after
RETURN r.key AS cursor, r.key AS key, type(r) AS kind, f.path AS source, f.dataset AS of, x.path AS target,
       x.dataset AS from, r.origin AS origin, r.open AS now, r.job AS job, r.type AS type, r.subtype AS subtype,
       r.masking AS masking, r.description AS description, r.by AS by, r.manifest AS manifest,
       r.n AS n, r.t0 AS t0, r.s0 AS s0, r.ts AS ts, r.ss AS ss, r.vs AS vs
ORDER BY cursor LIMIT $limit

// name: edges_of_datasets
// What whole datasets derive from, and what contains them.
UNWIND $ids AS id
MATCH (d:Dataset {id: id})-[r:DERIVES_FROM|WITHIN]->(x)
WHERE r.key > $after
RETURN r.key AS cursor, r.key AS key, type(r) AS kind, id AS source, x.id AS target, r.origin AS origin, r.open AS now,
       r.job AS job, r.type AS type, r.subtype AS subtype, r.masking AS masking, r.description AS description,
       r.by AS by, r.manifest AS manifest, r.basis AS basis, r.direct AS direct, r.n AS n, r.t0 AS t0, r.s0 AS s0, r.ts AS ts, r.ss AS ss, r.vs AS vs
ORDER BY cursor LIMIT $limit

// name: entities
// Entities in a range of ids.
MATCH (x:Entity)
WHERE x.id >= $low AND x.id < $high
RETURN x.id AS id, x.kind AS kind, x.namespace AS namespace, x.name AS name, x.lastT AS lastT
LIMIT $limit

// name: manifests
// Manifests in a range of ids.
MATCH (x:Manifest)
WHERE x.id >= $low AND x.id < $high
RETURN x.id AS id, x.name AS name, x.lastT AS lastT
LIMIT $limit

// name: edges_of_entities
// What documents of entities name; from the entity that names.
UNWIND $ids AS id
MATCH (e:Entity {id: id})-[r:REFERS]->(x:Entity)
WHERE r.key > $after
RETURN r.key AS cursor, r.key AS key, type(r) AS kind, id AS source, x.id AS target, r.origin AS origin, r.open AS now,
       r.role AS role, r.by AS by, r.manifest AS manifest, r.n AS n, r.t0 AS t0, r.s0 AS s0, r.ts AS ts, r.ss AS ss,
       r.vs AS vs
ORDER BY cursor LIMIT $limit

// name: ties_of_datasets
// Other names of datasets: whether they hold, and whether a symlink was seen.
UNWIND $ids AS id
MATCH (d:Dataset {id: id})-[r:SAME_AS]->(x:Dataset)
WHERE r.key > $after
RETURN r.key AS cursor, r.key AS key, id AS source, x.id AS target, r.open AS now, coalesce(r.seen, r.s0) < $never AS seen
ORDER BY cursor LIMIT $limit

// name: registers
// What is said about things.
UNWIND $ids AS id
MATCH (g:Reg {of: id})
WHERE g.id > $after
RETURN g.id AS cursor, g.id AS key, g.subject AS subject, g.aspect AS aspect, g.name AS name, id AS of, g.cur AS now,
       g.ts AS ts, g.ss AS ss, g.vs AS vs
ORDER BY cursor LIMIT $limit

// name: uses
// What subjects asserted as bundles, and how often.
UNWIND $ids AS id
MATCH (u:Use {subject: id})
WHERE u.id > $after
RETURN u.id AS cursor, id AS subject, u.label AS label, u.registers AS registers, u.vals AS vals, u.io AS io,
       u.parents AS parents, u.follows AS follows, u.precedes AS precedes,
       u.complete AS complete, u.producer AS producer, u.n AS n, u.first AS first, u.last AS last,
       u.lastRun AS lastRun
ORDER BY cursor LIMIT $limit

// name: count_runs
// Those that no sequence leads to are counted all the same.
MATCH (r:Run)
RETURN count(r) AS n

// name: runs
// Runs by the sequence that told of them last, each with the job it is tied to: an equality look-up each, where a range
// of ids would make the embedded store read all runs.
UNWIND $sequences AS q
MATCH (r:Run {heard: q})
OPTIONAL MATCH (r)-[:RUN_OF]->(j:Job)
RETURN r.id AS id, r.external AS external, r.job AS job, j.id AS of, r.state AS state, r.startedAt AS startedAt,
       r.endedAt AS endedAt, r.inferred AS inferred, r.lastT AS lastT, r.parent AS parent, r.parentT AS parentT,
       r.root AS root, r.facets AS facets, r.ts AS ts, r.ranks AS ranks, r.ss AS ss, r.ios AS ios

// name: samples
// Samples of datasets in a range of ids.
MATCH (x:Sample)
WHERE x.id >= $low AND x.id < $high
RETURN x.id AS id, x.of AS of, x.t AS t, x.rank AS rank, x.key AS key, x.run AS run, x.role AS role, x.body AS body,
       x.shape AS shape
LIMIT $limit

// name: sample_months
// The months that have samples, in a range of ids.
MATCH (x:SampleMonth)
WHERE x.id >= $low AND x.id < $high
RETURN x.id AS id, x.of AS of, x.month AS month
LIMIT $limit

// name: containers
// Containers in a range of ids.
MATCH (x:Container)
WHERE x.id >= $low AND x.id < $high
RETURN x.id AS id, x.parent AS parent, x.namespace AS namespace, x.type AS type, x.name AS name
LIMIT $limit
