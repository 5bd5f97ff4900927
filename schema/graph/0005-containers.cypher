// What contains datasets, as their hierarchy facets say.
CREATE CONSTRAINT container_id IF NOT EXISTS FOR (n:Container) REQUIRE n.id IS UNIQUE;
CREATE INDEX container_parent IF NOT EXISTS FOR (n:Container) ON (n.parent);
CREATE CONSTRAINT within_key IF NOT EXISTS FOR ()-[r:WITHIN]-() REQUIRE r.key IS UNIQUE;
