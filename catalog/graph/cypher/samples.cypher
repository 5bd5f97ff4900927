// name: put_sample_months
// The months in which a dataset has samples; one small node each, so that nobody looks into empty ones.
UNWIND $rows AS row
MERGE (m:SampleMonth {id: row.id})
ON CREATE SET m.of = row.of, m.month = row.month

// name: put_samples
// One immutable record per entry, dataset and place; its entry is applied once, so it is created, not merged.
UNWIND $rows AS row
CREATE (x:Sample {id: row.id})
SET x += row

// name: sample_months
// Where samples of datasets are.
UNWIND $ids AS id
MATCH (m:SampleMonth {of: id})
RETURN m.id AS id, m.month AS month

// name: samples_before
// Samples of some months, newest first, behind a place.
UNWIND $buckets AS bucket
MATCH (x:Sample {bucket: bucket})
WHERE x.t >= $since AND x.t <= $until AND x.s <= $known
  AND (x.t < $at OR (x.t = $at AND (x.id > $id OR ($again AND x.id = $id))))
RETURN x.id AS id, x.of AS of, x.t AS t, x.rank AS rank, x.key AS key, x.run AS run, x.role AS role, x.body AS body,
       x.shape AS shape
ORDER BY t DESC, id LIMIT $limit

// name: samples_of_runs
// All that runs said of datasets: of what they repeat, the last counts.
UNWIND $ids AS id
MATCH (x:Sample {pair: id})
WHERE x.t <= $asof AND x.s <= $known
RETURN x.id AS id, x.of AS of, x.t AS t, x.rank AS rank, x.key AS key, x.run AS run, x.role AS role, x.body AS body,
       x.shape AS shape
