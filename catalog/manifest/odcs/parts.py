"""How the parts of a contract are split: what fits a model of ours, and the rest, kept as it is."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from catalog.manifest.documents.shape import Strict
from catalog.manifest.references import WrongReference, check_name

Json = dict[str, Any]
ODCS = "odcs"
"""The key of `custom` below which the standard's own parts are kept."""
OURS = "headwater."
"""How names of custom properties begin that hold what only we know."""
CUSTOM_PROPERTIES = "customProperties"


def split(model: type[Strict], part: Mapping[str, Any], taken: Collection[str] = ()) -> tuple[Json, Json]:
    """What of a part the model holds exactly, and the rest.

    Args:
        taken: keys that the caller reads itself.
    """
    held: Json = {}
    rest: Json = {}
    for key, value in part.items():
        if key in taken:
            continue
        (held if _is_held(model, key, value) else rest)[key] = value
    return held, rest


def with_rest(mapped: Json, rest: Mapping[str, Any]) -> Json:
    """A part of ours that keeps the rest."""
    if not rest:
        return mapped
    return {**mapped, "custom": {**mapped.get("custom", {}), ODCS: dict(rest)}}


def rest_of(part: Mapping[str, Any]) -> Json:
    """What was kept of the standard's own."""
    rest = (part.get("custom") or {}).get(ODCS)
    return dict(rest) if isinstance(rest, Mapping) else {}


def read_custom(listed: Any) -> tuple[Json, Json] | None:
    """Custom properties as `custom` and as values of ours; None where they are no plain names and values."""
    if not isinstance(listed, list) or not listed:
        return None
    plain: Json = {}
    for one in listed:
        name = one.get("property") if isinstance(one, dict) and one.keys() == {"property", "value"} else None
        if not isinstance(name, str) or not name or name in plain or name == ODCS:
            return None
        plain[name] = one["value"]
    ours = {name.removeprefix(OURS): value for name, value in plain.items() if name.startswith(OURS)}
    return {name: value for name, value in plain.items() if not name.startswith(OURS)}, ours


def write_custom(custom: Mapping[str, Any], ours: Mapping[str, Any]) -> list[Json]:
    """`custom` and values of ours as custom properties, by name."""
    named = {name: value for name, value in custom.items() if name != ODCS}
    named |= {f"{OURS}{name}": value for name, value in ours.items()}
    return [{"property": name, "value": named[name]} for name in sorted(named)]


def read_tags(listed: Any) -> list[str] | None:
    """Tags as references, None where one cannot be: they are kept as they are then."""
    if not isinstance(listed, list) or not listed or not all(isinstance(tag, str) for tag in listed):
        return None
    try:
        return [f"tag:{check_name(tag)}" for tag in listed] if len(set(listed)) == len(listed) else None
    except WrongReference:
        return None


def write_tags(listed: Iterable[Any]) -> tuple[list[str], list[Any]]:
    """References to tags as words, and those with a value, which the standard does not know."""
    plain, valued = [], []
    for tag in listed:
        if isinstance(tag, str):
            plain.append(tag.removeprefix("tag:"))
        else:
            valued.append(tag)
    return plain, valued


def _is_held(model: type[Strict], key: str, value: Any) -> bool:
    field = _fields(model).get(key)
    if field is None or key == "custom":
        return False
    adapter, default = field
    try:
        dumped = adapter.dump_python(adapter.validate_python(value), mode="json", by_alias=True, exclude_defaults=True)
    except ValidationError:
        return False
    return dumped != default and _alike(dumped, value)


def _alike(dumped: Any, value: Any) -> bool:
    """Whether nothing but the order of a set is other."""
    if isinstance(dumped, list) and isinstance(value, list):
        return sorted(map(_spelled, dumped)) == sorted(map(_spelled, value))
    return _spelled(dumped) == _spelled(value)


def _spelled(value: Any) -> str:
    """JSON in which 1 and 1.0 are one number, as they are in YAML files of people."""
    return json.dumps(_number(value), sort_keys=True)


def _number(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _number(part) for key, part in value.items()}
    return [_number(part) for part in value] if isinstance(value, list) else value


@cache
def _fields(model: type[Strict]) -> dict[str, tuple[TypeAdapter[Any], Any]]:
    """By the name that files use: what reads a field, and what it is when nobody says anything."""
    return {
        field.alias or name: (_adapter(field), field.get_default(call_default_factory=False))
        for name, field in model.model_fields.items()
    }


def _adapter(field: FieldInfo) -> TypeAdapter[Any]:
    bare: Any = field.annotation
    return TypeAdapter(Annotated[bare, *field.metadata] if field.metadata else bare)
