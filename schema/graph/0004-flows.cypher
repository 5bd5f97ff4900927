// Edges between jobs: data that go from one to another without a dataset between, and control flow.
CREATE CONSTRAINT fed_by_key IF NOT EXISTS FOR ()-[r:FED_BY]-() REQUIRE r.key IS UNIQUE;
CREATE CONSTRAINT follows_key IF NOT EXISTS FOR ()-[r:FOLLOWS]-() REQUIRE r.key IS UNIQUE;
CREATE CONSTRAINT precedes_key IF NOT EXISTS FOR ()-[r:PRECEDES]-() REQUIRE r.key IS UNIQUE;
