// name: datasets_by_id
// Datasets a reader may see, by id.
UNWIND $ids AS id
MATCH (x:Dataset {id: id})
WHERE {visible x}
RETURN x.id AS id, x.namespace AS namespace, x.name AS name, x.ord AS ord, x.lastT AS lastT

// name: jobs_by_id
// Jobs a reader may see, by id.
UNWIND $ids AS id
MATCH (x:Job {id: id})
WHERE {visible x}
RETURN x.id AS id, x.namespace AS namespace, x.name AS name, x.ord AS ord, x.lastT AS lastT, x.latest AS latest

// name: page_datasets
// Datasets by name, from a sort key on.
MATCH (x:Dataset)
WHERE x.ord > $after AND ($namespace IS NULL OR x.namespace = $namespace) AND {visible x}
RETURN x.id AS id, x.namespace AS namespace, x.name AS name, x.ord AS ord, x.lastT AS lastT
ORDER BY x.ord LIMIT $limit

// name: page_jobs
// Jobs by name, from a sort key on.
MATCH (x:Job)
WHERE x.ord > $after AND ($namespace IS NULL OR x.namespace = $namespace) AND {visible x}
RETURN x.id AS id, x.namespace AS namespace, x.name AS name, x.ord AS ord, x.lastT AS lastT, x.latest AS latest
ORDER BY x.ord LIMIT $limit

// name: page_jobs_updated
// Jobs by their newest event; the order may change between pages, as jobs run.
MATCH (x:Job)
WHERE x.lastT IS NOT NULL AND (x.lastT < $time OR (x.lastT = $time AND x.id > $after))
  AND ($namespace IS NULL OR x.namespace = $namespace) AND {visible x}
RETURN x.id AS id, x.namespace AS namespace, x.name AS name, x.ord AS ord, x.lastT AS lastT, x.latest AS latest
ORDER BY x.lastT DESC, x.id LIMIT $limit

// name: page_namespaces
// Namespaces by name.
MATCH (n:Namespace)
WHERE n.ord > $after AND ($grants IS NULL OR n.name IN $grants)
RETURN n.name AS name, n.ord AS ord
ORDER BY n.ord LIMIT $limit

// name: count_datasets
// Only asked when a client selects the total.
MATCH (x:Dataset)
WHERE ($namespace IS NULL OR x.namespace = $namespace) AND {visible x}
RETURN count(x) AS n

// name: count_jobs
// Only asked when a client selects the total.
MATCH (x:Job)
WHERE ($namespace IS NULL OR x.namespace = $namespace) AND {visible x}
RETURN count(x) AS n

// name: registers_of
// What is said about things now, of one aspect.
UNWIND $ids AS id
MATCH (g:Reg {of: id})
WHERE g.aspect = $aspect AND g.cur <> ''
RETURN g.of AS of, g.subject AS subject, g.name AS name, g.cur AS cur, g.since AS since

// name: registers_of_past
// The same with the Steps, to be decided for a past (T, K) by the caller.
UNWIND $ids AS id
MATCH (g:Reg {of: id})
WHERE g.aspect = $aspect
RETURN g.of AS of, g.subject AS subject, g.name AS name, g.ts AS ts, g.ss AS ss, g.vs AS vs

// name: jobs_around
// The jobs that read or write datasets.
UNWIND $ids AS id
MATCH (d:Dataset {id: id})<-[r:READS|WRITES]-(x:Job)
WHERE {holds r} AND type(r) = $kind AND {visible x}
RETURN DISTINCT id, r.key AS key, x.id AS other, x.ord AS ord{steps r}
ORDER BY ord LIMIT $limit

// name: datasets_around
// The datasets that jobs read or write.
UNWIND $ids AS id
MATCH (j:Job {id: id})-[r:READS|WRITES]->(x:Dataset)
WHERE {holds r} AND type(r) = $kind AND {visible x}
RETURN DISTINCT id, r.key AS key, x.id AS other, x.ord AS ord{steps r}
ORDER BY ord LIMIT $limit

// name: parents_of_jobs
// The jobs that start jobs.
UNWIND $ids AS id
MATCH (j:Job {id: id})-[r:CHILD_OF]->(x:Job)
WHERE {holds r} AND {visible x}
RETURN id, r.key AS key, x.id AS other{steps r}

// name: children_of_jobs
// The jobs that jobs start.
UNWIND $ids AS id
MATCH (j:Job {id: id})<-[r:CHILD_OF]-(x:Job)
WHERE {holds r} AND {visible x}
RETURN id, r.key AS key, x.id AS other, x.ord AS ord{steps r}
ORDER BY ord LIMIT $limit

// name: dependencies_of_jobs
// Control flow around jobs, told by either end.
UNWIND $ids AS id
MATCH (j:Job {id: id})-[r:FOLLOWS|PRECEDES]-(x:Job)
WHERE {holds r} AND {visible x}
RETURN id, type(r) AS kind, r.key AS key, startNode(r).id = id AS out, x.id AS other, x.ord AS ord{steps r}
LIMIT $limit

// name: runs_by_id
// Runs by id, with what their events told: the caller decides a past (T, K) and tells attempts apart.
UNWIND $ids AS id
MATCH (r:Run {id: id})
RETURN r.id AS id, coalesce(r.whole, r.external) AS external, r.job AS job, r.state AS state, r.startedAt AS startedAt, r.endedAt AS endedAt,
       r.inferred AS inferred, r.lastT AS lastT, r.heard AS heard, r.parent AS parent, r.root AS root, r.facets AS facets,
       r.ios AS ios, r.ts AS ts, r.ranks AS ranks, r.ss AS ss

// name: runs_of_parent
// The runs that a run started, as they say now.
MATCH (r:Run {parent: $parent})
RETURN r.id AS id LIMIT $limit

// name: observations_of_runs
// What was observed of runs by a moment, from their jobs' log by day: equality look-ups.
UNWIND $rows AS row
MATCH (o:Obs {bucket: row.bucket})
WHERE o.run = row.run AND o.t <= $asof AND o.s <= $known
RETURN row.run AS run, o.key AS key, o.t AS t, o.rank AS rank, o.s AS s, o.use AS use
LIMIT $limit

// name: bundles_of_runs
// Which bundles runs asserted by a moment, each once: a run that beats for months asserts few.
UNWIND $rows AS row
MATCH (o:Obs {bucket: row.bucket})
WHERE o.run = row.run AND o.t <= $asof AND o.s <= $known
RETURN DISTINCT o.use AS use

// name: last_of_days
// When runs of jobs were last heard on each of some days, by a moment.
UNWIND $rows AS bucket
MATCH (o:Obs {bucket: bucket})
WHERE o.run <> '' AND o.t <= $asof AND o.s <= $known
RETURN bucket, max(o.t) AS t

// name: completed_on_days
// Which runs of jobs may have completed on each of some days, by a moment, and when last.
UNWIND $rows AS bucket
MATCH (o:Obs {bucket: bucket})
WHERE o.rank = $rank AND o.run <> '' AND o.t <= $asof AND o.s <= $known
RETURN bucket, o.run AS run, max(o.t) AS t

// name: runs_heard_at
// The runs of jobs that were heard at a time, each job's from the log of its day.
UNWIND $rows AS row
MATCH (o:Obs {bucket: row.bucket})
WHERE o.run <> '' AND o.t = row.t AND o.s <= $known
RETURN DISTINCT row.job AS job, o.run AS run

// name: heard_of_subjects
// When jobs were heard first and last.
UNWIND $ids AS id
MATCH (u:Use {subject: id})
RETURN id, min(u.first) AS first, max(u.last) AS last

// name: entries_by_key
// Entries and where their payloads are.
UNWIND $keys AS key
MATCH (e:Entry {id: key})
RETURN e.id AS key, e.sequence AS sequence, e.size AS size, e.chunks AS chunks

// name: entries_by_sequence
// The keys of entries, by the place a point of an edge names.
UNWIND $sequences AS q
MATCH (e:Entry {sequence: q})
RETURN q AS sequence, e.id AS key

// name: runs_of_observations
// The runs that entries told of, by what they were observed to say of a job or dataset.
UNWIND $ids AS id
MATCH (o:Obs {id: id})
RETURN id, o.run AS run

// name: runs_by_external
// Runs by the id their producer gave them; several jobs may share one.
MATCH (r:Run {external: $external})
RETURN r.id AS id LIMIT 100

// name: runs_heard
// Runs by the sequence that told of them last: one equality look-up each, newest first without a sort.
UNWIND $sequences AS q
MATCH (r:Run {heard: q})
RETURN r.id AS id, r.heard AS heard, r.job AS job, r.state AS state, coalesce(r.whole, r.external) AS external

// name: runs_of_job
// The runs of one job, last heard first.
MATCH (r:Run {job: $job})
WHERE r.heard < $before
RETURN r.id AS id, r.heard AS heard, r.job AS job, r.state AS state, coalesce(r.whole, r.external) AS external
ORDER BY r.heard DESC, r.id LIMIT $limit

// name: runs_of_jobs
// The newest runs of several jobs at once, for lists of jobs.
UNWIND $ids AS id
CALL (id) {
  MATCH (r:Run {job: id})
  RETURN r ORDER BY r.heard DESC, r.id LIMIT $limit
}
RETURN r.id AS id, r.heard AS heard, r.job AS job, r.state AS state, coalesce(r.whole, r.external) AS external

// name: shapes
// Values by content hash.
UNWIND $ids AS id
MATCH (s:Shape {id: id})
RETURN s.id AS id, s.body AS body, s.chunks AS chunks

// name: chunks
// Parts of large values.
UNWIND $ids AS id
MATCH (c:Chunk {id: id})
RETURN c.id AS id, c.data AS data

// name: uses_of
// What subjects asserted, as bundles with counts: the evidence of their edges.
UNWIND $ids AS id
MATCH (u:Use {subject: id})
RETURN u.id AS id, u.subject AS subject, u.registers AS registers, u.vals AS vals, u.io AS io, u.n AS n, u.first AS first,
       u.last AS last, u.lastRun AS lastRun, u.producer AS producer, u.parents AS parents, u.follows AS follows,
       u.precedes AS precedes

// name: uses_by_id
// Bundles by id.
UNWIND $ids AS id
MATCH (u:Use {id: id})
RETURN u.id AS id, u.subject AS subject, u.registers AS registers, u.vals AS vals, u.io AS io, u.n AS n,
       u.first AS first, u.last AS last, u.lastRun AS lastRun, u.producer AS producer, u.parents AS parents,
       u.follows AS follows, u.precedes AS precedes

// name: told_on
// The log of one subject on some days, backwards: who asserted these bundles, entry by entry.
UNWIND $buckets AS bucket
MATCH (o:Obs {bucket: bucket})
WHERE o.use IN $uses AND o.t <= $asof AND o.s <= $known AND (o.t < $time OR (o.t = $time AND o.key < $behind))
RETURN o.key AS key, o.s AS sequence, o.t AS time, o.run AS run
ORDER BY time DESC, key DESC LIMIT $limit

// name: registers
// Registers by id, for the edges that follow from them.
UNWIND $ids AS id
MATCH (g:Reg {id: id})
RETURN g.id AS id, g.subject AS subject, g.aspect AS aspect, g.name AS name, g.of AS of

// name: search
// Full text over names; scores order the answer and are never compared between stores.
CALL db.index.fulltext.queryNodes($index, $query) YIELD node, score
WITH node AS x, score
WHERE {visible x}
RETURN x.id AS id, x.namespace AS namespace, x.name AS name, x.ord AS ord, score
ORDER BY score DESC LIMIT $limit
