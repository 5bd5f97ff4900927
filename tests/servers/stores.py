"""The two stores every store test runs on (law 6), behind one face."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import NoReturn, Protocol

import pytest

from catalog.graph.embedded import DATABASE, USER, Embedded
from catalog.graph.migrate import ArcadeAdmin
from catalog.graph.store import Store
from tests.servers.child import Missing
from tests.servers.neo4j import Neo4jServer

EMBEDDED, NEO4J = "embedded", "neo4j"
STORES = [pytest.param(EMBEDDED), pytest.param(NEO4J, marks=pytest.mark.neo4j)]
"""The parameters of a fixture that gives each test both."""

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

    def __init__(self, folder: Path) -> None:
        self._child = Embedded(folder)
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


def start_store(name: str, folder: Path) -> StoreServer:
    """A running store of this name over a new folder; the test is skipped, or fails, where it cannot be had."""
    server: StoreServer
    try:
        server = EmbeddedServer(folder / EMBEDDED) if name == EMBEDDED else Neo4jServer(folder / NEO4J)
    except Missing as e:
        missing(e)
    server.start()
    return server


def missing(what: Missing) -> NoReturn:
    """Skip the test and say why; fail it where nothing may be missing."""
    if os.environ.get(REQUIRED):
        raise what
    pytest.skip(str(what))
