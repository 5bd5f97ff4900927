"""dbt: its two modes name one job differently.

`dbt-ol` names a model's job `DATABASE.SCHEMA.PROJECT.MODEL.run` (`.build.run` when it ran `dbt build`); with
`--consume-structured-logs` (OpenLineage #3314) it is the node's unique id, `model.PROJECT.MODEL`. Both send that id,
database and schema as the job facet `dbt_node`. The names stay as sent: the statements of the second mode name their
parent by the id alone, and a project has one id in all its databases. But each name leads to the others.
"""

from __future__ import annotations

from catalog.identity import Name
from catalog.lineage.assertions import Json

_ENDS = {"model": ("run", "build.run"), "snapshot": ("snapshot", "build.snapshot")}


def other_names(job: Name, facets: dict[str, Json]) -> list[Name]:
    """The names that the same node's job has, or would have, in the other ways of running dbt."""
    node = facets.get("dbt_node")
    if not isinstance(node, dict):
        return []
    id_, database, schema = (node.get(key) for key in ("unique_id", "database", "schema"))
    if not isinstance(id_, str):
        return []
    kind, _, rest = id_.partition(".")
    ends = _ENDS.get(kind)
    if ends is None:
        return []
    names = [id_]
    if isinstance(database, str) and isinstance(schema, str):
        names += [f"{database}.{schema}.{rest}.{end}" for end in ends]
    if job.name not in names:
        return []
    return [Name(job.namespace, name) for name in names if name != job.name]
