"""Tags and levels follow the lineage of columns: what holds of every place once nothing more can be added.

The rules (`docs/classification.md`, T1-T6), as a least fixpoint over what is said directly:

* levels: the strictest that arrives or is said; tags: all that arrive or are said;
* a direct dependency carries both, an indirect one (a filter, a join) only that a tag had influence;
* masking by an algorithm that counts makes the level one step milder, never public, and leaves tags as they are, unless
  nothing of the values is left;
* a steward's stop keeps out what arrives, not what is said there;
* a column that nobody gives a level has that of its dataset.

Nothing of it is stored: it is computed from a snapshot, so it is the same however the facts came, and without residue.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import compress
from typing import NamedTuple

from catalog.assets.attributes import CLASSIFICATION
from catalog.checks.classification.column_ends import ColumnEnds
from catalog.checks.classification.direct import (
    COLUMNS,
    DATASETS,
    NONE,
    SPEAKING,
    Scale,
    goes_on,
    how_it_goes_on,
    level_of,
    scale_of,
    stopped,
    stops,
    tags_of,
)
from catalog.checks.classification.unknown import Unknown, unknown_origins
from catalog.checks.classification.ways import EVERY_COLUMN, GAITS, Gait, Ways
from catalog.checks.snapshot import Attributes, Place, Snapshot
from catalog.heap import growing

_NOBODY = -1


class Effective(NamedTuple):
    """What holds of a place, said or propagated.

    Attributes:
        level: of classification, None if nobody says any here or upstream.
        rank: of the level on the scale, from 0; -1 without one.
        tags: that hold, sorted.
        direct: those of them that are said of the place itself.
        said: the level that is said of it, None if nobody does; that of its dataset is not.
        influenced: tags of what decided about its rows or values, or of what nothing is left; never those in `tags`.
    """

    level: str | None
    rank: int
    tags: tuple[str, ...]
    direct: tuple[str, ...]
    said: str | None
    influenced: tuple[str, ...]

    @property
    def propagated(self) -> tuple[str, ...]:
        """Tags that hold and that nobody says of it."""
        return tuple(tag for tag in self.tags if tag not in self.direct)


NOTHING = Effective(None, _NOBODY, (), (), None, ())


@dataclass(frozen=True, slots=True)
class State:
    """The fixpoint by numbers: places as `ways` number them, sets of tags as bits in the order of `names`.

    Attributes:
        said, level: tags and rank that are said of a place; of a column without a level that of its dataset.
        tags, influence, rank: what holds.
        refused: tags that a stop keeps out; `held`: the places whose level nothing raises.
        by_columns, by_datasets: the tags that go on that way.
    """

    names: tuple[str, ...]
    said: list[int]
    level: list[int]
    tags: list[int]
    influence: list[int]
    rank: list[int]
    refused: dict[int, int]
    held: frozenset[int]
    by_columns: int
    by_datasets: int
    levels_go: str


class Propagated:
    """What holds of every place of a snapshot.

    Args:
        clear: what holds without masked ways, if there are any.

    Attributes:
        scale: the levels, from the mildest on.
    """

    def __init__(self, snapshot: Snapshot, ways: Ways, state: State, scale: Scale, clear: State | None = None) -> None:
        self.snapshot = snapshot
        self.ways = ways
        self.state = state
        self.scale = scale
        self._clear = clear

    @cached_property
    def unmasked(self) -> Propagated:
        """What would hold if column lineage that is masked did not exist; itself, if none is."""
        if all(self.ways.unmasked):
            return self
        told = tuple(compress(self.snapshot.column_edges, self.ways.unmasked))
        snapshot = replace(self.snapshot, column_edges=told)
        ways = self.ways.without_masked(snapshot)
        if ways is None:
            return propagate(snapshot)
        return Propagated(snapshot, ways, self._clear or self.state, self.scale)

    @cached_property
    def unknown(self) -> tuple[Unknown, ...]:
        """Columns of which nobody told what they are made of: to find nothing there is not to find them clean."""
        return unknown_origins(self.snapshot)

    @cached_property
    def untold(self) -> frozenset[Place]:
        """The places of `unknown`."""
        return frozenset(place for one in self.unknown for place in one.places)

    def of(self, place: Place) -> Effective:
        """What holds of a place; of one that is not in the snapshot nothing."""
        number = self.ways.number.get(place)
        if number is None or place.column == EVERY_COLUMN:
            return NOTHING
        state, rank = self.state, self.state.rank[number]
        said = level_of(attributes_of(self.snapshot, place))
        known = said is not None and self.scale.rank(said) == rank
        return Effective(
            None if rank == _NOBODY else said if known else self.scale.name(rank),
            rank,
            self._named(state.tags[number]),
            self._named(state.said[number]),
            said,
            self._named(state.influence[number] & ~state.tags[number]),
        )

    def whole(self, thing: str) -> Effective:
        """What holds of a thing together with all of its columns."""
        own = self.of(Place(thing))
        parts = [own, *(self.of(place) for place in self.columns(thing))]
        strictest = max(parts, key=lambda part: part.rank)
        tags = {tag for part in parts for tag in part.tags}
        influenced = {tag for part in parts for tag in part.influenced} - tags
        return own._replace(
            level=strictest.level,
            rank=strictest.rank,
            tags=tuple(sorted(tags)),
            influenced=tuple(sorted(influenced)),
        )

    def columns(self, thing: str) -> list[Place]:
        """All columns of a thing that are known, from schemas and from column lineage, in order."""
        number, places = self.ways.number.get(Place(thing)), self.ways.places
        found: list[Place] = []
        while number is not None and (number := number + 1) < len(places) and places[number].thing == thing:
            if places[number].column != EVERY_COLUMN:
                found.append(places[number])
        return found

    def _named(self, bits: int) -> tuple[str, ...]:
        names, found = self.state.names, []
        while bits:
            low = bits & -bits
            found.append(names[low.bit_length() - 1])
            bits ^= low
        return tuple(found)


def propagate(snapshot: Snapshot, lineage: ColumnEnds | None = None) -> Propagated:
    """What holds of every place of a snapshot once everything has followed its lineage.

    Args:
        lineage: its column lineage by numbers, where the caller has it already.
    """
    scale, declared = scale_of(snapshot), how_it_goes_on(snapshot)
    with growing():
        ways = Ways(snapshot, wholes=DATASETS in declared.values(), lineage=lineage)
        state = _begin(snapshot, ways, scale, declared)
        clear = _settle(state, ways, scale)
    return Propagated(snapshot, ways, state, scale, clear)


def attributes_of(snapshot: Snapshot, place: Place) -> Attributes:
    """What is said of a place itself."""
    thing = snapshot.things.get(place.thing)
    if thing is None or not place.column:
        return thing.attributes if thing else {}
    column = thing.columns.get(place.column)
    return column.attributes if column else {}


def _begin(snapshot: Snapshot, ways: Ways, scale: Scale, declared: Mapping[str, str]) -> State:
    told = {place: (tags_of(said), level_of(said), stopped(said)) for place, said in _spoken(snapshot)}
    names = tuple(sorted({tag for tags, _, _ in told.values() for tag in tags}))
    bit = {name: 1 << i for i, name in enumerate(names)}
    ways_of = {name: goes_on(name, declared) for name in names}
    size = len(ways.places)
    said, level, refused, held = [0] * size, [_NOBODY] * size, {}, set()
    for place, (tags, given, stop) in told.items():
        number = ways.number[place]
        said[number] = sum(bit[tag] for tag in tags)
        level[number] = _NOBODY if given is None else scale.rank(given)
        if stop:
            refused[number] = sum(bit[name] for name in names if stops(name, stop))
            if stops(CLASSIFICATION, stop):
                held.add(number)
    own = _NOBODY
    for number, (_, column) in enumerate(ways.places):
        if not column:
            own = level[number]
        elif level[number] == _NOBODY and column != EVERY_COLUMN:
            level[number] = own
    by_columns = sum(bit[name] for name, how in ways_of.items() if how in (COLUMNS, DATASETS))
    by_datasets = sum(bit[name] for name, how in ways_of.items() if how == DATASETS)
    levels_go = goes_on(CLASSIFICATION, declared)
    now = list(said), [0] * size, list(level)
    return State(names, said, level, *now, refused, frozenset(held), by_columns, by_datasets, levels_go)


def _settle(state: State, ways: Ways, scale: Scale) -> State | None:
    """Let everything go on until nothing changes; what holds only grows, so it comes to the same in any order.

    Returns:
        What held before anything went on along masked ways; None if there are none.
    """
    tags, influence, rank = state.tags, state.influence, state.rank
    begun = [n for n in range(len(ways.places)) if tags[n] or rank[n] >= 0]
    order = _forwards(ways, begun)
    if not ways.masked:
        _spread(state, ways.out, scale, order, begun)
        return None
    _spread(state, ways.out_unmasked, scale, order, begun)
    clear = replace(state, tags=list(tags), influence=list(influence), rank=list(rank))
    left = [n for n in ways.masked if tags[n] or influence[n] or rank[n] >= 0]
    _spread(state, ways.out, scale, order, left)
    return clear


def _spread(state: State, out: list[list[int]], scale: Scale, order: list[int], begun: Iterable[int]) -> None:
    """From where it has begun, in an order of all places that anything can come to."""
    tags, influence, rank, refused, held = state.tags, state.influence, state.rank, state.refused, state.held
    place_in = [0] * len(out)
    for at, number in enumerate(order):
        place_in[number] = at
    waiting = sorted(place_in[n] for n in begun)
    known: dict[tuple[int, int, int], list[tuple[int, int, int] | None]] = {}
    queued = bytearray(len(order))
    for at in waiting:
        queued[at] = 1
    while waiting:
        at = heapq.heappop(waiting)
        queued[at] = 0
        number = order[at]
        here = tags[number], influence[number], rank[number]
        if (going := known.get(here)) is None:
            going = known[here] = [None] * GAITS
        for way in out[number]:
            target, gait = way // GAITS, way % GAITS  # `ends`, of which there are too many for a call
            if (passing := going[gait]) is None:
                passing = going[gait] = passed(state, scale, *here, gait)
            more, weaker, level = passing
            if refused and target in refused:
                more, weaker = more & ~refused[target], weaker & ~refused[target]
            if target in held:
                level = _NOBODY
            if more & ~tags[target] or weaker & ~influence[target] or level > rank[target]:
                tags[target] |= more
                influence[target] |= weaker
                rank[target] = max(rank[target], level)
                if not queued[next_ := place_in[target]]:
                    queued[next_] = 1
                    heapq.heappush(waiting, next_)


def passed(state: State, scale: Scale, tags: int, influence: int, rank: int, gait: int) -> tuple[int, int, int]:
    """What a way lets on of tags, of influence and of a level."""
    if gait == Gait.WHOLE:
        going = state.by_datasets
        return tags & going, influence & going, rank if state.levels_go == DATASETS else _NOBODY
    going = state.by_columns
    level = rank if state.levels_go != NONE else _NOBODY
    if gait == Gait.VALUE:
        return tags & going, influence & going, level
    if gait == Gait.MASKED:
        return tags & going, influence & going, scale.lowered(level)
    return 0, (tags | influence) & going, scale.lowered(level) if gait == Gait.ANONYMIZED else _NOBODY


def _spoken(snapshot: Snapshot) -> Iterable[tuple[Place, Mapping[str, object]]]:
    for id_, thing in snapshot.things.items():
        if not SPEAKING.isdisjoint(thing.attributes):
            yield Place(id_), thing.attributes
        for name, column in thing.columns.items():
            if not SPEAKING.isdisjoint(column.attributes):
                yield Place(id_, name), column.attributes


def _forwards(ways: Ways, starts: Iterable[int]) -> list[int]:
    """What some places lead to, in an order in which, circles apart, everything comes after what it is made of."""
    seen, done = bytearray(len(ways.places)), []
    for start in starts:
        if seen[start]:
            continue
        seen[start] = 1
        stack = [(start, iter(ways.out[start]))]
        while stack:
            number, rest = stack[-1]
            for way in rest:
                target = way // GAITS
                if not seen[target]:
                    seen[target] = 1
                    stack.append((target, iter(ways.out[target])))
                    break
            else:
                done.append(number)
                stack.pop()
    return done[::-1]
