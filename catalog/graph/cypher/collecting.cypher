// name: shapes
// Shapes in a range of ids, with the mark of the collection that last found that nobody refers to them.
MATCH (x:Shape)
WHERE x.id >= $low AND x.id < $high
RETURN x.id AS id, x.unused AS unused
LIMIT $limit

// name: uses
// What bundles in a range of ids refer to.
MATCH (x:Use)
WHERE x.id >= $low AND x.id < $high
RETURN x.id AS id, x.vals AS vals, x.io AS io
LIMIT $limit

// name: registers
// What registers in a range of ids refer to.
MATCH (x:Reg)
WHERE x.id >= $low AND x.id < $high
RETURN x.id AS id, x.ts AS ts, x.ss AS ss, x.vs AS vs
LIMIT $limit

// name: samples
// What samples in a range of ids refer to.
MATCH (x:Sample)
WHERE x.id >= $low AND x.id < $high
RETURN x.id AS id, x.shape AS shape
LIMIT $limit

// name: runs
// What runs refer to, by the sequence that told of them last.
UNWIND $sequences AS q
MATCH (r:Run {heard: q})
RETURN r.id AS id, r.ios AS ios, r.facets AS facets

// name: stop_appliers
// Whoever applies writes its shard first: none of them is at work between this write and the end of its transaction.
MATCH (s:Shard)
SET s.lock = $token

// name: mark_unused
// From now on, whoever refers to one of these takes the mark away (`spare_shapes`).
UNWIND $ids AS id
MATCH (s:Shape {id: id})
SET s.unused = $mark

// name: forget_shapes
// Those that still have the mark; their node is written before the mark is read.
UNWIND $ids AS id
MATCH (s:Shape {id: id})
SET s.lock = $mark
WITH s
WHERE s.unused = $mark
WITH s, s.id AS id, s.chunks AS chunks
DELETE s
RETURN id, chunks
