"""Memory stays bounded: at the door while the store is away, and in a worker before a long backlog."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from catalog.clock import SystemClock
from catalog.graph import inbox
from catalog.usecases.accept import prepare
from tests.benchmarks.machine import family, proportional
from tests.poison import event
from tests.servers import plain
from tests.servers.asking import wait_for
from tests.servers.deployment import Deployment
from tests.servers.stores import EMBEDDED, start_store

pytestmark = pytest.mark.slow

CLIENTS = 64
MEGABYTE = 1_000_000
DOOR_GROWTH = 330
"""MiB the API may grow by: 128 MB of bodies being read, 128 MB of events waiting, each with its copies while it is
parsed, spelled and packed."""

SMALL, LARGE = 3_000, 150
WORKER_GROWTH = 200
"""MiB a worker may grow by: a batch of 8 MB with all that is made of it."""


def _large(i: int) -> dict[str, Any]:
    text = random.Random(i).randbytes(MEGABYTE // 2).hex()
    return event(f"large {i % 7}", run={"runId": str(i), "facets": {"logs": {"text": text}}})


class Watch:
    """The memory of processes, MiB, sampled until the end: first and highest."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.first = self.now()
        self.peak = self.first
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def now(self) -> float:
        """What they hold now."""
        return sum(proportional(pid) for pid in family(self._pid))

    @property
    def growth(self) -> float:
        """The most they held beyond what they began with."""
        return self.peak - self.first

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Sample meanwhile."""
        self._thread.start()
        try:
            yield
        finally:
            self._ended.set()
            self._thread.join()

    def _sample(self) -> None:
        while not self._ended.wait(0.1):
            self.peak = max(self.peak, self.now())


@pytest.mark.soak
def test_the_door_says_no_instead_of_growing(tmp_path: Path) -> None:
    """64 clients post events of 1 MB while the store is frozen: 503 with Retry-After, bounded, and well again after."""
    store = start_store(EMBEDDED, tmp_path)
    deployment = Deployment(tmp_path / "headwater", store.env, workers=0)
    try:
        deployment.start()
        bodies = [orjson.dumps(_large(i)) for i in range(CLIENTS)]
        deployment.send(_large(-1))
        assert deployment.apis[0].pid
        watch = Watch(deployment.apis[0].pid)
        answers: Counter[tuple[int, str]] = Counter()
        until = time.monotonic() + 30
        store.send(signal.SIGSTOP)

        def post(body: bytes) -> None:
            with httpx.Client(timeout=60) as client:
                while time.monotonic() < until:
                    answer = client.post(f"{deployment.url}/api/v1/lineage", content=body)
                    answers[answer.status_code, answer.headers.get("retry-after", "")] += 1

        with watch.watching():
            _together([lambda body=body: post(body) for body in bodies])  # type: ignore[misc]
            assert 200 == plain.get(f"{deployment.url}/healthz", timeout=5).status_code
        store.send(signal.SIGCONT)
        print(f"door: {watch.first:.0f} MiB, at most {watch.peak:.0f}; {dict(answers)}")

        assert {503} == {status for status, _ in answers}
        assert all(retry for _, retry in answers)
        assert DOOR_GROWTH > watch.growth
        wait_for(lambda: _status(deployment, bodies[0]) == 201, 60)
    finally:
        deployment.stop()
        store.stop()


@pytest.mark.soak
def test_a_backlog_does_not_grow_the_worker(tmp_path: Path) -> None:
    """Thousands of small entries and 150 MB of large ones are drained by one worker within a bound."""
    server = start_store(EMBEDDED, tmp_path)
    deployment = Deployment(tmp_path / "headwater", server.env)
    try:
        deployment.start()
        worker = deployment.workers[0]
        assert worker.pid
        deployment.wait_applied(deployment.send(event("first")))
        watch = Watch(worker.pid)
        for pid in family(worker.pid):
            _signal(pid, signal.SIGSTOP)
        store = server.open()
        try:
            for at in range(0, SMALL, 500):
                events = [event(f"job {i % 50}", run={"runId": str(i)}) for i in range(at, at + 500)]
                inbox.accept(store, [prepare(e, orjson.dumps(e)) for e in events], SystemClock().now())
            for i in range(LARGE):
                e = _large(i)
                inbox.accept(store, [prepare(e, orjson.dumps(e))], SystemClock().now())
        finally:
            store.close()
        for pid in family(worker.pid):
            _signal(pid, signal.SIGCONT)
        with watch.watching():
            deployment.wait_applied(1 + SMALL + LARGE, 300)
        print(f"worker: {watch.first:.0f} MiB, at most {watch.peak:.0f}, at the end {watch.now():.0f}")

        assert WORKER_GROWTH > watch.growth
        assert {"rejected": 0, "dead": 0} == deployment.ask("{ status { rejected dead } }")["status"]
    finally:
        deployment.stop()
        server.stop()


def _together(works: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work, daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not any(thread.is_alive() for thread in threads)


def _signal(pid: int, number: signal.Signals) -> None:
    os.kill(pid, number)


def _status(deployment: Deployment, body: bytes) -> int:
    return plain.post(f"{deployment.url}/api/v1/lineage", content=body, timeout=60).status_code
