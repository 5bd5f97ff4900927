"""The same work on a peer that speaks Marquez's API, where a user runs one: `--peer-url http://127.0.0.1:5000`.

A peer answers an event when it has applied it, so its rate belongs beside "applied". Bounded in time: peers take
seconds for what takes milliseconds here.
"""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator
from itertools import islice
from urllib.parse import quote, urlsplit

from tests.benchmarks.figures import RATE, Figure, counted, quantiles
from tests.benchmarks.layered import NAMESPACE, Repeats
from tests.benchmarks.posting import Shared
from tests.benchmarks.reading import ROOT
from tests.benchmarks.size import DEPTHS

TIMEOUT = 60.0
SECONDS = 60.0
"""Each question, and posting, is given up after these."""

CLIENTS = 8
ASKS = 20
FIRST = 7_000


def measure(url: str, events: int) -> Iterator[Figure]:
    """Events a second that a peer takes, and how long it thinks about lineage and a page of jobs."""
    peer = _Peer(url)
    taken, refused, seconds = _post(peer, events)
    note = f"{taken} events" + (f", {refused} refused" if refused else "")
    text = f"peer: accepted and applied, {counted(CLIENTS, 'client')}"
    yield Figure("peer.applied", text, taken / seconds, RATE, note)
    root = quote(f"dataset:{NAMESPACE}:{ROOT}", safe="")
    for depth in DEPTHS:
        path = f"/api/v1/lineage?nodeId={root}&depth={depth}"
        yield from quantiles(f"peer.lineage.{depth}", f"peer: lineage, depth {depth}", _ask(peer, path))
    yield from quantiles("peer.page", "peer: page of 100 jobs", _ask(peer, "/api/v1/jobs?limit=100"))


class _Peer:
    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise RuntimeError(f"{url!r} is no address of a peer; try http://127.0.0.1:5000")
        self._kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host, self._port, self._path = parts.hostname, parts.port, parts.path.rstrip("/")

    def connect(self) -> http.client.HTTPConnection:
        return self._kind(self._host, self._port, timeout=TIMEOUT)

    def ask(self, connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None) -> int:
        headers = {"Content-Type": "application/json"} if body else {}
        connection.request(method, self._path + path, body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status


def _post(peer: _Peer, events: int) -> tuple[int, int, float]:
    shared = Shared(islice(Repeats(FIRST).bodies(), events))
    until = time.monotonic() + SECONDS
    statuses: list[int] = []
    failures: list[Exception] = []

    def post() -> None:
        connection = peer.connect()
        try:
            for body in shared:
                if time.monotonic() > until:
                    break
                statuses.append(peer.ask(connection, "POST", "/api/v1/lineage", body))
        except Exception as e:  # told by the thread that waits for all
            failures.append(e)
        finally:
            connection.close()

    clients = [threading.Thread(target=post, daemon=True) for _ in range(CLIENTS)]
    started = time.perf_counter()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    seconds = time.perf_counter() - started
    if failures:
        raise failures[0]
    taken = sum(200 <= status < 300 for status in statuses)
    return taken, len(statuses) - taken, seconds


def _ask(peer: _Peer, path: str) -> list[float]:
    connection = peer.connect()
    seconds: list[float] = []
    until = time.monotonic() + SECONDS
    try:
        while len(seconds) < ASKS and time.monotonic() < until:
            asked = time.perf_counter()
            status = peer.ask(connection, "GET", path)
            if status != 200:
                raise RuntimeError(f"the peer answered {status} to {path}")
            seconds.append(time.perf_counter() - asked)
    finally:
        connection.close()
    return seconds
