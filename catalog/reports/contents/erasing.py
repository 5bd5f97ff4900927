"""What data of people reach, as reports tell it: with the ways that they took, and in the order of erasing."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Set
from dataclasses import dataclass, field

from catalog.checks.erasing import Held, spread
from catalog.checks.snapshot import Thing
from catalog.reports.contents.view import Flow, View


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
    """What the data of people in some datasets reach, as `checks.erasing` follows them, and how they got there."""
    found = spread(view.snapshot, view.propagated, starts, without)
    reached = {}
    for id in sorted(found.held):
        if (thing := view.thing(id)) is not None:
            flows = [flow for flow in view.backward(id) if flow.thing in found.held]
            columns = sorted(column for column in found.columns.get(id, ()) if column)
            reached[id] = Reached(thing, found.held[id], columns, flows)
    aside = {flow.thing for id in found.held for flow in view.onward(id)} - found.held.keys()
    return Closure(reached, view.by_label(aside))


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
