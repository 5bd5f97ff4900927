"""The pages of `docs/manifests/`: every field of every document, from their types, with an example of each kind."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from catalog.manifest.documents import DOCUMENTS, blocks
from catalog.manifest.documents.blocks import Entity
from catalog.manifest.documents.shape import Strict
from catalog.manifest.schemas import MODELS, plain

Json = Mapping[str, Any]
_TYPES = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
_MANY, _FEW = 12, 4
_COMMON = frozenset(Entity.model_json_schema(by_alias=True)["$defs"])
"""Objects in the fields that every kind has; they are explained on the page of those."""


def pages(examples: Mapping[str, str]) -> dict[str, str]:
    """The text of each page by its name; `examples` are YAML by kind."""
    families: dict[str, list[str]] = {}
    for kind, model in MODELS.items():
        families.setdefault(model.__module__, []).append(kind)
    found = {module.rpartition(".")[2]: _family(module, kinds, examples) for module, kinds in families.items()}
    return {**found, "blocks": _blocks()}


def _family(module: str, kinds: Sequence[str], examples: Mapping[str, str]) -> str:
    title = ", ".join(kinds[:-1]) + f" and {kinds[-1]}" if len(kinds) > 1 else kinds[0]
    lines = [f"# {title}", "", _doc(sys.modules[module]), ""]
    if kinds[0] in DOCUMENTS:
        lines += ["Fields that every kind has are on [their own page](blocks.md).", ""]
    for kind in kinds:
        model = MODELS[kind]
        common = set(Entity.model_fields) if kind in DOCUMENTS else set()
        lines += [f"## {kind}", "", _doc(model), "", *_fields(model, common), "", "```yaml", examples[kind].strip()]
        lines += ["```", ""]
    return "\n".join(lines)


def _blocks() -> str:
    lines = ["# Fields of every kind", "", _doc(blocks), "", *_fields(Entity, set()), ""]
    return "\n".join(lines)


def _fields(model: type[Strict], left_out: set[str]) -> Iterator[str]:
    """A table of a model's fields, and one for each object in them."""
    schema = plain(model.model_json_schema(by_alias=True))
    names = {field.alias or name for name, field in model.model_fields.items() if name in left_out}
    shown = {name: body for name, body in schema["properties"].items() if name not in names}
    yield from _table({**schema, "properties": shown})
    known = _COMMON if left_out else frozenset[str]()
    for name in _objects(schema, shown):
        if name in known:
            continue
        body = schema["$defs"][name]
        yield from ("", f"### {name}", "", body.get("description", ""), "", *_table(body))


def _objects(schema: Json, properties: Json) -> list[str]:
    """The objects that fields lead to, each once, in the order in which they are met."""
    found: list[str] = []
    waiting = [properties]
    while waiting:
        for reference in _references(waiting.pop(0)):
            if reference not in found:
                found.append(reference)
                waiting.append(schema["$defs"][reference].get("properties", {}))
    return found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"].rpartition("/")[2]
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def _table(schema: Json) -> Iterator[str]:
    required = schema.get("required", ())
    if not schema["properties"]:
        yield "No fields of its own."
        return
    yield "| field | type | meaning |"
    yield "|---|---|---|"
    for name, body in schema["properties"].items():
        type_ = _type(body) + (", required" if name in required else "")
        cells = [f"`{name}`", type_, body.get("description", "") + _example(body) + _default(body)]
        yield "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _example(body: Json) -> str:
    given = None if _refers(body) else next(iter(body.get("examples", ())), None)
    return f" Such as `{given}`." if isinstance(given, str | int | float) else ""


def _default(body: Json) -> str:
    default = body.get("default")
    return f" `{default}` if not said." if default not in (None, "", [], {}) and not isinstance(default, list) else ""


def _type(body: Json) -> str:
    if "$ref" in body:
        name = str(body["$ref"]).rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "const" in body:
        return f"`{body['const']}`"
    if "enum" in body:
        return ", ".join(f"`{value}`" for value in body["enum"][:_MANY])
    variants = body.get("anyOf") or body.get("oneOf")
    if variants:
        return " or ".join(dict.fromkeys(_type(variant) for variant in variants))
    if body.get("type") == "array":
        return f"list of {_type(body['items'])}"
    if body.get("type") == "object":
        values = body.get("additionalProperties")
        return f"object of {_type(values)}" if isinstance(values, dict) and values else "object"
    if _refers(body):
        words = str(body["pattern"]).lstrip("^(").partition(":")[0].rstrip(")").split("|")
        return "reference: " + " or ".join(words) if len(words) < _FEW else "reference to an entity of any kind"
    if body.get("format") in ("duration", "date"):
        return f"ISO-8601 {body['format']}"
    type_ = body.get("type", "any value")
    type_ = str(type_[0] if isinstance(type_, list) else type_)
    return _TYPES.get(type_, type_)


def _refers(body: Json) -> bool:
    return ":.+" in str(body.get("pattern", ""))


def _doc(thing: Any) -> str:
    return inspect.getdoc(thing) or ""
