"""A real store for each test process, and an empty one for each test; how events get in and are applied.

Every suite in this folder runs once per store: the embedded one always, a real Neo4j with the mark `neo4j` (law 6).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any

import orjson
import pytest

from catalog.clock import DAY, Clock, FrozenClock, SystemClock
from catalog.graph import inbox
from catalog.graph.inbox import Receipt
from catalog.graph.migrate import migrate
from catalog.graph.store import Store
from catalog.resources import schema_dir
from catalog.usecases.accept import prepare
from catalog.usecases.ingest import Drained, Ingester
from tests.servers.stores import EMBEDDED, STORES, StoreServer, borrowed, empty

LATER = 200 * 365 * DAY
"""A moment after every event of the corpus and of the random histories."""

SOAKED = frozenset({"test_plants"})
"""Suites that take minutes, and that a run within a limit of time holds one store to."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On Neo4j such suites are run by `make test-full`."""
    for item in items:
        if item.path.stem in SOAKED and item.get_closest_marker("neo4j"):
            item.add_marker(pytest.mark.soak)


@pytest.fixture(scope="session", params=STORES)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreServer]:
    """One server for all tests of a process."""
    with borrowed(request.param, tmp_path_factory.mktemp("store")) as running:
        yield running


@pytest.fixture(scope="session")
def shared_store(server: StoreServer) -> Iterator[Store]:
    """Its one pool of connections, migrated."""
    with closing(server.open()) as opened:
        migrate(opened, schema_dir() / "graph", FrozenClock(LATER), server.admin)
        yield opened


@pytest.fixture
def store(shared_store: Store) -> Store:
    """The store, emptied."""
    empty(shared_store)
    return shared_store


@pytest.fixture(scope="session")
def second(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The store that graphs are rebuilt in."""
    with borrowed(EMBEDDED, tmp_path_factory.mktemp("rebuild")) as server, closing(server.open()) as store:
        migrate(store, schema_dir() / "graph", SystemClock(), server.admin)
        yield store


@pytest.fixture
def fresh(second: Store) -> Store:
    empty(second)
    return second


def accept_events(store: Store, events: Iterable[Any], now: int = LATER) -> list[Receipt]:
    """Accept events as the door does, in one commit; one receipt each."""
    return inbox.accept(store, [prepare(event, orjson.dumps(event)) for event in events], now)


def drain(store: Store, clock: Clock | None = None, *, shards: int = 1, owner: str = "worker") -> Drained:
    """Apply what waits in all shards."""
    total = Drained()
    worker = Ingester(store, clock or FrozenClock(LATER), owner=owner, shards=shards)
    for shard in range(shards):
        done = worker.drain(shard, seconds=300)
        total.applied += done.applied
        total.rejected += done.rejected
        total.dead += done.dead
        total.put_off += done.put_off
    return total
