// What people decided about names: one node per entry, found by the pair it is about.
CREATE CONSTRAINT decision_id IF NOT EXISTS FOR (n:Decision) REQUIRE n.id IS UNIQUE;
CREATE INDEX decision_pair IF NOT EXISTS FOR (n:Decision) ON (n.pair);
