// name: applied
// What was applied already, with the checksum of its text then.
MATCH (m:Migration) RETURN m.id AS id, m.checksum AS checksum

// name: record
// The uniqueness constraint on the id makes two migrators at once harmless: statements are idempotent.
MERGE (m:Migration {id: $id}) SET m.checksum = $checksum, m.appliedAt = $at
