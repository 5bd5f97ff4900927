"""Which things a selector means: those that fit every key that it gives."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from re import DOTALL, Pattern, compile, escape
from typing import Any

from catalog.checks.filling.entity import names
from catalog.checks.filling.known import Known
from catalog.checks.snapshot import Place, Thing

Selection = Mapping[str, Any]
"""A `Selector` as JSON."""


def selected(known: Known, selector: Selection, place: Place) -> bool:
    """Whether a selector means a thing or a column; a column has the tags and the level of its thing, too.

    One that gives no key means nothing.
    """
    thing = known.snapshot.things.get(place.thing)
    given = {name: value for name, value in selector.items() if value not in (None, [])}
    if thing is None or not given:
        return False
    return all(_TESTS[name](known, value, thing, place) for name, value in given.items())


def means(known: Known, references: Any, thing: Thing) -> bool:
    """Whether one of several references is a thing."""
    return any(found is not None and found.id == thing.id for found in map(known.refer, references or ()))


def _kinds(known: Known, given: Any, thing: Thing, place: Place) -> bool:
    wanted = {str(kind).lower() for kind in given}
    return str(thing.key.kind).lower() in wanted or bool(place.column and "field" in wanted)


def _namespace(known: Known, given: Any, thing: Thing, place: Place) -> bool:
    return any(_like(str(given)).fullmatch(namespace) for namespace, _ in _names(thing))


def _name(known: Known, given: Any, thing: Thing, place: Place) -> bool:
    return any(_like(str(given)).fullmatch(name) for _, name in _names(thing))


def _domains(known: Known, given: Any, thing: Thing, place: Place) -> bool:
    wanted = {str(domain).removeprefix("domain:") for domain in given}
    return not wanted.isdisjoint(known.domains(thing))


def _owners(known: Known, given: Any, thing: Thing, place: Place) -> bool:
    return not set(map(str, given)).isdisjoint(names(thing.attributes.get("owners")))


def _tags(known: Known, given: Any, thing: Thing, place: Place) -> bool:
    held = {*known.tags(Place(thing.id)), *known.tags(place)}
    return not held.isdisjoint(str(tag).removeprefix("tag:") for tag in given)


def _classifications(known: Known, given: Any, thing: Thing, place: Place) -> bool:
    held = {str(level).lower() for one in (Place(thing.id), place) if (level := known.level(one)) is not None}
    return not held.isdisjoint(str(level).lower() for level in given)


_TESTS = {
    "entities": lambda known, given, thing, place: means(known, given, thing),
    "kinds": _kinds,
    "namespace": _namespace,
    "name": _name,
    "domains": _domains,
    "owners": _owners,
    "tags": _tags,
    "classifications": _classifications,
}


def _names(thing: Thing) -> list[tuple[str, str]]:
    return [(thing.key.namespace, thing.key.name), *thing.names]


@lru_cache(maxsize=1_000)
def _like(pattern: str) -> Pattern[str]:
    return compile(".*".join(map(escape, pattern.split("*"))), DOTALL)
