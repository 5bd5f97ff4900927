// name: datasets_in_flows
// Datasets that jobs were told, by events, to read or write, and since when; what manifests say is no sight.
UNWIND $ids AS id
MATCH (d:Dataset {id: id})<-[r:READS|WRITES]-(j:Job)
WHERE r.by IS NULL OR NOT r.by IN $manifests
RETURN id, min(r.t0) AS first, min(r.s0) AS sequence

// name: flows_of_jobs
// What jobs read and write now, each edge with who says so.
UNWIND $ids AS id
MATCH (j:Job {id: id})-[r:READS|WRITES]->(x:Dataset)
WHERE r.open AND {visible x}
RETURN j.namespace AS fromNamespace, j.name AS fromName, type(r) AS kind, r.by AS by,
       x.namespace AS namespace, x.name AS name, r.t0 AS first, r.s0 AS sequence

// name: flows_of_datasets
// What datasets are made of now, as far as that is told of themselves and not of a job.
UNWIND $ids AS id
MATCH (d:Dataset {id: id})-[r:DERIVES_FROM]->(x:Dataset)
WHERE r.open AND {visible x}
RETURN d.namespace AS fromNamespace, d.name AS fromName, type(r) AS kind, r.by AS by,
       x.namespace AS namespace, x.name AS name, r.t0 AS first, r.s0 AS sequence

// name: derivations_of_columns
// What columns of datasets are made of now, whoever says so but for what is inferred.
UNWIND $ids AS id
MATCH (f:Field {dataset: id})-[r:DERIVES_FROM]->(x:Field)
WHERE r.open AND r.origin <> 'I'
RETURN id AS dataset, f.path AS column, x.dataset AS source, x.path AS field, r.type AS type, r.masking AS masked,
       r.by AS by, r.t0 AS first, r.s0 AS sequence

// name: derivations_of_whole_datasets
// The columns that datasets depend on as a whole now, whoever says so but for what is inferred.
UNWIND $ids AS id
MATCH (d:Dataset {id: id})-[r:DERIVES_FROM]->(x:Field)
WHERE r.open AND r.origin <> 'I'
RETURN id AS dataset, '' AS column, x.dataset AS source, x.path AS field, r.type AS type, r.masking AS masked,
       r.by AS by, r.t0 AS first, r.s0 AS sequence

// name: writers_of_datasets
// The jobs that write datasets now, whoever says so.
UNWIND $ids AS id
MATCH (d:Dataset {id: id})<-[w:WRITES]-(j:Job)
WHERE w.open
RETURN DISTINCT id, j.id AS job

