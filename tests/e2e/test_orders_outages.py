"""The store goes away while an order is worked on, again and again: the order waits for it, and is not given up."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from catalog.clock import FrozenClock, SystemClock
from catalog.errors import StoreUnavailable
from catalog.graph import orders
from catalog.graph.migrate import migrate
from catalog.graph.orders import DONE, LEASE, MAX_ATTEMPTS, RUNNING, Order
from catalog.graph.store import Store
from catalog.resources import schema_dir
from catalog.usecases import orders as working
from catalog.usecases.orders import PAUSE, Done, Orders, Tell
from tests.servers.asking import wait_for
from tests.servers.stores import LONG, StoreServer, start_store

T = TypeVar("T")
pytestmark = pytest.mark.slow
OUTAGES = (signal.SIGSTOP, signal.SIGKILL, signal.SIGSTOP, signal.SIGSTOP)
"""More than an order has attempts."""
SILENCE = 2.0


@pytest.fixture(scope="module", params=LONG)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreServer]:
    """One of their own, since it is harmed."""
    running = start_store(request.param, tmp_path_factory.mktemp("orders"))
    store = running.open()
    migrate(store, schema_dir() / "graph", SystemClock(), running.admin)
    store.close()
    yield running
    running.stop()


@pytest.fixture
def store(server: StoreServer) -> Iterator[Store]:
    """Connections that soon say that the store does not answer."""
    url, user, password, database = (
        server.env[f"HEADWATER_STORE_{part}"] for part in ("URL", "USER", "PASSWORD", "DATABASE")
    )
    opened = Store.open(url, user=user, password=password, database=database, patience=SILENCE, silence=SILENCE)
    yield opened
    opened.close()


def test_outages_of_the_store_use_up_no_attempts(server: StoreServer, store: Store) -> None:
    """It is frozen and killed in the middle of the work, more often than workers may end over an order: it is DONE."""
    assert len(OUTAGES) > MAX_ATTEMPTS
    clock, left, owed = FrozenClock(SystemClock().now()), list(OUTAGES), list[Order]()
    order, _ = orders.place(store, "EVALUATE", {}, by="ann", now=clock.now())

    def work(order: Order, tell: Tell) -> Done:
        if left:
            server.send(left.pop(0))
            tell("half")
        return Done("it")

    def worker() -> Orders:
        """As a process makes it anew each time that it looks for work."""
        return Orders(store, clock, {"EVALUATE": work}, owner="a", owed=owed)

    for outage in OUTAGES:
        with pytest.raises(StoreUnavailable):
            worker().work(seconds=60)
        assert [order.id] == [one.id for one in owed]
        give_back(server, outage)
        assert 0 == once_back(lambda: worker().work(seconds=60)), "it waits for a while"
        clock.at += PAUSE
    assert 1 == once_back(lambda: worker().work(seconds=60))

    ended = read(store, order)
    assert ([], DONE, "it", 1, len(OUTAGES) + 1) == (owed, ended.state, ended.result, ended.attempts, ended.fence)


def test_who_lost_an_order_by_an_outage_counts_for_nothing(
    server: StoreServer, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lease could not be renewed, so another one took it over: it is the first who began it, and ends it."""
    monkeypatch.setattr(working, "BEAT", 0.1)
    clock, taken = FrozenClock(SystemClock().now()), list[Order | None]()
    order, _ = orders.place(store, "EVALUATE", {"n": 2}, by="ann", now=clock.now())

    def work(order: Order, tell: Tell) -> Done:
        server.send(signal.SIGSTOP)
        time.sleep(3 * SILENCE)
        give_back(server, signal.SIGSTOP)
        later = clock.now() + LEASE
        taken.append(once_back(lambda: orders.take(store, ["EVALUATE"], owner="b", now=later)))
        tell("half")
        return Done("never")

    Orders(store, clock, {"EVALUATE": work}, owner="a").work(seconds=60)

    (other,) = taken
    assert other is not None and 2 == other.attempts
    assert (RUNNING, 1, "b") == (read(store, order).state, read(store, order).attempts, read(store, order).owner)
    orders.finish(store, other, clock.now(), result="its")
    assert (DONE, "its") == (read(store, order).state, read(store, order).result)


def give_back(server: StoreServer, outage: signal.Signals) -> None:
    """The end of an outage."""
    if outage is signal.SIGKILL:
        wait_for(lambda: server.pid is None)
        server.start()
    else:
        server.send(signal.SIGCONT)


def once_back(work: Callable[[], T]) -> T:
    """What comes of some work once the store answers again: one that has just come back is slow at first."""
    until = time.monotonic() + 60
    while True:
        try:
            return work()
        except StoreUnavailable:
            if time.monotonic() > until:
                raise


def read(store: Store, order: Order) -> Order:
    """An order as it is now."""
    found = orders.order(store, order.id)
    assert found is not None
    return found
