"""The `columnLineage` facet (spec 1-2-0, and the older forms still sent) as column edges."""

from __future__ import annotations

from typing import Any

from catalog.lineage.assertions import ColumnEdge
from catalog.lineage.wire import MAX_TEXT, check_count, read_list, read_name

DIRECT = "DIRECT"
INDIRECT = "INDIRECT"
MAX_WORDS = 10_000
"""Characters of a transformation's subtype and description that are kept: they stand on every edge."""
_OLD = ("transformationType", "transformationDescription")
MASKED = "MASKED"
"""The `transformationType` by which facets before 1-1-0 said what `masking` says now."""


def read_columns(facet: dict[str, Any], where: str, warnings: list[str]) -> tuple[ColumnEdge, ...]:
    """The edges of one facet, sorted and distinct; a null member is left out, a malformed one with a warning.

    Dataset-wide dependencies (`dataset[]`) have the output column "".
    Source: spec ColumnLineageDatasetFacet 1-2-0; nulls: DataHub's Trino tests, Marquez #2158.
    """
    edges: set[ColumnEdge] = set()
    fields = facet.get("fields")
    if isinstance(fields, dict):
        check_count(len(fields))
        for column, body in fields.items():
            shown = f"{where}.fields.{column[:80]}"
            if len(column) > MAX_TEXT:
                warnings.append(f"{shown}: a name of more than {MAX_TEXT:,} characters, left out")
                continue
            if not isinstance(body, dict):
                if body is not None:
                    warnings.append(f"{shown}: not an object, left out")
                continue
            type_, description = (_words(body.get(key), f"{shown}.{key}", warnings) for key in _OLD)
            place = f"{shown}.inputFields"
            for i, source in enumerate(read_list(body.get("inputFields"), place, warnings)):
                edges.update(column_edges(column, source, f"{place}[{i}]", (type_, description), warnings))
            check_count(len(edges))
    elif fields is not None:
        warnings.append(f"{where}.fields: not an object, left out")
    for i, source in enumerate(read_list(facet.get("dataset"), f"{where}.dataset", warnings)):
        edges.update(column_edges("", source, f"{where}.dataset[{i}]", (INDIRECT, ""), warnings))
    return tuple(sorted(edges))


def column_edges(column: str, source: Any, where: str, old: tuple[str, str], warnings: list[str]) -> list[ColumnEdge]:
    """The edges from one input of an output column, or of the whole dataset (""): one for each transformation.

    Args:
        old: type and description where the input has no transformations.
    """
    name = read_name(source, where, warnings)
    if name is None:
        return []
    path = source.get("field")
    if not isinstance(path, str) or not path or len(path) > MAX_TEXT:
        warnings.append(f"{where}: no field, left out")
        return []
    listed = read_list(source.get("transformations"), f"{where}.transformations", warnings)
    transformations = [t for t in listed if isinstance(t, dict)]
    if any(t is not None and not isinstance(t, dict) for t in listed):
        warnings.append(f"{where}.transformations: one that is not an object, left out")
    if not transformations:
        type_, description = old
        kind = INDIRECT if type_ == INDIRECT else DIRECT
        subtype = type_ if type_ not in (DIRECT, INDIRECT) else ""
        return [ColumnEdge(column, name, path, kind, subtype, type_ == MASKED, description)]
    return [
        ColumnEdge(
            column,
            name,
            path,
            INDIRECT if str(t.get("type")).upper() == INDIRECT else DIRECT,
            _words(t.get("subtype"), f"{where}.transformations.subtype", warnings),
            t.get("masking") is True,
            _words(t.get("description"), f"{where}.transformations.description", warnings),
        )
        for t in transformations
    ]


def _words(value: Any, where: str, warnings: list[str]) -> str:
    text = str(value or "")
    if len(text) > MAX_WORDS:
        warnings.append(f"{where}: {len(text):,} characters, cut after {MAX_WORDS:,}")
    return text[:MAX_WORDS]
