"""A snapshot with its indexes: what lies around a thing, found once and when it is asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from catalog.assets.keys import Key, Kind
from catalog.checks.classification.column_ends import ColumnEnds
from catalog.checks.classification.propagate import Effective, Propagated, attributes_of, propagate
from catalog.checks.snapshot import Attributes, ColumnEdge, Edge, Place, Snapshot, Thing
from catalog.manifest.references import WrongReference, key_of, parse

if TYPE_CHECKING:
    from catalog.checks.filling.personal import Personal
    from catalog.checks.filling.upstream import Upstream

T = TypeVar("T")
DATA = frozenset({Kind.DATASET, Kind.PIPELINE, Kind.MODEL_VERSION, Kind.DEPLOYMENT, Kind.DASHBOARD})
"""Kinds that lineage reaches."""
OFF = frozenset({"proposed", "development", "deprecated", "retired"})
"""Lifecycles of documents that do not count: not yet, or no longer."""
_DEEP = 100
"""Parents of a domain that are looked at."""


class Known:
    """What is known at a moment, as fillers ask for it.

    Args:
        propagated: of this snapshot, where the caller has it already; else it is computed once it is asked for.
    """

    def __init__(self, snapshot: Snapshot, propagated: Propagated | None = None) -> None:
        self.snapshot = snapshot
        self._given = propagated
        self._kept: dict[Any, Any] = {}

    def kept(self, find: Callable[[Known], T]) -> T:
        """What is found out once for all things."""
        if find not in self._kept:
            self._kept[find] = find(self)
        found: T = self._kept[find]
        return found

    @cached_property
    def by_kind(self) -> Mapping[Kind, list[Thing]]:
        """Things by kind, in the order of their ids."""
        found: dict[Kind, list[Thing]] = {}
        for id_ in sorted(self.snapshot.things):
            thing = self.snapshot.things[id_]
            found.setdefault(thing.key.kind, []).append(thing)
        return found

    @cached_property
    def by_key(self) -> Mapping[Key, Thing]:
        """Things by key; a dataset or job by each of its names."""
        found: dict[Key, Thing] = {}
        for thing in self.snapshot.things.values():
            for name in thing.names:
                found.setdefault(Key(thing.key.kind, *name), thing)
        return found | {thing.key: thing for thing in self.snapshot.things.values()}

    def named(self, kind: Kind, name: str) -> Thing | None:
        """A thing of a kind without a namespace, by its name or by a reference such as `domain:sales`."""
        return self.by_key.get(Key(kind, "", name.removeprefix(f"{kind.lower()}:")))

    def domains(self, thing: Thing) -> Iterator[str]:
        """The name of a thing's domain, then of those above it: as they declare, else by the slashes of names."""
        name = str(thing.attributes.get("domain") or "").removeprefix("domain:")
        for _ in range(_DEEP):
            if not name:
                return
            yield name
            declared = self.named(Kind.DOMAIN, name)
            parent = declared.document.get("parent") if declared else None
            name = str(parent).removeprefix("domain:") if parent else name.rpartition("/")[0]

    def refer(self, reference: Any, kind: Kind = Kind.DATASET) -> Thing | None:
        """What a document refers to, by default a dataset; None if it is not there."""
        try:
            key = parse(reference) if isinstance(reference, str) else key_of(dict(reference), kind)
        except (WrongReference, TypeError, ValueError):
            return None
        return self.by_key.get(key)

    @cached_property
    def into(self) -> Mapping[str, list[Edge]]:
        """Edges by the thing that they lead to."""
        return _by(self.snapshot.edges, lambda edge: edge.target)

    @cached_property
    def out(self) -> Mapping[str, list[Edge]]:
        """Edges by the thing that they come from."""
        return _by(self.snapshot.edges, lambda edge: edge.source)

    @cached_property
    def columns_into(self) -> Mapping[Place, list[ColumnEdge]]:
        """Column lineage by the column that it leads to."""
        return _by(self.snapshot.column_edges, lambda edge: edge.target)

    def columns_from(self, place: Place) -> list[ColumnEdge]:
        """Column lineage by the column that it comes from."""
        return self._columns_from.get(place, [])

    @cached_property
    def _columns_from(self) -> Mapping[Place, list[ColumnEdge]]:
        return _by(self.snapshot.column_edges, lambda edge: edge.source)

    def columns(self, thing: Thing) -> list[str]:
        """The names of a dataset's columns, sorted: of its schema, and those that column lineage alone names."""
        found = self._columns.get(thing.id)
        if found is None:
            more = self._named_columns.get(thing.id)
            if not more and not thing.columns:
                return []
            found = self._columns[thing.id] = sorted(more.union(thing.columns) if more else thing.columns)
        return found

    @cached_property
    def _columns(self) -> dict[str, list[str]]:
        return {}

    @cached_property
    def _named_columns(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for thing, column in self.lineage.places:
            if column:
                found[thing].add(column)
        return found

    @cached_property
    def lineage(self) -> ColumnEnds:
        """The column lineage by numbers."""
        return self._given.ways.lineage if self._given else ColumnEnds(self.snapshot.column_edges)

    def names(self, ids: Iterable[str]) -> list[str]:
        """The names of things, sorted; of one that is not there its id."""
        things = self.snapshot.things
        return sorted({things[id_].key.name if id_ in things else id_ for id_ in ids})

    @cached_property
    def propagated(self) -> Propagated:
        """What holds of every place once levels and tags have followed the lineage."""
        return self._given or propagate(self.snapshot, self.lineage)

    @cached_property
    def personal(self) -> Personal:
        """Which things hold personal data."""
        from catalog.checks.filling.personal import Personal  # which reads this module's class

        return Personal(self)

    @cached_property
    def upstream(self) -> Upstream:
        """Where personal data come from."""
        from catalog.checks.filling.upstream import Upstream  # which reads this module's class

        return Upstream(self)

    def effective(self, place: Place) -> Effective:
        """What holds of a thing or a column itself, said or propagated."""
        found = self._effective.get(place)
        if found is None:
            found = self._effective[place] = self.propagated.of(place)
        return found

    @cached_property
    def _effective(self) -> dict[Place, Effective]:
        return {}

    def level(self, place: Place) -> str | None:
        """The level of classification that holds of a thing or a column."""
        return self.effective(place).level

    def rank(self, place: Place) -> int | None:
        """The same as a number, 0 for the mildest; one that is on no scale is above all."""
        rank = self.effective(place).rank
        return rank if rank >= 0 else None

    def tags(self, place: Place) -> tuple[str, ...]:
        """The tags that hold of a thing or a column, wider ones included; `key=value` beside one that has a value."""
        bits = self.bits(place)
        held = self._by_bits.get(bits)
        if held is None:
            held = self._by_bits[bits] = self.widened(self.effective(place).tags)
        valued = valued_tags(attributes_of(self.snapshot, place))
        return tuple(sorted({*held, *valued})) if valued else held

    def bits(self, place: Place) -> int:
        """The tags that hold of a thing or a column, without wider ones and values: one number for equal ones."""
        propagated = self.propagated
        number = propagated.ways.number.get(place)
        return 0 if number is None else propagated.state.tags[number]

    @cached_property
    def _by_bits(self) -> dict[int, tuple[str, ...]]:
        return {}

    def widened(self, tags: tuple[str, ...]) -> tuple[str, ...]:
        """Tags with the wider ones that they are part of, sorted: `pii/email` is `pii`, too."""
        known = self._wide.get(tags)
        if known is None:
            found = {wider for tag in tags for wider in self._wider(tag)}
            known = self._wide[tags] = tuple(sorted(found))
        return known

    @cached_property
    def _wide(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        return {}

    def _wider(self, tag: str) -> frozenset[str]:
        known = self._widths.get(tag)
        if known is None:
            found, name = set[str](), tag
            while name and name not in found:
                found.add(name)
                name = self._parents.get(name) or name.rpartition("/")[0]
            known = self._widths[tag] = frozenset(found)
        return known

    @cached_property
    def _widths(self) -> dict[str, frozenset[str]]:
        return {}

    @cached_property
    def _parents(self) -> Mapping[str, str]:
        return {
            thing.key.name: str(thing.document["parent"]).removeprefix("tag:")
            for thing in self.by_kind.get(Kind.TAG, ())
            if thing.document.get("parent")
        }

    @cached_property
    def inactive(self) -> frozenset[str]:
        """Owners that are no longer there: people who have left, teams that are retired or have nobody left."""
        gone = {
            f"person:{thing.key.name}"
            for thing in self.by_kind.get(Kind.PERSON, ())
            if thing.document.get("active") is False
        }
        for team in self.by_kind.get(Kind.TEAM, ()):
            members = list(map(str, team.document.get("members") or ()))
            if team.attributes.get("lifecycle") == "retired" or (members and gone.issuperset(members)):
                gone.add(f"team:{team.key.name}")
        return frozenset(gone)

    @cached_property
    def contracts(self) -> Mapping[str, Thing]:
        """By dataset's id the contract that it is held to: the one it names, else the one that names it."""
        found: dict[str, Thing] = {}
        for contract in self.by_kind.get(Kind.CONTRACT, ()):
            for table in contract.document.get("schema") or ():
                dataset = self.refer(table.get("dataset") or {}, Kind.DATASET) if isinstance(table, Mapping) else None
                if dataset is not None:
                    found.setdefault(dataset.id, contract)
        for dataset in self.by_kind.get(Kind.DATASET, ()):
            named = dataset.document.get("contract")
            contract_ = self.named(Kind.CONTRACT, str(named)) if named else None
            if contract_ is not None:
                found[dataset.id] = contract_
        return found

    @cached_property
    def activities(self) -> Mapping[str, list[Thing]]:
        """By job's id the records of processing it belongs to, whichever of the two says so."""
        found: dict[str, dict[str, Thing]] = defaultdict(dict)
        for activity in self.by_kind.get(Kind.PROCESSING_ACTIVITY, ()):
            for pipeline in activity.document.get("pipelines") or ():
                job = self.refer(pipeline, Kind.PIPELINE)
                if job is not None:
                    found[job.id][activity.id] = activity
        for job in self.by_kind.get(Kind.PIPELINE, ()):
            for named in job.document.get("activities") or ():
                known = self.named(Kind.PROCESSING_ACTIVITY, str(named))
                if known is not None:
                    found[job.id][known.id] = known
        return {job: [by_id[id_] for id_ in sorted(by_id)] for job, by_id in found.items()}

    @cached_property
    def attestations(self) -> list[Thing]:
        """The attestations that somebody stands behind, out of date or not, sorted by name."""
        found = self.by_kind.get(Kind.ATTESTATION, ())
        return sorted((one for one in found if one.attributes.get("lifecycle") not in OFF), key=lambda one: one.key)

    @cached_property
    def champions(self) -> Mapping[Key, str]:
        """By model the version that its registry calls champion."""
        return {
            model_of(thing): version_of(thing)
            for thing in self.by_kind.get(Kind.MODEL_VERSION, ())
            if "champion" in thing.observed.aliases
        }

    def home(self, thing: Thing) -> Iterator[Thing]:
        """What a thing is in, the nearest first: the source that keeps it, the environment where that or it runs."""
        if Kind.SOURCE not in self.by_kind and Kind.ENVIRONMENT not in self.by_kind:
            return
        source = self.keeper(thing)
        if source is not None:
            yield source
        named = (source or thing).document.get("environment")
        if thing.key.kind is Kind.DEPLOYMENT:
            named = thing.key.namespace
        environment = self.named(Kind.ENVIRONMENT, str(named)) if named else None
        if environment is None and thing.key.kind in (Kind.DATASET, Kind.PIPELINE):
            environment = self._longest(Kind.ENVIRONMENT, thing.key.namespace)
        if environment is not None:
            yield environment

    def keeper(self, thing: Thing) -> Thing | None:
        """The source that keeps a thing: the one it names, else the one whose namespace it is in."""
        if thing.key.kind not in (Kind.DATASET, Kind.DASHBOARD):
            return None
        named = thing.document.get("source")
        if named:
            return self.named(Kind.SOURCE, str(named))
        return self._longest(Kind.SOURCE, thing.key.namespace)

    def _longest(self, kind: Kind, namespace: str) -> Thing | None:
        """The source or environment whose own namespaces are the longest beginning of a namespace."""
        if (kind, namespace) not in self._keepers:
            fitting = [
                (len(str(start)), place.id, place)
                for place in self.by_kind.get(kind, ())
                for start in place.document.get("namespaces") or ()
                if namespace.startswith(str(start))
            ]
            self._keepers[kind, namespace] = max(fitting)[2] if fitting else None
        return self._keepers[kind, namespace]

    @cached_property
    def _keepers(self) -> dict[tuple[Kind, str], Thing | None]:
        return {}


def valued_tags(attributes: Attributes) -> list[str]:
    """The tags that are given with a value, as `key=value`."""
    return [
        f"{str(member.get('key') or '').removeprefix('tag:')}={member['value']}"
        for member in attributes.get("tags") or ()
        if isinstance(member, Mapping) and member.get("value") is not None
    ]


def model_of(version: Thing) -> Key:
    """The key of a model version's model."""
    return Key(Kind.MODEL, version.key.namespace, version.key.name.rpartition("/")[0])


def version_of(version: Thing) -> str:
    """A model version's version."""
    return version.key.name.rpartition("/")[2]


def _by(edges: Iterable[Any], key: Any) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = defaultdict(list)
    for edge in edges:
        found[key(edge)].append(edge)
    return found
