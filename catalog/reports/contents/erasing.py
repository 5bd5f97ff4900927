"""What data of people reach: everything that has to be looked at when somebody's data are erased."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from enum import StrEnum

from catalog.checks.snapshot import Place, Thing
from catalog.reports.contents.carrying import carried
from catalog.reports.contents.view import Flow, View


class Held(StrEnum):
    """How a thing holds data of the people, in words."""

    KEY = "by subject key"
    OTHER = "personal columns without the key"
    PERHAPS = "perhaps: no column lineage tells"


@dataclass
class Reached:
    """A thing that the data reach.

    Attributes:
        columns: that carry them, by name; none where that is not known.
        flows: how they got there, from things that are reached, too; none of a start.
    """

    thing: Thing
    held: Held
    columns: list[str] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)


@dataclass
class Closure:
    """All that is reached.

    Attributes:
        reached: by id.
        aside: ids of things that are made of these data, though none of them arrive as far as is known: column lineage
            tells of others, or somebody states that the thing holds no personal data.
    """

    reached: dict[str, Reached]
    aside: list[str]


def closure(view: View, starts: Iterable[Thing], without: Set[str] = frozenset()) -> Closure:
    """What the data of people in some datasets reach: by columns where these are known, and else perhaps.

    Columns that state a subject key are followed, and columns with personal data. Whatever perhaps holds the data
    passes them on perhaps; a dataset on the way that states a key of the same people has their rows for certain. Into
    the things in `without` nothing is followed.
    """
    begin = {thing.id: thing for thing in starts}
    people = {subject for thing in begin.values() for subject in subjects(view, thing)}
    keys = {Place(thing.id, column) for thing in begin.values() for column in subject_key(view, thing)}
    others = {Place(thing.id, column) for thing in begin.values() for column in view.personal_columns(thing)}
    perhaps = {place for thing in begin.values() if not subject_key(view, thing) for place in _places(view, thing)}
    while True:
        by_key, by_other, by_chance = (carried(view.propagated, some, without) for some in (keys, others, perhaps))
        known = begin.keys() | {place.thing for place in (*by_key, *by_other, *by_chance)}
        guessed = {
            place for id in _guessed(view, known) - known - without for place in _places(view, view.snapshot.things[id])
        }
        named = {
            Place(id, column)
            for id in known | {place.thing for place in guessed}
            if (thing := view.thing(id)) is not None and _of(view, thing, people)
            for column in subject_key(view, thing)
        }
        if not guessed and named <= keys:
            break
        keys, perhaps = keys | named, perhaps | guessed
    columns: dict[str, set[str]] = {}
    for place in (*by_key, *by_other):
        columns.setdefault(place.thing, set()).add(place.column)
    held = {place.thing: Held.PERHAPS for place in by_chance}
    held |= {place.thing: Held.OTHER for place in by_other} | {place.thing: Held.KEY for place in by_key}
    return _closed(view, held, columns)


def subject_key(view: View, thing: Thing) -> list[str]:
    """The columns that tell whose a row is, as stated."""
    return sorted(map(str, view.said(thing, "personalData").get("subjectKey") or ()))


def subjects(view: View, thing: Thing) -> list[str]:
    """Whose data a thing holds, as stated."""
    return sorted(map(str, view.said(thing, "personalData").get("subjects") or ()))


def in_order(view: View, found: Closure) -> list[str]:
    """The ids of what is reached, sources before what is made of them, so that no run brings erased data back.

    In a circle, the first by name is taken first.
    """
    before = {id: {flow.thing for flow in one.flows} & found.reached.keys() - {id} for id, one in found.reached.items()}
    after: dict[str, set[str]] = {}
    for id, sources in before.items():
        for source in sources:
            after.setdefault(source, set()).add(id)
    left = {id: len(sources) for id, sources in before.items()}
    names = view.by_label(left)
    ranked = {id: rank for rank, id in enumerate(names)}
    free = [rank for rank, id in enumerate(names) if not left[id]]
    done: list[str] = []
    while left:
        first = names[heapq.heappop(free)] if free else min(left, key=lambda id: ranked[id])
        del left[first]
        done.append(first)
        for id in after.get(first, ()):
            if id in left:
                left[id] -= 1
                if not left[id]:
                    heapq.heappush(free, ranked[id])
    return done


def _closed(view: View, held: dict[str, Held], columns: dict[str, set[str]]) -> Closure:
    reached = {}
    for id in sorted(held):
        if (thing := view.thing(id)) is not None:
            flows = [flow for flow in view.backward(id) if flow.thing in held]
            reached[id] = Reached(thing, held[id], sorted(column for column in columns.get(id, ()) if column), flows)
    aside = {flow.thing for id in held for flow in view.onward(id)} - held.keys()
    return Closure(reached, view.by_label(aside))


def _guessed(view: View, known: Set[str]) -> set[str]:
    """What is made of known things by ways of which no column lineage tells, if nobody states that it holds nothing."""
    found = {one.thing for one in view.propagated.unknown if not one.partly and not known.isdisjoint(one.sources)}
    return {id for id in found if id in view.snapshot.things and not stated_none(view, view.snapshot.things[id])}


def _of(view: View, thing: Thing, people: set[str]) -> bool:
    """Whether a thing may be about the same people: nobody states whose data it holds, or it names some of them."""
    told = subjects(view, thing)
    return not told or not people or not people.isdisjoint(told)


def _places(view: View, thing: Thing) -> set[Place]:
    return {Place(thing.id), *view.propagated.columns(thing.id)}


def stated_none(view: View, thing: Thing) -> bool:
    """Whether somebody states that a thing holds no personal data."""
    return view.said(thing, "personalData").get("contains") is False
