// The graph's shape: one uniqueness constraint per label and per single relationship, and the look-ups by equality.
// Range look-ups are avoided throughout: the embedded store answers them by scanning.

// the inbox
CREATE CONSTRAINT inbox_id IF NOT EXISTS FOR (n:Inbox) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT shard_id IF NOT EXISTS FOR (n:Shard) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT entry_id IF NOT EXISTS FOR (n:Entry) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT entry_sequence IF NOT EXISTS FOR (n:Entry) REQUIRE n.sequence IS UNIQUE;
CREATE INDEX entry_short IF NOT EXISTS FOR (n:Entry) ON (n.short);
CREATE INDEX entry_again IF NOT EXISTS FOR (n:Entry) ON (n.again);
CREATE INDEX entry_trouble IF NOT EXISTS FOR (n:Entry) ON (n.trouble);
CREATE CONSTRAINT chunk_id IF NOT EXISTS FOR (n:Chunk) REQUIRE n.id IS UNIQUE;

// the log below
CREATE CONSTRAINT obs_id IF NOT EXISTS FOR (n:Obs) REQUIRE n.id IS UNIQUE;
CREATE INDEX obs_bucket IF NOT EXISTS FOR (n:Obs) ON (n.bucket);
CREATE CONSTRAINT use_id IF NOT EXISTS FOR (n:Use) REQUIRE n.id IS UNIQUE;
CREATE INDEX use_subject IF NOT EXISTS FOR (n:Use) ON (n.subject);
CREATE CONSTRAINT shape_id IF NOT EXISTS FOR (n:Shape) REQUIRE n.id IS UNIQUE;

// the steps above
CREATE CONSTRAINT reg_id IF NOT EXISTS FOR (n:Reg) REQUIRE n.id IS UNIQUE;
CREATE INDEX reg_of IF NOT EXISTS FOR (n:Reg) ON (n.of);
CREATE CONSTRAINT namespace_id IF NOT EXISTS FOR (n:Namespace) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT job_id IF NOT EXISTS FOR (n:Job) REQUIRE n.id IS UNIQUE;
CREATE INDEX job_ord IF NOT EXISTS FOR (n:Job) ON (n.ord);
CREATE CONSTRAINT dataset_id IF NOT EXISTS FOR (n:Dataset) REQUIRE n.id IS UNIQUE;
CREATE INDEX dataset_ord IF NOT EXISTS FOR (n:Dataset) ON (n.ord);
CREATE CONSTRAINT field_id IF NOT EXISTS FOR (n:Field) REQUIRE n.id IS UNIQUE;
CREATE INDEX field_dataset IF NOT EXISTS FOR (n:Field) ON (n.dataset);
CREATE CONSTRAINT run_id IF NOT EXISTS FOR (n:Run) REQUIRE n.id IS UNIQUE;
CREATE INDEX run_job IF NOT EXISTS FOR (n:Run) ON (n.job);
CREATE INDEX run_external IF NOT EXISTS FOR (n:Run) ON (n.external);
CREATE INDEX run_heard IF NOT EXISTS FOR (n:Run) ON (n.heard);
CREATE INDEX run_parent IF NOT EXISTS FOR (n:Run) ON (n.parent);
CREATE CONSTRAINT reads_key IF NOT EXISTS FOR ()-[r:READS]-() REQUIRE r.key IS UNIQUE;
CREATE CONSTRAINT writes_key IF NOT EXISTS FOR ()-[r:WRITES]-() REQUIRE r.key IS UNIQUE;
CREATE CONSTRAINT child_of_key IF NOT EXISTS FOR ()-[r:CHILD_OF]-() REQUIRE r.key IS UNIQUE;
CREATE CONSTRAINT derives_from_key IF NOT EXISTS FOR ()-[r:DERIVES_FROM]-() REQUIRE r.key IS UNIQUE;
CREATE CONSTRAINT same_as_key IF NOT EXISTS FOR ()-[r:SAME_AS]-() REQUIRE r.key IS UNIQUE;
CREATE CONSTRAINT run_of_key IF NOT EXISTS FOR ()-[r:RUN_OF]-() REQUIRE r.key IS UNIQUE;
