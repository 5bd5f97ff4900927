// name: derived_ever
// What ever derived from datasets without a job between, whoever says so: deployments of model versions among others.
UNWIND $ids AS id
MATCH (d:Dataset {id: id})<-[r:DERIVES_FROM]-(x:Dataset)
WHERE {visible x}
RETURN DISTINCT d.id AS id, x.id AS other, x.namespace AS namespace, x.name AS name

// name: served_ever
// The deployments whose documents name model versions, or did: those that ended derive from nothing.
UNWIND $ids AS id
MATCH (e:Entity {id: id})<-[r:REFERS]-(x:Entity)
WHERE r.role = 'serves' AND {visible x}
RETURN DISTINCT e.id AS id, x.namespace AS environment, x.name AS name

// name: facets_from
// The Steps of facets whose keys begin so: of a model with thousands of versions its aliases alone.
UNWIND $ids AS id
MATCH (g:Reg {of: id})
WHERE g.aspect = $aspect AND g.name STARTS WITH $prefix
RETURN g.of AS of, g.name AS name, g.ts AS ts, g.ss AS ss, g.vs AS vs
