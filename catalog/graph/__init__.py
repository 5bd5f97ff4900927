"""The only place that speaks Cypher: one Python file and one `.cypher` file per noun."""
