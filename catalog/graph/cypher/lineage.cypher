// name: upstream_of_datasets
// One level up: the jobs that write the datasets (with what is known of what made them), datasets they derive from
// without a job, other names of the same.
// Starts at the frontier by unique id; reading jobs, of which a hub has thousands, are never touched.
UNWIND $ids AS id
MATCH (d:Dataset {id: id})-[r:WRITES|DERIVES_FROM|SAME_AS]-(x)
WHERE {holds r} AND (x:Job OR x:Dataset)
RETURN id, type(r) AS kind, r.key AS key, r.origin AS origin, startNode(r).id = id AS out, x.id AS other,
       x:Job AS isJob, x.namespace AS namespace, x.name AS name, {visible x} AS visible, r.by AS by,
       r.manifest AS manifest, r.basis AS basis, r.given AS given, r.excluded AS excluded{map r},
       r.type AS change{steps r}
LIMIT $limit

// name: downstream_of_datasets
// One level down: the jobs that read the datasets, datasets derived from them without a job, other names.
UNWIND $ids AS id
MATCH (d:Dataset {id: id})-[r:READS|DERIVES_FROM|SAME_AS]-(x)
WHERE {holds r} AND (x:Job OR x:Dataset)
RETURN id, type(r) AS kind, r.key AS key, r.origin AS origin, startNode(r).id = id AS out, x.id AS other,
       x:Job AS isJob, x.namespace AS namespace, x.name AS name, {visible x} AS visible, r.by AS by,
       r.manifest AS manifest, r.basis AS basis, r.type AS change{steps r}
LIMIT $limit

// name: upstream_of_jobs
// What jobs read, and the jobs whose data they take without a dataset between.
UNWIND $ids AS id
MATCH (j:Job {id: id})-[r:READS|FED_BY]->(x)
WHERE {holds r}
RETURN id, type(r) AS kind, r.key AS key, r.origin AS origin, true AS out, x.id AS other,
       x:Job AS isJob, x.namespace AS namespace, x.name AS name, {visible x} AS visible, r.by AS by,
       r.manifest AS manifest{steps r}
LIMIT $limit

// name: downstream_of_jobs
// What jobs write, with what is known of what made it, and the jobs that take their data.
UNWIND $ids AS id
MATCH (j:Job {id: id})-[r:WRITES|FED_BY]-(x)
WHERE {holds r}
RETURN id, type(r) AS kind, r.key AS key, r.origin AS origin, startNode(r).id = id AS out, x.id AS other,
       x:Job AS isJob, x.namespace AS namespace, x.name AS name, {visible x} AS visible, r.by AS by,
       r.manifest AS manifest, r.basis AS basis, r.given AS given, r.excluded AS excluded{map r}{steps r}
LIMIT $limit

// name: upstream_of_fields
// The columns that columns derive from.
UNWIND $ids AS id
MATCH (f:Field {id: id})-[r:DERIVES_FROM]->(x:Field)
WHERE {holds r}
RETURN id, r.key AS key, r.origin AS origin, r.job AS job, r.by AS by,
       r.manifest AS manifest, r.type AS type, r.subtype AS subtype, r.masking AS masking,
       r.description AS description, x.id AS other, x.dataset AS dataset, x.path AS path{steps r}
LIMIT $limit

// name: upstream_of_whole_datasets
// The columns that datasets depend on as a whole (a filter, a join), for the columns in them.
UNWIND $ids AS id
MATCH (d:Dataset {id: id})-[r:DERIVES_FROM]->(x:Field)
WHERE {holds r}
RETURN id, r.key AS key, r.origin AS origin, r.job AS job, r.by AS by,
       r.manifest AS manifest, r.type AS type, r.subtype AS subtype, r.masking AS masking,
       r.description AS description, x.id AS other, x.dataset AS dataset, x.path AS path{steps r}
LIMIT $limit

// name: downstream_of_fields
// What derives from columns: columns, and datasets that depend on them as a whole (those have no path).
UNWIND $ids AS id
MATCH (f:Field {id: id})<-[r:DERIVES_FROM]-(x)
WHERE {holds r}
RETURN id, r.key AS key, r.origin AS origin, r.job AS job, r.by AS by,
       r.manifest AS manifest, r.type AS type, r.subtype AS subtype, r.masking AS masking,
       r.description AS description, x.id AS other, x.dataset AS dataset, x.path AS path{steps r}
LIMIT $limit

// name: aliases
// Other names of datasets.
UNWIND $ids AS id
MATCH (d:Dataset {id: id})-[r:SAME_AS]-(x:Dataset)
WHERE {holds r}
RETURN id, type(r) AS kind, r.key AS key, r.origin AS origin, x.id AS other{steps r}
LIMIT $limit

// name: fields_of
// The fields of datasets that column edges touch.
UNWIND $ids AS id
MATCH (f:Field {dataset: id})
RETURN f.id AS id, f.dataset AS dataset, f.path AS path
LIMIT $limit

// name: fields
// Fields that exist, by id.
UNWIND $ids AS id
MATCH (f:Field {id: id})
RETURN f.id AS id, f.dataset AS dataset, f.path AS path

// name: datasets
// Names of datasets.
UNWIND $ids AS id
MATCH (x:Dataset {id: id})
RETURN x.id AS id, x.namespace AS namespace, x.name AS name, {visible x} AS visible
