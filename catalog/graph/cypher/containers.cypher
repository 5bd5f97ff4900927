// name: put_containers
// One node for each place in the tree, made once.
UNWIND $rows AS row
MERGE (c:Container {id: row.id})
ON CREATE SET c += row.new

// name: containers_by_id
// Containers a reader may see, by id.
UNWIND $ids AS id
MATCH (c:Container {id: id})
WHERE {visible c}
RETURN c.id AS id, c.namespace AS namespace, c.type AS type, c.name AS name, c.ord AS ord, c.parent AS parent

// name: containers_in
// What is directly below a container, or below a namespace, by name.
MATCH (c:Container {parent: $parent})
WHERE c.ord > $after AND {visible c}
RETURN c.id AS id, c.namespace AS namespace, c.type AS type, c.name AS name, c.ord AS ord, c.parent AS parent
ORDER BY ord LIMIT $limit

// name: count_within
// How many datasets are in containers now.
UNWIND $ids AS id
MATCH (c:Container {id: id})<-[r:WITHIN]-(:Dataset)
WHERE r.open
RETURN id, count(r) AS n

// name: count_within_once
// The same for a past moment, for datasets that came and never went: two numbers decide.
UNWIND $ids AS id
MATCH (c:Container {id: id})<-[r:WITHIN]-(:Dataset)
WHERE r.n = 1 AND r.s0 <= $known AND r.t0 <= $asof
RETURN id, count(r) AS n

// name: within_often
// Those that came and went, with their Steps.
UNWIND $ids AS id
MATCH (c:Container {id: id})<-[r:WITHIN]-(x:Dataset)
WHERE {holds r} AND r.n > 1
RETURN id, r.key AS key, x.id AS other{steps r}

// name: datasets_in
// The datasets whose innermost container this is, by name.
MATCH (c:Container {id: $id})<-[r:WITHIN]-(x:Dataset)
WHERE r.direct AND {holds r} AND x.ord > $after AND {visible x}
RETURN x.id AS id, x.namespace AS namespace, x.name AS name, x.ord AS ord, x.lastT AS lastT, r.key AS key{steps r}
ORDER BY ord LIMIT $limit
