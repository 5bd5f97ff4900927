// Entities of a kind, for judging: policies, waivers, teams and the like are few beside datasets.
CREATE INDEX entity_kind IF NOT EXISTS FOR (n:Entity) ON (n.kind);
