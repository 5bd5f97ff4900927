"""Clients that post at full speed and send again until they hear 201, as OpenLineage's own clients do."""

from __future__ import annotations

import copy
import itertools
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import httpx
import orjson

from catalog.graph.inbox import NewEntry
from catalog.usecases.accept import prepare
from tests.benchmarks.layered import several_runs
from tests.corpus import scenario

CLIENT_TIMEOUT = 5.0
GIVE_UP_SECONDS = 120.0
RECORDED = ("CLL", "airflow")
SHUFFLED = 40
TWICE = 0.1

Event = dict[str, Any]


def stream(seed: int) -> Iterator[Event]:
    """Small events without end, out of order, each tenth one twice: a layered graph's, and real ones as new runs."""
    rng = random.Random(seed)
    layered = several_runs(4, 5, 3, itertools.count())
    recorded = [event for name in RECORDED for event in scenario(name) if "run" in event]
    waiting: list[Event] = []
    for i in itertools.count():
        event = next(layered)
        if i % 4 == 3:
            event = copy.deepcopy(rng.choice(recorded))
            event["run"]["runId"] = str(uuid.UUID(int=rng.getrandbits(128)))
        waiting.append(event)
        if len(waiting) > SHUFFLED:
            chosen = waiting.pop(rng.randrange(len(waiting)))
            yield chosen
            if rng.random() < TWICE:
                waiting.append(chosen)


class Clients:
    """Threads that post, and what they were told.

    Args:
        urls: each client has one of these services.
        may_post: asked before each event; clients rest while it says no.
        accepted: what others were told of the same store.

    Attributes:
        accepted: each entry that was answered 201 with the sequence of its receipt, by key.
        heard: how long each try took (seconds) and what came: a status, or the kind of a failed connection.
        problems: the bodies of the refusals.
        faults: what no client may ever hear.
    """

    def __init__(
        self,
        urls: Sequence[str],
        events: Iterator[Event],
        *,
        count: int = 8,
        may_post: Callable[[], bool] = lambda: True,
        accepted: dict[str, tuple[int, NewEntry]] | None = None,
    ) -> None:
        self.accepted: dict[str, tuple[int, NewEntry]] = {} if accepted is None else accepted
        self.heard: list[tuple[float, str]] = []
        self.problems: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self._events = events
        self._may_post = may_post
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._post, args=(urls[i % len(urls)],), name=f"client {i}", daemon=True)
            for i in range(count)
        ]

    def start(self) -> None:
        """Begin to post."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Take no further events, and wait until each client has heard 201 for its last one."""
        self._stop.set()
        for thread in self._threads:
            thread.join(GIVE_UP_SECONDS + CLIENT_TIMEOUT)
            assert not thread.is_alive(), f"{thread.name} hangs"

    def take(self) -> Event:
        """The next event, for whoever posts it by itself with `try_once`."""
        with self._lock:
            return next(self._events)

    def summary(self) -> str:
        """One line for people."""
        told = Counter(what for _, what in self.heard)
        answers = ", ".join(f"{what} {n}" for what, n in sorted(told.items()))
        return f"{len(self.accepted)} entries accepted; answers: {answers}; slowest {max(self.heard)[0]:.1f} s"

    def try_once(self, http: httpx.Client, url: str, event: Event) -> str | None:
        """Post once; the key when it was accepted, None when it has to be sent again."""
        body = orjson.dumps(event)
        started = time.monotonic()
        told = "no answer"
        try:
            answer = http.post(f"{url}/api/v1/lineage", content=body, headers={"Content-Type": "application/json"})
            told = str(answer.status_code)
        except httpx.HTTPError as e:
            told = type(e).__name__
            return None
        finally:
            self.heard.append((time.monotonic() - started, told))
        if answer.status_code == 201:
            return self._accept(prepare(event, body), answer.json())
        if answer.status_code != 503 or "retry-after" not in answer.headers or "detail" not in answer.json():
            self._fault(f"{answer.status_code} {answer.text[:300]}")
        else:
            self.problems.append(answer.json())
        return None

    def _post(self, url: str) -> None:
        rng = random.Random(threading.current_thread().name)
        with httpx.Client(timeout=CLIENT_TIMEOUT) as http:
            while not self._stop.is_set():
                if not self._may_post():
                    time.sleep(0.02)
                    continue
                event = self.take()
                give_up = time.monotonic() + GIVE_UP_SECONDS
                while self.try_once(http, url, event) is None:
                    if time.monotonic() > give_up:
                        self._fault(f"an event was not accepted in {GIVE_UP_SECONDS:.0f} s")
                        return
                    time.sleep(rng.uniform(0.05, 0.4))

    def _accept(self, entry: NewEntry, receipt: dict[str, Any]) -> str:
        with self._lock:
            sequence, _ = self.accepted.setdefault(entry.key, (receipt["sequence"], entry))
        if (entry.key, sequence) != (receipt["key"], receipt["sequence"]):
            self._fault(f"{entry.key} was accepted as {sequence}, then as {receipt}")
        return entry.key

    def _fault(self, what: str) -> None:
        with self._lock:
            self.faults.append(what)
