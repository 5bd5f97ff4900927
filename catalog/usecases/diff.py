"""Answer "what changed": one question asked at two moments, and for every difference the entry that made it.

The difference is by construction: applied to the first answer it gives the second, and with its sides exchanged it is
the difference the other way round.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from catalog.graph.reader import Reader
from catalog.graph.views import Told, View
from catalog.graph.walk import Caps, Edge, Moment, Node
from catalog.identity import Name
from catalog.lineage.steps import ABSENT, OPEN, Point
from catalog.usecases.moments import standing
from catalog.usecases.trace import LineageAnswer, lineage

Place = tuple[str, str, str, str]
"""Source, target, kind and key: one edge, whatever is said of it."""


class Change(StrEnum):
    """What became of an edge."""

    ADDED = "ADDED"
    REMOVED = "REMOVED"
    REEVIDENCED = "REEVIDENCED"


class Reason(StrEnum):
    """Why an edge came or went."""

    ASSERTED = "ASSERTED"
    ENDED = "ENDED"
    NOT_YET = "NOT_YET"
    REACHABLE = "REACHABLE"
    UNREACHABLE = "UNREACHABLE"
    CUT_OFF = "CUT_OFF"


class Decided(NamedTuple):
    """The point that decides an edge at a moment, and whose word it is."""

    point: Point
    subject: str


class EdgeChange(NamedTuple):
    """One edge of a difference.

    Attributes:
        was, now: the edge in the first and in the second answer.
        before, after: what decides it at the first and at the second moment: its assertion, or its end (ABSENT).
        reason: None where it stayed, and for edges without Steps of their own.
    """

    change: Change
    was: Edge | None
    now: Edge | None
    before: Decided | None
    after: Decided | None
    reason: Reason | None

    @property
    def edge(self) -> Edge:
        """The edge as it is shown: as it is, or else as it was."""
        edge = self.now or self.was
        assert edge is not None
        return edge


@dataclass(frozen=True, slots=True)
class Diff:
    """What changed between two answers to one question; `sequence` and `applied_through` as for each of them."""

    root: Node
    before: LineageAnswer
    after: LineageAnswer
    added: tuple[Node, ...]
    removed: tuple[Node, ...]
    edges: tuple[EdgeChange, ...]

    @property
    def truncated_by(self) -> tuple[str, ...]:
        """What cut off either answer."""
        return tuple(sorted({*self.before.truncated_by, *self.after.truncated_by}))

    @property
    def empty(self) -> bool:
        """Whether nothing changed."""
        return not (self.added or self.removed or self.edges)


def lineage_diff(
    reader: Reader,
    *,
    kind: str,
    name: Name,
    field: str | None,
    direction: str,
    depth: int,
    granularity: str,
    before: Moment,
    after: Moment,
    caps: Caps = Caps(),
) -> Diff | None:
    """What changed in a lineage from one moment to another; None if there is no such thing.

    A moment without K is as known now, by one sequence for both.

    Raises:
        InvalidQuestion: as `lineage`.
    """
    now = standing(reader).sequence
    answers = [
        lineage(
            reader,
            kind=kind,
            name=name,
            field=field,
            direction=direction,
            depth=depth,
            granularity=granularity,
            caps=caps,
            moment=Moment(at.as_of, now if at.known_at is None else at.known_at),
            view=View(steps=True),
        )
        for at in (before, after)
    ]
    first, second = answers
    return compare(first, second) if first and second else None


def compare(before: LineageAnswer, after: LineageAnswer) -> Diff:
    """The difference of two answers to one question."""
    nodes = {node.id: node for node in before.nodes}, {node.id: node for node in after.nodes}
    return Diff(
        root=after.root,
        before=before,
        after=after,
        added=tuple(node for node in after.nodes if node.id not in nodes[0]),
        removed=tuple(node for node in before.nodes if node.id not in nodes[1]),
        edges=tuple(_changes(before, after)),
    )


def _changes(before: LineageAnswer, after: LineageAnswer) -> Iterable[EdgeChange]:
    told = {**before.told, **after.told}
    behind = _behind({*before.walked, *after.walked})
    old, new = {_place(edge): edge for edge in before.edges}, {_place(edge): edge for edge in after.edges}
    for place in sorted({*old, *new}):
        was, now = old.get(place), new.get(place)
        keys = [group for edge in (was, now) if edge for group in _keys(edge, behind)]
        first, second = (_decide(keys, told, answer.moment) for answer in (before, after))
        if was and now:
            if was != now or first.decided != second.decided:
                yield EdgeChange(Change.REEVIDENCED, was, now, first.decided, second.decided, None)
            continue
        change = Change.ADDED if now else Change.REMOVED
        reason = _reason(first, second, before) if now else _reversed(_reason(second, first, after), second)
        yield EdgeChange(change, was, now, first.decided, second.decided, reason)


def _place(edge: Edge) -> Place:
    return edge.source, edge.target, edge.kind, edge.key


def _behind(walked: Iterable[Edge]) -> Mapping[tuple[str, str], list[str]]:
    """The keys of the edges between two nodes, whichever way they point."""
    found: dict[tuple[str, str], list[str]] = {}
    for edge in walked:
        if edge.key:
            for ends in ((edge.source, edge.target), (edge.target, edge.source)):
                found.setdefault(ends, []).append(edge.key)
    return found


def _keys(edge: Edge, behind: Mapping[tuple[str, str], list[str]]) -> list[list[list[str]]]:
    """The stored edges that an edge stands on: it holds while one of the groups does, a group while each part does."""
    if edge.key:
        return [[[edge.key]]]
    groups = [[behind.get((edge.source, via), []), behind.get((via, edge.target), [])] for via in edge.via]
    return [parts for group in groups if (parts := [part for part in group if part])]


class _State(NamedTuple):
    """Whether an edge holds at a moment (None: nobody can tell), and by what."""

    holds: bool | None
    decided: Decided | None


def _decide(groups: list[list[list[str]]], told: Mapping[str, Told], moment: Moment) -> _State:
    held, ended, known = [], [], False
    for parts in groups:
        opened = []
        for part in parts:
            points = [
                Decided(point, told[key].subject) for key in part if key in told if (point := told[key].at(moment))
            ]
            known |= any(key in told for key in part)
            opened.append(min((d for d in points if d.point.v == OPEN), default=None))
            ended += [d for d in points if d.point.v == ABSENT]
        if all(opened):
            held.append(max(d for d in opened if d))
    if not known:
        return _State(None, None)
    return _State(True, min(held)) if held else _State(False, max(ended, default=None))


def _reason(other: _State, here: _State, other_answer: LineageAnswer) -> Reason | None:
    """Why an edge is in one answer and not in the other, as if it had come."""
    if other.holds is None or here.holds is None:
        return None
    if not other.holds:
        return Reason.ASSERTED
    return Reason.CUT_OFF if other_answer.truncated_by else Reason.REACHABLE


def _reversed(reason: Reason | None, after: _State) -> Reason | None:
    """The same for one that went."""
    if reason is Reason.ASSERTED:
        return Reason.ENDED if after.decided else Reason.NOT_YET
    return Reason.UNREACHABLE if reason is Reason.REACHABLE else reason
