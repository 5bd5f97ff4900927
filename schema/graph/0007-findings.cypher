// Findings with what became of them, the evaluations that say so, and the policies they judged by.
CREATE CONSTRAINT watch_id IF NOT EXISTS FOR (n:Watch) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT finding_id IF NOT EXISTS FOR (n:Finding) REQUIRE n.id IS UNIQUE;
// The beginning of the id of those that are open or waived: an index of few values is slow on the embedded store.
CREATE INDEX finding_live IF NOT EXISTS FOR (n:Finding) ON (n.live);
CREATE INDEX finding_thing IF NOT EXISTS FOR (n:Finding) ON (n.thing);
CREATE INDEX finding_ord IF NOT EXISTS FOR (n:Finding) ON (n.ord);
CREATE CONSTRAINT transition_id IF NOT EXISTS FOR (n:Transition) REQUIRE n.id IS UNIQUE;
CREATE INDEX transition_finding IF NOT EXISTS FOR (n:Transition) ON (n.finding);
CREATE CONSTRAINT evaluation_id IF NOT EXISTS FOR (n:Evaluation) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT evaluation_number IF NOT EXISTS FOR (n:Evaluation) REQUIRE n.number IS UNIQUE;
CREATE CONSTRAINT policy_text_id IF NOT EXISTS FOR (n:PolicyText) REQUIRE n.id IS UNIQUE;
