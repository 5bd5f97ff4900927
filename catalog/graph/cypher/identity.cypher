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
