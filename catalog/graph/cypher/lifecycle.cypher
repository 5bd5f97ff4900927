// name: lifecycle_registers
// The words on datasets, with their Steps.
UNWIND $ids AS id
MATCH (g:Reg {of: id})
WHERE g.aspect = 'lifecycle'
RETURN g.id AS id, g.of AS of, g.ts AS ts, g.ss AS ss, g.vs AS vs

// name: uses_saying
// What a dataset's own facets said as bundles; asked for datasets that are gone only.
UNWIND $ids AS id
MATCH (u:Use {subject: id})
RETURN u.id AS id, u.subject AS subject, u.registers AS registers, u.vals AS vals, u.first AS first, u.last AS last

// name: writers
// The jobs whose runs ever wrote datasets.
UNWIND $ids AS id
MATCH (d:Dataset {id: id})<-[r:WRITES]-(j:Job)
WHERE r.origin = 'O'
RETURN j.id AS job

// name: uses_since
// What jobs asserted as bundles after a moment.
UNWIND $ids AS id
MATCH (u:Use {subject: id})
WHERE u.last >= $since
RETURN u.id AS id, u.subject AS subject, u.io AS io, u.first AS first, u.last AS last

// name: heard
// Observations of some days: equality look-ups, never a range (stores.md, rule 16a).
UNWIND $buckets AS bucket
MATCH (o:Obs {bucket: bucket})
WHERE o.t >= $since AND o.t <= $asof AND o.s <= $known
RETURN o.t AS t, o.rank AS rank, o.key AS key, o.run AS run, o.use AS use
