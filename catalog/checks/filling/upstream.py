"""Where personal data come from: the ways that carry them, and by thing what those state who first held them.

A way carries personal data unless it is known not to: where column lineage of a job and its output is told, only by a
column that holds some, and not if no value is left of it; never into a thing that states to hold none, and of which
nothing else is known. Of all things that state the same of their personal data the nearest is told, so that what is
found grows with the number of different statements, not of things.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from catalog.assets.keys import Kind
from catalog.checks.classification.ways import Gait, gait_of
from catalog.checks.filling.entity import block
from catalog.checks.filling.personal import stated
from catalog.checks.snapshot import ColumnEdge, Thing
from catalog.manifest.durations import days

if TYPE_CHECKING:
    from catalog.checks.filling.known import Known

CARRIERS = (Kind.DATASET, Kind.DASHBOARD, Kind.MODEL_VERSION, Kind.DEPLOYMENT)
"""Kinds of things that hold data; jobs only move them."""


class Statement(NamedTuple):
    """What a thing states of its personal data."""

    purposes: tuple[str, ...]
    purposes_stated: bool
    consent_scope: tuple[str, ...]
    legal_basis: str
    retention_days: float
    special: tuple[str, ...]
    phi: bool


class Origin(NamedTuple):
    """The nearest thing that states something: how many steps away, and its id."""

    steps: int
    thing: str


class Upstream:
    """The ways of personal data in a snapshot."""

    def __init__(self, known: Known) -> None:
        self._known = known

    def of(self, thing: Thing) -> list[dict[str, Any]]:
        """The personal data that a thing is made of, or that a job takes, as policies see them."""
        found = self._of_job(thing.id) if thing.key.kind is Kind.PIPELINE else self._origins.get(thing.id, {})
        told = [self._shown(statement, origin.thing) for statement, origin in found.items()]
        return sorted(told, key=lambda one: (one["name"], one["id"]))

    def carries(self, source: str, target: str, job: str = "") -> bool:
        """Whether a step from a thing to the next, by a job if there is one, may carry personal data."""
        return (target, job) in self._out.get(source, ())

    def onward(self, source: str) -> frozenset[tuple[str, str]]:
        """Where personal data of a thing may go: the next things, each with the job that takes them there, or ""."""
        return self._out.get(source, frozenset())

    def taken(self, job: str) -> list[str]:
        """The inputs of a job from which it may take personal data on, or whose columns nobody tells."""
        inputs, outputs = self.inputs(job), self.outputs(job)
        if not outputs or not all(self._told.get((job, output)) for output in outputs):
            return inputs
        return [one for one in inputs if any(self.carries(one, output, job) for output in outputs)]

    def used(self, job: str, source: str) -> frozenset[str] | None:
        """The columns of an input that a job looks at; None if nobody tells."""
        outputs = self.outputs(job)
        told = [self._told.get((job, output)) for output in outputs]
        if not outputs or not all(told):
            return None
        return frozenset(e.source.column for edges in told for e in edges or () if e.source.thing == source)

    def inputs(self, job: str) -> list[str]:
        """What a job reads, itself or by jobs that hand it their data."""
        return sorted(self._inputs.get(job, ()))

    def outputs(self, job: str) -> list[str]:
        """What a job writes."""
        return sorted({edge.target for edge in self._known.out.get(job, ()) if edge.kind == "WRITES"})

    def _of_job(self, job: str) -> Mapping[Statement, Origin]:
        found: dict[Statement, Origin] = {}
        for one in self.taken(job):
            nearest = dict(self._origins.get(one, {}))
            if one in self._seeds:
                nearest[self._seeds[one]] = Origin(0, one)
            for statement, origin in nearest.items():
                found[statement] = min(origin, found.get(statement, origin))
        return found

    def _shown(self, statement: Statement, thing: str) -> dict[str, Any]:
        return {
            **statement._asdict(),
            **{"purposes": list(statement.purposes), "consent_scope": list(statement.consent_scope)},
            **{"special": list(statement.special), "legal_basis": statement.legal_basis or None},
            "retention_days": None if statement.retention_days < 0 else statement.retention_days,
            **{"id": thing, "name": self._known.snapshot.things[thing].key.name},
        }

    @cached_property
    def _seeds(self) -> Mapping[str, Statement]:
        """What things with personal data of their own state."""
        personal, found = self._known.personal, dict[str, Statement]()
        for kind in CARRIERS:
            for thing in self._known.by_kind.get(kind, ()):
                phi = personal.protected(thing) is True
                if phi or personal.holds(thing) is True:
                    found[thing.id] = _statement(thing, tuple(personal.special(thing)), phi)
        return found

    @cached_property
    def _origins(self) -> Mapping[str, Mapping[Statement, Origin]]:
        """By thing and statement the nearest origin: from all that state the same at once, level by level."""
        found: dict[str, dict[Statement, Origin]] = defaultdict(dict)
        alike: dict[Statement, list[str]] = defaultdict(list)
        for id_, statement in self._seeds.items():
            alike[statement].append(id_)
        for statement, ids in alike.items():
            begun, level, steps = set(ids), [(id_, id_) for id_ in sorted(ids)], 0
            while level:
                steps, following = steps + 1, list[tuple[str, str]]()
                for here, origin in level:
                    for target, _ in sorted(self.onward(here)):
                        if target == origin or statement in found[target]:
                            continue
                        found[target][statement] = Origin(steps, origin)
                        if target not in begun:
                            following.append((target, origin))
                level = sorted(following)
        return found

    @cached_property
    def _out(self) -> Mapping[str, frozenset[tuple[str, str]]]:
        found: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for source, target, job in self._steps():
            if source != target and self._open(target) and self._by_columns(source, target, job):
                found[source].add((target, job))
        for source, version, job in self._trainings():
            if self._open(version):
                found[source].add((version, job))
        return {source: frozenset(targets) for source, targets in found.items()}

    def _steps(self) -> Iterator[tuple[str, str, str]]:
        for job in self._known.by_kind.get(Kind.PIPELINE, ()):
            for output in self.outputs(job.id):
                yield from ((source, output, job.id) for source in self.inputs(job.id))
        for edge in self._known.snapshot.edges:
            if edge.kind == "DERIVES_FROM":
                yield edge.source, edge.target, ""
        for deployment in self._known.by_kind.get(Kind.DEPLOYMENT, ()):
            yield from ((version, deployment.id, "") for version in deployment.observed.serves)

    def _trainings(self) -> Iterator[tuple[str, str, str]]:
        """The data of versions, each with the jobs that trained them; with none where nobody tells."""
        for version in self._known.by_kind.get(Kind.MODEL_VERSION, ()):
            jobs = {edge.source for edge in self._known.into.get(version.id, ()) if edge.kind == "WRITES"}
            named = self._known.refer(block(version.document.get("trainedBy")).get("pipeline"), Kind.PIPELINE)
            jobs |= {named.id} if named else set()
            for used in version.observed.training:
                source = self._known.snapshot.things.get(used.thing)
                columns = self._known.personal.columns(source) if source else frozenset()
                if not (columns and used.columns) or columns.intersection(used.columns):
                    yield from ((used.thing, version.id, job) for job in jobs or {""})

    def _open(self, target: str) -> bool:
        """Whether a thing may hold personal data: it does not state otherwise."""
        thing = self._known.snapshot.things.get(target)
        return thing is not None and self._known.personal.holds(thing) is not False

    def _by_columns(self, source: str, target: str, job: str) -> bool:
        edges, thing = self._told.get((job, target)), self._known.snapshot.things.get(source)
        if not edges or thing is None:
            return True
        columns = self._known.personal.columns(thing)
        return any(
            edge.source.thing == source
            and gait_of(edge) in (Gait.VALUE, Gait.MASKED)
            and (not columns or not edge.source.column or edge.source.column in columns)
            for edge in edges
        )

    @cached_property
    def _told(self) -> Mapping[tuple[str, str], list[ColumnEdge]]:
        """Column lineage by job and output."""
        found: dict[tuple[str, str], list[ColumnEdge]] = defaultdict(list)
        for edge in self._known.snapshot.column_edges:
            found[edge.job, edge.target.thing].append(edge)
        return found

    @cached_property
    def _inputs(self) -> Mapping[str, set[str]]:
        """What jobs read, and by FED_BY what those read that hand their data on."""
        found: dict[str, set[str]] = defaultdict(set)
        fed: dict[str, set[str]] = defaultdict(set)
        for edge in self._known.snapshot.edges:
            if edge.kind == "READS":
                found[edge.target].add(edge.source)
            elif edge.kind == "FED_BY":
                fed[edge.source].add(edge.target)
        waiting = sorted(fed)
        while waiting:
            job = waiting.pop()
            for next_ in sorted(fed.get(job, ())):
                if not found[job] <= found[next_]:
                    found[next_] |= found[job]
                    waiting.append(next_)
        return found


def _statement(thing: Thing, special: tuple[str, ...], phi: bool) -> Statement:
    told = stated(thing)
    span = days(block(thing.attributes.get("retention")).get("duration"))
    return Statement(
        _words(told.get("purposes")),
        told.get("purposes") is not None,
        _words(told.get("consentScope")),
        str(told.get("legalBasis") or ""),
        -1.0 if span is None else span,
        special,
        phi,
    )


def _words(told: Any) -> tuple[str, ...]:
    return tuple(sorted(map(str, told))) if isinstance(told, Iterable) and not isinstance(told, str) else ()
