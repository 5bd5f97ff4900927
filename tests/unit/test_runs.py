"""A run's state follows from its events by their times, whatever their order of arrival."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.lineage.assertions import EventType
from catalog.lineage.runs import RunEvent, RunState, RunSummary, attempts, keep, summarise
from tests.oracle import fate, run_state, split

START, COMPLETE, FAIL = EventType.START, EventType.COMPLETE, EventType.FAIL
RUNNING, OTHER, ABORT = EventType.RUNNING, EventType.OTHER, EventType.ABORT


@st.composite
def run_events(draw: st.DrawFn) -> list[RunEvent]:
    """The events of one run, each known at a sequence of its own, sorted."""
    told = draw(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(EventType), st.sampled_from("xy")), max_size=8))
    sequences = draw(st.permutations(range(len(told))))
    events = [RunEvent(t, kind.rank, s, io) for (t, kind, io), s in zip(told, sequences, strict=True)]
    return sorted(events)


def by_definition(events: list[RunEvent]) -> RunSummary:
    kinds = list(EventType)
    state, *times = run_state((kinds[event.rank], event.t) for event in events)
    return RunSummary(RunState(state), *times)  # type: ignore[arg-type]


def attempts_by_definition(events: list[RunEvent]) -> list[tuple[object, ...]]:
    kinds = list(EventType)
    return [fate(attempt) for attempt in split((kinds[event.rank], event.t) for event in events)]


def visible(events: list[RunEvent], t: int, k: int) -> list[RunEvent]:
    return [event for event in events if event.t <= t and event.s <= k]


@settings(max_examples=300, deadline=None)
@given(run_events(), st.randoms(use_true_random=False))
def test_kept_events_answer_every_question(events: list[RunEvent], rng: random.Random) -> None:
    """The events that are kept, however they came, give at every (T, K) the state and sets of all of them."""
    kept: list[RunEvent] = []
    for event in rng.sample(events, len(events)):
        kept = keep([*kept, event])
    for t in range(-1, 7):
        for k in range(-1, 9):
            known, known_kept = visible(events, t, k), visible(kept, t, k)

            assert by_definition(known) == summarise(known_kept)
            assert attempts_by_definition(known) == [attempt.summary for attempt in attempts(known_kept)]
            assert {event.io for event in known} == {event.io for event in known_kept}
    assert keep(events) == kept


@settings(max_examples=200, deadline=None)
@given(run_events(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_is_nothing(events: list[RunEvent], rng: random.Random) -> None:
    """Events are walked by their times; an event that came twice counts once."""
    assert summarise(events) == summarise(rng.sample([*events, *events], 2 * len(events)))


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([], RunSummary(RunState.UNKNOWN, None, None, False)),
        ([(1, OTHER)], RunSummary(RunState.NEW, None, None, False)),
        ([(1, OTHER), (2, RUNNING)], RunSummary(RunState.RUNNING, 1, None, True)),
        ([(1, START), (2, COMPLETE)], RunSummary(RunState.COMPLETED, 1, 2, False)),
        ([(2, COMPLETE)], RunSummary(RunState.COMPLETED, 2, 2, True)),
        ([(1, START), (2, COMPLETE), (3, FAIL)], RunSummary(RunState.FAILED, 1, 3, False)),
        ([(1, START), (2, FAIL), (3, COMPLETE)], RunSummary(RunState.FAILED, 1, 2, False)),
        ([(1, START), (2, ABORT), (3, COMPLETE)], RunSummary(RunState.ABORTED, 1, 2, False)),
        ([(1, FAIL), (2, COMPLETE)], RunSummary(RunState.COMPLETED, 1, 2, True)),
        ([(1, START), (2, FAIL), (3, RUNNING)], RunSummary(RunState.FAILED, 1, 2, False)),
        ([(1, START), (2, FAIL), (3, OTHER)], RunSummary(RunState.FAILED, 1, 2, False)),
        ([(1, START), (2, FAIL), (3, START)], RunSummary(RunState.RUNNING, 3, None, False)),
        ([(1, START), (2, FAIL), (3, START), (4, COMPLETE)], RunSummary(RunState.COMPLETED, 3, 4, False)),
        ([(1, START), (2, START)], RunSummary(RunState.RUNNING, 1, None, False)),
        ([(1, START), (1, COMPLETE)], RunSummary(RunState.COMPLETED, 1, 1, False)),
        ([(1, RUNNING), (2, START)], RunSummary(RunState.RUNNING, 2, None, False)),
    ],
)
def test_states(told: list[tuple[int, EventType]], expected: RunSummary) -> None:
    """START begins an attempt, RUNNING and OTHER reopen none, the last terminal event holds, COMPLETE heals nothing."""
    events = [RunEvent(t, kind.rank, s, "") for s, (t, kind) in enumerate(told)]

    assert expected == summarise(events)
    assert expected == by_definition(events)


def test_late_start_does_not_reopen_a_finished_run() -> None:
    """START is folded by its time, not by its arrival."""
    events = keep([RunEvent(2, COMPLETE.rank, 1, ""), RunEvent(1, START.rank, 2, "")])

    assert RunSummary(RunState.COMPLETED, 1, 2, False) == summarise(events)


def test_heartbeats_do_not_grow_a_run() -> None:
    """A thousand RUNNING events that say the same are one, unless an earlier one is heard of later."""
    beats = [RunEvent(t, RUNNING.rank, t, "x") for t in range(1_000)]
    earlier = RunEvent(-1, RUNNING.rank, 1_000, "x")

    assert beats[:1] == keep(beats)
    assert [earlier, beats[0]] == keep([*beats, earlier])
