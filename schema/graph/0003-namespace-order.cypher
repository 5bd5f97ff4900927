// Namespaces that were made before they had a key to be listed by: listings passed over them.
MATCH (n:Namespace) WHERE n.ord IS NULL SET n.ord = left(n.name, 400) + '\n' + n.id;
