"""What a door of the service is, what it is prepared with, and how a store is looked at afterwards: see `doors.py`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

from catalog.clock import DAY, SECOND
from catalog.graph import inbox, orders, watch
from catalog.graph.fingerprint import fingerprint
from catalog.graph.inbox import NewEntry, Receipt
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.manifest.plan import Plan
from tests.reconciled import Said, Told
from tests.servers.stores import StoreServer
from tests.store import test_findings as evaluations
from tests.store.conftest import LATER, accept_events, drain
from tests.store.events import NOON, dataset, entries, event

NOW = 1_000 * SECOND
OLD = NOON - 90 * DAY
KINDS = ("EVALUATE",)


STORY = [
    Told(5, 10, None, ("a.one",), {("a.one", thing, "", ""): Said("low", "FAIL", "x") for thing in "tu"}),
    Told(7, 20, None, ("a.one",), {("a.one", "t", "", ""): Said("low", "WAIVED", "x")}),
]


class World(NamedTuple):
    """The store, the one that it is rebuilt in, the server, and the plan that a client has."""

    store: Store
    fresh: Store
    server: StoreServer
    sent: dict[str, Plan]

    @property
    def reader(self) -> Reader:
        return Reader(self.store, self.server.admin)

    def submit(self, given: Sequence[NewEntry]) -> list[Future[Receipt]]:
        """As the acceptor does, without a thread."""
        done: list[Future[Receipt]] = [Future() for _ in given]
        for future, receipt in zip(done, inbox.accept(self.store, given, LATER), strict=True):
            future.set_result(receipt)
        return done


def heard(world: World) -> None:
    """Two datasets with columns and counts, long ago, in another order than it happened, and now."""
    schema = {"schema": {"fields": [{"name": "id"}]}}
    source = {"fields": {"id": {"inputFields": [{"namespace": "db", "name": "a", "field": "id"}]}}}
    for run, time in (("1", OLD + DAY), ("2", OLD), ("3", NOON)):
        output = dataset("b", **schema, columnLineage=source) | {"outputFacets": {"outputStatistics": {"rowCount": 3}}}
        told = event(run, time, inputs=[dataset("a", **schema)], outputs=[output], sql={"query": run})
        accept_events(world.store, [told], now=time)
    drain(world.store)


def facts(world: World) -> Any:
    """The graph's hash, how many of each there are, and what became of the entries."""
    counted = world.store.rows("MATCH (n) RETURN labels(n) AS labels, count(n) AS n")
    return (
        fingerprint(world.store),
        {",".join(sorted(row["labels"])): row["n"] for row in counted},
        [(row["id"], row["sequence"], row["state"], row.get("purgedAt")) for row in entries(world.store)],
    )


def placed(world: World) -> Any:
    found = orders.orders(world.store)
    return [
        (order.number, order.state, order.result, order.error, orders.outcome(world.store, order)) for order in found
    ]


def evaluated(world: World) -> Any:
    now = watch.watch(world.store)
    return evaluations.as_stored(world.store), dict(now.open), now.waived, now.known, now.through


class Door(NamedTuple):
    """A way to the store.

    Attributes:
        writers: the functions that write, see `tests.store.lost.writers`.
        given: prepares a store.
        use: uses the door; the number says how often it was used before.
        look: what came of it.
    """

    writers: str
    given: Callable[[World], None]
    use: Callable[[World, int], None]
    look: Callable[[World], Any]
