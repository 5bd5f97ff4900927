"""The HTTP door: OpenLineage in, GraphQL out, health and metrics beside them."""
