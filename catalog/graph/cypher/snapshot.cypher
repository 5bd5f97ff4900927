// name: number_of_datasets
// How many there are, hidden ones too, so that they can be read in portions; nobody is told.
MATCH (x:Dataset)
RETURN count(x) AS n

// name: number_of_jobs
// The same of jobs.
MATCH (x:Job)
RETURN count(x) AS n

// name: number_of_entities
// The same of entities.
MATCH (x:Entity)
RETURN count(x) AS n

// name: datasets
// Datasets in a range of ids that a reader may see.
MATCH (x:Dataset)
WHERE x.id >= $low AND x.id < $high AND {visible x}
RETURN x.id AS id, x.namespace AS namespace, x.name AS name, x.lastT AS lastT, x.maxS AS maxS

// name: datasets_by_id
// The same for some.
UNWIND $ids AS id
MATCH (x:Dataset {id: id})
WHERE {visible x}
RETURN x.id AS id, x.namespace AS namespace, x.name AS name, x.lastT AS lastT, x.maxS AS maxS

// name: jobs
// Jobs in a range of ids that a reader may see.
MATCH (x:Job)
WHERE x.id >= $low AND x.id < $high AND {visible x}
RETURN x.id AS id, x.namespace AS namespace, x.name AS name, x.lastT AS lastT, x.maxS AS maxS

// name: jobs_by_id
// The same for some.
UNWIND $ids AS id
MATCH (x:Job {id: id})
WHERE {visible x}
RETURN x.id AS id, x.namespace AS namespace, x.name AS name, x.lastT AS lastT, x.maxS AS maxS

// name: entities
// Entities in a range of ids that a reader may see.
MATCH (x:Entity)
WHERE x.id >= $low AND x.id < $high AND {visible x}
RETURN x.id AS id, x.kind AS kind, x.namespace AS namespace, x.name AS name

// name: entities_of_kinds
// Entities of some kinds: those that data never flow through are few beside datasets.
UNWIND $kinds AS kind
MATCH (x:Entity {kind: kind})
WHERE {visible x}
RETURN x.id AS id, x.kind AS kind, x.namespace AS namespace, x.name AS name

// name: flows_of_jobs
// What jobs read, write, take from, and what they are otherwise tied to: with the Steps, since an edge that does not
// hold any more still tells when something was seen first.
UNWIND $ids AS id
MATCH (j:Job {id: id})-[r:READS|WRITES|FED_BY|CHILD_OF|FOLLOWS|PRECEDES]->(x)
WHERE {holds r}
RETURN id, type(r) AS kind, r.key AS key, r.origin AS origin, r.manifest AS manifest, x.id AS other,
       {visible x} AS visible{steps r}

// name: flows_of_datasets
// What datasets are made of, as far as that is told of themselves and not of a job.
UNWIND $ids AS id
MATCH (d:Dataset {id: id})-[r:DERIVES_FROM]->(x:Dataset)
WHERE {holds r}
RETURN id, type(r) AS kind, r.key AS key, r.origin AS origin, r.manifest AS manifest, x.id AS other,
       {visible x} AS visible{steps r}

// name: registers
// All that is said of datasets and jobs, with the Steps; which inputs made an output is on the edge that writes it.
UNWIND $ids AS id
MATCH (g:Reg {of: id})
WHERE g.aspect <> 'map'
RETURN id, g.subject AS subject, g.aspect AS aspect, g.name AS name, g.ts AS ts, g.ss AS ss, g.vs AS vs

// name: sources_of_datasets
// What is, or was, directly upstream of datasets: other names, writers, datasets without a job between.
UNWIND $ids AS id
MATCH (d:Dataset {id: id})-[r:SAME_AS|WRITES|DERIVES_FROM]-(x)
WHERE (x:Job OR x:Dataset) AND (type(r) <> 'DERIVES_FROM' OR startNode(r).id = id)
RETURN DISTINCT x.id AS id, x:Job AS isJob

// name: sources_of_jobs
// What is, or was, directly upstream of jobs.
UNWIND $ids AS id
MATCH (j:Job {id: id})-[r:READS|FED_BY]->(x)
RETURN DISTINCT x.id AS id, x:Job AS isJob

// name: sources_of_columns
// The datasets whose columns are, or were, in columns of datasets.
UNWIND $ids AS id
MATCH (f:Field {dataset: id})-[r:DERIVES_FROM]->(x:Field)
RETURN DISTINCT x.dataset AS id

// name: sources_of_filters
// The datasets on whose columns whole datasets depend, or did.
UNWIND $ids AS id
MATCH (d:Dataset {id: id})-[r:DERIVES_FROM]->(x:Field)
RETURN DISTINCT x.dataset AS id

// name: around_datasets
// What is tied to datasets by any edge, now or once, and who else says so: what is known of them rests on that.
UNWIND $ids AS id
MATCH (d:Dataset {id: id})-[r:READS|WRITES|DERIVES_FROM]-(x)
WHERE x:Job OR x:Dataset
RETURN DISTINCT x.id AS id, x:Job AS isJob, r.by AS by

// name: around_jobs
// The same of jobs.
UNWIND $ids AS id
MATCH (j:Job {id: id})-[r:READS|WRITES|FED_BY|CHILD_OF|FOLLOWS|PRECEDES]-(x)
RETURN DISTINCT x.id AS id, x:Job AS isJob, r.by AS by

// name: targets_of_datasets
// What is, or was, directly downstream of datasets: other names, readers, datasets without a job between.
UNWIND $ids AS id
MATCH (d:Dataset {id: id})-[r:SAME_AS|READS|DERIVES_FROM]-(x)
WHERE (x:Job OR x:Dataset) AND (type(r) <> 'DERIVES_FROM' OR endNode(r).id = id)
RETURN DISTINCT x.id AS id, x:Job AS isJob

// name: targets_of_jobs
// What jobs write, and the jobs that take their data, now or once.
UNWIND $ids AS id
MATCH (j:Job {id: id})-[r:WRITES|FED_BY]-(x)
WHERE type(r) = 'WRITES' OR endNode(r).id = id
RETURN DISTINCT x.id AS id, x:Job AS isJob

// name: targets_of_columns
// What derives, or did, from columns of datasets: columns, and whole datasets.
UNWIND $ids AS id
MATCH (f:Field {dataset: id})<-[r:DERIVES_FROM]-(x)
RETURN DISTINCT coalesce(x.dataset, x.id) AS id

// name: named_by
// Entities whose documents name others.
UNWIND $ids AS id
MATCH (e:Entity {id: id})<-[r:REFERS]-(x:Entity)
RETURN DISTINCT x.kind AS kind, x.namespace AS namespace, x.name AS name

// name: uses
// What datasets and jobs asserted as bundles: when, and what was read and written by them. Of a declaration the
// registers, too, among which is its set of inputs and outputs.
UNWIND $ids AS id
MATCH (u:Use {subject: id})
WHERE u.first <= $asof
RETURN id, u.id AS use, u.io AS io, u.first AS first, u.last AS last, u.lastRun <> '' AS ofRun,
       CASE WHEN u.lastRun = '' THEN u.registers ELSE [] END AS registers,
       CASE WHEN u.lastRun = '' THEN u.vals ELSE [] END AS vals

// name: values_of
// The values that bundles of a few datasets set.
UNWIND $ids AS id
MATCH (u:Use {subject: id})
WHERE u.first <= $asof
RETURN id, u.id AS use, u.registers AS registers, u.vals AS vals

// name: heard_on
// When bundles were asserted on some days, as was known at a moment.
UNWIND $buckets AS bucket
MATCH (o:Obs {bucket: bucket})
WHERE o.t <= $asof AND o.s <= $known
RETURN bucket, o.use AS use, min(o.t) AS first, max(o.t) AS last

// name: runs_on
// Which runs of jobs were heard on some days, by which bundles, and when last.
UNWIND $buckets AS bucket
MATCH (o:Obs {bucket: bucket})
WHERE o.run <> '' AND o.t <= $asof AND o.s <= $known
RETURN bucket, o.run AS run, o.use AS use, max(o.t) AS t

// name: runs
// Runs with their events, without what else they said.
UNWIND $ids AS id
MATCH (r:Run {id: id})
RETURN r.id AS id, r.job AS job, r.state AS state, r.startedAt AS startedAt, r.endedAt AS endedAt,
       r.inferred AS inferred, r.lastT AS lastT, r.heard AS heard, r.ios AS ios, r.ts AS ts, r.ranks AS ranks, r.ss AS ss

// name: samples
// The newest samples of datasets in each of some months.
UNWIND $ids AS id
CALL (id) {
  MATCH (x:Sample {bucket: id})
  WHERE x.t <= $asof AND x.s <= $known
  RETURN x ORDER BY x.t DESC, x.id LIMIT $limit
}
RETURN x.id AS id, x.of AS of, x.t AS t, x.rank AS rank, x.key AS key, x.run AS run, x.role AS role, x.body AS body,
       x.shape AS shape

// name: sample_months
// Where samples of datasets are.
UNWIND $ids AS id
MATCH (m:SampleMonth {of: id})
RETURN m.id AS id, m.of AS of, m.month AS month
