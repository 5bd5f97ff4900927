"""What one event asserts, in our words: the output of `translate`, the input of `observe` and of the test oracle."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from catalog.assets.keys import Key
from catalog.identity import Name, dataset_id

if TYPE_CHECKING:
    from catalog.lineage.facets.dataset import Change

Json = Any


class Origin(StrEnum):
    """Who says so (law 4): a run that was observed, a declaration that replaces its last, the service, or a person.

    INFERRED is what the service reads out of an event's SQL: column lineage only, never inputs or outputs. PERSON is
    what somebody decided about names.
    """

    OBSERVED = "O"
    DECLARED = "D"
    INFERRED = "I"
    PERSON = "P"


class EventType(StrEnum):
    """OpenLineage's `eventType`; OTHER also stands for a missing or unknown one."""

    OTHER = "OTHER"
    START = "START"
    RUNNING = "RUNNING"
    COMPLETE = "COMPLETE"
    ABORT = "ABORT"
    FAIL = "FAIL"

    @property
    def rank(self) -> int:
        """The order among events of one moment."""
        return _RANKS[self]

    @property
    def terminal(self) -> bool:
        """Whether it ends a run."""
        return self.rank >= TERMINAL_RANK


_RANKS = {event_type: rank for rank, event_type in enumerate(EventType)}
TERMINAL_RANK = _RANKS[EventType.COMPLETE]

SCHEMA_FACET, COLUMN_LINEAGE = "schema", "columnLineage"
"""The dataset facets with a register of their own, which `_deleted` takes away."""
MAX_EXCLUDED = 20_000
"""Of one event, outputs with column lineage times datasets that it names. Beyond, which a warning says, nothing is
excluded: an input that no column of an output comes from then counts as a possible one, as where nothing is known."""


class RunKey(NamedTuple):
    """A run: its job and the id its producer gave it (a UUID or any other text)."""

    job: Name
    external: str


class Basis(StrEnum):
    """What is known about which inputs made an output, and from where.

    EXPLICIT: the lineage facet names them (none is an answer, too). DANGLING: the event has a lineage facet, and it
    leaves this output open. COLUMN: the column lineage names some. PRODUCT: nothing is known, so all inputs may.
    """

    EXPLICIT = "EXPLICIT"
    DANGLING = "DANGLING"
    COLUMN = "COLUMN"
    PRODUCT = "PRODUCT"


class Sources(NamedTuple):
    """Which inputs made one output.

    Attributes:
        datasets, jobs: those that feed it.
        excluded: datasets that explain other outputs of the same event but not this one (COLUMN only).
    """

    basis: Basis
    datasets: tuple[Name, ...] = ()
    jobs: tuple[Name, ...] = ()
    excluded: tuple[Name, ...] = ()


class Flow(NamedTuple):
    """What an event says about another job than its own: `job` is fed by the dataset or job `source`."""

    job: Name
    by_job: bool
    source: Name


class ColumnEdge(NamedTuple):
    """One dependency of an output column (`out`, or "" for the whole dataset) on an input column (spec 1-2-0)."""

    out: str
    dataset: Name
    field: str
    type: str
    subtype: str
    masking: bool
    description: str


class Verdict(NamedTuple):
    """A person's decision: two names are one thing (`same`), or two; by whom, and why, in their own words."""

    a: Name
    b: Name
    same: bool
    by: str
    reason: str


class DeclaredFlow(NamedTuple):
    """An edge that a document declares, spelled as it is stored.

    `READS` and `WRITES` go from a job to a dataset, `DERIVES_FROM` from a dataset to the one it is made of; only the
    last has a type (what kind of making: the word of the document, or empty).
    """

    kind: str
    source: Name
    target: Name
    type: str = ""


class Declared(NamedTuple):
    """What a manifest says of one entity, or (`body` None) that it says nothing of it any more.

    Attributes:
        body: the document in canonical form.
        refs: other entities that it names, each with the role in which it does.
        flows, columns: lineage that follows from it; column edges by the dataset that they make.
    """

    key: Key
    body: dict[str, Json] | None
    refs: tuple[tuple[str, Key], ...] = ()
    flows: tuple[DeclaredFlow, ...] = ()
    columns: tuple[tuple[Name, ColumnEdge], ...] = ()


class Curated(NamedTuple):
    """A person's word about an entity; a `value` of None takes it back.

    Attributes:
        attribute: what is said, such as `description`.
        field: path of the field it is said of; "" for the entity itself.
        item: which member, where an attribute has several (a tag, an owner, a comment); else "".
        by: who, in the client's words; `verified` once somebody vouches for that.
        undoes: key of the entry that this one takes back, or "".
    """

    key: Key
    attribute: str
    field: str
    item: str
    value: Json | None
    by: str
    verified: bool = False
    reason: str = ""
    undoes: str = ""


@dataclass(frozen=True, slots=True)
class DatasetAssertion:
    """What an event says about one dataset in one role.

    Attributes:
        role: "input", "output" or "dataset" (a DatasetEvent's own); "model", "deployment" of what an event only tells
            of (see `models`).
        schema: normalised fields, or None when the event has no schema.
        columns: the column lineage, or None when the event has none (an empty map says nothing, like empty inputs);
            from an explicit lineage facet it may be empty, and then says that there is none.
        sources: of an output, what the explicit lineage facet says; None without such a facet. Of a deployment, what it
            serves.
        gone: facets of a typed place that were taken away: "schema", "columnLineage".
        facets: shared facets by key; None is a tombstone (`_deleted`).
        run_facets: facets that belong to the run, not to the dataset (statistics, versions, input and output facets).
        inferred: the column lineage that the event's SQL shows, empty if none; None where it was not looked for.
        change: what became of it (created, dropped, renamed, …).
        containers: type and name of what contains it, outermost first; empty: it is in none any more.
    """

    name: Name
    role: str
    schema: Json | None = None
    columns: tuple[ColumnEdge, ...] | None = None
    sources: Sources | None = None
    gone: frozenset[str] = frozenset()
    facets: dict[str, Json] = field(default_factory=dict)
    run_facets: dict[str, Json] = field(default_factory=dict)
    inferred: tuple[ColumnEdge, ...] | None = None
    change: Change | None = None
    containers: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, slots=True)
class Assertions:
    """Everything one event asserts.

    Attributes:
        time: eventTime, microseconds.
        complete: the event gives its run's complete input and output set (explicit lineage facet).
        run: None for JobEvent and DatasetEvent.
        parents: the run's parent and root, nearest first.
        forwarded: facets of its parent and root jobs as it passes them on; they count where those say nothing.
        fed_by: jobs whose data go into this job directly (explicit lineage facet).
        others: flows into other jobs than this one; None without an explicit lineage facet.
        follows, precedes: jobs that run before and after this one (`jobDependencies`): control, no data.
        symlinks: pairs of names of one thing.
        tables: names that a symlink calls a table: the ones to show a thing by.
        verdicts: what a person decided about pairs of names.
        manifest: the manifest that declares, and
        declared: what it says of entities; what it does not name stays as it was.
        heading: what it says of itself as a whole, all of it; None: nothing, so what it said stays.
        curated: what a person says of entities.
        warnings: what could not be understood; the rest of the event stands.
    """

    time: int
    origin: Origin
    event_type: EventType
    producer: str
    job: Name | None
    run: RunKey | None
    parents: tuple[RunKey, ...] = ()
    datasets: tuple[DatasetAssertion, ...] = ()
    job_facets: dict[str, Json] = field(default_factory=dict)
    run_facets: dict[str, Json] = field(default_factory=dict)
    forwarded: dict[Name, dict[str, Json]] = field(default_factory=dict)
    fed_by: tuple[Name, ...] = ()
    others: tuple[Flow, ...] | None = None
    follows: tuple[Name, ...] = ()
    precedes: tuple[Name, ...] = ()
    symlinks: tuple[tuple[Name, Name], ...] = ()
    tables: tuple[Name, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    manifest: str = ""
    declared: tuple[Declared, ...] = ()
    heading: dict[str, Json] | None = None
    curated: tuple[Curated, ...] = ()
    complete: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def facets_of_run(self) -> dict[str, Json]:
        """Facets of the run by `run|key`, and of its datasets by `role|dataset id|key`."""
        facets = {f"run|{key}": facet for key, facet in self.run_facets.items()}
        for dataset in self.datasets:
            of = dataset_id(dataset.name)
            facets.update({f"{dataset.role}|{of}|{key}": facet for key, facet in dataset.run_facets.items()})
        return facets

    @property
    def inputs(self) -> list[Name]:
        """The datasets read: inputs, and what lineage names as sources of an output besides the output itself."""
        named = {d.name for d in self.datasets if d.role == "input"}
        for d in self.datasets:
            if d.role == "output":
                named.update(edge.dataset for edge in d.columns or () if edge.dataset != d.name)
                named.update(name for name in (d.sources.datasets if d.sources else ()) if name != d.name)
        return sorted(named)

    @property
    def outputs(self) -> list[Name]:
        """The datasets written."""
        return sorted({d.name for d in self.datasets if d.role == "output"})

    @property
    def columns(self) -> dict[Name, frozenset[ColumnEdge] | None]:
        """The column lineage of each output that the event speaks of; None: it was taken away."""
        found: dict[Name, frozenset[ColumnEdge] | None] = {}
        for d in self.datasets:
            if d.columns is not None:
                found[d.name] = (found.get(d.name) or frozenset()) | frozenset(d.columns)
            elif COLUMN_LINEAGE in d.gone and d.role != "input":
                found.setdefault(d.name, None)
        return found

    @property
    def sources(self) -> dict[Name, Sources | None]:
        """What made each output that the event speaks of, by the best it says; None: that was taken away."""
        explicit: dict[Name, list[Sources]] = {}
        for d in self.datasets:
            if d.sources is not None and d.role != "deployment":
                explicit.setdefault(d.name, []).append(d.sources)
        found: dict[Name, Sources | None] = {name: _united(said) for name, said in explicit.items()}
        found.update({name: None for name in self.columns if name not in found})
        told = self._told_by_columns()
        explained = set[Name]().union(*told.values())
        for name, given in told.items():
            spare = explained - given if len(explained) * len(told) <= MAX_EXCLUDED else set()
            found[name] = Sources(Basis.COLUMN, tuple(sorted(given)), (), tuple(sorted(spare)))
        return found

    @property
    def not_excluded(self) -> str:
        """What to say where `sources` tells of no column lineage what does not feed an output, since that is too much.

        Empty where nothing is lost.
        """
        if sum(bool(d.columns) for d in self.datasets) < 2:
            return ""  # nearly always
        told = self._told_by_columns()
        explained = set[Name]().union(*told.values())
        if len(explained) * len(told) <= MAX_EXCLUDED or all(given == explained for given in told.values()):
            return ""
        return (
            f"columnLineage: {len(told):,} outputs times {len(explained):,} datasets are more than {MAX_EXCLUDED:,} "
            "pairs; which of the datasets do not feed an output is left out"
        )

    def _told_by_columns(self) -> dict[Name, set[Name]]:
        """The datasets that the column lineage names for each output, where the lineage facet does not speak of it."""
        explicit = {d.name for d in self.datasets if d.sources is not None}
        return {
            name: {edge.dataset for edge in edges}
            for name, edges in self.columns.items()
            if edges is not None and name not in explicit
        }


def _united(said: list[Sources]) -> Sources:
    """One output listed twice: what is given for it in either place."""
    basis = min((s.basis for s in said), key=list(Basis).index)
    datasets, jobs = ({name for s in said for name in getattr(s, part)} for part in ("datasets", "jobs"))
    return Sources(basis, tuple(sorted(datasets)), tuple(sorted(jobs)))
