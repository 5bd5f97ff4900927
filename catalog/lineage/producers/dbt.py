"""dbt: its modes name one job differently.

`dbt-ol` names a model's job `DATABASE.SCHEMA.PROJECT.MODEL` (with `.build.run` behind it when it ran `dbt build`); with
`--consume-structured-logs` (OpenLineage #3314) it is the node's unique id, `model.PROJECT.MODEL`. All send that id,
database and schema as the job facet `dbt_node`. The names stay as sent: the statements of the last mode name their
parent by the id alone, and a project has one id in all its databases. But each name leads to the others.

Source: openlineage-dbt 1.54.0, `parse_execution` of its processor.
"""

from __future__ import annotations

from enum import StrEnum

from catalog.identity import Name
from catalog.lineage.assertions import Json


class Naming(StrEnum):
    """Whose names jobs have: those of `dbt-ol build`, of `dbt-ol run`, or the nodes' own (structured logs)."""

    BUILD = "build"
    RUN = "run"
    NODE = "node"


_ENDS = {
    "model": {Naming.RUN: "", Naming.BUILD: ".build.run"},
    "snapshot": {Naming.RUN: ".snapshot", Naming.BUILD: ".build.snapshot"},
}


def job_name(id_: str, database: str, schema: str, naming: Naming) -> str:
    """The name of the job of a model or snapshot; any other node's is its id."""
    kind, _, rest = id_.partition(".")
    if naming is Naming.NODE or kind not in _ENDS:
        return id_
    return relation_name(database, schema, rest) + _ENDS[kind][naming]


def relation_name(database: str, schema: str, table: str) -> str:
    """The name of a table as dbt-ol gives it: empty parts are left out (Spark has no databases)."""
    return ".".join(part for part in (database, schema, table) if part)


def other_names(job: Name, facets: dict[str, Json]) -> list[Name]:
    """The names that the same node's job has, or would have, in the other ways of running dbt."""
    node = facets.get("dbt_node")
    if not isinstance(node, dict):
        return []
    id_, database, schema = (node.get(key) for key in ("unique_id", "database", "schema"))
    if not isinstance(id_, str) or id_.partition(".")[0] not in _ENDS:
        return []
    names = [id_]
    if isinstance(schema, str):
        place = (database if isinstance(database, str) else "", schema)
        names += [job_name(id_, *place, naming) for naming in (Naming.RUN, Naming.BUILD)]
    if job.name not in names:
        return []
    return [Name(job.namespace, name) for name in names if name != job.name]
