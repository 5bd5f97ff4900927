"""The `schema` facet in normal form."""

from __future__ import annotations

from typing import Any

from catalog.lineage.assertions import Json
from catalog.lineage.wire import check_count

_DEPTH = 20


def read_schema(facet: Json, where: str, warnings: list[str]) -> list[Json] | None:
    """The fields of a `schema` facet in normal form: `[{name, type?, description?, fields?}]`, nested.

    An empty or missing list says nothing, not "no columns" (dbt sends documented columns only).
    """
    listed = facet.get("fields") if isinstance(facet, dict) else None
    if not isinstance(listed, list):
        if listed is not None or not isinstance(facet, dict):
            warnings.append(f"{where}: no list of fields, left out")
        return None
    return _fields(listed, where, warnings, _DEPTH) or None


def _fields(listed: list[Any], where: str, warnings: list[str], depth: int) -> list[Json]:
    check_count(len(listed))
    found: list[Json] = []
    for i, part in enumerate(listed):
        name = part.get("name") if isinstance(part, dict) else None
        if not isinstance(name, str) or not name:
            warnings.append(f"{where}.fields[{i}]: a field without a name, left out")
            continue
        field: dict[str, Json] = {"name": name}
        field.update({key: str(part[key]) for key in ("type", "description") if part.get(key) is not None})
        nested = part.get("fields")
        if isinstance(nested, list) and nested:
            if depth:
                field["fields"] = _fields(nested, f"{where}.fields[{i}]", warnings, depth - 1)
            else:
                warnings.append(f"{where}.fields[{i}]: nested deeper than {_DEPTH} levels, cut here")
        elif nested is not None and not isinstance(nested, list):
            warnings.append(f"{where}.fields[{i}].fields: no list, left out")
        found.append(field)
    return found
