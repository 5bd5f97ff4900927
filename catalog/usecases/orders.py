"""Work on orders: one at a time, with progress that people see, and an end in words whatever happens.

A kind of work is a function that is given the order and a way to tell its progress, and gives what came out. It may
run twice (its worker died), so what it stores must be the same each time, or be written under `graph.orders.hold`.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

import structlog

from catalog.clock import SECOND, Clock
from catalog.errors import CatalogError, LeaseLost, OrderFailed, StoreFull, StoreUnavailable
from catalog.graph import orders
from catalog.graph.orders import LEASE, Order
from catalog.graph.store import Store
from catalog.heap import TOO_LARGE, is_full
from catalog.usecases.ingest import is_gone
from catalog.usecases.renewing import Renewing

BEAT = LEASE / 3 / SECOND
"""Seconds between renewals of the lease while the work goes on, whether or not it tells progress."""
TOLD = 0.5
"""Seconds between two words of progress that are stored; the others are for nobody to see."""
PAUSE = 5 * SECOND
LIMIT = 3_600.0
"""Seconds that one order may take, if nothing else is set."""
MAX_REASON = 2_000
AWAY = (StoreUnavailable, StoreFull)
"""The store can not be written to, which is no fault of an order."""

log = structlog.get_logger(__name__)


class Done(NamedTuple):
    """What came of an order; see `graph.orders.end`. `ended`: the work ended it itself, with what it wrote."""

    result: str = ""
    payload: bytes = b""
    ended: bool = False


class Tell(Protocol):
    """Tells how far the work is: what is done now, and how much of how much."""

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        """Say it; cheap, so say it often.

        Raises:
            LeaseLost: the order is another worker's by now: stop.
            OrderFailed: it took longer than an order may: stop.
        """
        ...


Work = Callable[[Order, Tell], Done]
"""One kind of work.

Raises:
    CatalogError: a retryable one puts the order off, any other one is its end, told in its words.
"""


class Orders:
    """One worker's way of doing what was ordered.

    Args:
        works: by kind of order what is to be done.
        owner: whose leases these are, see `usecases.ingest.name_owner`.
        limit: seconds that one order may take.
        owed: orders that the store went away from, which is told once it is back; kept for as long as the process.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        works: Mapping[str, Work],
        *,
        owner: str,
        limit: float = LIMIT,
        owed: list[Order] | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._works = works
        self._owner = owner
        self._limit = limit
        self._owed = [] if owed is None else owed

    def work(self, *, seconds: float) -> int:
        """Do what waits until nothing does, or the time is over; how many were taken up.

        Raises:
            StoreUnavailable, Conflict: what is not ended is taken up again later.
        """
        self._forgive()
        until, taken = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            order = orders.take(
                self._store, self._works, owner=self._owner, now=self._clock.now(), is_gone=self._is_gone
            )
            if order is None:
                break
            taken += 1
            self._do(order)
        return taken

    def _is_gone(self, owner: str) -> bool:
        """Also this one itself: it does one order at a time, so it has left the other one behind."""
        return owner == self._owner or is_gone(owner)

    def _do(self, order: Order) -> None:
        started = time.monotonic()
        telling, reason = _Telling(self._store, self._clock, order, self._limit), ""
        try:
            with telling.lease:
                done = self._works[order.kind](order, telling.tell)
            if not done.ended:
                orders.finish(self._store, order, self._clock.now(), result=done.result, payload=done.payload)
        except LeaseLost as e:
            log.warning("order lost", order=order.id, kind=order.kind, error=str(e))
            if isinstance(telling.lease.error, AWAY):  # it could not be renewed, or nobody had taken it
                self._owed.append(order)
            self._forgive()
            return
        except AWAY as e:
            log.warning("order put off", order=order.id, kind=order.kind, error=str(e))
            self._owed.append(order)
            self._forgive()
        except CatalogError as e:
            self._end_badly(order, e)
        except Exception as e:  # a bug in one kind of work must neither stop the others nor be tried for ever
            if is_full(e):
                reason = TOO_LARGE
            else:
                log.exception("order failed", order=order.id, kind=order.kind)
                self._fail(order, f"{type(e).__name__}: {e}; see the worker's log")
        if reason:  # out of the handler: what the work held is let go with its error, and this needs memory, too
            gc.collect()
            self._fail(order, reason)
        log.info("order ended", order=order.id, kind=order.kind, seconds=round(time.monotonic() - started, 3))

    def _end_badly(self, order: Order, error: CatalogError) -> None:
        if error.retryable and order.attempts < orders.MAX_ATTEMPTS:
            try:
                orders.put_off(self._store, order, str(error), self._clock.now() + PAUSE * order.attempts)
            except LeaseLost:
                return
        else:
            self._fail(order, str(error), error.code)

    def _forgive(self) -> None:
        """Have attempts not counted that the store went away from.

        Raises:
            StoreUnavailable, StoreFull: it still is; they are remembered.
        """
        while self._owed:
            now = self._clock.now()
            orders.forgive(self._store, self._owed[-1], "the store was away; it goes on", now, now + PAUSE)
            self._owed.pop()

    def _fail(self, order: Order, reason: str, code: str = "") -> None:
        try:
            orders.fail(self._store, order, reason[:MAX_REASON], self._clock.now(), code)
        except LeaseLost as e:
            log.warning("order lost", order=order.id, kind=order.kind, error=str(e))


class _Telling:
    """Progress of one order, as it was told last; the lease is renewed with each word that is stored.

    One that takes longer than it may is FAILED by the thread that renews: people hear of it in time, and whatever the
    work does then counts no more; it ends with its next word.
    """

    def __init__(self, store: Store, clock: Clock, order: Order, limit: float) -> None:
        self._store = store
        self._clock = clock
        self._order = order
        self._said: dict[str, Any] = {}
        self._told = 0.0
        self._limit = limit
        self._until = time.monotonic() + limit
        self.lease = Renewing(f"order {order.id}", self._beat, min(BEAT, limit))

    def tell(self, step: str, done: int = 0, total: int = 0) -> None:
        """See `Tell`."""
        self._check()
        self.lease.check()
        before = self._said.get("step")
        self._said = {"step": step, "done": done, "total": total}
        if step != before or time.monotonic() - self._told > TOLD:
            self._told = time.monotonic()
            self._store_it()

    def _check(self) -> None:
        if time.monotonic() >= self._until:
            raise OrderFailed(
                f"it took longer than the {self._limit:g} seconds that an order may take (HEADWATER_ORDER_SECONDS); "
                "ask for less at once"
            )

    def _beat(self) -> None:
        try:
            self._check()
        except OrderFailed as e:
            orders.fail(self._store, self._order, str(e), self._clock.now())
            raise LeaseLost(str(e)) from e
        self._store_it()

    def _store_it(self) -> None:
        orders.progress(self._store, self._order, self._said, self._clock.now())
