"""What policies see of requests to erase somebody's data, and of datasets into which erased data came back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from catalog.assets.keys import Kind
from catalog.checks.classification.ways import Gait, gait_of
from catalog.checks.erasing import Spread, outside, spread, subject_key, subjects
from catalog.checks.filling import lawful
from catalog.checks.filling.entity import Filler, block
from catalog.checks.filling.known import OFF, Known
from catalog.checks.law.periods import end_of
from catalog.checks.snapshot import Edge, Place, Thing
from catalog.clock import from_datetime, to_iso
from catalog.manifest.references import WrongReference, key_of

TERM, EXTENDED = "gdpr.request", "gdpr.request_extended"
"""The spans of `checks.law` within which a request is answered, and those of one that takes longer."""
HOLDERS = (Kind.DATASET, Kind.DASHBOARD, Kind.MODEL_VERSION)
"""Kinds of things of which it is asked what became of the data there; a deployment goes by the version it serves."""


class Leaf(NamedTuple):
    """What a request says of a thing that the data reach.

    Attributes:
        thing: its id; "" if no such thing is known.
        status: OPEN, DONE or EXEMPT; one that is DONE at a time that is yet to come is OPEN.
        at: when it was erased (µs), of DONE.
    """

    thing: str
    name: str
    status: str
    at: int | None
    told: dict[str, Any]


@dataclass(frozen=True)
class Request:
    """A request, with what its person's data reach."""

    known: Known
    thing: Thing

    @property
    def active(self) -> bool:
        """Whether somebody stands behind it: it is no draft, and was not withdrawn."""
        return self.thing.attributes.get("lifecycle") not in OFF

    @cached_property
    def received(self) -> int:
        """When it was received (µs)."""
        return _moment(self.thing.document.get("received")) or 0

    @cached_property
    def due(self) -> int:
        """The end of the time that the law gives (µs)."""
        first, told = end_of(TERM, self.received), _moment(block(self.thing.document.get("extension")).get("told"))
        return first if told is None or told > first else end_of(EXTENDED, self.received)

    @cached_property
    def leaves(self) -> list[Leaf]:
        """What it says, by name."""
        return sorted(map(self._leaf, self.thing.document.get("leaves") or ()), key=lambda one: (one.name, one.thing))

    @cached_property
    def by_thing(self) -> dict[str, Leaf]:
        """Its leaves by the thing that each is about."""
        return {one.thing: one for one in self.leaves if one.thing}

    @cached_property
    def starts(self) -> list[Thing]:
        """Where the data begin, as far as the snapshot has it: what names these people, and what the keys are of."""
        wanted = {str(one) for one in self.thing.document.get("subjects") or ()}
        found = {one.id: one for one in self.known.by_kind.get(Kind.DATASET, ()) if wanted.intersection(subjects(one))}
        return list((found | {one.id: one for one, _ in self._keyed()}).values())

    @cached_property
    def keys(self) -> set[Place]:
        """The columns that it names itself."""
        return {Place(thing.id, column) for thing, columns in self._keyed() for column in columns}

    @cached_property
    def spread(self) -> Spread:
        """What the data reach; computed once for all requests that begin alike."""
        begin = tuple(sorted(one.id for one in self.starts)), tuple(sorted(self.keys))
        spreads = self.known.kept(_spreads)
        if begin not in spreads:
            spreads[begin] = spread(self.known.snapshot, self.known.propagated, self.starts, keys=self.keys)
        return spreads[begin]

    @cached_property
    def missing(self) -> list[Thing]:
        """Of the house, what the data reach and no leaf tells of, by name.

        What was first heard of after the last leaf was settled, and is made of what is erased, has never held them.
        """
        found = [one for one in self._reached() if not outside(one) and one.id not in self.by_thing]
        if not self.settled:
            return found
        last = max((one.at for one in self.leaves if one.at is not None), default=self.received)
        kept = self._kept
        return [one for one in found if one.observed.first is None or one.observed.first <= last or one.id in kept]

    @cached_property
    def open(self) -> list[Leaf]:
        """The leaves that are not settled."""
        return [one for one in self.leaves if one.status == "OPEN"]

    @property
    def settled(self) -> bool:
        """Whether there are leaves and all are done or exempt."""
        return bool(self.leaves) and not self.open

    @cached_property
    def untold(self) -> list[str]:
        """The recipients that the data reach and that it does not say to have been told, by name."""
        document = self.thing.document
        told = {
            lawful.word(one.get("name"))
            for one in document.get("recipients") or ()
            if one.keys() & {"at", "impossible"}
        }
        names = {recipient(one) for one in self._reached() if outside(one)}
        return sorted(name for name in names if lawful.word(name) not in told)

    def holds(self, thing: str, at: int) -> bool:
        """Whether a thing that the data reach still held them at a time (µs), as far as anybody says."""
        leaf = self.by_thing.get(thing)
        return leaf is None or leaf.at is None or at <= leaf.at

    @cached_property
    def _kept(self) -> set[str]:
        """What is made of that which is exempt, without going through what is erased."""
        done = {one.thing for one in self.leaves if one.status == "DONE"}
        exempt = [self.known.snapshot.things[one.thing] for one in self.leaves if one.status == "EXEMPT" and one.thing]
        return set(spread(self.known.snapshot, self.known.propagated, exempt, done).held)

    def _reached(self) -> Iterator[Thing]:
        things = (self.known.snapshot.things.get(id_) for id_ in self.spread.held)
        found = (one for one in things if one is not None and one.key.kind in HOLDERS)
        return iter(sorted(found, key=lambda one: (one.key.name, one.key.namespace, one.id)))

    def _keyed(self) -> Iterator[tuple[Thing, list[str]]]:
        for one in self.thing.document.get("keys") or ():
            thing = self.known.refer(one.get("dataset"), Kind.DATASET)
            if thing is not None:
                yield thing, list(map(str, one.get("columns") or ()))

    def _leaf(self, told: dict[str, Any]) -> Leaf:
        thing, at, status = self.known.refer(told.get("asset")), _moment(told.get("at")), str(told.get("status"))
        if at is not None and at > self.known.snapshot.at:
            at, status = None, "OPEN"
        return Leaf(thing.id if thing else "", thing.key.name if thing else _named(told), status, at, told)


def requests(known: Known) -> list[Request]:
    """The requests that somebody stands behind, by name."""
    return sorted((one for one in known.kept(_requests).values() if one.active), key=lambda one: one.thing.key)


def recipient(thing: Thing) -> str:
    """The recipient behind a thing, by the thing's own name where nobody says who it is."""
    return str(block(thing.document.get("recipient")).get("name") or thing.key.name)


def brought_back(known: Known, thing: Thing) -> list[dict[str, Any]]:
    """By which runs data may have come back that were erased in a dataset: from what still held them, by request."""
    found = []
    for request, erased in known.kept(_erased).get(thing.id, ()):
        for source, job, at in _returns(known, request, thing, erased):
            told = {"request": request.thing.key.name, "erased": to_iso(erased), "written": to_iso(at)}
            found.append({**told, "source": source.key.name, "job": job.key.name})
    return sorted(found, key=lambda one: tuple(one.values()))


def _returns(known: Known, request: Request, thing: Thing, erased: int) -> Iterator[tuple[Thing, Thing, int]]:
    """Sources, each with a job and the newest time (µs) at which it wrote a dataset after that was erased."""
    for write in known.into.get(thing.id, ()):
        job = known.snapshot.things.get(write.source)
        if write.kind != "WRITES" or job is None:
            continue
        written = [one for one in _written(thing, job, write) if one[1] > erased]
        for id_ in known.upstream.inputs(job.id) if written else ():
            source = known.snapshot.things.get(id_)
            if source is None or id_ == thing.id or not known.upstream.carries(id_, thing.id, job.id):
                continue
            if id_ not in request.spread.held and not _feeds_key(known, request, id_, thing):
                continue
            reads = [edge for edge in known.out.get(id_, ()) if edge.target == job.id]
            times = [at for begun, at in written if request.holds(id_, at) and _read(reads, begun, at)]
            if times:
                yield source, job, max(times)


def _written(thing: Thing, job: Thing, write: Edge) -> set[tuple[int, int]]:
    """When runs of a job wrote a dataset (µs), as far as that is known, and when each of these runs began."""
    told = ((run.ended if run.started is None else run.started, run.ended) for run in job.observed.runs)
    runs = [(begun, end) for begun, end in told if begun is not None]
    found = {(begun, at) for at in thing.observed.writes for begun, end in runs if begun <= at <= (end or at)}
    if "OBSERVED" in write.origins and write.last is not None:
        begun = max((begun for begun, _ in runs if begun <= write.last), default=write.last)
        found.add((begun, write.last))
    return found


def _read(reads: list[Edge], begun: int, at: int) -> bool:
    """Whether a run read a source; of one that reads by another job's hands nobody knows when."""
    return not reads or any(
        (edge.since is None or edge.since <= at) and (edge.last is None or edge.last >= begun) for edge in reads
    )


def _feeds_key(known: Known, request: Request, source: str, thing: Thing) -> bool:
    """Whether values of a source become a key of people in a dataset."""
    keys = {*(Place(thing.id, column) for column in subject_key(thing)), *request.keys}
    edges = (edge for key in keys if key.thing == thing.id for edge in known.columns_into.get(key, ()))
    return any(edge.source.thing == source and gait_of(edge) in (Gait.VALUE, Gait.MASKED) for edge in edges)


def _requests(known: Known) -> dict[str, Request]:
    return {one.id: Request(known, one) for one in known.by_kind.get(Kind.ERASURE_REQUEST, ())}


def _spreads(known: Known) -> dict[Any, Spread]:
    return {}


def _erased(known: Known) -> dict[str, list[tuple[Request, int]]]:
    """By thing the requests for which it is erased, and when it was (µs)."""
    found: dict[str, list[tuple[Request, int]]] = {}
    for request in requests(known):
        for leaf in request.leaves:
            if leaf.thing and leaf.at is not None:
                found.setdefault(leaf.thing, []).append((request, leaf.at))
    return found


def _moment(text: Any) -> int | None:
    return from_datetime(datetime.fromisoformat(text)) if isinstance(text, str) else None


def _named(told: dict[str, Any]) -> str:
    try:
        return key_of(dict(block(told.get("asset"))), Kind.DATASET).name
    except WrongReference:
        return ""


def _shown(request: Request) -> list[dict[str, Any]]:
    return [
        {
            "id": one.thing,
            "name": one.name,
            "status": one.status,
            "reason": one.told.get("reason"),
            "at": to_iso(one.at),
        }
        for one in request.leaves
    ]


def _told(what: Callable[[Request], Any]) -> Filler:
    return lambda known, thing: what(known.kept(_requests)[thing.id])


DATASET: dict[str, Filler] = {
    "erased_for": lambda known, thing: [one.thing.key.name for one, _ in known.kept(_erased).get(thing.id, ())],
    "brought_back": brought_back,
}
ERASURE_REQUEST: dict[str, Filler] = {
    "id": lambda known, thing: thing.id,
    "name": lambda known, thing: thing.key.name,
    "active": _told(lambda one: one.active),
    "due": _told(lambda one: to_iso(one.due)),
    "leaves": _told(_shown),
    "open": _told(lambda one: [leaf.name for leaf in one.open]),
    "settled": _told(lambda one: one.settled),
    "begins": _told(lambda one: sorted(start.key.name for start in one.starts)),
    "missing": _told(lambda one: [{"id": thing.id, "name": thing.key.name} for thing in one.missing]),
    "untold": _told(lambda one: one.untold),
}
