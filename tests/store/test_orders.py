"""Orders: durable, done once at a time, ended in words, whatever happens to those who work on them."""

from __future__ import annotations

import dataclasses
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest

from catalog.clock import DAY, SECOND, FrozenClock
from catalog.errors import Conflict, InvalidQuestion, LeaseLost, Overloaded, TooMuchAtOnce, UnknownKey
from catalog.graph import finding_pages, findings, numbered, orders, watch
from catalog.graph.findings import WHOLE, Covered, Evaluation
from catalog.graph.orders import DONE, FAILED, LEASE, MAX_ATTEMPTS, QUEUED, RUNNING, Order
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.usecases.orders import Done, Orders, Tell
from catalog.usecases.prune import Ages, plan, prune
from tests.reconciled import POLICIES, Told, judgement_of
from tests.store.chaos import Faults, Killed

NOW = 1_000 * SECOND
KINDS = ("EVALUATE", "REPORT")


def place(store: Store, kind: str = "EVALUATE", **parameters: Any) -> Order:
    return orders.place(store, kind, parameters, by="ann", now=NOW)[0]


def take(store: Store, owner: str = "a", now: int = NOW) -> Order | None:
    return orders.take(store, KINDS, owner=owner, now=now)


def read(store: Store, order: Order) -> Order:
    found = orders.order(store, order.id)
    assert found is not None
    return found


def test_the_same_work_that_waits_is_not_ordered_twice(store: Store) -> None:
    """Whatever the order of its parameters; another one is, and so is the same once it is at work."""
    first, new = orders.place(store, "EVALUATE", {"a": 1, "b": [2]}, by="ann", now=NOW)
    again, twice = orders.place(store, "EVALUATE", {"b": [2], "a": 1}, by="bob", now=NOW + 1)
    other = place(store, "REPORT", a=1, b=[2])
    take(store)
    later = place(store, a=1, b=[2])

    assert (True, first, False) == (new, again, twice)
    assert [3, 2, 1] == [later.number, other.number, first.number]
    assert [later.id, other.id, first.id] == [order.id for order in orders.orders(store)]
    assert [QUEUED, QUEUED, RUNNING] == [order.state for order in orders.orders(store)]


def test_many_who_order_the_same_at_once_get_one(store: Store) -> None:
    """And numbers have no gaps."""
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda i: place(store, n=i % 3), range(24)))

    assert {1, 2, 3} == {order.number for order in found}
    assert 3 == len({order.id for order in found})


def test_an_order_is_taken_by_one(store: Store) -> None:
    """The oldest first; nobody gets one that another works on."""
    wanted = [place(store, n=i) for i in range(6)]
    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(lambda i: take(store, f"w{i}"), range(8)))

    assert sorted(order.id for order in wanted) == sorted(order.id for order in taken if order)
    assert 2 == taken.count(None)


def test_nobody_writes_for_an_order_that_another_took_over(store: Store) -> None:
    """Its worker was silent for longer than the lease: neither its progress nor its end counts."""
    place(store)
    old = take(store, "old")
    assert old is not None and take(store, "new") is None
    new = take(store, "new", NOW + LEASE)
    assert new is not None

    late: list[Callable[[], None]] = [
        lambda: orders.progress(store, old, {"step": "x"}, NOW),
        lambda: orders.finish(store, old, NOW, result="old"),
        lambda: orders.fail(store, old, "no", NOW),
        lambda: orders.put_off(store, old, "no", NOW),
    ]
    for write in late:
        with pytest.raises(LeaseLost, match="taken over by new"):
            write()
    orders.finish(store, new, NOW + LEASE + 1, result="new", payload=b"all" * 3_000_000)
    ended = read(store, new)
    assert (DONE, "new", 2, b"all" * 3_000_000) == (
        ended.state,
        ended.result,
        ended.attempts,
        orders.outcome(store, ended),
    )
    with pytest.raises(LeaseLost):
        orders.finish(store, new, NOW)


def test_progress_renews_the_lease(store: Store) -> None:
    """As long as a worker is heard, nobody takes its order; what it told last is what is read."""
    place(store)
    mine = take(store)
    assert mine is not None
    orders.progress(store, mine, {"step": "judging", "done": 3, "total": 9}, NOW + LEASE - 1)

    assert take(store, "b", NOW + 2 * LEASE - 2) is None
    assert ("judging", 3, 9) == (read(store, mine).step, read(store, mine).done, read(store, mine).total)
    assert take(store, "b", NOW + 2 * LEASE - 1) is not None


def test_an_order_that_ends_its_workers_is_given_up(store: Store) -> None:
    """It fails in words instead of ending one worker after the other."""
    wanted = place(store)
    for attempt in range(MAX_ATTEMPTS):
        assert take(store, f"w{attempt}", NOW + attempt * LEASE) is not None

    assert take(store, "last", NOW + MAX_ATTEMPTS * LEASE) is None
    assert (FAILED, f"{MAX_ATTEMPTS} workers ended over it; see their log for why, then order it again") == (
        read(store, wanted).state,
        read(store, wanted).error,
    )


def test_an_attempt_that_the_store_went_away_from_does_not_count(store: Store) -> None:
    """However often, and once for each; it waits again, if nobody else has it by now."""
    wanted = place(store)
    for attempt in range(MAX_ATTEMPTS + 1):
        old = take(store, "old", NOW + 3 * attempt * LEASE)
        new = take(store, "new", NOW + (3 * attempt + 1) * LEASE)
        assert old is not None and new is not None
        for _ in range(2):
            orders.forgive(store, old, "away", NOW, NOW)
        assert (RUNNING, 1, "new") == (read(store, wanted).state, read(store, wanted).attempts, new.owner)
        for _ in range(2):
            orders.forgive(store, new, "away", NOW, NOW + 7)
        waits = read(store, wanted)
        assert (QUEUED, 0, "away", NOW + 7) == (waits.state, waits.attempts, waits.error, waits.retry_at)

    last = take(store, "last", NOW + 100 * LEASE)
    assert last is not None
    orders.finish(store, last, NOW, result="it")
    orders.forgive(store, last, "away", NOW, NOW)
    assert (DONE, 1, "") == (read(store, wanted).state, read(store, wanted).attempts, read(store, wanted).error)


def test_an_order_that_takes_the_store_away_is_given_up(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails in words, instead of doing so for ever."""
    monkeypatch.setattr(orders, "MOST_OUTAGES", 2)
    wanted = place(store)
    for _ in range(3):
        mine = take(store)
        assert mine is not None
        orders.forgive(store, mine, "away", NOW, NOW)

    reason = "the store went away 3 times while it was worked on; see `headwater doctor`, then order it again"
    assert (FAILED, reason) == (read(store, wanted).state, read(store, wanted).error)
    assert take(store) is None


def test_too_much_is_not_ordered(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever orders is told, and nothing is stored."""
    monkeypatch.setattr(orders, "MOST_OPEN", 2)
    place(store, n=1)
    place(store, n=2)

    with pytest.raises(Overloaded, match="2 orders wait"):
        place(store, n=3)
    assert place(store, n=1).number == 1


def test_orders_are_chosen_and_paged(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """By kind and state, from the newest on."""
    monkeypatch.setattr(numbered, "WINDOW", 2)
    for n in range(5):
        place(store, KINDS[n % 2], n=n)

    assert [5, 3, 1] == [order.number for order in orders.orders(store, kind="EVALUATE")]
    assert [3, 2] == [order.number for order in orders.orders(store, before=4, limit=2)]
    assert [] == orders.orders(store, state=DONE)


def test_every_end_is_told(store: Store) -> None:
    """What can be done later is put off; all else ends the order, and says why. The others are done."""
    told: list[str] = []

    def work(order: Order, tell: Tell) -> Done:
        case = order.parameters["case"]
        told.append(case)
        tell("half", 1, 2)
        if case == "fine":
            return Done("it", b"payload")
        raise {"away": Conflict("try later"), "wrong": InvalidQuestion("no such pack"), "bug": KeyError("x")}.get(
            case, MemoryError()
        )

    clock = FrozenClock(NOW)
    wanted = {case: place(store, case=case) for case in ("away", "wrong", "bug", "huge", "fine")}
    worker = Orders(store, clock, {"EVALUATE": work}, owner="a")
    assert 5 == worker.work(seconds=60)
    for _ in range(2 * MAX_ATTEMPTS):
        clock.at += 60 * SECOND
        worker.work(seconds=60)

    ended = {case: (read(store, order).state, read(store, order).error) for case, order in wanted.items()}
    assert {
        "away": (FAILED, "try later"),
        "wrong": (FAILED, "no such pack"),
        "bug": (FAILED, "KeyError: 'x'; see the worker's log"),
        "huge": (FAILED, "it needed more memory than a worker may take (HEADWATER_CHECK_MEMORY); ask for less at once"),
        "fine": (DONE, ""),
    } == ended
    assert ["away"] * MAX_ATTEMPTS == [case for case in told if case == "away"]
    assert b"payload" == orders.outcome(store, read(store, wanted["fine"]))


def test_a_worker_without_work_leaves_orders_to_others(store: Store) -> None:
    """An order of a kind that it does not know waits."""
    wanted = place(store, "REPORT")

    assert 0 == Orders(store, FrozenClock(NOW), {"EVALUATE": lambda order, tell: Done()}, owner="a").work(seconds=9)
    assert QUEUED == read(store, wanted).state


@pytest.mark.parametrize("seed", range(4))
def test_workers_that_die_lose_and_double_nothing(store: Store, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before or after any commit, with transactions that run twice: every order ends once, with one result."""
    wanted = [place(store, n=n) for n in range(4)]
    faults = Faults(store, random.Random(seed))
    faults.clock.at = NOW
    monkeypatch.setattr(store, "write", faults.write)
    for life in range(30):
        if life == 25:
            faults.cease()
        with suppress(Killed, Conflict, LeaseLost):
            works = {"EVALUATE": lambda order, tell: Done(f"result {order.number}", b"%d" % order.number)}
            Orders(store, faults.clock, works, owner=f"life {life}").work(seconds=60)
        faults.clock.at += LEASE

    ended = [read(store, order) for order in wanted]
    assert [(DONE, f"result {n}", b"%d" % n) for n in range(1, 5)] == [
        (order.state, order.result, orders.outcome(store, order)) for order in ended
    ]


@pytest.mark.parametrize("telling", [True, False])
def test_an_order_takes_no_longer_than_it_may(store: Store, telling: bool) -> None:
    """It fails in words at that time, whether its work tells progress or is silent; what it does later is lost."""
    wanted, ended = place(store), threading.Event()
    states: list[str] = []

    def work(order: Order, tell: Tell) -> Done:
        while not ended.wait(0.02):
            if telling:
                tell("on and on")
            elif read(store, order).state != RUNNING:
                states.append(read(store, order).state)
                return Done("late")
        return Done("never")

    stop = threading.Timer(20, ended.set)
    stop.start()
    Orders(store, FrozenClock(NOW), {"EVALUATE": work}, owner="a", limit=0.3).work(seconds=60)
    stop.cancel()

    found = read(store, wanted)
    reason = (
        "it took longer than the 0.3 seconds that an order may take (HEADWATER_ORDER_SECONDS); ask for less at once"
    )
    assert (FAILED, reason, "") == (found.state, found.error, found.result)
    assert ([] if telling else [FAILED]) == states


def test_what_a_failed_order_failed_of_is_kept(store: Store) -> None:
    """Programs tell an unknown thing from all else by the code of the error."""

    def work(order: Order, tell: Tell) -> Done:
        raise UnknownKey("nothing is known", "x") if order.parameters["known"] else KeyError("x")

    wanted = [place(store, known=known) for known in (True, False)]
    Orders(store, FrozenClock(NOW), {"EVALUATE": work}, owner="a").work(seconds=60)

    assert [UnknownKey.code, ""] == [read(store, order).code for order in wanted]


def test_old_orders_and_evaluations_go(store: Store) -> None:
    """Those that ended by then, with what came of them; never one that waits, nor the newest evaluation."""
    old, new, waits = (place(store, n=n) for n in range(3))
    for order, now in ((old, NOW), (new, NOW + DAY)):
        taken = take(store, now=now)
        assert taken is not None and taken.id == order.id
        orders.finish(store, taken, now, payload=b"all")
    whole = [Told(n, n, None, POLICIES, {}) for n in (1, 2, 3)]
    for told in whole:
        mine = watch.claim(store, owner="a", now=NOW)
        assert mine is not None
        evaluation = Evaluation(f"e{told.at}", WHOLE, told.at, told.known, ("pack",), NOW)
        findings.reconcile(store, mine, evaluation, judgement_of(told), {}, Covered(), 0.5)

    clock, ages = FrozenClock(NOW + DAY + DAY // 2), Ages(evaluations=1)
    planned, _ = plan(store, clock, ages)
    with pytest.raises(TooMuchAtOnce, match="evaluations would go"):
        prune(store, clock, ages, max_share=0.1)
    assert orders.order(store, old.id) is not None
    gone, _ = prune(store, clock, ages, max_share=1, grace=0)

    assert (3, 6) == (planned.going, planned.seen) == (gone.going, gone.seen)
    assert [waits.id, new.id] == [order.id for order in orders.orders(store)]
    assert [3] == [each.number for each in finding_pages.evaluations(Reader(store, None))]
    assert (None, b"all") == (
        orders.outcome(store, dataclasses.replace(old, chunks=1)),
        orders.outcome(store, read(store, new)),
    )
    assert waits.number + 1 == place(store, n=9).number
