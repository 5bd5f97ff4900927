// Namespaces are listed by a key of bounded length that begins with their name: names of 200 kB fit into no index.
CREATE INDEX namespace_ord IF NOT EXISTS FOR (n:Namespace) ON (n.ord);
