// name: derived_ever
// What ever derived from datasets without a job between, whoever says so: deployments of model versions among others.
UNWIND $ids AS id
MATCH (d:Dataset {id: id})<-[r:DERIVES_FROM]-(x:Dataset)
WHERE {visible x}
RETURN DISTINCT d.id AS id, x.id AS other, x.namespace AS namespace, x.name AS name
