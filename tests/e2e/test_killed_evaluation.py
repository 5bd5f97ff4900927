"""kill -9 in the middle of an evaluation and of an order: no finding is lost, none is told twice, the order is done."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.clock import SystemClock
from catalog.graph import finding_pages, orders, watch
from catalog.graph.finding_pages import Choice, Known
from catalog.graph.migrate import migrate
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.lineage.understand import Understanding
from catalog.resources import schema_dir
from catalog.usecases.evaluate import Evaluator, Schedule
from catalog.usecases.evaluation_orders import EVALUATE, Asked, evaluating
from catalog.usecases.ingest import name_owner
from catalog.usecases.orders import Orders
from tests.servers.stores import LONG, StoreServer, borrowed
from tests.store.conftest import accept_events, drain
from tests.store.events import dataset, event

DATASETS = 150
KILLS = orders.MAX_ATTEMPTS - 1
_WORKER = """
import sys
from catalog.clock import SystemClock
from catalog.graph import findings
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.lineage.understand import Understanding
from catalog.usecases.evaluate import Evaluator, Schedule
from catalog.usecases.evaluation_orders import EVALUATE, evaluating
from catalog.usecases.ingest import name_owner
from catalog.usecases.orders import Orders
url, user, password, database = sys.argv[1:]
findings.CHUNK = 2
store = Store.open(url, user=user, password=password, database=database)
mine = Evaluator(Reader(store, None), SystemClock(), Schedule(), owner=name_owner(), understanding=Understanding())
works = {EVALUATE: lambda order, tell: evaluating(mine, order, tell)}
print("at work", flush=True)
Orders(store, SystemClock(), works, owner=name_owner()).work(seconds=60)
"""


@pytest.fixture(params=LONG)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreServer]:
    with borrowed(request.param, tmp_path) as running:
        yield running


def everything(store: Store) -> list[Known]:
    reader, found = Reader(store, None), list[Known]()
    while new := finding_pages.page(reader, Choice(), found[-1].ord if found else None, 500):
        found += new
    return found


@pytest.mark.slow
def test_a_killed_evaluation_is_ended_by_another_worker(server: StoreServer) -> None:
    """The order is taken up again at once, and every finding was opened exactly once, by one worker or the other."""
    store = server.open()
    try:
        migrate(store, schema_dir() / "graph", SystemClock(), server.admin)
        accept_events(store, [event("1", outputs=[dataset(f"t{i}") for i in range(DATASETS)])])
        drain(store)
        order, _ = orders.place(store, EVALUATE, Asked().to_json(), by="ann", now=SystemClock().now())
        login = [server.env[f"HEADWATER_STORE_{part}"] for part in ("URL", "USER", "PASSWORD", "DATABASE")]
        seen = []
        for kill in range(KILLS):
            worker = subprocess.Popen([sys.executable, "-c", _WORKER, *login], stdout=subprocess.PIPE)
            assert worker.stdout and worker.stdout.readline()
            until, before = time.monotonic() + 30, sum(watch.watch(store).open.values())
            while sum(watch.watch(store).open.values()) <= before + 5 * kill and time.monotonic() < until:
                time.sleep(0.01)
            worker.kill()
            worker.wait()
            worker.stdout.close()
            seen.append(sum(watch.watch(store).open.values()))
        last = Evaluator(
            Reader(store, None), SystemClock(), Schedule(), owner=name_owner(), understanding=Understanding()
        )
        works = {EVALUATE: lambda order, tell: evaluating(last, order, tell)}
        Orders(store, SystemClock(), works, owner=name_owner()).work(seconds=60)

        found = everything(store)
        histories = finding_pages.histories(Reader(store, None), [each.id for each in found])
        ended = orders.order(store, order.id)
        assert ended is not None and (orders.DONE, KILLS + 1) == (ended.state, ended.attempts)
        assert {("OPENED",)} == {tuple(event.kind for event in events) for events in histories.values()}
        assert DATASETS <= len(found) == sum(watch.watch(store).open.values())
        assert any(0 < some < len(found) for some in seen), f"no worker was killed in the middle: {seen}"
    finally:
        store.close()
