"""One store alone, and the verbs on it in this process: no HTTP, no Celery."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from catalog.clock import DAY, FrozenClock, SystemClock, from_datetime
from catalog.graph import inbox
from catalog.graph.migrate import migrate
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.lineage.understand import Understanding
from catalog.resources import schema_dir
from catalog.usecases.accept import prepare
from catalog.usecases.ingest import Ingester
from tests.benchmarks.layered import NAMESPACE, START, events
from tests.benchmarks.machine import processor_seconds
from tests.benchmarks.size import COLUMNS, LAYERS, WIDTH
from tests.servers.stores import start_store

WARM = "warm"
WARM_RUNS = 3
COMMIT = 500
LATER = FrozenClock(from_datetime(START) + 20_000 * DAY)
"""After every event of the benchmarks: none is refused for coming from the future."""


class Spent:
    """What some work took: seconds by the clock, and processor seconds of the worker and of the store."""

    def __init__(self, count: int, seconds: float, worker: float, store: float) -> None:
        self.count = count
        self.seconds = seconds
        self.worker = worker
        self.store = store

    @property
    def rate(self) -> float:
        """How many a second."""
        return self.count / self.seconds


class Bare:
    """One store over a folder, warmed up before anybody measures."""

    def __init__(self, folder: Path, kind: str) -> None:
        self._server = start_store(kind, folder, brief=False)
        try:
            self.store: Store = self._server.open()
            migrate(self.store, schema_dir() / "graph", SystemClock(), self._server.admin)
        except BaseException:
            self._server.stop()
            raise
        self.reader = Reader(self.store, self._server.admin)
        self._layered: set[str] = set()
        self._understanding = Understanding()

    @property
    def pid(self) -> int:
        """The store's process id, 0 if it ended."""
        return self._server.pid or 0

    def close(self) -> None:
        """End it."""
        self.store.close()
        self._server.stop()

    def warm_up(self, graphs: int) -> None:
        """Let Java compile what will be measured: first runs, then repeat runs, of graphs that nobody measures."""
        for graph in range(graphs):
            for run in range(WARM_RUNS):
                self.apply_layered(f"{WARM}{graph}", run)

    def need_layered(self) -> None:
        """Have one run of the measured graph in the store."""
        if NAMESPACE not in self._layered:
            self.apply_layered(NAMESPACE, 0)

    def apply_layered(self, namespace: str, run: int) -> Spent:
        """Apply one run of every job of the measured graph; only the applying is timed."""
        self._layered.add(namespace)
        return self.apply(events(LAYERS, WIDTH, COLUMNS, run=run, namespace=namespace))

    def apply(self, wanted: Iterable[dict[str, Any]]) -> Spent:
        """Accept events, then drain them; only the draining is timed."""
        entries = [prepare(event, orjson.dumps(event)) for event in wanted]
        for at in range(0, len(entries), COMMIT):
            inbox.accept(self.store, entries[at : at + COMMIT], LATER.now())
        return self.drain(len(entries))

    def drain(self, expected: int | None = None) -> Spent:
        """Apply all that waits.

        Raises:
            RuntimeError: not all of what was expected, and nothing else, was applied.
        """
        worker = Ingester(self.store, LATER, owner="benchmarks", shards=1, understanding=self._understanding)
        before = (time.perf_counter(), time.process_time(), processor_seconds(self.pid))
        done = worker.drain(0, seconds=600)
        after = (time.perf_counter(), time.process_time(), processor_seconds(self.pid))
        if done.rejected or done.dead or done.put_off or (expected is not None and done.applied != expected):
            raise RuntimeError(f"expected {expected} applied entries, not {done}")
        return Spent(done.applied, *(b - a for a, b in zip(before, after, strict=True)))
