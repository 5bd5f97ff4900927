"""Law 2 for workers: an entry that cannot be applied is blamed alone, loses nothing, and stops nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from catalog.clock import DAY, SECOND, FrozenClock
from catalog.errors import LeaseLost, StoreTimeout, StoreUnavailable
from catalog.graph import inbox, leases
from catalog.graph.entries import Progress, progress
from catalog.graph.fingerprint import fingerprint
from catalog.graph.inbox import ACCEPTED, APPLIED, DEAD, REJECTED, Receipt, Settled
from catalog.graph.leases import Claim
from catalog.graph.record import record
from catalog.graph.store import Store
from catalog.lineage import understand
from catalog.lineage.translate import translate
from catalog.usecases import ingest
from catalog.usecases.ingest import LEASE, MAX_ATTEMPTS, Drained
from tests.store.conftest import LATER, accept_events, drain
from tests.store.events import NOON, Event, dataset, entries, event, runs, states


@pytest.fixture(autouse=True)
def errors() -> Iterator[list[Any]]:
    """What workers log; they are loud about bugs, which here are meant."""
    with capture_logs() as told:
        yield told


def breaking(run: str) -> Callable[..., Any]:
    """A `translate` with a bug that the events of one run bring out."""

    def translate_or_fail(body: Event, **how: Any) -> Any:
        if body["run"]["runId"] == run:
            raise ZeroDivisionError("a bug")
        return translate(body, **how)

    return translate_or_fail


def recording_worse(culprit: Receipt, *, at_commit: bool) -> Callable[..., int]:
    """A `record` that fails for batches with one entry, before it writes, or when all is written but not committed."""

    class Failing:
        def __init__(self, store: Store) -> None:
            self._store = store

        def write(self, work: Callable[[Any], int]) -> int:
            def fail(tx: Any) -> int:
                work(tx)
                raise ZeroDivisionError("a bug")

            return self._store.write(fail)

    def record_or_fail(store: Any, held: Claim, records: Any, settled: Any, **options: Any) -> int:
        if any(s.key == culprit.key and s.state == APPLIED for s in settled):
            if not at_commit:
                raise ZeroDivisionError("a bug")
            store = Failing(store)
        return record(store, held, records, settled, **options)

    return record_or_fail


@pytest.mark.parametrize("fault", ["understanding", "writing", "committing"])
def test_a_poisonous_entry_is_blamed_alone(
    store: Store, monkeypatch: pytest.MonkeyPatch, errors: list[Any], fault: str
) -> None:
    """Its neighbours are applied at once; it is tried MAX_ATTEMPTS times, ever later, ends DEAD; the shard goes on."""
    culprit = accept_events(store, runs(9))[4]
    if fault == "understanding":
        monkeypatch.setattr(understand, "translate", breaking("5"))
    else:
        monkeypatch.setattr(ingest, "record", recording_worse(culprit, at_commit=fault == "committing"))
    clock = FrozenClock(LATER)

    assert Drained(applied=8, put_off=1) == drain(store, clock)
    assert Progress(9, 4, 8, 0, 0, LATER) == progress(store, 1)
    for _ in range(MAX_ATTEMPTS - 1):
        assert Drained() == drain(store, clock)
        clock.at += 60 * SECOND
        assert Drained(put_off=1) == drain(store, clock)
    clock.at += 60 * SECOND
    assert Drained(dead=1) == drain(store, clock)

    dead = entries(store)[4]
    assert (DEAD, MAX_ATTEMPTS) == (dead["state"], dead["attempts"])
    assert "gave up" in dead["reason"]
    assert [APPLIED] * 4 + [DEAD] + [APPLIED] * 4 == states(store)
    assert Progress(9, 9, 8, 0, 1, None) == progress(store, 1)
    assert [(culprit.key, attempt) for attempt in range(1, MAX_ATTEMPTS + 1)] == [
        (told["key"], told["attempt"]) for told in errors
    ]


def test_a_mended_entry_comes_back_from_the_dead(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the bug is mended, `retry` applies it under its old sequence: the graph is as if nothing had happened."""
    events = [event(str(i), NOON - i, sql={"query": str(i)}) for i in range(3)]
    accept_events(store, events)
    drain(store)
    whole = fingerprint(store)
    store.write(lambda tx: tx.run("MATCH (n) WHERE NOT n:Migration DETACH DELETE n"))
    culprit = accept_events(store, events)[1]
    clock = FrozenClock(LATER)
    with monkeypatch.context() as broken:
        broken.setattr(understand, "translate", breaking("1"))
        for _ in range(MAX_ATTEMPTS + 1):
            drain(store, clock)
            clock.at += 60 * SECOND
    assert [APPLIED, DEAD, APPLIED] == states(store)

    assert {"sequence": 2} == {k: v for k, v in (inbox.retry(store, culprit.key) or {}).items() if k == "sequence"}
    assert 1 == progress(store, 1).applied_through
    assert Drained(applied=1) == drain(store, clock)
    assert whole == fingerprint(store)
    assert 3 == progress(store, 1).applied_through


def test_a_fault_of_the_store_holds_up_nobody(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever could not write gives the shard back: another worker goes on at once, and no entry is blamed."""
    accept_events(store, runs(3))
    with monkeypatch.context() as away:
        away.setattr(ingest, "record", refusing)
        with pytest.raises(StoreUnavailable):
            drain(store, FrozenClock(LATER), owner="one")

    assert Drained(applied=3) == drain(store, FrozenClock(LATER), owner="another")
    assert [0, 0, 0] == [row["attempts"] for row in entries(store)]
    assert 3 == progress(store, 1).applied_through


def test_a_claim_that_was_not_heard_of_blames_nobody(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its worker never began, so no entry had a hand in it; another worker goes on at once."""
    accept_events(store, runs(3))
    claiming = leases.claim

    def unheard(*given: Any, **how: Any) -> Claim | None:
        claiming(*given, **how)
        raise StoreUnavailable("the answer is lost")

    with monkeypatch.context() as away:
        away.setattr(leases, "claim", unheard)
        with pytest.raises(StoreUnavailable):
            drain(store, FrozenClock(LATER), owner="one")

    assert Drained(applied=3) == drain(store, FrozenClock(LATER), owner="another")
    assert [0, 0, 0] == [row["attempts"] for row in entries(store)]


def test_a_worker_that_was_slower_than_its_lease_writes_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another took the shard between its claim and its commit: each entry is applied once, by that one."""
    accept_events(store, runs(3))
    clock, recording = FrozenClock(LATER), record

    def overtaken(*given: Any, **how: Any) -> int:
        monkeypatch.setattr(ingest, "record", recording)
        clock.at += 2 * LEASE
        assert Drained(applied=3) == drain(store, clock, owner="another")
        return recording(*given, **how)

    monkeypatch.setattr(ingest, "record", overtaken)
    with pytest.raises(LeaseLost, match="taken over"):
        drain(store, clock, owner="slow")

    assert [APPLIED] * 3 == states(store)
    assert Progress(3, 3, 3, 0, 0, None) == progress(store, 1)
    assert [3] == [row["n"] for row in store.rows("MATCH (u:Use {label: 'Job'}) RETURN sum(u.n) AS n")]


def test_a_store_that_had_no_time_blames_nobody(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked for less at once, down to one entry; only what takes too long alone is put off."""
    accept_events(store, runs(8))
    recording, sizes = record, list[int]()

    def limited(store: Store, held: Claim, records: Any, settled: Any, **how: Any) -> int:
        sizes.append(len(settled))
        if len(settled) > 2:
            raise StoreTimeout("too much at once")
        return recording(store, held, records, settled, **how)

    monkeypatch.setattr(ingest, "record", limited)

    assert Drained(applied=8) == drain(store, FrozenClock(LATER))
    assert [8, 4, 2, 2, 4, 2, 2] == sizes
    assert [0] * 8 == [row["attempts"] for row in entries(store)]


def refusing(*_: Any, **__: Any) -> int:
    """A `record` whose store is away."""
    raise StoreUnavailable("away")


def test_a_put_off_entry_holds_up_nobody(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one entry waits for its next attempt, all behind it are applied, further than a batch reaches, and soon."""
    monkeypatch.setattr(ingest, "BATCH_ENTRIES", 4)
    accept_events(store, runs(12))
    monkeypatch.setattr(understand, "translate", breaking("1"))
    worker = ingest.Ingester(store, FrozenClock(LATER), owner="w", shards=1)

    done = worker.drain(0, seconds=3)

    assert Drained(applied=11, put_off=1) == done


def test_an_entry_sent_back_within_the_window_is_applied_once(store: Store) -> None:
    """It is waiting and sent back at once while one before it is not settled; it counts as one."""
    accept_events(store, runs(2))
    held = leases.claim(store, 0, 1, owner="dying", now=LATER, lease=LEASE, limit=9, max_bytes=2**20, forgive=False)
    assert held is not None
    record(store, held, [], [Settled(*held.entries[1][:2], REJECTED)], now=LATER, lease=LEASE)
    inbox.retry(store, held.entries[1].key)

    assert Drained(applied=2) == drain(store, FrozenClock(LATER + LEASE))
    assert [APPLIED, APPLIED] == states(store)
    assert Progress(2, 2, 2, 1, 0, None) == progress(store, 1)
    assert [2] == [row["n"] for row in store.rows("MATCH (u:Use {label: 'Job'}) RETURN sum(u.n) AS n")]


def test_a_clock_put_back_stalls_no_second_attempt(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry that waits for its next attempt does not wait for the old time to come again."""
    culprit = accept_events(store, runs(1))[0]
    clock = FrozenClock(LATER)
    with monkeypatch.context() as broken:
        broken.setattr(ingest, "record", recording_worse(culprit, at_commit=False))
        assert Drained(put_off=1) == drain(store, clock)
    clock.at -= DAY

    assert Drained(applied=1) == drain(store, clock)


def test_what_cannot_be_understood_is_rejected_with_its_reason(store: Store) -> None:
    """And sent back by `retry`, as often as anyone likes; what was applied is not."""
    nameless = {**event("2"), "job": {"namespace": "jobs", "name": " "}}
    applied, rejected = accept_events(store, [event("1"), nameless])
    drain(store)

    assert [APPLIED, REJECTED] == states(store)
    assert "`job.name` is empty" in entries(store)[1]["reason"]
    assert inbox.retry(store, applied.key) is None
    assert inbox.retry(store, rejected.key) is not None
    assert [APPLIED, ACCEPTED] == states(store)
    assert Drained(rejected=1) == drain(store)
    assert Progress(2, 2, 1, 2, 0, None) == progress(store, 1)


def test_an_event_from_the_future_is_rejected_until_then(store: Store) -> None:
    """It could win for ever; when the clock has moved on, `retry` applies it."""
    receipts = accept_events(store, [event("1", NOON + 2 * DAY), event("2", NOON + DAY)], NOON)
    clock = FrozenClock(NOON)

    assert Drained(applied=1, rejected=1) == drain(store, clock)
    assert "in the future" in entries(store)[0]["reason"]
    inbox.retry(store, receipts[0].key)
    assert Drained(rejected=1) == drain(store, clock)
    clock.at += DAY
    inbox.retry(store, receipts[0].key)
    assert Drained(applied=1) == drain(store, clock)
    assert [(APPLIED, 1), (APPLIED, 2)] == [(row["state"], row["sequence"]) for row in entries(store)]


@pytest.mark.parametrize(("inputs", "columns"), [(10_000, 0), (0, 5_000)])
def test_huge_events_apply(store: Store, inputs: int, columns: int) -> None:
    """Ten thousand inputs, five thousand columns with their lineage: one transaction each, complete."""
    names = [f"c{i}" for i in range(columns)]
    source = {"namespace": "db", "name": "source"}
    lineage = {"fields": {name: {"inputFields": [{**source, "field": name}]} for name in names}}
    facets = {"schema": {"fields": [{"name": name} for name in names]}, "columnLineage": lineage} if columns else {}
    accept_events(
        store, [event("1", inputs=[dataset(f"t{i}") for i in range(inputs)], outputs=[dataset("out", **facets)])]
    )

    assert Drained(applied=1) == drain(store)
    counted = Counter(
        {row["kind"]: row["n"] for row in store.rows("MATCH ()-[r]->() RETURN type(r) AS kind, count(r) AS n")}
    )
    assert {"READS": inputs or 1, "WRITES": 1, "DERIVES_FROM": columns, "RUN_OF": 1} == {
        "DERIVES_FROM": 0,
        **counted,
    }
