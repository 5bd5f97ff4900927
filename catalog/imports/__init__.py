"""What other tools have kept, made into facts: read, map, facts.

Each importer is a folder of its own beside `dbt/`. It reads the tool's files leniently into types (`read`), and makes
facts of them without asking anybody (`map`): documents, which one manifest applies, and OpenLineage events, which go
the way of all events. Nothing here talks to a store or a service; `docs/importers.md` says how to write the next one.
"""
