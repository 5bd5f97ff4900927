"""How far a change reaches: three walks, each by more ways than the one before, from what is certain on.

Where column lineage of a job and its output is told, data go from column to column; where nobody tells it, they go from
all that the job reads into all that it writes: what is not known is never clear. What is left then, a thing that is
made of a dataset by column lineage which names other columns only, is told too, since lineage is read out of programs
and may leave a filter out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from catalog.assets.keys import Kind
from catalog.checks.classification.categories import PII
from catalog.checks.classification.direct import stopped, stops
from catalog.checks.classification.propagate import attributes_of
from catalog.checks.classification.ways import Gait, gait_of
from catalog.checks.judgement import Hop
from catalog.checks.snapshot import ColumnEdge, Place, Snapshot

Steps = Callable[[Place], Iterable[Hop]]


class Sureness(StrEnum):
    """How sure it is that a change reaches a thing, the surest first."""

    CERTAIN = "CERTAIN"
    PERHAPS = "PERHAPS"
    UNLIKELY = "UNLIKELY"


class Way(NamedTuple):
    """How a thing is reached; `columns`: those of it that column lineage names, sorted."""

    sureness: Sureness
    hops: tuple[Hop, ...]
    columns: tuple[str, ...] = ()


def reach(ground: Ground, columns: Iterable[Place], wholes: Iterable[str]) -> dict[str, Way]:
    """Each thing that is reached, by a shortest way of the surest kind, the same one whatever the order of facts.

    Args:
        columns: what changes, by column.
        wholes: ids of things of which it is not known which columns change.
    """
    exact, whole = sorted(set(columns)), [Place(id_) for id_ in sorted(set(wholes))]
    tables = [Place(id_) for id_ in sorted({place.thing for place in (*exact, *whole)})]
    found: dict[str, Way] = {}
    named: dict[str, set[str]] = {}
    for sureness, starts, steps in (
        (Sureness.CERTAIN, exact, ground.certain),
        (Sureness.PERHAPS, [*exact, *whole], ground.perhaps),
        (Sureness.UNLIKELY, tables, ground.by_tables),
    ):
        came = _ways(steps, starts)
        for place in came:
            if place.thing not in found:
                found[place.thing] = Way(sureness, _back(came, place))
            if sureness is Sureness.CERTAIN and place.column:
                named.setdefault(place.thing, set()).add(place.column)
    return {id_: way._replace(columns=tuple(sorted(named.get(id_, ())))) for id_, way in found.items()}


def reach_by_tables(ground: Ground, starts: Iterable[str]) -> dict[str, Way]:
    """Each thing that is made of others, whatever their columns."""
    came = _ways(ground.by_tables, [Place(id_) for id_ in starts])
    return {place.thing: Way(Sureness.CERTAIN, _back(came, place)) for place in came}


class Ground:
    """The ways of a snapshot.

    Args:
        people: whether it is data of people that go along: those are not there any more where no value is left or a
            steward says so, nor where something only decides about rows. Else it is what a program needs to run: that
            a filter needs, too.
    """

    def __init__(self, snapshot: Snapshot, *, people: bool) -> None:
        self._snapshot = snapshot
        self._people = people
        self._columns: dict[str, set[str]] = {id_: set(thing.columns) for id_, thing in snapshot.things.items()}
        self._told: set[tuple[str, str]] = set()
        self._between: set[tuple[str, str]] = set()
        self._of: dict[Place, list[ColumnEdge]] = {}
        for edge in snapshot.column_edges:
            self._told.add((edge.job, edge.target.thing))
            if not edge.job:
                self._between.add((edge.source.thing, edge.target.thing))
            if edge.source.column:
                self._of.setdefault(edge.source, []).append(edge)
            for place in edge[:2]:
                if place.column:
                    self._columns.setdefault(place.thing, set()).add(place.column)
        self._out: dict[str, list[tuple[str, str]]] = {}
        self._made_by: dict[str, list[str]] = {}
        for flow in snapshot.edges:
            self._out.setdefault(flow.source, []).append((flow.kind, flow.target))
            if flow.kind == "WRITES":
                self._made_by.setdefault(flow.target, []).append(flow.source)
        self._trained: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        for thing in snapshot.things.values():
            if thing.observed.training and all(used.columns for used in thing.observed.training):
                self._told.update((job, thing.id) for job in self._writers(thing.id))
            for used in thing.observed.training:
                self._trained.setdefault(used.thing, []).append((thing.id, used.columns))
            for version in thing.observed.serves:
                self._out.setdefault(version, []).append(("SERVES", thing.id))

    def certain(self, here: Place) -> Iterator[Hop]:
        """By column lineage, and into models that are trained on the column; from what has no columns by all ways."""
        if not here.column:
            named = self._columns.get(here.thing)
            if named:  # a filter or a join: all of it depends on the column
                yield from (Hop(here, Place(here.thing, name)) for name in named)
            elif not self._is_job(here.thing):
                yield from self._whole(here)
            return
        for edge in self._of.get(here, ()):
            if self._carries(edge):
                yield Hop(here, edge.target, edge.job)
                if edge.job:
                    yield Hop(here, Place(edge.job))
        outer = here.column.rpartition(".")[0]
        if outer and outer in self._columns.get(here.thing, ()):
            yield Hop(here, Place(here.thing, outer))
        for version, used in self._trained.get(here.thing, ()):
            if here.column in used or (self._people and not used):
                yield Hop(here, Place(version))
                yield from (Hop(here, Place(job)) for job in self._writers(version) if self._reads(job, here.thing))

    def perhaps(self, here: Place) -> Iterator[Hop]:
        """Also by ways of which nobody tells the columns."""
        yield from self.certain(here)
        if self._is_job(here.thing):
            yield from (Hop(here, Place(output)) for output in self._open(here.thing))
            yield from (Hop(here, Place(job)) for kind, job in self._out.get(here.thing, ()) if kind == "FED_BY")
            return
        for kind, target in self._out.get(here.thing, ()):
            if (kind == "READS" and self._is_opaque(target)) or (
                kind == "DERIVES_FROM" and (here.thing, target) not in self._between and self._lets_in(Place(target))
            ):
                yield Hop(here, Place(target))
        for version, used in self._trained.get(here.thing, ()):
            if not used or not here.column:
                yield Hop(here, Place(version))

    def by_tables(self, here: Place) -> Iterator[Hop]:
        """From thing to thing."""
        return self._whole(Place(here.thing))

    def _whole(self, here: Place) -> Iterator[Hop]:
        yield from (Hop(here, Place(target)) for _, target in self._out.get(here.thing, ()))
        yield from (Hop(here, Place(version)) for version, _ in self._trained.get(here.thing, ()))

    def _is_job(self, id_: str) -> bool:
        thing = self._snapshot.things.get(id_)
        return thing is not None and thing.key.kind is Kind.PIPELINE

    def _writers(self, id_: str) -> list[str]:
        return self._made_by.get(id_, [])

    def _reads(self, job: str, id_: str) -> bool:
        return ("READS", job) in self._out.get(id_, ())

    def _open(self, job: str) -> list[str]:
        """What a job writes without telling of which columns, as far as the data may be there."""
        outputs = [target for kind, target in self._out.get(job, ()) if kind == "WRITES"]
        return [one for one in outputs if (job, one) not in self._told and self._lets_in(Place(one))]

    def _is_opaque(self, job: str) -> bool:
        """Whether a job does, with what it reads, something of which no column lineage tells."""
        out = self._out.get(job, ())
        outputs = [target for kind, target in out if kind == "WRITES"]
        feeds = any(kind == "FED_BY" for kind, _ in out)
        return feeds or not outputs or any((job, one) not in self._told for one in outputs)

    def _carries(self, edge: ColumnEdge) -> bool:
        if not self._people:
            return True
        return gait_of(edge) in (Gait.VALUE, Gait.MASKED) and self._lets_in(edge.target)

    def _lets_in(self, place: Place) -> bool:
        """Whether nobody states that data of people are not there."""
        thing = self._snapshot.things.get(place.thing)
        if not self._people or thing is None:
            return True
        told = thing.attributes.get("personalData")
        if not place.column and isinstance(told, Mapping) and told.get("contains") is False:
            return False
        words = {*stopped(thing.attributes), *stopped(attributes_of(self._snapshot, place))}
        return not stops(PII, words)


def _ways(steps: Steps, starts: Iterable[Place]) -> dict[Place, Hop | None]:
    """Every place that is reached, the nearest first, with the last step of a shortest way to it."""
    came: dict[Place, Hop | None] = dict.fromkeys(starts)
    todo = deque(sorted(came))
    while todo:
        here = todo.popleft()
        for hop in sorted(set(steps(here))):
            if hop.target not in came:
                came[hop.target] = hop
                todo.append(hop.target)
    return came


def _back(came: Mapping[Place, Hop | None], place: Place) -> tuple[Hop, ...]:
    found: list[Hop] = []
    while (hop := came[place]) is not None:
        found.append(hop)
        place = hop.source
    return tuple(reversed(found))
