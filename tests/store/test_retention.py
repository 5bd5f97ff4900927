"""Retention takes what nobody may ask for any more, and nothing else: the present, replay and later entries go on."""

from __future__ import annotations

import random

import pytest

from catalog.clock import DAY, FrozenClock
from catalog.errors import LeaseLost, TooMuchAtOnce
from catalog.graph import leases, retention
from catalog.graph.fingerprint import fingerprint
from catalog.graph.retention import Kept
from catalog.graph.store import Store
from catalog.lineage.retain import Horizon
from catalog.usecases.prune import Ages, plan, prune, take_history
from tests.histories import random_history
from tests.oracle import Entry, Oracle
from tests.servers.stores import empty
from tests.store.conftest import accept_events, drain
from tests.store.events import NOON, dataset, entries, event, states
from tests.store.facts import Graph, without_stubs
from tests.store.test_fold import accept, claim, record_batches, scattered

CLOCK = FrozenClock(NOON + 100 * DAY)
OLD, RECENT = NOON, NOON + 90 * DAY
ALL = Ages(history=50, runs=50, payloads=50)


def told_by(store: Store, time: int) -> None:
    """The older of three runs, accepted when it happened, and the newer two, applied."""
    accept_events(store, [event("1", OLD, inputs=[dataset("a")], outputs=[dataset("b")])], now=OLD)
    accept_events(store, [event("2", RECENT, inputs=[dataset("a")], outputs=[dataset("b")])], now=RECENT)
    accept_events(store, [event("3", time, inputs=[dataset("a")], outputs=[dataset("b")])], now=RECENT)
    drain(store, CLOCK)


def runs(store: Store) -> set[str]:
    return {row["run"] for row in store.rows("MATCH (r:Run) RETURN r.external AS run")}


def observations(store: Store) -> int:
    return int(store.rows("MATCH (o:Obs) RETURN count(o) AS n")[0]["n"])


def test_a_plan_changes_nothing_and_says_what_would_go(store: Store) -> None:
    """Numbers of each class: what goes, of how many; the graph is as it was."""
    told_by(store, RECENT)
    before = fingerprint(store)

    shares = {share.name: (share.going, share.seen) for share in plan(store, CLOCK, ALL)}

    assert {"runs": (1, 3), "payloads": (1, 3)} == {name: shares[name] for name in ("runs", "payloads")}
    assert (before, {"1", "2", "3"}, 3) == (fingerprint(store), runs(store), observations(store))
    assert Kept() == retention.kept(store)


def test_each_class_goes_by_its_own_age(store: Store) -> None:
    """Payloads alone: the runs, the log and every answer about the past stay, and the entry says what it lacks."""
    told_by(store, RECENT)

    prune(store, CLOCK, Ages(payloads=50))

    assert [True, False, False] == ["purgedAt" in entry for entry in entries(store)]
    assert 2 == store.rows("MATCH (c:Chunk) RETURN count(c) AS n")[0]["n"]
    assert ({"1", "2", "3"}, 3) == (runs(store), observations(store))
    assert retention.kept(store) == Kept(payloads=CLOCK.now() - 50 * DAY)


def test_the_guard_takes_nothing_when_too_much_would_go(store: Store) -> None:
    """A mistyped age must not empty the catalog."""
    told_by(store, OLD)
    before = fingerprint(store)

    with pytest.raises(TooMuchAtOnce, match="of history would go, the guard allows 10%"):
        prune(store, CLOCK, ALL, max_share=0.1)

    assert (before, Kept()) == (fingerprint(store), retention.kept(store))


def test_what_happened_behind_the_horizon_is_rejected_with_its_reason(store: Store) -> None:
    """It could contradict what is not kept any more; the entry stays, and says so."""
    told_by(store, RECENT)
    prune(store, CLOCK, ALL)

    accept_events(store, [event("4", OLD + DAY, inputs=[dataset("c")])])
    drain(store, CLOCK)

    assert ["APPLIED"] * 3 + ["REJECTED"] == states(store)
    assert "behind the retention horizon" in entries(store)[-1]["reason"]


def test_a_worker_that_claimed_under_the_old_horizon_writes_nothing(store: Store) -> None:
    """The horizon rises with the fences of all shards, so a batch under way is claimed again under the new one."""
    accept_events(store, [event("1", OLD)])
    held = claim(store)
    retention.raise_horizons(store, Kept(history=RECENT, known=1))

    with pytest.raises(LeaseLost):
        store.write(lambda tx: leases.hold(tx, held))

    assert RECENT == claim(store).history


def test_horizons_never_go_back(store: Store) -> None:
    """A longer age later brings nothing back, and must not claim to."""
    accept_events(store, [event("1", OLD)])
    retention.raise_horizons(store, Kept(history=RECENT, known=1))
    retention.raise_horizons(store, Kept(history=OLD, known=0))

    assert Kept(history=RECENT, known=1) == retention.kept(store)


def test_the_newest_runs_of_a_job_stay(store: Store) -> None:
    """However old: the newest, and the newest that completed, stand for their job."""
    failed = {**event("3", OLD + 2), "eventType": "FAIL"}
    accept_events(store, [event("1", OLD), event("2", OLD + 1), failed], now=OLD)
    drain(store, CLOCK)

    prune(store, CLOCK, Ages(runs=50))

    assert {"2", "3"} == runs(store)


def test_series_go_by_their_own_age(store: Store) -> None:
    """Samples behind the horizon and the months without any; those that are younger stay."""
    counted = {"outputStatistics": {"rowCount": 3}}
    for run, time in (("1", OLD), ("2", RECENT)):
        output = {**dataset("a"), "outputFacets": counted}
        accept_events(store, [event(run, time, outputs=[output])], now=time)
    drain(store, CLOCK)

    share, _ = prune(store, CLOCK, Ages(series=50))

    left = store.rows("MATCH (x:Sample) RETURN x.t AS t")
    months = store.rows("MATCH (m:SampleMonth) RETURN count(m) AS n")
    assert (1, 2) == (share.going, share.seen)
    assert ([{"t": RECENT}], [{"n": 1}]) == (left, months)


def check(store: Store, seed: str, size: int) -> None:
    """Cut in the middle of a history: from the horizon on all answers are the oracle's, whatever is applied after.

    And a graph to which all of it came first, cut at the end, is the same: that is how a replay is compared.
    """
    rng = random.Random(seed)
    past = random_history(rng, size)
    times = sorted({entry.assertions.time for entry in past.entries})
    horizon = Horizon(rng.choice(times), rng.randrange(size + 1))
    first = [e for e in past.entries if e.assertions.time <= horizon.history or rng.random() < 0.4]
    then = [e for e in past.entries if e not in first]
    empty(store)
    accept(store, past.entries)
    held = claim(store)
    record_batches(store, held, scattered(rng, first))
    take(store, horizon)
    record_batches(store, held, scattered(rng, then) if then else [])
    assert_from(horizon, past.entries, Graph(store))
    take(store, horizon)
    cut_between = fingerprint(store)

    empty(store)
    accept(store, past.entries)
    record_batches(store, claim(store), scattered(rng, past.entries))
    take(store, horizon)
    assert cut_between == fingerprint(store)


def take(store: Store, horizon: Horizon) -> None:
    """Take the history, twice, as a prune that was killed and done again does."""
    for _ in range(2):
        list(take_history(store, horizon, act=True))


def assert_from(horizon: Horizon, told: tuple[Entry, ...], graph: Graph) -> None:
    """The present, and every question that may still be asked, as the definition answers them."""
    oracle = Oracle(told)
    assert oracle.facts() == graph.facts()
    for t in sorted({horizon.history, *(e.assertions.time for e in told if e.assertions.time > horizon.history)}):
        for k in sorted({horizon.known, *(e.sequence for e in told if e.sequence > horizon.known)}):
            assert without_stubs(oracle.facts(t, k)) == without_stubs(graph.facts(t, k)), (t, k)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("size", (4, 10, 24))
def test_what_is_left_answers_as_before_and_goes_on(store: Store, size: int, seed: int) -> None:
    """Random histories, cut anywhere, with late and contradicting events behind the cut in sequence."""
    check(store, f"{size}-{seed}", size)
