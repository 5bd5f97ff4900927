"""Random agreements between a manifest and what was observed, and drifts planted into them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from catalog.assets.keys import Key, Kind
from catalog.identity import Name
from catalog.manifest.pictures import (
    DERIVES_FROM,
    OBSERVED,
    PERSON,
    READS,
    WRITES,
    ColumnFlow,
    Columns,
    Declared,
    DriftType,
    Evidence,
    Flow,
    Observed,
    Owners,
)

Found = tuple[DriftType, Key, str]
NAMESPACES = ("db", "lake")
PIPELINES = "flows"


@dataclass
class World:
    """Both pictures while they are made; `planted` is what must be found, and nothing else may be."""

    rng: random.Random
    documents: dict[Key, dict[str, Any]] = field(default_factory=dict)
    declared_flows: dict[Flow, Key] = field(default_factory=dict)
    elsewhere: set[Key] = field(default_factory=set)
    flows_elsewhere: set[Flow] = field(default_factory=set)
    owners: dict[Key, dict[str, list[str]]] = field(default_factory=dict)
    things: dict[Key, Evidence] = field(default_factory=dict)
    columns: dict[Key, dict[str, str]] = field(default_factory=dict)
    flows: dict[Flow, Evidence] = field(default_factory=dict)
    observed_owners: dict[Key, list[Owners]] = field(default_factory=dict)
    same: dict[Name, Name] = field(default_factory=dict)
    column_flows: dict[ColumnFlow, Evidence] = field(default_factory=dict)
    declared_column_flows: dict[ColumnFlow, Key] = field(default_factory=dict)
    column_flows_elsewhere: set[ColumnFlow] = field(default_factory=set)
    planted: set[Found] = field(default_factory=set)
    touched: set[Key] = field(default_factory=set)

    def pictures(self) -> tuple[Declared, Observed]:
        """What the comparison is given, in random order."""
        declared = Declared(
            self._shuffled(self.documents),
            self._shuffled(self.declared_flows),
            {},
            self.elsewhere,
            self.flows_elsewhere,
            self.owners,
            self._shuffled(self.declared_column_flows),
            self.column_flows_elsewhere,
        )
        columns = {key: Columns(types) for key, types in self.columns.items()}
        observed = Observed(
            self._shuffled(self.things),
            columns,
            self._shuffled(self.flows),
            self.observed_owners,
            self.same,
            self._shuffled(self.column_flows),
        )
        return declared, observed

    def _shuffled(self, values: Mapping[Any, Any]) -> dict[Any, Any]:
        items = list(values.items())
        self.rng.shuffle(items)
        return dict(items)

    def dataset(self, name: str) -> Key:
        """A dataset that was seen as it is declared; some are seen under another name only."""
        key = Key(Kind.DATASET, self.rng.choice(NAMESPACES), name)
        heard = key
        if self.rng.random() < 0.2:
            heard = key._replace(namespace="other spelling")
            self.same[Name(heard.namespace, name)] = Name(key.namespace, name)
        self.things[heard] = Evidence(1, 1)
        self.documents[key] = {}
        if self.rng.random() < 0.7:
            types = {f"c{i}": self.rng.choice(["long", "text"]) for i in range(self.rng.randint(1, 4))}
            self.documents[key]["fields"] = [{"name": c, "type": t} for c, t in types.items()]
            self.columns[key] = {c: self.rng.choice([t, t.upper(), ""]) for c, t in types.items()}
        self._owned(key)
        return key

    def _owned(self, key: Key) -> None:
        names = self.rng.sample(["sales", "risk", "data"], self.rng.randint(0, 2))
        self.owners[key] = {f"team:{name}": [name, f"team:{name}"] for name in names}
        if names and self.rng.random() < 0.6:
            said = frozenset(self.rng.choice([name, f"TEAM:{name}"]) for name in names)
            self.observed_owners[key] = [Owners(said, OBSERVED)]
        if names and self.rng.random() < 0.3:
            self.observed_owners.setdefault(key, []).append(Owners(frozenset({names[0]}), PERSON))

    def pipeline(self, name: str, datasets: list[Key]) -> Key:
        """A pipeline that was seen to do what it declares; some say nothing of one side."""
        key = Key(Kind.PIPELINE, PIPELINES, name)
        self.things[key] = Evidence(1, 1)
        self.documents[key] = {}
        for kind in (READS, WRITES):
            stated = self.rng.random() < 0.8
            for other in self.rng.sample(datasets, min(len(datasets), self.rng.randint(0, 3))):
                flow = Flow(kind, Name(PIPELINES, name), self.name(other))
                self.flows[self.heard(flow)] = Evidence(1, 1)
                if stated:
                    self.declared_flows[flow] = key
        return key

    def lineage_of_columns(self, i: int, datasets: list[Key]) -> None:
        """Column lineage that was seen as it is declared, here or elsewhere; INDIRECT ones of a dataset as a whole."""
        rng = self.rng
        to, source = (self.name(rng.choice(datasets)) for _ in range(2))
        type_ = rng.choice(["DIRECT", "INDIRECT"])
        flow = ColumnFlow(to, f"made{i}", source, f"of{i}", type_, rng.random() < 0.3)
        self.declared_column_flows[flow] = Key(Kind.DECLARED_LINEAGE, "", f"lineage{i}")
        seen = flow._replace(masked=flow.masked or rng.random() < 0.3)
        if type_ == "INDIRECT" and rng.random() < 0.5:
            seen = seen._replace(column="")
        self.column_flows[self._heard_columns(seen)] = Evidence(1, 1)
        more = self._heard_columns(seen._replace(field=f"other{i}", column=flow.column))
        self.column_flows[more] = Evidence(1, 1)
        self.column_flows_elsewhere.add(more)
        if rng.random() < 0.5:  # of this nobody declares anything: another column, or the other type
            self.column_flows[flow._replace(column=f"unsaid{i}")] = Evidence(1, 1)
            other = "DIRECT" if type_ == "INDIRECT" else "INDIRECT"
            self.column_flows[flow._replace(type=other)] = Evidence(1, 1)

    def _heard_columns(self, flow: ColumnFlow) -> ColumnFlow:
        """The edge as events spell it."""
        dataset, source = (self.heard(Flow(READS, name, name)).dataset for name in (flow.dataset, flow.source))
        return flow._replace(dataset=dataset, source=source)

    def name(self, key: Key) -> Name:
        """A dataset's name."""
        return Name(key.namespace, key.name)

    def heard(self, flow: Flow) -> Flow:
        """The flow as events spell it: sometimes by another name of its dataset."""
        spellings = [other for other, one in self.same.items() if one == flow.dataset]
        return flow._replace(dataset=self.rng.choice([flow.dataset, *spellings]))


def agreement(rng: random.Random) -> World:
    """A world in which all that is declared was observed, and more is declared elsewhere."""
    world = World(rng)
    datasets = [world.dataset(f"d{i}") for i in range(rng.randint(1, 8))]
    for i in range(rng.randint(0, 3)):
        other = Key(Kind.DATASET, rng.choice(NAMESPACES), f"elsewhere{i}")
        world.elsewhere.add(other)
        world.things[other] = Evidence(1, 1)
    for i in range(rng.randint(0, 4)):
        world.pipeline(f"p{i}", datasets)
    for i in range(rng.randint(0, 4)):
        world.lineage_of_columns(i, datasets)
    for target, source in pairwise(datasets):
        if rng.random() < 0.2:
            flow = Flow(DERIVES_FROM, world.name(target), world.name(source))
            world.declared_flows[flow] = target
            if rng.random() < 0.5:
                world.flows[world.heard(flow)] = Evidence(1, 1)
            else:  # through a job that nobody declares, in a namespace that is not covered
                job = Name("elsewhere", f"{target.name} from {source.name}")
                world.flows[Flow(READS, job, flow.dataset)] = Evidence(1, 1)
                world.flows[Flow(WRITES, job, flow.subject)] = Evidence(1, 1)
    return world


def plant(world: World, count: int) -> None:
    """Plant so many drifts, each in a place of its own."""
    for i in range(count):
        world.rng.choice(PLANTS)(world, i)


def _declared(world: World, kind: Kind) -> list[Key]:
    return sorted(key for key in world.documents if key.kind is kind and key not in world.touched)


def _missing(world: World, i: int) -> None:
    kind = world.rng.choice([Kind.DATASET, Kind.PIPELINE])
    namespace = world.rng.choice(NAMESPACES) if kind is Kind.DATASET else PIPELINES
    key = Key(kind, namespace, f"missing{i}")
    world.documents[key] = {"fields": [{"name": "a"}]}
    world.touched.add(key)
    world.planted.add((DriftType.MISSING, key, ""))


def _undeclared(world: World, i: int) -> None:
    covered = sorted({(key.kind, key.namespace) for key in world.documents})
    kind, namespace = world.rng.choice(covered)
    key = Key(kind, namespace, f"undeclared{i}")
    world.things[key] = Evidence(5, 5)
    world.planted.add((DriftType.UNDECLARED, key, ""))


def _schema(world: World, i: int) -> None:
    with_columns = [key for key in _declared(world, Kind.DATASET) if world.columns.get(key)]
    if not with_columns:
        return
    key = world.rng.choice(with_columns)
    columns = world.columns[key]
    name = world.rng.choice(sorted(columns))
    how = world.rng.choice(["added", "gone", "type"])
    if how == "gone" and len(columns) == 1:
        how = "added"
    if how == "added":
        name = f"new{i}"
        columns[name] = "long"
    elif how == "gone":
        del columns[name]
    else:
        columns[name] = "geometry"
    world.touched.add(key)
    world.planted.add((DriftType.SCHEMA, key, f"fields[{name}]"))


def _unseen_flow(world: World, i: int) -> None:
    pipelines = _declared(world, Kind.PIPELINE)
    if not pipelines:
        return
    key = world.rng.choice(pipelines)
    flow = Flow(READS, Name(*key[1:]), Name("db", f"never read {i}"))
    stated = {(other.kind, other.subject) for other in world.declared_flows}
    if (flow.kind, flow.subject) not in stated:
        return  # it says nothing of what it reads: then what it was seen to read would be drift, too
    world.declared_flows[flow] = key
    world.planted.add((DriftType.LINEAGE, key, f"flows {key.name} reads db never read {i}"))


def _undeclared_flow(world: World, i: int) -> None:
    stated = sorted({(f.kind, f.subject, key) for f, key in world.declared_flows.items() if f.kind != DERIVES_FROM})
    if not stated:
        return
    kind, subject, key = world.rng.choice(stated)
    world.flows[Flow(kind, subject, Name("db", f"unsaid {i}"))] = Evidence(7, 7)
    word = "reads" if kind == READS else "writes"
    world.planted.add((DriftType.LINEAGE, key, f"flows {subject.name} {word} db unsaid {i}"))


def _undeclared_source(world: World, i: int) -> None:
    stated = sorted({(f.subject, key) for f, key in world.declared_flows.items() if f.kind == DERIVES_FROM})
    if not stated:
        return
    subject, key = world.rng.choice(stated)
    world.flows[Flow(DERIVES_FROM, subject, Name("db", f"unsaid {i}"))] = Evidence(7, 7)
    path = f"{subject.namespace} {subject.name} derives from db unsaid {i}"
    world.planted.add((DriftType.LINEAGE, key, path))


def _owner(world: World, i: int) -> None:
    owned = [key for key in _declared(world, Kind.DATASET) if world.owners.get(key)]
    if not owned:
        return
    key = world.rng.choice(owned)
    origin = world.rng.choice([OBSERVED, PERSON])
    others = [said for said in world.observed_owners.get(key, []) if said.origin != origin]
    world.observed_owners[key] = [*others, Owners(frozenset({f"stranger{i}"}), origin)]
    world.touched.add(key)
    world.planted.add((DriftType.OWNER, key, f"owners ({origin})"))


def _column_flow(world: World, i: int) -> None:
    free = sorted(f for f, key in world.declared_column_flows.items() if key not in world.touched)
    if not free:
        return
    flow = world.rng.choice(free)
    key = world.declared_column_flows[flow]
    seen = {f for f in world.column_flows if (f.field, f.type) == (flow.field, flow.type) and "unsaid" not in f.column}
    how = world.rng.choice(["unseen", "unsaid", "clear"])
    if how == "unsaid":
        field_ = f"secret{i}"
        world.column_flows[flow._replace(field=field_)] = Evidence(7, 7)
    elif how == "unseen":
        field_ = flow.field
        for other in seen:
            del world.column_flows[other]
    elif not flow.masked:
        return
    else:
        field_ = flow.field
        for other in seen:
            world.column_flows[other._replace(masked=False)] = world.column_flows.pop(other)
    world.touched.add(key)
    to, of = (" ".join(name) for name in (flow.dataset, flow.source))
    how = " (INDIRECT)" if flow.type == "INDIRECT" else ""
    path = f"{to} [{flow.column}] derives from {of} [{field_}]{how}"
    world.planted.add((DriftType.COLUMN_LINEAGE, key, path))


PLANTS: list[Callable[[World, int], None]] = [
    _missing,
    _undeclared,
    _schema,
    _unseen_flow,
    _undeclared_flow,
    _undeclared_source,
    _owner,
    _column_flow,
]
