// Datasets whose names are alike share a bucket; datasets of old stores are given theirs by `headwater migrate`.
CREATE INDEX dataset_near IF NOT EXISTS FOR (n:Dataset) ON (n.near);
