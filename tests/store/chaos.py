"""Workers that die, and transactions that run twice: what a store and its clients may suffer between two lines of code.

`Faults` stands between the service and the store's one way to write; `Crowd` is a number of workers that apply what is
accepted, each of which is another one after its death.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

from neo4j.exceptions import ServiceUnavailable

from catalog.clock import DAY, FrozenClock
from catalog.errors import CatalogError
from catalog.graph.store import Store, Tx
from catalog.lineage.understand import Understanding
from catalog.usecases.ingest import LEASE, Ingester

T = TypeVar("T")

FATAL = 3
"""Faults of one run that cost entries an attempt; behind the fifth attempt an entry is given up."""
ROUNDS = 12
_WAITING = "MATCH (e:Entry {state: 'ACCEPTED'}) RETURN count(e) AS n"


class Killed(BaseException):
    """The end of a process: nothing of it catches this."""


class Faults:
    """What happens at each write, by chance.

    "killed before": the process ends and nothing was written. "killed after": all was written, and nobody heard.
    "twice": the answer to a commit was lost, so the body runs again, behind itself. "again": the store refused to
    commit, so the body runs again, from where it began.
    """

    def __init__(self, store: Store, rng: random.Random) -> None:
        self.happened: Counter[str] = Counter()
        self.clock = FrozenClock()
        self._rng = rng
        self._write = store.write
        self._fatal = FATAL
        self._lock = threading.Lock()

    def write(self, work: Callable[[Tx], T]) -> T:
        """Instead of `Store.write`."""
        fault = self._fault()
        if fault == "killed before":
            raise Killed
        if fault == "again":
            return self._write(self._refused_once(work))
        result = self._write(work)
        if fault == "killed after":
            raise Killed
        return self._write(work) if fault == "twice" else result

    def cease(self) -> None:
        """From now on nothing happens."""
        self._fatal = -1

    def _fault(self) -> str:
        with self._lock:
            if self._fatal < 0 or self._rng.random() > 0.35:
                return ""
            fatal = self._fatal > 0 and self._rng.random() < 0.3
            fault = self._rng.choice(("killed before", "killed after", "twice")) if fatal else "again"
            self._fatal -= fatal
            self.happened[fault] += 1
            if fault.startswith("killed"):
                self.clock.at += LEASE + 1
            return fault

    def _refused_once(self, work: Callable[[Tx], T]) -> Callable[[Tx], T]:
        refused: list[Any] = []

        def body(tx: Tx) -> T:
            result = work(tx)
            if not refused:
                refused.append(result)
                raise ServiceUnavailable("refused by the test")
            return result

        return body


class Crowd:
    """Workers at once, over as many shards.

    Args:
        understanding: what entries mean, shared as within a process.
    """

    def __init__(self, store: Store, faults: Faults, understanding: Understanding | None, *, workers: int) -> None:
        self._store = store
        self._faults = faults
        self._understanding = understanding or Understanding()
        self._workers = workers
        self._lives = 0

    def work(self) -> None:
        """Every worker drains every shard once, as far as it lives and is let."""
        orders = [random.Random(i).sample(range(self._workers), self._workers) for i in range(self._workers)]
        with ThreadPoolExecutor(self._workers) as pool:
            list(pool.map(self._drain, orders))

    def finish(self) -> None:
        """Without faults: until nothing waits that can ever be applied."""
        self._faults.cease()
        for _ in range(ROUNDS):
            self._faults.clock.at += DAY
            self.work()
            if not self._store.rows(_WAITING)[0]["n"]:
                return

    def _drain(self, shards: list[int]) -> None:
        self._lives += 1
        owner = f"worker {self._lives}"
        worker = Ingester(
            self._store, self._faults.clock, owner=owner, shards=self._workers, understanding=self._understanding
        )
        for shard in shards:
            with suppress(Killed, CatalogError):
                worker.drain(shard, seconds=300)
