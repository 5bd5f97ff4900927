"""A run's state from its events, whatever their order of arrival.

Events are walked by (eventTime, rank). START begins an attempt, a second START after a terminal event begins another;
RUNNING and OTHER never reopen a run. Of two terminal events the later one holds, but a COMPLETE does not heal a failure
of the attempt that a START began: Spark ends a failed query with FAIL and then COMPLETE (OpenLineage #4350). Where no
START was heard, attempts cannot be told apart (Airflow's `dags test` reuses the ids of its DAG runs and starts none).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from catalog.lineage.assertions import EventType


class RunState(StrEnum):
    """What is known of a run. UNKNOWN: only mentioned, as somebody's parent. NEW: heard of, not started."""

    NEW = "NEW"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    ABORTED = "ABORTED"
    UNKNOWN = "UNKNOWN"


_TERMINAL = {
    EventType.COMPLETE.rank: RunState.COMPLETED,
    EventType.FAIL.rank: RunState.FAILED,
    EventType.ABORT.rank: RunState.ABORTED,
}
_FAILURES = (RunState.FAILED, RunState.ABORTED)
_FOLDABLE = (EventType.OTHER.rank, EventType.RUNNING.rank)


class RunEvent(NamedTuple):
    """One event of a run: its time, rank, sequence, and the shape of the inputs and outputs it asserted."""

    t: int
    rank: int
    s: int
    io: str


class RunSummary(NamedTuple):
    """State and times (microseconds); `started_inferred` when no START was heard."""

    state: RunState
    started_at: int | None
    ended_at: int | None
    started_inferred: bool


def summarise(events: Iterable[RunEvent]) -> RunSummary:
    """The state after all these events."""
    state, started, ended = RunState.UNKNOWN, None, None
    first: int | None = None
    for t, rank, _, _ in sorted(events):
        first = t if first is None else first
        if rank in _TERMINAL:
            if rank != EventType.COMPLETE.rank or started is None or state not in _FAILURES:
                state, ended = _TERMINAL[rank], t
        elif rank == EventType.START.rank:
            if started is None or ended is not None:
                started = t
            state, ended = RunState.RUNNING, None
        elif state in (RunState.UNKNOWN, RunState.NEW):
            state = RunState.RUNNING if rank == EventType.RUNNING.rank else RunState.NEW
    inferred = started is None and state not in (RunState.UNKNOWN, RunState.NEW)
    return RunSummary(state, first if inferred else started, ended, inferred)


def keep(events: Iterable[RunEvent]) -> list[RunEvent]:
    """The events that can still decide an answer, sorted.

    A RUNNING or OTHER that an earlier and earlier-known one of the same content precedes says nothing new at any
    (T, K), so a streaming job's heartbeat does not grow its run.
    """
    kept: list[RunEvent] = []
    lowest: dict[tuple[int, str], int] = {}
    for event in sorted(set(events)):
        content = (event.rank, event.io)
        if event.rank in _FOLDABLE and lowest.get(content, event.s + 1) <= event.s:
            continue
        lowest[content] = event.s
        kept.append(event)
    return kept
