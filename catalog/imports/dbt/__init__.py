"""dbt: a project's artifacts (`manifest.json`, `catalog.json`, `run_results.json`, `sources.json`) as facts.

`read` finds and reads the files, `artifacts` has their types, `relations` names tables and jobs as dbt's OpenLineage
wrapper does, `profiles` finds out where the tables are, `documents` and `events` make the facts, `mapping` puts them
together.

Source: dbt's artifact schemas, manifest v1 to v12, run-results v1 to v6, catalog v1, sources v1 to v3; integrations.md.
"""
