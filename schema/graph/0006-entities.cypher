// Entities that are declared or spoken of, manifests that declare them, and what stands between them.
CREATE CONSTRAINT entity_id IF NOT EXISTS FOR (n:Entity) REQUIRE n.id IS UNIQUE;
CREATE INDEX entity_ord IF NOT EXISTS FOR (n:Entity) ON (n.ord);
CREATE CONSTRAINT manifest_id IF NOT EXISTS FOR (n:Manifest) REQUIRE n.id IS UNIQUE;
CREATE INDEX reg_manifest IF NOT EXISTS FOR (n:Reg) ON (n.manifest);
CREATE CONSTRAINT refers_key IF NOT EXISTS FOR ()-[r:REFERS]-() REQUIRE r.key IS UNIQUE;
// Which apply of a manifest is its newest: apart from the manifest, which a long apply holds while others are accepted.
CREATE CONSTRAINT head_id IF NOT EXISTS FOR (n:Head) REQUIRE n.id IS UNIQUE;
