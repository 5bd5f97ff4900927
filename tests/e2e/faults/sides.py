"""What is attacked: `headwater up` on the embedded store, or a deployment on Neo4j, with the names of its victims."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

from catalog.errors import CatalogError
from catalog.graph.embedded import DATABASE, USER, free_port
from catalog.graph.store import Store
from tests.e2e.conftest import Up, children
from tests.servers.asking import Asking
from tests.servers.brokers import FOLDER, start_broker
from tests.servers.deployment import Deployment
from tests.servers.stores import NEO4J, start_store

BUSY_SECONDS = 2.0
SHARDS_ON_NEO4J = 2
LAPTOP_SECONDS, NEO4J_SECONDS = 10.0, 60.0
_BUSY = "MATCH (s:Shard) WHERE size(s.batch) > 0 RETURN count(s) AS n"


class Side(Protocol):
    """A running service whose parts can be killed."""

    urls: list[str]
    victims: tuple[str, ...]
    patience: float
    """Within how many seconds of a kill it must be whole again."""

    def kill(self, victim: str, rng: random.Random) -> str:
        """kill -9 of a part; says which process it was."""
        ...

    def tend(self) -> None:
        """Do what the machine's supervisor would do; `headwater up` is its own."""
        ...

    def open_store(self) -> Store:
        """A connection of one's own to the store."""
        ...

    def close(self) -> None:
        """End everything."""
        ...


class Laptop:
    """`headwater up`, which has to mend itself; only `up` itself is started again, as a person or systemd does."""

    victims: tuple[str, ...] = (
        "worker",
        "worker's child",
        "busy worker's child",
        "api",
        "api's child",
        "store",
        "checks",
        "beat",
        "up",
    )
    patience: float = LAPTOP_SECONDS

    def __init__(self, folder: Path) -> None:
        self._data = folder / "data"
        self._port = free_port()
        self._up = Up(self._data, self._port).wait_up()
        self.urls = [self._up.url]
        self._words = {
            "worker": "headwater",
            "checks": "headwater.checks",
            "store": "ArcadeDBServer",
            "api": "serve",
            "beat": "beat",
        }

    def kill(self, victim: str, rng: random.Random) -> str:
        """kill -9 of a part."""
        if victim == "up":
            pid = self._up.process.pid
            self._up.process.kill()
            self._up.process.wait()
            self._forget()
            self._up = Up(self._data, self._port)
            return f"{pid}, started again as {self._up.process.pid}"
        name = victim.removeprefix("busy ").removesuffix("'s child")
        part = self._part(name)
        if part is None:
            return "nobody: it is just being started again"
        if not victim.endswith("child"):
            return end(part)
        if victim.startswith("busy"):
            wait_busy(self.open_store, rng)
        below = sorted(children(part))
        return end(rng.choice(below)) if below else "nobody: it has no child now"

    def tend(self) -> None:
        """`headwater up` does it; it must live."""
        assert self._up.process.poll() is None, self._up.ended()[1]

    def open_store(self) -> Store:
        """By the files in its directory."""
        return open_store_of(self._data)

    def close(self) -> None:
        """End it as Ctrl-C does."""
        self._up.stop()

    def _forget(self) -> None:
        if self._up.process.stdout:
            self._up.process.stdout.close()

    def _part(self, name: str) -> int | None:
        for task in Path(f"/proc/{self._up.process.pid}/task").glob("*/children"):
            for pid in map(int, task.read_text().split()):
                words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
                if any(word.endswith(self._words[name]) for word in words):
                    return pid
        return None


class Deployed:
    """API and workers against a real Neo4j and a broker; the harness stands for systemd or Kubernetes."""

    victims: tuple[str, ...] = (
        "worker",
        "worker's child",
        "busy worker's child",
        "api",
        "api's child",
        "store",
        "broker",
    )
    patience: float = NEO4J_SECONDS

    def __init__(self, folder: Path, broker: str = FOLDER) -> None:
        with ExitStack() as ending:
            self._store = start_store(NEO4J, folder)
            ending.callback(self._store.stop)
            self._broker = start_broker(broker, folder)
            ending.callback(self._broker.stop)
            env = {**self._store.env, **self._broker.env, "HEADWATER_SHARDS": str(SHARDS_ON_NEO4J)}
            self._deployment = Deployment(folder / "headwater", env, apis=2, workers=2).start()
            ending.callback(self._deployment.stop)
            self._ending = ending.pop_all()
        self._tried: dict[int, float] = {}
        self.urls = self._deployment.urls

    def kill(self, victim: str, rng: random.Random) -> str:
        """kill -9 of a part."""
        if victim == "store":
            pid = self._store.pid
            self._store.send(signal.SIGKILL)
            while self._store.pid is not None:
                time.sleep(0.01)
            self._store.start()
            return str(pid)
        if victim == "broker":
            self._broker.kill()
            self._broker.start()
            return self._broker.name
        parts = self._deployment.apis if "api" in victim else self._deployment.workers
        part = rng.choice([part for part in parts if part.pid is not None] or parts)
        if part.pid is None:
            return "nobody: none runs"
        if not victim.endswith("child"):
            return end(part.pid)
        if victim.startswith("busy"):
            wait_busy(self.open_store, rng)
        below = sorted(children(part.pid))
        return end(rng.choice(below)) if below else "nobody: it has no child now"

    def tend(self) -> None:
        """Start again what ended, a second after the last try."""
        for part in self._deployment.parts:
            if part.pid is None and time.monotonic() - self._tried.get(id(part), 0.0) > 1.0:
                self._tried[id(part)] = time.monotonic()
                part.launch()

    def open_store(self) -> Store:
        """As any client."""
        return self._store.open()

    def close(self) -> None:
        """End everything, doors first."""
        self._ending.close()


def open_store_of(data: Path) -> Store:
    """The store of a running `headwater up`, by what it published in its directory."""
    ports = json.loads((data / "runtime.json").read_text())
    password = (data / "root.password").read_text().strip()
    url = f"bolt://127.0.0.1:{ports['bolt']}"
    return Store.open(url, user=USER, password=password, database=DATABASE, pool=2, patience=5.0)


def end(pid: int) -> str:
    """kill -9 of one process alone; its id as text."""
    os.kill(pid, signal.SIGKILL)
    return str(pid)


def wait_busy(open_store: Callable[[], Store], rng: random.Random) -> None:
    """Wait until a worker holds a batch, then a moment more, so that it is somewhere inside its transaction."""
    try:
        store = open_store()
    except OSError:
        return
    deadline = time.monotonic() + BUSY_SECONDS
    try:
        while time.monotonic() < deadline and not store.rows(_BUSY)[0]["n"]:
            time.sleep(0.005)
        time.sleep(rng.uniform(0, 0.06))
    except CatalogError:
        return
    finally:
        store.close()


def ready(urls: list[str]) -> bool:
    """Whether all services say that they can do their work."""
    return all(_Door(url).is_ready() for url in urls)


class _Door(Asking):
    def __init__(self, url: str) -> None:
        self.url = url
