"""How documents refer to entities.

A kind without a namespace is written as its word, a colon and the name: `team:orders`, `tag:pii/email`. Where only one
such kind is possible the word may be left out (`domain: sales`), unless the name itself has a colon. Datasets,
pipelines and other kinds with a namespace are objects, since real namespaces and names hold any character:
`{namespace: "postgres://db:5432", name: shop.public.orders}`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from catalog.assets.keys import NAMESPACED, REGISTRY, Key, Kind, model_version

WORDS = {kind.lower(): kind for kind in Kind if kind not in NAMESPACED}
"""The words of kinds without a namespace: `team`, `processingactivity`, …"""
LONGEST_NAME = 500
"""Characters of the name of a kind without a namespace; names of datasets and jobs may be longer."""


class WrongReference(ValueError):
    """A value that refers to nothing: `expected` says what would."""

    def __init__(self, message: str, expected: str = "") -> None:
        super().__init__(message)
        self.expected = expected


def check_name(name: str) -> str:
    """The name of a kind without a namespace, if it can be one.

    Raises:
        WrongReference: empty, too long, with spaces at its ends, control characters, or an empty part beside a slash.
    """
    if not name:
        raise WrongReference("an empty name")
    if len(name) > LONGEST_NAME:
        raise WrongReference(f"a name of {len(name):,} characters", f"at most {LONGEST_NAME}")
    if name != name.strip() or not name.isprintable():
        raise WrongReference(f"the name {name!r} has spaces at an end, or characters that cannot be seen")
    if not all(name.split("/")):
        raise WrongReference(f"the name {name!r} has an empty part beside a slash")
    return name


def example(kinds: Collection[Kind], name: str = "NAME") -> str:
    """What a reference to one of these kinds looks like, in words for people: `team:NAME or person:NAME`."""
    words = [f"{kind.lower()}:{name}" for kind in kinds if kind not in NAMESPACED]
    return " or ".join(words) if len(words) < 4 else "KIND:NAME, such as team:orders, or an object with a `kind`"


def parse(text: str, kinds: Collection[Kind] = ()) -> Key:
    """The key that a text refers to; `kinds` are those it may be (any without a namespace, if empty).

    Raises:
        WrongReference: no such kind, or none of these, or no name.
    """
    allowed = tuple(kinds) or tuple(WORDS.values())
    word, colon, name = text.partition(":")
    kind = WORDS.get(word)
    if not colon and len(allowed) == 1:
        return Key(allowed[0], "", check_name(text))
    if not colon or kind is None or kind not in allowed:
        if colon and kind is not None:
            raise WrongReference(f"{text[:80]!r} is a {kind}, which cannot stand here", example(allowed))
        named = "NAME" if colon or not text else text[:80]
        raise WrongReference(f"{text[:80]!r} does not say what kind of thing it is", example(allowed, named))
    return Key(kind, "", check_name(name))


def spell(key: Key) -> str | dict[str, str]:
    """A key as documents refer to it: a text, or an object with `kind` for kinds with a namespace."""
    if key.kind not in NAMESPACED:
        return f"{key.kind.lower()}:{key.name}"
    return {"kind": str(key.kind), **identity(key)}


def identity(key: Key) -> dict[str, str]:
    """The identity keys of an entity's document, by which `kind` it has."""
    if key.kind is Kind.MODEL:
        return _registered(key.namespace, {"name": key.name})
    if key.kind is Kind.MODEL_VERSION:
        model, _, version = key.name.rpartition("/")
        return _registered(key.namespace, {"model": model, "version": version})
    if key.kind is Kind.DEPLOYMENT:
        return {"environment": f"environment:{key.namespace}", "name": key.name}
    if key.kind in NAMESPACED:
        return {"namespace": key.namespace, "name": key.name}
    return {"name": key.name}


def identity_fields(kind: str) -> frozenset[str]:
    """The fields of a kind's documents that make their key, `kind` itself too."""
    return next((fields for known, fields in _IDENTITY.items() if known == kind), frozenset({"kind", "name"}))


_NAMED = frozenset({"kind", "namespace", "name"})
_IDENTITY = {
    Kind.DATASET: _NAMED,
    Kind.PIPELINE: _NAMED,
    Kind.DASHBOARD: _NAMED,
    Kind.MODEL: frozenset({"kind", "registry", "name"}),
    Kind.MODEL_VERSION: frozenset({"kind", "registry", "model", "version"}),
    Kind.DEPLOYMENT: frozenset({"kind", "environment", "name"}),
}


def _registered(registry: str, named: dict[str, str]) -> dict[str, str]:
    return named if registry == REGISTRY else {"registry": registry, **named}


def key_of(document: Any, kind: Kind | None = None) -> Key:
    """The key in a document or in a reference that is an object.

    Args:
        document: its identity keys are read, all others are of no interest.
        kind: taken if the object does not name its kind.

    Raises:
        WrongReference: the kind is unknown, or an identity key is missing.
    """
    if not isinstance(document, dict):
        raise WrongReference("no object")
    named = document.get("kind", kind)
    try:
        found = Kind(str(named))
    except ValueError:
        raise WrongReference(f"{str(named)[:80]!r} is no kind of entity", ", ".join(Kind)) from None
    if found is Kind.MODEL_VERSION:
        return model_version(_text(document, "model"), _text(document, "version"), document.get("registry") or REGISTRY)
    if found is Kind.MODEL:
        return Key(found, document.get("registry") or REGISTRY, _text(document, "name"))
    if found is Kind.DEPLOYMENT:
        environment = parse(_text(document, "environment"), (Kind.ENVIRONMENT,))
        return Key(found, environment.name, _text(document, "name"))
    return Key(found, _text(document, "namespace") if found in NAMESPACED else "", _text(document, "name"))


def refer(value: Any, kinds: Collection[Kind] = ()) -> Key:
    """The key that any reference means, a text or an object.

    Raises:
        WrongReference: it means none.
    """
    if isinstance(value, str):
        return parse(value, [kind for kind in kinds if kind not in NAMESPACED])
    key = key_of(value, next((kind for kind in kinds if kind in NAMESPACED), None))
    if kinds and key.kind not in kinds:
        raise WrongReference(f"a {key.kind} cannot stand here", " or ".join(kinds))
    return key


def _text(document: dict[str, Any], field: str) -> str:
    value = document.get(field)
    if not isinstance(value, str) or not value:
        raise WrongReference(f"no `{field}`")
    return value
