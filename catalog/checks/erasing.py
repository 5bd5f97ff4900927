"""What data of people reach: everything that has to be looked at when somebody's data are erased."""

from __future__ import annotations

from collections.abc import Iterable, Set
from enum import StrEnum
from typing import NamedTuple

from catalog.checks.carrying import carried
from catalog.checks.classification.categories import is_category
from catalog.checks.classification.propagate import Propagated
from catalog.checks.filling.entity import block
from catalog.checks.snapshot import Place, Snapshot, Thing


class Held(StrEnum):
    """How a thing holds data of the people, in words."""

    KEY = "by subject key"
    OTHER = "personal columns without the key"
    PERHAPS = "perhaps: no column lineage tells"


class Spread(NamedTuple):
    """All that is reached.

    Attributes:
        held: how, by thing; some may be no thing of the snapshot.
        columns: that carry the data, by thing; none where that is not known.
    """

    held: dict[str, Held]
    columns: dict[str, set[str]]


def spread(
    snapshot: Snapshot,
    propagated: Propagated,
    starts: Iterable[Thing],
    without: Set[str] = frozenset(),
    keys: Iterable[Place] = (),
) -> Spread:
    """What the data of people in some datasets reach: by columns where these are known, and else perhaps.

    Columns that state a subject key are followed, and columns with personal data. Whatever perhaps holds the data
    passes them on perhaps; a dataset on the way that states a key of the same people has their rows for certain. Into
    the things in `without` nothing is followed.

    Args:
        keys: columns of the starts that tell whose a row is, beside those that the starts state.
    """
    begin = {thing.id: thing for thing in starts}
    people = {subject for thing in begin.values() for subject in subjects(thing)}
    known_keys = {place for place in keys if place.thing in begin}
    known_keys |= {Place(thing.id, column) for thing in begin.values() for column in subject_key(thing)}
    keyed = {place.thing for place in known_keys}
    others = {Place(thing.id, column) for thing in begin.values() for column in personal_columns(propagated, thing)}
    perhaps = {place for id in begin if id not in keyed for place in _places(propagated, id)}
    while True:
        by_key, by_other, by_chance = (carried(propagated, some, without) for some in (known_keys, others, perhaps))
        known = begin.keys() | {place.thing for place in (*by_key, *by_other, *by_chance)}
        guessed = {
            place for id in _guessed(snapshot, propagated, known) - known - without for place in _places(propagated, id)
        }
        named = {
            Place(id, column)
            for id in known | {place.thing for place in guessed}
            if (thing := snapshot.things.get(id)) is not None and _of(thing, people)
            for column in subject_key(thing)
        }
        if not guessed and named <= known_keys:
            break
        known_keys, perhaps = known_keys | named, perhaps | guessed
    by_key |= dict.fromkeys(known_keys - by_key.keys())  # a column that is stated, though no schema knows it
    columns: dict[str, set[str]] = {}
    for place in (*by_key, *by_other):
        columns.setdefault(place.thing, set()).add(place.column)
    held = {place.thing: Held.PERHAPS for place in by_chance}
    held |= {place.thing: Held.OTHER for place in by_other} | {place.thing: Held.KEY for place in by_key}
    return Spread(held, columns)


def subject_key(thing: Thing) -> list[str]:
    """The columns that tell whose a row is, as stated."""
    return _words(thing, "subjectKey")


def subjects(thing: Thing) -> list[str]:
    """Whose data a thing holds, as stated."""
    return _words(thing, "subjects")


def stated_none(thing: Thing) -> bool:
    """Whether somebody states that a thing holds no personal data."""
    return block(thing.attributes.get("personalData")).get("contains") is False


def outside(thing: Thing) -> bool:
    """Whether a thing belongs to a recipient outside."""
    return thing.document.get("external") is True or bool(thing.document.get("recipient"))


def personal_columns(propagated: Propagated, thing: Thing) -> list[str]:
    """Columns with personal data, by name."""
    return [name for name in sorted(thing.columns) if any(map(is_category, propagated.of(Place(thing.id, name)).tags))]


def _words(thing: Thing, name: str) -> list[str]:
    return sorted(map(str, block(thing.attributes.get("personalData")).get(name) or ()))


def _guessed(snapshot: Snapshot, propagated: Propagated, known: Set[str]) -> set[str]:
    """What is made of known things by ways of which no column lineage tells, if nobody states that it holds nothing."""
    found = {one.thing for one in propagated.unknown if not one.partly and not known.isdisjoint(one.sources)}
    return {id for id in found if id in snapshot.things and not stated_none(snapshot.things[id])}


def _of(thing: Thing, people: set[str]) -> bool:
    """Whether a thing may be about the same people: nobody states whose data it holds, or it names some of them."""
    told = subjects(thing)
    return not told or not people or not people.isdisjoint(told)


def _places(propagated: Propagated, id: str) -> set[Place]:
    return {Place(id), *propagated.columns(id)}
