"""The ways along which tags and levels go: a graph of places, numbered in their order, so that nothing depends on any.

Besides column lineage there are steps that nobody reports because they go without saying: a column inside another one
(`user.email` in `user`) is part of it, and a dependency of a whole dataset on a column counts for each of its columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from copy import copy
from enum import IntEnum
from functools import cached_property
from itertools import chain, compress
from operator import itemgetter
from typing import NamedTuple

from catalog.checks.classification.column_ends import ColumnEnds
from catalog.checks.classification.masking import Masking, decide
from catalog.checks.snapshot import ColumnEdge, Place, Snapshot

DIRECT, INDIRECT = "DIRECT", "INDIRECT"
EVERY_COLUMN = "\x00"
"""The column that stands for all columns of a dataset; no column has that name."""


class Gait(IntEnum):
    """What a way lets on."""

    VALUE = 0
    """Everything."""
    MASKED = 1
    """Everything, the level one milder."""
    ANONYMIZED = 2
    """Tags as an influence only, the level one milder."""
    INFLUENCE = 3
    """Tags as an influence only, no level."""
    WHOLE = 4
    """Only what goes on from dataset to dataset."""


GAITS = len(Gait)
"""A way is told as one number: the place it leads to, times this, and its gait."""


class Step(NamedTuple):
    """A way from one place to the next.

    Attributes:
        job: the id of the job that takes it; "" if none is told, or if the step goes without saying.
        type, subtype, description: as they were told.
        masking: what became of a producer's word that values are masked; None if nobody says so.
    """

    source: Place
    target: Place
    gait: Gait
    job: str = ""
    type: str = ""
    subtype: str = ""
    description: str = ""
    masking: Masking | None = None


class Ways:
    """The graph of a snapshot.

    Args:
        wholes: whether anything goes on from dataset to dataset; else there are no such ways.
        lineage: the snapshot's column lineage by numbers, where the caller has it already.

    Attributes:
        places: a thing, then its columns, by name; the others go by their number here.
        out: by place the ways that leave it, in order, each as one number: `ends` tells where to and how.
        lineage: the column lineage by numbers of its own.
        unmasked: by edge of column lineage whether no masking that counts was told of it.
    """

    def __init__(self, snapshot: Snapshot, *, wholes: bool = False, lineage: ColumnEnds | None = None) -> None:
        self._snapshot = snapshot
        columns: dict[str, AbstractSet[str]] = {id_: thing.columns.keys() for id_, thing in snapshot.things.items()}
        if wholes:
            ends = {*map(itemgetter(0), snapshot.edges), *map(itemgetter(1), snapshot.edges)}
            columns.update(dict.fromkeys(ends - columns.keys(), frozenset()))
        self.lineage = lineage = lineage or ColumnEnds(snapshot.column_edges)
        self._gaits = [int(gait_of(told)) for told in lineage.told]
        counts = [gait != Gait.MASKED for gait in self._gaits]
        self.unmasked = [counts[form] for form in lineage.forms] if not all(counts) else [True] * len(lineage.forms)
        made = (lineage.places[at] for at in set(lineage.targets))
        self._wholes = {thing for thing, column in made if not column}
        more: dict[str, set[str]] = {}
        for thing, column in lineage.places:
            if column not in columns.get(thing, ()):
                more.setdefault(thing, set()).add(column)
        columns.update({thing: some | columns.get(thing, frozenset()) for thing, some in more.items()})
        self.places: list[Place] = []
        for thing in sorted(columns):
            self.places.append(Place(thing))
            if columns[thing]:
                self.places += [Place(thing, EVERY_COLUMN)] if thing in self._wholes else []
                self.places += [Place(thing, column) for column in sorted(columns[thing] - {""})]
        self.number = {place: i for i, place in enumerate(self.places)}
        out: list[list[int]] = [[] for _ in self.places]
        self._add_columns(out)
        for a, b, gait in chain(self._parts(columns), self._things(columns) if wholes else ()):
            if a != b:
                out[a].append(b * GAITS + gait)
        self.out = [sorted(set(some)) if len(some) > 1 else some for some in out]

    def without_masked(self, snapshot: Snapshot) -> Ways | None:
        """The same places, with the ways that are not masked.

        Args:
            snapshot: the same with the edges of `unmasked` alone.

        Returns:
            None if some place is named by masked edges alone: without them it would not be there.
        """
        found, known, things = copy(self), self.lineage, snapshot.things
        found.lineage = known.only(self.unmasked)
        masked = [not kept for kept in self.unmasked]
        named = {*compress(known.sources, masked), *compress(known.targets, masked)}
        named -= {*found.lineage.sources, *found.lineage.targets}
        for thing, column in map(known.places.__getitem__, named):
            if column and (thing not in things or column not in things[thing].columns):
                return None
        found._snapshot, found.unmasked, found.out = snapshot, [True] * len(snapshot.column_edges), self.out_unmasked
        for name in ("into", "_told", "masked", "out_unmasked"):
            vars(found).pop(name, None)
        return found

    @cached_property
    def masked(self) -> list[int]:
        """The places that masked ways leave, in order."""
        if all(self.unmasked):
            return []
        return [at for at, some in enumerate(self.out) if any(way % GAITS == Gait.MASKED for way in some)]

    @cached_property
    def out_unmasked(self) -> list[list[int]]:
        """The same as `out`, without masked ways."""
        found = list(self.out)
        for at in self.masked:
            found[at] = [way for way in found[at] if way % GAITS != Gait.MASKED]
        return found

    @cached_property
    def into(self) -> list[list[tuple[int, int]]]:
        """By place its neighbours upstream, in order, each with the gait of the way."""
        found: list[list[tuple[int, int]]] = [[] for _ in self.places]
        for source, leaving in enumerate(self.out):
            for way in leaving:
                target, gait = ends(way)
                found[target].append((source, gait))
        return found

    def steps(self, a: int, b: int, gait: int) -> list[Step]:
        """What was told of a way, in order; of one that goes without saying the step alone."""
        source, target = self.places[a], self.places[b]
        told = [] if gait == Gait.WHOLE else [edge for edge in self._told.get((a, b), ()) if gait_of(edge) == gait]
        return [
            Step(source, target, Gait(gait), e.job, e.type or DIRECT, e.subtype, e.description, decide(e))
            for e in sorted(told)
        ] or [Step(source, target, Gait(gait))]

    def is_told(self, a: int, b: int) -> bool:
        """Whether somebody told of a way; else it goes without saying."""
        return (a, b) in self._told

    @cached_property
    def _told(self) -> dict[tuple[int, int], list[ColumnEdge]]:
        found: dict[tuple[int, int], list[ColumnEdge]] = {}
        for edge in self._snapshot.column_edges:
            found.setdefault(self._numbers(edge), []).append(edge)
        return found

    def _numbers(self, edge: ColumnEdge) -> tuple[int, int]:
        target = edge.target if edge.target.column else Place(edge.target.thing, EVERY_COLUMN)
        return self.number[edge.source], self.number[target]

    def _add_columns(self, out: list[list[int]]) -> None:
        """What was told of columns, of which there is much."""
        number, lineage, gaits = self.number, self.lineage, self._gaits
        leaving = [number[place] for place in lineage.places]
        led = [
            at if place.column else number.get(Place(place.thing, EVERY_COLUMN), at)
            for place, at in zip(lineage.places, leaving, strict=True)
        ]
        for source, target, form in zip(lineage.sources, lineage.targets, lineage.forms, strict=True):
            a, b = leaving[source], led[target]
            if a != b:
                out[a].append(b * GAITS + gaits[form])

    def _parts(self, columns: Mapping[str, AbstractSet[str]]) -> Iterator[tuple[int, int, int]]:
        """Columns inside columns, and the columns of datasets of which all depend on something."""
        number = self.number
        for thing, named in columns.items():
            if not named:
                continue
            if thing in self._wholes:
                for place in (Place(thing), *(Place(thing, column) for column in named)):
                    yield number[Place(thing, EVERY_COLUMN)], number[place], Gait.VALUE
            for column in named:
                outer = column.rpartition(".")[0]
                while outer and outer not in named:
                    outer = outer.rpartition(".")[0]
                if outer:
                    yield number[Place(thing, column)], number[Place(thing, outer)], Gait.VALUE

    def _things(self, columns: Mapping[str, AbstractSet[str]]) -> Iterator[tuple[int, int, int]]:
        """From each column to the whole, and from thing to thing."""
        number = self.number
        for thing, named in columns.items():
            for column in named:
                yield number[Place(thing, column)], number[Place(thing)], Gait.WHOLE
        for edge in self._snapshot.edges:
            yield number[Place(edge.source)], number[Place(edge.target)], Gait.WHOLE


def ends(way: int) -> tuple[int, int]:
    """Where a way of `Ways.out` leads, and its gait."""
    return divmod(way, GAITS)


def gait_of(edge: ColumnEdge) -> Gait:
    """What an edge of column lineage lets on; one that nobody typed moves values."""
    if edge.type.upper() == INDIRECT:
        return Gait.INFLUENCE
    masking = decide(edge)
    if masking is None or not masking.counts:
        return Gait.VALUE
    return Gait.ANONYMIZED if masking.anonymizes else Gait.MASKED
