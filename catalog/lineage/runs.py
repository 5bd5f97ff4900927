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
ENDED = frozenset(state.value for state in _TERMINAL.values())
"""The states of a run that has ended."""
_FAILURES = (RunState.FAILED, RunState.ABORTED)
_FOLDABLE = (EventType.OTHER.rank, EventType.RUNNING.rank)


class RunEvent(NamedTuple):
    """One event of a run: its time, rank, sequence, and the shape of the inputs and outputs it asserted."""

    t: int
    rank: int
    s: int
    io: str


class RunSummary(NamedTuple):
    """State and times (microseconds) of a run or an attempt; `started_inferred` when no START was heard."""

    state: RunState
    started_at: int | None
    ended_at: int | None
    started_inferred: bool


class Attempt(NamedTuple):
    """One try of a run, and the place (time, rank) of its first event."""

    begins: tuple[int, int]
    summary: RunSummary


def attempts(events: Iterable[RunEvent]) -> list[Attempt]:
    """The tries of a run, first to last: a START behind an end begins another."""
    found: list[list[RunEvent]] = []
    ended = True
    for event in sorted(events):
        if not found or (ended and event.rank == EventType.START.rank):
            found.append([])
            ended = False
        found[-1].append(event)
        ended |= event.rank in _TERMINAL
    return [Attempt(told[0][:2], _summary(told)) for told in found]


def summarise(events: Iterable[RunEvent]) -> RunSummary:
    """The state after all these events: that of the last attempt."""
    tries = attempts(events)
    return tries[-1].summary if tries else RunSummary(RunState.UNKNOWN, None, None, False)


def _summary(told: list[RunEvent]) -> RunSummary:
    state, started, ended = RunState.NEW, None, None
    for t, rank, _, _ in told:
        if rank in _TERMINAL:
            if rank != EventType.COMPLETE.rank or started is None or state not in _FAILURES:
                state, ended = _TERMINAL[rank], t
        elif rank == EventType.START.rank:
            started = t if started is None else started
            state = RunState.RUNNING
        elif rank == EventType.RUNNING.rank and state is RunState.NEW:
            state = RunState.RUNNING
    inferred = started is None and state is not RunState.NEW
    return RunSummary(state, told[0].t if inferred else started, ended, inferred)


def belongs(stamp: tuple[int, int], tries: list[Attempt], number: int) -> bool:
    """Whether what the event at `stamp` (time, rank) told of its attempt holds for the attempt of that number.

    An end that a later one replaced takes its error with it: FAIL and then COMPLETE of a run that never started.
    """
    after = tries[number + 1].begins if number + 1 < len(tries) else None
    if stamp < tries[number].begins or (after is not None and stamp >= after):
        return False
    state = _TERMINAL.get(stamp[1])
    return state not in _FAILURES or tries[number].summary.state in _FAILURES


def is_silent(state: RunState, last: int | None, now: int, silence: int) -> bool:
    """Whether a run that should go on has told nothing for longer than `silence` (all in microseconds)."""
    return state in (RunState.RUNNING, RunState.NEW) and last is not None and now - last > silence


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
