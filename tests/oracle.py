"""The graph by definition: a plain walk over the entries, which every faster way has to equal (law 3).

`lineage(asOf: T, knownAt: K)` is the graph of only those entries whose eventTime <= T and whose sequence <= K, sorted
by (eventTime, state rank, entry key). Nothing here knows how the service folds: no steps, no cells, no ids, no hashes;
things go by their natural keys.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from catalog.identity import Name
from catalog.lineage.assertions import (
    COLUMN_LINEAGE,
    SCHEMA_FACET,
    Assertions,
    Basis,
    ColumnEdge,
    EventType,
    Flow,
    Json,
    Origin,
    RunKey,
    Sources,
)
from tests.oracle_entities import EntityFacts, EntityWalk


class Entry(NamedTuple):
    """One accepted entry: its key, its place in the inbox, and what it asserts."""

    key: str
    sequence: int
    assertions: Assertions


RunFate = tuple[str, int | None, int | None, bool]
"""State, start, end (microseconds) and whether the start is inferred, of a run or one attempt of it."""
RunEvents = list[tuple[EventType, int]]
OF_ATTEMPTS = ("errorMessage", "extractionError", "spark.exception")
"""Run facets that tell of the attempt in which they were sent."""


class RunFacts(NamedTuple):
    """What is known of a run; times in microseconds."""

    state: str
    started_at: int | None
    ended_at: int | None
    started_inferred: bool
    reads: frozenset[Name]
    writes: frozenset[Name]
    attempts: tuple[RunFate, ...] = ()


@dataclass(frozen=True)
class Facts:
    """Everything the graph says at one (asOf, knownAt).

    Attributes:
        reads, writes: (job, dataset, origin "O" or "D").
        fed_by: (job, job whose data it takes, origin), as the job itself says.
        child_of: (job, parent job).
        follows, precedes: (job, the job before or after it).
        others: (job that says so, what it says of another job, origin).
        maps: which inputs made an output, by (job or None, output dataset, origin).
        schemas: fields by (dataset, job that says so or None for the dataset's own event, "ORIGIN:role").
        columns: column edges by (job or None, output dataset, origin).
        facets: by (label "Job" or "Dataset", entity, facet key).
        same_as: sorted pairs of names of one dataset: what symlinks or people say, as the newest decision has it.
        tables: names that a symlink calls tables.
        forwarded: facets of a job as another job passes them on, by (job, the other job, facet key).
        run_facets: of each run by (role "run", "input" or "output", dataset if any, facet key); told for the present
            only, since what they were in the past is in the entries.
        entities: what is declared and said of entities.
    """

    reads: frozenset[tuple[Name, Name, str]]
    writes: frozenset[tuple[Name, Name, str]]
    fed_by: frozenset[tuple[Name, Name, str]]
    child_of: frozenset[tuple[Name, Name]]
    follows: frozenset[tuple[Name, Name]]
    precedes: frozenset[tuple[Name, Name]]
    others: frozenset[tuple[Name, Flow, str]]
    maps: dict[tuple[Name | None, Name, str], Sources]
    schemas: dict[tuple[Name, Name | None, str], Json]
    columns: dict[tuple[Name | None, Name, str], frozenset[ColumnEdge]]
    facets: dict[tuple[str, Name, str], Json]
    runs: dict[RunKey, RunFacts]
    same_as: frozenset[tuple[Name, Name]]
    tables: frozenset[Name]
    forwarded: dict[tuple[Name, Name, str], Json] = field(default_factory=dict)
    run_facets: dict[RunKey, dict[tuple[str, Name | None, str], Json]] = field(default_factory=dict)
    entities: EntityFacts = field(default_factory=EntityFacts)

    @property
    def things(self) -> frozenset[frozenset[Name]]:
        """The names of each thing that has several: what the pairs tie together, however long the way."""
        things: list[frozenset[Name]] = []
        for pair in self.same_as:
            met = [thing for thing in things if thing & set(pair)]
            things = [thing for thing in things if thing not in met] + [frozenset(pair).union(*met)]
        return frozenset(things)

    def called(self, thing: Iterable[Name]) -> Name:
        """The name to show a thing by: one that is called a table, of several the first."""
        return min(set(thing) & self.tables or thing)


@dataclass(frozen=True)
class Sets:
    """Datasets read and written, and jobs whose data are taken directly."""

    reads: frozenset[Name] = frozenset()
    writes: frozenset[Name] = frozenset()
    fed_by: frozenset[Name] = frozenset()

    def __or__(self, other: Sets) -> Sets:
        return Sets(self.reads | other.reads, self.writes | other.writes, self.fed_by | other.fed_by)


class Oracle:
    """The definition, held against a fixed set of entries."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        by_key = {entry.key: entry for entry in entries}
        self._entries = sorted(by_key.values(), key=_place)

    def facts(self, as_of: int | None = None, known_at: int | None = None) -> Facts:
        """The facts of the entries that happened by `as_of` and were known at `known_at`; None: no bound."""
        known = [e for e in self._entries if known_at is None or e.sequence <= known_at]
        walk = _Walk()
        for entry in known:
            if as_of is None or entry.assertions.time <= as_of:
                walk.step(entry.assertions)
        facts = walk.facts(*_identity([entry.assertions for entry in known]))
        return facts if as_of is known_at is None else replace(facts, run_facets={})


def _identity(told: Iterable[Assertions]) -> tuple[frozenset[tuple[Name, Name]], frozenset[Name]]:
    """Pairs of names of one thing, and the names of tables: whatever time they speak of, in the order of the walk."""
    told = list(told)
    pairs = {(min(pair), max(pair)): True for said in told for pair in said.symlinks}
    for verdict in (verdict for said in told for verdict in said.verdicts):
        pairs[min(verdict.a, verdict.b), max(verdict.a, verdict.b)] = verdict.same
    same = frozenset(pair for pair, holds in pairs.items() if holds)
    return same, frozenset(name for said in told for name in said.tables)


def _place(entry: Entry) -> tuple[int, int, str]:
    return entry.assertions.time, entry.assertions.event_type.rank, entry.key


@dataclass
class _RunLog:
    """What the walk heard from one run so far."""

    events: RunEvents = field(default_factory=list)
    facets: list[dict[tuple[str, Name | None, str], Json]] = field(default_factory=list)
    asserted: Sets = Sets()
    complete: bool = False


class _Walk:
    """The state of the graph while the entries pass by."""

    def __init__(self) -> None:
        self.observed: dict[Name, Sets] = {}
        self.declared: dict[Name, Sets] = {}
        self.child_of: set[tuple[Name, Name]] = set()
        self.follows: set[tuple[Name, Name]] = set()
        self.precedes: set[tuple[Name, Name]] = set()
        self.others: dict[tuple[Name, str], tuple[Flow, ...]] = {}
        self.maps: dict[tuple[Name | None, Name, str], Sources] = {}
        self.schemas: dict[tuple[Name, Name | None, str], Json] = {}
        self.columns: dict[tuple[Name | None, Name, str], frozenset[ColumnEdge]] = {}
        self.facets: dict[tuple[str, Name, str], Json] = {}
        self.forwarded: dict[tuple[Name, Name, str], Json] = {}
        self.runs: dict[RunKey, _RunLog] = {}
        self.entities = EntityWalk()

    def step(self, said: Assertions) -> None:
        self.entities.step(said)
        if said.job and said.run:
            self._run_event(said, said.job, said.run)
        elif said.job:
            self.declared[said.job] = _sets(said)
            self.others[said.job, str(said.origin)] = said.others or ()
        self._registers(said)

    def _run_event(self, said: Assertions, job: Name, key: RunKey) -> None:
        run = self.runs.setdefault(key, _RunLog())
        run.events.append((said.event_type, said.time))
        run.facets.append(_facets_of_run(said))
        run.asserted |= _sets(said)
        run.complete |= said.complete
        self.observed[job] = self.observed.get(job, Sets()) | _sets(said)
        if run.complete and said.event_type.terminal:
            self.observed[job] = run.asserted
        if said.others is not None:
            self.others[job, str(said.origin)] = said.others
        self.follows.update((job, name) for name in said.follows)
        self.precedes.update((job, name) for name in said.precedes)
        for parent in said.parents:
            self.runs.setdefault(parent, _RunLog())
        if said.parents and said.parents[0].job != job:
            self.child_of.add((job, said.parents[0].job))

    def _registers(self, said: Assertions) -> None:
        if said.job:
            self._facets("Job", said.job, said.job_facets)
            for name, facets in said.forwarded.items():
                self.forwarded.update({(name, said.job, key): facet for key, facet in facets.items()})
        for dataset in said.datasets:
            place = dataset.name, said.job, f"{said.origin}:{dataset.role}"
            if dataset.schema is not None:
                self.schemas[place] = dataset.schema
            elif SCHEMA_FACET in dataset.gone:
                self.schemas.pop(place, None)
            self._facets("Dataset", dataset.name, dataset.facets)
            if dataset.role == "dataset":
                self._facets("Dataset", dataset.name, dataset.run_facets)
            if dataset.role == "deployment" and dataset.sources:
                self.maps[None, dataset.name, str(Origin.OBSERVED)] = dataset.sources
        self._lineage(said)
        self._inferred(said)

    def _lineage(self, said: Assertions) -> None:
        """The newest map of an output replaces the one before; `_deleted` takes column lineage away, and its map."""
        outputs = [dataset for dataset in said.datasets if dataset.role in ("output", "dataset")]
        explicit = {dataset.name for dataset in outputs if dataset.sources is not None}
        columns: dict[Name, set[ColumnEdge]] = {}
        for dataset in outputs:
            if dataset.columns is not None:
                columns.setdefault(dataset.name, set()).update(dataset.columns)
        for name in {dataset.name for dataset in outputs}:
            own, place = [d for d in outputs if d.name == name], (said.job, name, str(said.origin))
            if name in columns:
                self.columns[place] = frozenset(columns[name])
            elif any(COLUMN_LINEAGE in dataset.gone for dataset in own):
                self.columns.pop(place, None)
                if name not in explicit:
                    self.maps.pop(place, None)
            if name in explicit or name in columns:
                self.maps[place] = _map(name, [d.sources for d in own if d.sources], columns, explicit)

    def _inferred(self, said: Assertions) -> None:
        """What SQL showed last counts, also that it shows nothing."""
        united: dict[Name, frozenset[ColumnEdge]] = {}
        for dataset in said.datasets if said.job else ():
            if dataset.inferred is not None:
                united[dataset.name] = united.get(dataset.name, frozenset()) | frozenset(dataset.inferred)
        for output, edges in united.items():
            self.columns.pop((said.job, output, str(Origin.INFERRED)), None)
            if edges:
                self.columns[said.job, output, str(Origin.INFERRED)] = edges

    def _facets(self, label: str, name: Name, facets: dict[str, Json]) -> None:
        for key, facet in facets.items():
            self.facets.pop((label, name, key), None)
            if facet is not None:
                self.facets[label, name, key] = facet

    def facts(self, same_as: frozenset[tuple[Name, Name]], tables: frozenset[Name]) -> Facts:
        by_origin = [(str(Origin.OBSERVED), self.observed), (str(Origin.DECLARED), self.declared)]
        return Facts(
            reads=frozenset((job, d, o) for o, jobs in by_origin for job, sets in jobs.items() for d in sets.reads),
            writes=frozenset((job, d, o) for o, jobs in by_origin for job, sets in jobs.items() for d in sets.writes),
            fed_by=frozenset((job, d, o) for o, jobs in by_origin for job, sets in jobs.items() for d in sets.fed_by),
            child_of=frozenset(self.child_of),
            follows=frozenset(self.follows),
            precedes=frozenset(self.precedes),
            others=frozenset((job, flow, o) for (job, o), flows in self.others.items() for flow in flows),
            maps=self.maps,
            schemas=self.schemas,
            columns={place: edges for place, edges in self.columns.items() if edges},
            facets=self.facets,
            forwarded=self.forwarded,
            runs={key: _run_facts(run) for key, run in self.runs.items()},
            same_as=same_as,
            tables=tables,
            run_facets={key: facets for key, run in self.runs.items() if (facets := _present_facets(run))},
            entities=self.entities.facts(),
        )


def _sets(said: Assertions) -> Sets:
    return Sets(frozenset(said.inputs), frozenset(said.outputs), frozenset(said.fed_by))


def _map(name: Name, told: list[Sources], columns: dict[Name, set[ColumnEdge]], explicit: set[Name]) -> Sources:
    """What an event says made one of its outputs: its lineage facet, else the column lineage.

    Of an output listed twice, what is known in either place. What other outputs' columns come from, and none of its
    own, does not feed it.
    """
    if name in explicit:
        basis = next((b for b in (Basis.EXPLICIT, Basis.DANGLING) if any(s.basis is b for s in told)), Basis.DANGLING)
        datasets, jobs = {n for s in told for n in s.datasets}, {n for s in told for n in s.jobs}
        return Sources(basis, tuple(sorted(datasets)), tuple(sorted(jobs)))
    own = {edge.dataset for edge in columns[name]}
    elsewhere = {e.dataset for other, edges in columns.items() if other not in explicit for e in edges} - own
    return Sources(Basis.COLUMN, tuple(sorted(own)), (), tuple(sorted(elsewhere)))


def run_state(events: Iterable[tuple[EventType, int]]) -> RunFate:
    """What became of a run that sent these events, given in order: only its last attempt counts."""
    attempts = split(events)
    return fate(attempts[-1]) if attempts else ("UNKNOWN", None, None, False)


def split(events: Iterable[tuple[EventType, int]]) -> list[RunEvents]:
    """The attempts of a run, given its events in order: a START after a terminal state begins a new one."""
    attempts: list[RunEvents] = []
    for event_type, time in events:
        if not attempts or (event_type is EventType.START and any(heard.terminal for heard, _ in attempts[-1])):
            attempts.append([])
        attempts[-1].append((event_type, time))
    return attempts


def fate(attempt: RunEvents) -> RunFate:
    """State, start, end and whether the start is inferred, of one attempt.

    The last terminal event holds, the last failure if the attempt was heard to start and failed at all; without one,
    RUNNING or START make it RUNNING. Where no START was heard, the first event stands in.
    """
    heard = {event_type for event_type, _ in attempt}
    starts = [time for event_type, time in attempt if event_type is EventType.START]
    ends = [(event_type, time) for event_type, time in attempt if event_type.terminal]
    if heard == {EventType.OTHER}:
        return "NEW", None, None, False
    failures = [end for end in ends if end[0] is not EventType.COMPLETE]
    if starts and failures:
        ends = failures
    state, ended = "RUNNING", None
    if ends:
        names = {EventType.COMPLETE: "COMPLETED", EventType.ABORT: "ABORTED", EventType.FAIL: "FAILED"}
        state, ended = names[ends[-1][0]], ends[-1][1]
    return state, (starts or [attempt[0][1]])[0], ended, not starts


def _run_facts(run: _RunLog) -> RunFacts:
    attempts = tuple(fate(attempt) for attempt in split(run.events))
    return RunFacts(*run_state(run.events), run.asserted.reads, run.asserted.writes, attempts)


def _facets_of_run(said: Assertions) -> dict[tuple[str, Name | None, str], Json]:
    facets: dict[tuple[str, Name | None, str], Json] = {("run", None, k): v for k, v in said.run_facets.items()}
    for dataset in said.datasets:
        facets.update({(dataset.role, dataset.name, key): facet for key, facet in dataset.run_facets.items()})
    return facets


def _present_facets(run: _RunLog) -> dict[tuple[str, Name | None, str], Json]:
    """The newest of each; an attempt's error is gone when the run is done again, or its end turned out another."""
    last = len(run.events) - len(split(run.events)[-1]) if run.events else 0
    completed = run_state(run.events)[0] == "COMPLETED"
    found: dict[tuple[str, Name | None, str], Json] = {}
    for i, ((event_type, _), facets) in enumerate(zip(run.events, run.facets, strict=True)):
        replaced = completed and event_type in (EventType.FAIL, EventType.ABORT)
        for place, facet in facets.items():
            if place[0] != "run" or place[2] not in OF_ATTEMPTS or (i >= last and not replaced):
                found[place] = facet
    return found
