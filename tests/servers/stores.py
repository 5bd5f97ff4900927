"""The two stores every store test runs on (law 6), behind one face.

A Neo4j takes half a minute to start and to stop, so a test process keeps those that nobody uses, and lends them again,
emptied (`borrowed`). Tests that harm their server start one of their own (`start_store`).
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, Protocol

import pytest

from catalog.errors import StoreTimeout, StoreUnavailable
from catalog.graph.embedded import DATABASE, USER, Embedded
from catalog.graph.migrate import ArcadeAdmin
from catalog.graph.store import Store
from tests.servers.child import Missing
from tests.servers.neo4j import Neo4jServer

EMBEDDED, NEO4J = "embedded", "neo4j"
STORES = [pytest.param(EMBEDDED), pytest.param(NEO4J, marks=pytest.mark.neo4j)]
"""The parameters of a fixture that gives each test both."""
LONG = [pytest.param(EMBEDDED), pytest.param(NEO4J, marks=(pytest.mark.neo4j, pytest.mark.soak))]
"""The same for what takes a minute through a whole service, and runs on both stores below it in `tests/store`."""

EMPTIED_AT_ONCE = 500
EMPTY_SECONDS = 120.0
"""For how long it is tried while the store has no time."""
_EMPTY = "MATCH (n) WHERE NOT n:Migration WITH n LIMIT $most DETACH DELETE n RETURN count(*) AS n"
_FORGET = "MATCH (n:Migration) DETACH DELETE n"

REQUIRED = "HEADWATER_TESTS_REQUIRE_ALL"
"""Set where nothing may be missing, as in CI: then a missing server fails the test instead of skipping it."""


class StoreServer(Protocol):
    """A running store, without schema."""

    name: str
    admin: ArcadeAdmin | None

    @property
    def env(self) -> dict[str, str]:
        """The settings that make Headwater use it."""
        ...

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        ...

    def start(self) -> None:
        """Start it, or start it again after a kill, and wait until it answers."""
        ...

    def open(self) -> Store:
        """Connect to it."""
        ...

    def send(self, number: signal.Signals) -> None:
        """Send its process a signal."""
        ...

    def stop(self) -> None:
        """End it."""
        ...


class EmbeddedServer:
    """The embedded store over a folder of its own."""

    name = EMBEDDED

    def __init__(self, folder: Path, *, brief: bool = False) -> None:
        self._child = Embedded(folder, brief=brief)
        self._child.claim()
        self.admin: ArcadeAdmin | None = ArcadeAdmin(self._child.http_url, self._child.password)

    @property
    def env(self) -> dict[str, str]:
        """The settings that make Headwater use it."""
        return {
            "HEADWATER_STORE_URL": self._child.url,
            "HEADWATER_STORE_USER": USER,
            "HEADWATER_STORE_PASSWORD": self._child.password,
            "HEADWATER_STORE_DATABASE": DATABASE,
            "HEADWATER_STORE_HTTP_URL": self._child.http_url,
        }

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._child.pid

    def start(self) -> None:
        """Start it, or start it again after a kill, and wait until it answers."""
        self._child.start()

    def open(self) -> Store:
        """Connect to it."""
        return self._child.open()

    def send(self, number: signal.Signals) -> None:
        """Send its process a signal."""
        if self.pid is not None:
            os.kill(self.pid, number)

    def stop(self) -> None:
        """End it."""
        self.send(signal.SIGCONT)
        self._child.stop()


def start_store(name: str, folder: Path, *, brief: bool = True) -> StoreServer:
    """A running store of this name over a new folder; the test is skipped, or fails, where it cannot be had.

    Args:
        brief: without the optimising compiler, which costs more than it gives back in the minutes of a test.
    """
    make: dict[str, Callable[..., StoreServer]] = {EMBEDDED: EmbeddedServer, NEO4J: Neo4jServer}
    try:
        server = make[name](folder / name, brief=brief)
    except Missing as e:
        missing(e)
    try:
        server.start()
    except BaseException:
        server.stop()
        raise
    return server


_idle: dict[str, list[StoreServer]] = {EMBEDDED: [], NEO4J: []}


@contextmanager
def borrowed(name: str, folder: Path) -> Iterator[StoreServer]:
    """A running store with nothing in it, for as long as it is used; see `start_store`.

    Indexes of an earlier borrower may be left; `migrate` makes those that are missing.
    """
    server = _idle[name].pop() if _idle[name] else start_store(name, folder)
    try:
        _forget_all(server)
        yield server
    except BaseException:
        server.stop()
        raise
    _idle[name].append(server)


def stop_idle() -> None:
    """End the servers that are kept; all of them, once the tests are over."""
    for servers in _idle.values():
        while servers:
            servers.pop().stop()


def empty(store: Store) -> None:
    """Take out everything but the memory of migrations; in smaller parts where the store has no time for more.

    On a machine that does much else a part can take longer than a statement may, or than a client waits.
    """
    most, until = EMPTIED_AT_ONCE, time.monotonic() + EMPTY_SECONDS
    while True:
        try:
            if _take_out(store, most) < most:
                return
            most = min(EMPTIED_AT_ONCE, 2 * most)
        except (StoreTimeout, StoreUnavailable):
            if time.monotonic() > until:
                raise
            most = max(1, most // 4)


def _take_out(store: Store, most: int) -> int:
    return int(store.write(lambda tx: tx.run(_EMPTY, most=most))[0]["n"])


def _forget_all(server: StoreServer) -> None:
    store = server.open()
    try:
        empty(store)
        store.write(lambda tx: tx.run(_FORGET))
    finally:
        store.close()


def missing(what: Missing) -> NoReturn:
    """Skip the test and say why; fail it where nothing may be missing."""
    if os.environ.get(REQUIRED):
        raise what
    pytest.skip(str(what))
