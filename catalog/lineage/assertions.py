"""What one event asserts, in our words: the output of `translate`, the input of `observe` and of the test oracle."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from catalog.identity import Name

Json = Any


class Origin(StrEnum):
    """Who says so (law 4): an observation of a run, a declaration that replaces what it declared before, or we.

    INFERRED is what the service reads out of an event's SQL: column lineage only, never inputs or outputs.
    """

    OBSERVED = "O"
    DECLARED = "D"
    INFERRED = "I"


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


class RunKey(NamedTuple):
    """A run: its job and the id its producer gave it (a UUID or any other text)."""

    job: Name
    external: str


class ColumnEdge(NamedTuple):
    """One dependency of an output column (`out`, or "" for the whole dataset) on an input column (spec 1-2-0)."""

    out: str
    dataset: Name
    field: str
    type: str
    subtype: str
    masking: bool
    description: str


@dataclass(frozen=True, slots=True)
class DatasetAssertion:
    """What an event says about one dataset in one role.

    Attributes:
        role: "input", "output" or "dataset" (a DatasetEvent's own).
        schema: normalised fields, or None when the event has no schema.
        columns: the column lineage, or None when the event has none (an empty map says nothing, like empty inputs).
        facets: shared facets by key; None is a tombstone (`_deleted`).
        run_facets: facets that belong to the run, not to the dataset (statistics, versions, input and output facets).
        inferred: the column lineage that the event's SQL shows, empty if none; None where it was not looked for.
    """

    name: Name
    role: str
    schema: Json | None = None
    columns: tuple[ColumnEdge, ...] | None = None
    facets: dict[str, Json] = field(default_factory=dict)
    run_facets: dict[str, Json] = field(default_factory=dict)
    inferred: tuple[ColumnEdge, ...] | None = None


@dataclass(frozen=True, slots=True)
class Assertions:
    """Everything one event asserts.

    Attributes:
        time: eventTime, microseconds.
        complete: the event gives its run's complete input and output set (explicit lineage facet).
        run: None for JobEvent and DatasetEvent.
        parents: the run's parent and root, nearest first.
        symlinks: pairs of names of one thing.
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
    symlinks: tuple[tuple[Name, Name], ...] = ()
    complete: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def inputs(self) -> list[Name]:
        """The datasets read: inputs, and what the column lineage names as sources besides the output itself."""
        named = {d.name for d in self.datasets if d.role == "input"}
        for d in self.datasets:
            if d.role == "output":
                named.update(edge.dataset for edge in d.columns or () if edge.dataset != d.name)
        return sorted(named)

    @property
    def outputs(self) -> list[Name]:
        """The datasets written."""
        return sorted({d.name for d in self.datasets if d.role == "output"})
