// name: entities_by_id
// Entities a reader may see, by id.
UNWIND $ids AS id
MATCH (x:Entity {id: id})
WHERE {visible x}
RETURN x.id AS id, x.kind AS kind, x.namespace AS namespace, x.name AS name, x.ord AS ord

// name: page_entities
// Entities of a kind by name, from a sort key on: a kind is a range of sort keys.
MATCH (x:Entity)
WHERE x.ord > $after AND x.ord < $until AND ($namespace IS NULL OR x.namespace = $namespace) AND {visible x}
RETURN x.id AS id, x.kind AS kind, x.namespace AS namespace, x.name AS name, x.ord AS ord
ORDER BY x.ord LIMIT $limit

// name: search_entities
// Full text over names; scores order the answer and are never compared between stores.
CALL db.index.fulltext.queryNodes($index, $query) YIELD node, score
WITH node AS x, score
WHERE (x.kind = $kind OR ($kind IS NULL AND NOT x.kind IN ['Dataset', 'Pipeline'])) AND {visible x}
RETURN x.id AS id, x.kind AS kind, x.namespace AS namespace, x.name AS name, x.ord AS ord, score
ORDER BY score DESC LIMIT $limit

// name: said_of
// What is said of entities, with the Steps, of one aspect (a document, people's words).
UNWIND $ids AS id
MATCH (g:Reg {of: id})
WHERE g.aspect = $aspect
RETURN g.of AS of, g.subject AS subject, g.ts AS ts, g.ss AS ss, g.vs AS vs

// name: documents_of_manifest
// All that a manifest declares, or did.
MATCH (g:Reg {manifest: $manifest})
RETURN g.of AS of, g.subject AS subject, g.ts AS ts, g.ss AS ss, g.vs AS vs

// name: documents_of_manifests
// What several manifests declare, or did, to be counted.
UNWIND $ids AS id
MATCH (g:Reg {manifest: id})
RETURN g.manifest AS manifest, g.ts AS ts, g.ss AS ss, g.vs AS vs

// name: manifests_of
// The names of manifests.
UNWIND $ids AS id
MATCH (m:Manifest {id: id})
RETURN m.id AS id, m.name AS name

// name: referred
// Entities that one names, a page at a time.
MATCH (e:Entity {id: $id})-[r:REFERS]->(x:Entity)
WHERE {holds r} AND r.key > $after AND ($roles IS NULL OR r.role IN $roles) AND {visible x}
RETURN r.key AS key, r.role AS role, r.manifest AS manifest, x.id AS id, x.kind AS kind, x.namespace AS namespace,
       x.name AS name, x.ord AS ord{steps r}
ORDER BY key LIMIT $limit

// name: referring
// Entities that name one, a page at a time.
MATCH (e:Entity {id: $id})<-[r:REFERS]-(x:Entity)
WHERE {holds r} AND r.key > $after AND ($roles IS NULL OR r.role IN $roles) AND {visible x}
RETURN r.key AS key, r.role AS role, r.manifest AS manifest, x.id AS id, x.kind AS kind, x.namespace AS namespace,
       x.name AS name, x.ord AS ord{steps r}
ORDER BY key LIMIT $limit

// name: referring_first
// The first entities that name each of several.
UNWIND $ids AS id
CALL (id) {
  MATCH (e:Entity {id: id})<-[r:REFERS]-(x:Entity)
  WHERE {holds r} AND ($roles IS NULL OR r.role IN $roles) AND {visible x}
  RETURN r, x ORDER BY r.key LIMIT $limit
}
RETURN id AS of, r.key AS key, r.role AS role, r.manifest AS manifest, x.id AS id, x.kind AS kind,
       x.namespace AS namespace, x.name AS name, x.ord AS ord{steps r}

// name: manifests
// The newest accepted apply of each manifest; there are few.
MATCH (h:Head)
RETURN h.manifest AS manifest, h.entry AS entry, h.sequence AS sequence, h.plan AS plan, h.at AS at,
       coalesce(h.by, '') AS by

// name: manifest
// The newest accepted apply of one manifest.
MATCH (h:Head {id: $id})
RETURN h.manifest AS manifest, h.entry AS entry, h.sequence AS sequence, h.plan AS plan, h.at AS at,
       coalesce(h.by, '') AS by

// name: applies
// How many applies of any manifest were accepted.
MATCH (i:Inbox {id: 'inbox'})
RETURN coalesce(i.applies, 0) AS n
