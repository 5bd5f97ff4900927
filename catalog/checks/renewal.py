"""A snapshot of the whole catalog that is kept: brought up to date by what changed, and cut to what a judgement needs.

Reading again what nobody spoke of is most of what judging one event costs: all that lies upstream of all that is
downstream of it. Whoever has the whole as it was then reads what was touched, and has the whole as it is. What leads
where is kept by its ends, so neither looks at more than what was touched, and what is upstream of it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import chain
from typing import Any, Generic, TypeVar

from catalog.assets.keys import Kind
from catalog.checks.snapshot import ColumnEdge, Edge, Snapshot, Thing
from catalog.identity import dataset_id

_FLOWING = frozenset({Kind.DATASET, Kind.PIPELINE, Kind.MODEL_VERSION, Kind.DEPLOYMENT, Kind.DASHBOARD})
_BY_THE_CLOCK = frozenset({Kind.MODEL_VERSION, Kind.DEPLOYMENT})
"""Kinds of which something holds for a time only: aliases, what is served."""
E = TypeVar("E", Edge, ColumnEdge)


class Kept:
    """A whole catalog.

    Args:
        whole: as it is when it is kept.
    """

    def __init__(self, whole: Snapshot) -> None:
        self._bare = replace(whole, things={}, edges=(), column_edges=())
        self._things = dict(whole.things)
        self._edges = _Edges[Edge](whole.edges, lambda edge: edge[0], lambda edge: edge[1])
        self._columns = _Edges[ColumnEdge](whole.column_edges, lambda edge: edge[0][0], lambda edge: edge[1][0])
        self._told: dict[str, set[str]] = {}  # by thing the versions trained on it and the deployments that serve it
        self._named: dict[str, set[str]] = {}  # by each of the names of a dataset that has several, as an id
        self._apart: set[str] = set()
        for thing in whole.things.values():
            self._note(thing)

    @property
    def known_at(self) -> int:
        """The sequence up to which entries count."""
        return self._bare.known_at

    def pass_by(self, through: int) -> None:
        """The entries up to this sequence touched nothing."""
        self._bare = replace(self._bare, known_at=through)

    def whole(self) -> Snapshot:
        """Everything."""
        return self._shown(self._things, whole=True)

    def renew(self, fresh: Snapshot, touched: Collection[str]) -> bool:
        """Bring the whole to the moment of `fresh`; if the two do not fit together, this is of no use any more.

        Args:
            fresh: some things as they are, and all edges that begin or end there; what else it has is not looked at.
            touched: ids of all things that may be others since, which are those that `fresh` was asked for.
        """
        others = frozenset(touched)
        if any(not self._named[id_] <= others for id_ in others & self._named.keys()):
            return False  # a dataset's other name was touched: it is not what it was
        for id_ in others & self._things.keys():
            self._forget(self._things.pop(id_))
        for id_ in others & fresh.things.keys():
            self._things[id_] = fresh.things[id_]
            self._note(fresh.things[id_])
        ends = self._edges.renew(fresh.edges, others) | self._columns.renew(fresh.column_edges, others)
        self._bare = replace(self._bare, at=fresh.at, as_of=fresh.as_of, known_at=fresh.known_at)
        return ends <= self._things.keys()

    def cut(self, asked: Collection[str]) -> Snapshot | None:
        """Some things with everything upstream of them and around them, and with all that data never flow through.

        None where something that is not asked for may be another one by the clock alone, as time goes on.
        """
        own = self._things.keys() & asked
        within, left = set(own), list(own)
        while left:
            new = self._sources(left.pop()) - within
            within |= new
            left += new
        for id_ in own:
            within |= self._edges.targets(id_) | self._columns.targets(id_) | self._told.get(id_, set())
        if any(self._things[id_].key.kind in _BY_THE_CLOCK for id_ in within - own):
            return None
        return self._shown(within | self._apart, whole=False)

    def _sources(self, id_: str) -> set[str]:
        told = (other for other in _told(self._things[id_]) if other in self._things)
        return self._edges.sources(id_).union(self._columns.sources(id_), told)

    def _shown(self, ids: Iterable[str], *, whole: bool) -> Snapshot:
        things = {id_: self._things[id_] for id_ in sorted(ids)}
        edges, columns = tuple(self._edges.among(things)), tuple(self._columns.among(things))
        return replace(self._bare, things=things, edges=edges, column_edges=columns, whole=whole)

    def _note(self, thing: Thing) -> None:
        for other in _told(thing):
            self._told.setdefault(other, set()).add(thing.id)
        for name in _names(thing):
            self._named.setdefault(name, set()).add(thing.id)
        if thing.key.kind not in _FLOWING:
            self._apart.add(thing.id)

    def _forget(self, thing: Thing) -> None:
        for index, keys in ((self._told, _told(thing)), (self._named, _names(thing))):
            for key in keys:
                index[key].discard(thing.id)
        self._apart.discard(thing.id)


class _Edges(Generic[E]):
    """Edges by the things at their ends, those that leave a thing in order."""

    def __init__(self, edges: Iterable[E], source: Callable[[Any], str], target: Callable[[Any], str]) -> None:
        self._source = source
        self._target = target
        self._out: dict[str, list[E]] = {}
        self._into: dict[str, list[E]] = {}
        self._add(edges)

    def sources(self, id_: str) -> set[str]:
        """What leads to a thing."""
        return set(map(self._source, self._into.get(id_, ())))

    def targets(self, id_: str) -> set[str]:
        """What a thing leads to."""
        return set(map(self._target, self._out.get(id_, ())))

    def among(self, ids: Collection[str]) -> Iterator[E]:
        """Those between some things, in order, as the things are."""
        target = self._target
        return (edge for id_ in ids for edge in self._out.get(id_, ()) if target(edge) in ids)

    def renew(self, fresh: Iterable[E], touched: AbstractSet[str]) -> set[str]:
        """Replace those that begin or end at what was touched; gives the ends of the new ones."""
        for mine, others, far in ((self._out, self._into, self._target), (self._into, self._out, self._source)):
            near = {far(edge) for id_ in touched for edge in mine.pop(id_, ())} - touched
            for id_ in near:
                others[id_] = [edge for edge in others[id_] if not self._is_at(edge, touched)]
        new = [edge for edge in fresh if self._is_at(edge, touched)]
        self._add(new)
        for id_ in set(map(self._source, new)):
            self._out[id_].sort()
        return {end(edge) for edge in new for end in (self._source, self._target)}

    def _is_at(self, edge: E, ids: AbstractSet[str]) -> bool:
        return self._source(edge) in ids or self._target(edge) in ids

    def _add(self, edges: Iterable[E]) -> None:
        for edge in edges:
            self._out.setdefault(self._source(edge), []).append(edge)
            self._into.setdefault(self._target(edge), []).append(edge)


def _told(thing: Thing) -> Iterable[str]:
    """What is told of a thing to be made of, or to be served by it."""
    if thing.key.kind not in _BY_THE_CLOCK:
        return ()
    return chain(thing.observed.serves, (one.thing for one in thing.observed.training))


def _names(thing: Thing) -> Iterable[str]:
    return map(dataset_id, thing.names) if len(thing.names) > 1 else ()
