// Namespaces are listed by name.
CREATE INDEX namespace_name IF NOT EXISTS FOR (n:Namespace) ON (n.name);
