"""Shapes that nobody refers to any more go, and no other, whoever is at work meanwhile."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest

from catalog.clock import DAY, FrozenClock
from catalog.graph.collecting import collect
from catalog.graph.fingerprint import fingerprint
from catalog.graph.store import Store
from catalog.usecases.prune import Ages, plan, prune
from tests.store.conftest import accept_events, drain
from tests.store.events import NOON, dataset, event
from tests.store.referring import parts, referred, shapes

CLOCK = FrozenClock(NOON + 100 * DAY)
OLD, RECENT = NOON, NOON + 90 * DAY
HUGE = 100_000
"""Characters that do not fit a shape's own node."""


def told(run: str, time: int, said: str, size: int = 2_000) -> dict[str, Any]:
    """A run with a facet too large for its row; told twice alike, it is one shape."""
    noise = random.Random(said)
    text = "".join(noise.choices("abcdefghijklmnopqrstuvwxyz", k=size))
    given = event(run, time, inputs=[dataset("a")], outputs=[dataset("b")])
    return {**given, "run": {"runId": run, "facets": {"said": {"text": text}}}}


def apply(store: Store, *events: dict[str, Any]) -> None:
    for one in events:
        accept_events(store, [one], now=OLD)
    drain(store, CLOCK)


def dangling(store: Store) -> list[str]:
    """Facets that are kept in a shape which is not there."""
    there = shapes(store)
    rows = store.rows("MATCH (r:Run) RETURN r.facets AS facets")
    return [row["facets"] for row in rows if '"$shape":"' in row["facets"] and not there & set_of(row["facets"])]


def set_of(text: str) -> set[str]:
    return {text.partition('"$shape":"')[2].partition('"')[0]}


def test_what_only_forgotten_runs_said_goes_and_nothing_else(store: Store) -> None:
    """Large ones with their parts; what a kept run said too stays; the graph says what it said."""
    apply(store, told("1", OLD, "once", HUGE), told("2", OLD + 1, "again"), told("3", RECENT, "again"))
    assert parts(store)
    (*_, shown) = plan(store, CLOCK, Ages(runs=50))
    before = shapes(store)

    runs, went = prune(store, CLOCK, Ages(runs=50), max_share=1, grace=0)

    assert (0, len(before), 2) == (shown.going, shown.seen, runs.going)
    assert (1, len(before)) == (went.going, went.seen)
    assert (set(), set(), []) == (shapes(store) - referred(store), parts(store), dangling(store))


def test_collecting_leaves_the_fingerprint_as_it_was(store: Store) -> None:
    """Shapes are no facts of their own: what nobody refers to says nothing."""
    apply(store, told("1", OLD, "x"), told("2", RECENT, "y"))
    store.write(lambda tx: tx.run("MATCH (r:Run {external: '1'}) DETACH DELETE r"))
    before = fingerprint(store)

    assert [1] == [step.going for step in collect(store, act=True, grace=0)]
    assert before == fingerprint(store)
    assert [0] == [step.going for step in collect(store, act=True, grace=0)]


@pytest.mark.parametrize("when", ["before the mark", "after the last look"])
def test_whoever_refers_to_one_meanwhile_finds_it_there(
    store: Store, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """Between the first reading and the mark the second reading sees it; after that the writer takes the mark away."""
    apply(store, told("1", OLD, "x"), told("2", RECENT, "y"))
    store.write(lambda tx: tx.run("MATCH (r:Run {external: '1'}) DETACH DELETE r"))

    def again() -> str:
        apply(store, told("3", RECENT + 1, "x"))
        return ""

    if when == "before the mark":
        monkeypatch.setattr("catalog.graph.collecting.secrets.token_hex", lambda _: again() or "mark")
        steps = list(collect(store, act=True, grace=0))
    else:
        steps = list(collect(store, act=True, grace=0, found=again))

    assert [0] == [step.going for step in steps]
    assert ([], set()) == (dangling(store), shapes(store) - referred(store))
    assert [] == store.rows("MATCH (s:Shape) WHERE s.unused IS NOT NULL RETURN s.id AS id")


def test_one_that_was_killed_is_done_again(store: Store) -> None:
    """Marks alone do no harm: who refers to one takes it away, the others go with the next collection."""
    apply(store, told("1", OLD, "x"), told("2", OLD + 1, "z"), told("3", RECENT, "y"))
    store.write(lambda tx: tx.run("MATCH (r:Run) WHERE r.external < '3' DETACH DELETE r"))

    with pytest.raises(KeyboardInterrupt):
        list(collect(store, act=True, grace=0, found=_killed))
    apply(store, told("4", RECENT + 1, "x"))

    assert [1] == [step.going for step in collect(store, act=True, grace=0)]
    assert ([], set()) == (dangling(store), shapes(store) - referred(store))


def _killed() -> None:
    raise KeyboardInterrupt


def test_collecting_beside_a_worker_takes_nothing_that_is_referred_to(store: Store) -> None:
    """A worker goes on telling the few same things, while runs go and what they said is collected."""
    rng = random.Random(7)
    stop, faults = threading.Event(), []

    def take() -> None:
        try:
            while not stop.is_set():
                store.write(lambda tx: tx.run("MATCH (r:Run) WHERE r.lastT < $t DETACH DELETE r", t=newest[0]))
                list(collect(store, act=True, grace=0))
        except Exception as e:
            faults.append(e)

    newest = [0]
    taking = threading.Thread(target=take)
    taking.start()
    try:
        for i in range(20):
            newest[0] = OLD + i
            apply(store, told(f"r{i}", OLD + i, f"said {rng.randrange(4)}"))
    finally:
        stop.set()
        taking.join()

    assert ([], []) == (faults, dangling(store))
    list(collect(store, act=True, grace=0))
    assert (set(), []) == (shapes(store) - referred(store), dangling(store))
