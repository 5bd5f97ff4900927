"""What is wrong with a document, in words for the person who wrote it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from catalog.assets.keys import Kind
from catalog.manifest.documents import DOCUMENTS
from catalog.manifest.documents.blocks import URL, Entity
from catalog.manifest.documents.erasure import CASE
from catalog.manifest.documents.manifest import Manifest
from catalog.manifest.documents.models import UNSLASHED
from catalog.manifest.documents.shape import COUNTRY, FAULT, Strict, shown
from catalog.manifest.nodes import Path
from catalog.manifest.problems import Problem

Json = Mapping[str, Any]
Find = Callable[[Path, bool], tuple[int, int]]
"""Line and column of a path's value, or of its key."""
MANIFEST = "Manifest"
EVERY = "*"
"""Stands for all kinds in the defaults of a manifest; fields that all of them have are possible there."""
KINDS = (*(str(kind) for kind in Kind), MANIFEST)
FEW = 12
"""So many names are listed where none is near."""

_TYPES = {
    "string_type": "a text",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}


def problems_of(error: ValidationError | Sequence[ErrorDetails], kind: str, file: str, find: Find) -> Iterator[Problem]:
    """Every fault of a document, with its place."""
    for detail in error.errors(include_url=False) if isinstance(error, ValidationError) else error:
        yield _problem(detail, kind, file, find)


def told_of(error: ValidationError, kind: str) -> Iterator[tuple[Path, str]]:
    """The same of a document that stands in no file: the path of each fault, and what is wrong there."""
    for detail in error.errors(include_url=False):
        yield detail["loc"], _problem(detail, kind, "", lambda path, key: (0, 0)).text


def kind_problem(value: Any, file: str, find: Find) -> Problem:
    """Why a value is no document at all: it has no kind, or none that is known."""
    if not isinstance(value, dict):
        what_ = "a text" if isinstance(value, str) else shown(value)
        return Problem(file, *find((), False), f"{what_} is no document", "an object with a `kind`")
    if "kind" not in value:
        near = nearest("kind", value.keys(), 0.7)
        message = f"`kind` is missing{f', but there is `{near}`' if near else ''}"
        return Problem(file, *find((), False), message, "one of " + ", ".join(KINDS))
    kind = value["kind"]
    near = nearest(str(kind), KINDS)
    expected = "" if near else "one of " + ", ".join(KINDS)
    return Problem(file, *find(("kind",), False), f"{shown(kind)} is no kind", expected, near)


def nearest(word: str, known: Sequence[str] | Any, cutoff: float = 0.6) -> str:
    """The known word that a misspelt one probably means; empty if there is none."""
    lower = {name.lower(): name for name in sorted(known, reverse=True)}
    found = difflib.get_close_matches(word.lower(), lower, n=1, cutoff=cutoff)
    return lower[found[0]] if found else ""


def hint(word: str, known: Collection[str], where: str = "") -> str:
    """What to say behind a name that nobody knows: those that are spelled nearly so, else all, or some if many.

    Args:
        where: what to do to see them all, said instead of some.
    """
    lower = {name.lower(): name for name in sorted(known, reverse=True)}
    near = [lower[name] for name in difflib.get_close_matches(word.lower(), lower, n=3)]
    if near:
        return f"; did you mean {' or '.join(near)}?"
    if where and len(known) > FEW:
        return f"; {where}"
    more = f" and {len(known) - FEW} more" if len(known) > FEW else ""
    return f"; there are {', '.join(sorted(known)[:FEW]) or 'none'}{more}"


def _problem(detail: ErrorDetails, kind: str, file: str, find: Find) -> Problem:
    path, type_, context = detail["loc"], detail["type"], detail.get("ctx", {})
    value = detail["input"]
    name = what(path)
    if type_ == "extra_forbidden":
        known = _fields(kind, path[:-1])
        near = nearest(str(path[-1]), known)
        expected = "" if near else "one of " + ", ".join(known)
        if len(known) > FEW and not near:
            expected = f"a field of {kind}; `headwater manifest schema {kind}` lists them"
            expected = "a field that every kind has" if kind == EVERY else expected
        return Problem(file, *find(path, True), f"unknown field {str(path[-1])[:80]!r}", expected, near)
    if type_ == "missing":
        return Problem(file, *find(path[:-1], False), f"{name} is missing{_of(path[:-1])}")
    place = find((*path, *_split(context.get("at", ""))), False)
    if type_ == FAULT:
        return Problem(file, *place, context["message"], context.get("expected", ""))
    if type_ == "literal_error":
        choices = [choice.strip("'") for choice in context["expected"].replace(" or ", ", ").split(", ")]
        near = nearest(value, choices) if isinstance(value, str) else ""
        return Problem(file, *place, f"{shown(value)} cannot be {name}", _any(choices), near)
    if type_ in _TYPES:
        return Problem(file, *place, f"{shown(value)} cannot be {what(path)}", _TYPES[type_])
    return Problem(file, *place, *_limits(type_, value, name, context, detail["msg"]))


def _limits(type_: str, value: Any, name: str, context: dict[str, Any], message: str) -> tuple[str, str]:
    """What is wrong and what was expected, where a value has the right type."""
    if type_ == "string_too_short":
        return f"{name} is empty", "a text"
    if type_ == "string_too_long":
        return f"{name} has {len(value):,} characters", f"at most {context['max_length']:,}"
    if type_ == "string_pattern_mismatch":
        return f"{shown(value)} cannot be {name}", _PATTERNS[context["pattern"]]
    if type_ in ("too_short", "too_long"):
        least, most = context.get("min_length"), context.get("max_length")
        if not context["actual_length"]:
            return f"{name} is empty", "at least one member"
        return f"{name} has {context['actual_length']} members", f"at least {least}" if least else f"at most {most}"
    for limit, words in (("ge", "at least"), ("gt", "more than"), ("le", "at most"), ("lt", "less than")):
        if limit in context:
            return f"{value} is out of range", f"{words} {context[limit]}"
    return message[:1].lower() + message[1:], ""


_PATTERNS = {
    CASE: "a reference without spaces and without an @, such as register:4f1c9; never the person's name or address",
    COUNTRY: "two capital letters, such as DE (ISO 3166-1)",
    UNSLASHED: "a text without a slash",
    URL: "an address that begins with http:// or https://",
}
"""What the patterns of texts mean."""


def _split(path: str) -> Path:
    return tuple(int(part) if part.isdecimal() else part for part in path.split(".")) if path else ()


def _any(choices: list[str]) -> str:
    return choices[0] if len(choices) == 1 else "one of " + ", ".join(choices)


def _of(path: Path) -> str:
    named = [str(part) for part in path if isinstance(part, str) and part not in _VARIANTS]
    return f" in `{named[-1]}`" if named else ""


def what(path: Path) -> str:
    """What stands at a path, in words."""
    named = [part for part in path if part not in _VARIANTS]
    if named and isinstance(named[-1], int):
        return f"a member{_of(path)}"
    return f"`{named[-1]}`" if named else "a document"


_VARIANTS = frozenset({"text", "object"})
"""What a path says of which of two types a reference was read as; no key of a document."""


def _fields(kind: str, path: Path) -> list[str]:
    """The names of the fields that are known at a path."""
    schema = _schema(kind)
    at: Json = schema
    for part in path:
        following = _into(schema, at, part)
        at = following if following is not None else at
    return sorted(_resolved(schema, at).get("properties", {}))


def _into(schema: Json, at: Json, part: str | int) -> Json | None:
    for variant in _variants(schema, at):
        if isinstance(part, int) and "items" in variant:
            return dict(variant["items"])
        if part in variant.get("properties", {}):
            return dict(variant["properties"][part])
        if isinstance(part, str) and isinstance(variant.get("additionalProperties"), dict):
            return dict(variant["additionalProperties"])
    return None


def _resolved(schema: Json, at: Json) -> Json:
    return next((variant for variant in _variants(schema, at) if "properties" in variant), {})


def _variants(schema: Json, at: Json) -> Iterator[Json]:
    if "$ref" in at:
        yield from _variants(schema, schema["$defs"][at["$ref"].rpartition("/")[2]])
        return
    yield at
    for part in (*at.get("anyOf", ()), *at.get("oneOf", ())):
        yield from _variants(schema, part)


_OTHERS: dict[str, type[Strict]] = {MANIFEST: Manifest, EVERY: Entity}


@cache
def _schema(kind: str) -> Json:
    model: type[Strict] = DOCUMENTS[Kind(kind)] if kind in DOCUMENTS else _OTHERS[kind]
    return model.model_json_schema(by_alias=True)
