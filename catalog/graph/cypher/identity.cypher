// name: lock_names
// One end of each pair, in the order of their ids: two appliers never tie one pair at once, nor wait for each other.
// Names that symlinks call tables remember the first sequence that told so.
UNWIND $rows AS row
MATCH (d:Dataset {id: row.id})
SET d.lock = $token
SET d.tableSince = CASE WHEN row.table < coalesce(d.tableSince, $never) THEN row.table ELSE d.tableSince END

// name: ties
// What is known of pairs, under the lock of one end.
UNWIND $rows AS row
MATCH (a:Dataset {id: row.source})
MATCH (b:Dataset {id: row.target})
MATCH (a)-[r:SAME_AS]->(b)
WHERE r.key = row.key
RETURN r.key AS key, coalesce(r.seen, r.s0) AS seen, r.verdict AS verdict

// name: put_decisions
// What people decided, one node per entry: the log below the ties.
UNWIND $rows AS row
MERGE (d:Decision {id: row.id})
ON CREATE SET d += row.new

// name: decisions_of
// All decisions about pairs.
UNWIND $ids AS id
MATCH (d:Decision {pair: id})
RETURN d.pair AS pair, d.entry AS entry, d.t AS t, d.s AS s, d.same AS same, d.who AS who, d.why AS why

// name: page_decisions
// Decisions before a sequence, newest first.
MATCH (d:Decision)
WHERE d.s < $before
RETURN d.pair AS pair, d.entry AS entry, d.t AS t, d.s AS s, d.same AS same, d.who AS who, d.why AS why
ORDER BY d.s DESC LIMIT $limit

// name: put_same_as
// Two names of one thing; identity holds at every asOf and is bounded by the sequence that told it.
UNWIND $rows AS row
MATCH (a:Dataset {id: row.source})
MATCH (b:Dataset {id: row.target})
MERGE (a)-[r:SAME_AS {key: row.key}]->(b)
SET r += row.values

// name: names_of
// Other names of datasets, with who says so.
UNWIND $ids AS id
MATCH (d:Dataset {id: id})-[r:SAME_AS]-(x:Dataset)
WHERE {holds r}
RETURN id, x.id AS other, x.namespace AS namespace, x.name AS name, {visible x} AS visible, r.key AS key,
       r.origin AS origin, coalesce(r.seen, r.s0) AS seen, d.tableSince AS ownTable, x.tableSince AS otherTable{steps r}
LIMIT $limit

// name: alike
// The datasets of some buckets, in each of which names that are alike are found.
UNWIND $buckets AS bucket
MATCH (x:Dataset {near: bucket})
WHERE {visible x}
RETURN x.near AS near, x.id AS id, x.namespace AS namespace, x.name AS name, x.lastT AS lastT
LIMIT $limit

// name: apart
// Pairs that people said are two things.
UNWIND $ids AS id
MATCH (d:Dataset {id: id})-[r:SAME_AS]->(x:Dataset)
WHERE r.verdict = 'apart'
RETURN id, x.id AS other

// name: without_bucket
// Datasets of a range of ids that were made before there were buckets.
MATCH (d:Dataset)
WHERE d.id >= $low AND d.id < $high AND d.near IS NULL
RETURN d.id AS id, d.namespace AS namespace, d.name AS name

// name: put_buckets
// The bucket of datasets that have none.
UNWIND $rows AS row
MATCH (d:Dataset {id: row.id})
SET d.near = row.near
