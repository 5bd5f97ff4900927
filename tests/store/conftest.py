"""A real store for each test process, and an empty one for each test; how events get in and are applied.

Every suite in this folder runs once per entry of `SERVERS`, so a real Neo4j is one more entry (law 6).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

import orjson
import pytest

from catalog.clock import DAY, Clock, FrozenClock
from catalog.graph import inbox
from catalog.graph.embedded import Embedded
from catalog.graph.inbox import Receipt
from catalog.graph.migrate import ArcadeAdmin, migrate
from catalog.graph.store import Store
from catalog.resources import schema_dir
from catalog.usecases.accept import prepare
from catalog.usecases.ingest import Drained, Ingester

LATER = 200 * 365 * DAY
"""A moment after every event of the corpus and of the random histories."""

EMPTIED_AT_ONCE = 500
_EMPTY = f"MATCH (n) WHERE NOT n:Migration WITH n LIMIT {EMPTIED_AT_ONCE} DETACH DELETE n RETURN count(*) AS n"


class Server(Protocol):
    """A running store with the schema in it."""

    admin: ArcadeAdmin | None

    def open(self) -> Store:
        """Connect to it."""
        ...

    def stop(self) -> None:
        """End it."""
        ...


class EmbeddedServer:
    """The embedded store over a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._child = Embedded(folder)
        self._child.start()
        self.admin: ArcadeAdmin | None = ArcadeAdmin(self._child.http_url, self._child.password)

    def open(self) -> Store:
        """Connect to it."""
        return self._child.open()

    def stop(self) -> None:
        """End it."""
        self._child.stop()


SERVERS: dict[str, Callable[[Path], Server]] = {"embedded": EmbeddedServer}


@pytest.fixture(scope="session", params=list(SERVERS))
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests of a process."""
    running = SERVERS[request.param](tmp_path_factory.mktemp("store") / "data")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def shared_store(server: Server) -> Iterator[Store]:
    """Its one pool of connections, migrated."""
    opened = server.open()
    migrate(opened, schema_dir() / "graph", FrozenClock(LATER), server.admin)
    yield opened
    opened.close()


@pytest.fixture
def store(shared_store: Store) -> Store:
    """The store, emptied."""
    empty(shared_store)
    return shared_store


def empty(store: Store) -> None:
    """Take out everything but the memory of migrations."""
    while store.write(lambda tx: tx.run(_EMPTY))[0]["n"] == EMPTIED_AT_ONCE:
        pass


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
