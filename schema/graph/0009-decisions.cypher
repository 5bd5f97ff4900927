// Decisions about names in the order of the inbox, to be listed.
CREATE INDEX decision_s IF NOT EXISTS FOR (n:Decision) ON (n.s);
