// Samples of datasets (statistics, checks, versions): rows of a log, found by month and by run.
CREATE CONSTRAINT sample_id IF NOT EXISTS FOR (n:Sample) REQUIRE n.id IS UNIQUE;
CREATE INDEX sample_bucket IF NOT EXISTS FOR (n:Sample) ON (n.bucket);
CREATE INDEX sample_pair IF NOT EXISTS FOR (n:Sample) ON (n.pair);
CREATE CONSTRAINT sample_month_id IF NOT EXISTS FOR (n:SampleMonth) REQUIRE n.id IS UNIQUE;
CREATE INDEX sample_month_of IF NOT EXISTS FOR (n:SampleMonth) ON (n.of);
