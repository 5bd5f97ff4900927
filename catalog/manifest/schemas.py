"""JSON Schemas of documents, made from their types: for editors, for other tools, and for the pages of `docs/`.

A schema is wider than the types in one thing: where a text is wanted a bare number or truth value is fine too, as
`version: 7` in YAML means the text (`nodes`).
"""

from __future__ import annotations

from typing import Any

from catalog.manifest.documents import DOCUMENTS
from catalog.manifest.documents.manifest import Manifest
from catalog.manifest.documents.shape import Strict

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ANY = "Document"
"""The schema of a document of any kind, for files that hold several."""
MODELS: dict[str, type[Strict]] = {**{str(kind): model for kind, model in DOCUMENTS.items()}, "Manifest": Manifest}
"""The model of each schema, by its name."""
Json = dict[str, Any]


def schemas() -> dict[str, Json]:
    """Every schema by its name: one for each kind, one for the head, one for them all."""
    return {**{name: schema(name) for name in MODELS}, ANY: _any()}


def schema(name: str) -> Json:
    """The schema of a kind's documents.

    Raises:
        KeyError: there is no such kind.
    """
    if name == ANY:
        return _any()
    made = MODELS[name].model_json_schema(by_alias=True)
    body: Json = plain(made)
    return {"$schema": DIALECT, "title": name, **{key: body[key] for key in sorted(body)}}


def _any() -> Json:
    """By its kind a document has the schema of that kind; the files stand side by side."""
    return {
        "$schema": DIALECT,
        "title": ANY,
        "description": "A document of any kind.",
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": list(MODELS), "description": "What it is."}},
        "allOf": [
            {"if": {"properties": {"kind": {"const": name}}}, "then": {"$ref": f"{name}.json"}} for name in MODELS
        ],
    }


def plain(value: Any, named: bool = False) -> Any:
    """The schema without what only repeats, and with texts as YAML writes them; `named`: keys are no keywords."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {
        key: plain(item, key in ("properties", "$defs"))
        for key, item in value.items()
        if named or key not in ("title", "discriminator")
    }
    variants = kept.get("anyOf")
    if not named and isinstance(variants, list) and {"type": "null"} in variants and len(variants) == 2:
        del kept["anyOf"]
        kept = {**next(variant for variant in variants if variant != {"type": "null"}), **kept}
    if not named and kept.get("default", "") is None:
        del kept["default"]
    if not named and kept.get("type") == "string" and not kept.keys() & {"enum", "const", "format"}:
        kept["type"] = ["string", "number", "boolean"]
    return kept
