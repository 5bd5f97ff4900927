"""The `columnLineage` facet (spec 1-2-0, and the older forms still sent) as column edges."""

from __future__ import annotations

from typing import Any

from catalog.lineage.assertions import ColumnEdge
from catalog.lineage.wire import read_name

DIRECT = "DIRECT"
INDIRECT = "INDIRECT"


def read_columns(facet: dict[str, Any], where: str, warnings: list[str]) -> tuple[ColumnEdge, ...]:
    """The edges of one facet, sorted and distinct; members that are null or malformed are left out with a warning.

    Dataset-wide dependencies (`dataset[]`) have the output column "".
    Source: spec ColumnLineageDatasetFacet 1-2-0; nulls: DataHub's Trino tests, Marquez #2158.
    """
    edges: set[ColumnEdge] = set()
    fields = facet.get("fields")
    if isinstance(fields, dict):
        for column, body in fields.items():
            if not isinstance(body, dict):
                continue
            old = (body.get("transformationType"), body.get("transformationDescription"))
            for i, source in enumerate(body.get("inputFields") or ()):
                edges.update(_edges(column, source, f"{where}.fields.{column}.inputFields[{i}]", old, warnings))
    elif fields is not None:
        warnings.append(f"{where}.fields: not an object, left out")
    for i, source in enumerate(facet.get("dataset") or ()):
        edges.update(_edges("", source, f"{where}.dataset[{i}]", (INDIRECT, None), warnings))
    return tuple(sorted(edges))


def _edges(column: str, source: Any, where: str, old: tuple[Any, Any], warnings: list[str]) -> list[ColumnEdge]:
    name = read_name(source, where, warnings)
    path = source.get("field") if isinstance(source, dict) else None
    if name is None or not isinstance(path, str) or not path:
        return []
    transformations = [t for t in source.get("transformations") or () if isinstance(t, dict)]
    if not transformations:
        type_, description = old
        kind = INDIRECT if type_ == INDIRECT or not column else DIRECT
        subtype = str(type_ or "") if type_ not in (DIRECT, INDIRECT) else ""
        return [ColumnEdge(column, name, path, kind, subtype, False, str(description or ""))]
    return [
        ColumnEdge(
            column,
            name,
            path,
            INDIRECT if str(t.get("type")).upper() == INDIRECT else DIRECT,
            str(t.get("subtype") or ""),
            t.get("masking") is True,
            str(t.get("description") or ""),
        )
        for t in transformations
    ]
