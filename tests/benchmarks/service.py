"""The whole service as `headwater up` runs it, and a client of its doors."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from catalog.cli.stack import Stack
from catalog.graph.embedded import DATABASE, USER, free_port
from catalog.graph.migrate import ArcadeAdmin
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.settings import read_settings
from tests.benchmarks.bare import WARM, WARM_RUNS
from tests.benchmarks.layered import events, several_runs
from tests.benchmarks.size import COLUMNS, LAYERS, WIDTH

HOST = "127.0.0.1"
JSON = {"Content-Type": "application/json"}
LINEAGE = "/api/v1/lineage"
BATCH = 50
PATIENCE = 30.0
POLL = 0.02
RETRIES = 20


class Client:
    """One kept-alive connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE)

    def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Status and body of one answer."""
        self._connection.request("POST", path, body, JSON)
        answer = self._connection.getresponse()
        return answer.status, answer.read()

    def ask(self, query: str, **variables: Any) -> Any:
        """The data of a GraphQL answer.

        Raises:
            RuntimeError: it has errors.
        """
        answer = orjson.loads(self.post("/graphql", question(query, **variables))[1])
        if "errors" in answer:
            raise RuntimeError(f"GraphQL answered {answer['errors']}")
        return answer["data"]

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def question(query: str, **variables: Any) -> bytes:
    """The body of a GraphQL request."""
    return orjson.dumps({"query": query, "variables": variables})


class Service:
    """Store, API, worker and beat over a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self._stack = Stack(read_settings(data=folder, host=HOST, port=self.port), lambda *_: None)
        self._stack.start()

    def close(self) -> None:
        """End it."""
        self._stack.stop()

    def pids(self) -> dict[str, int]:
        """Process ids by part.

        Raises:
            RuntimeError: a part has ended, so what was measured is worth nothing.
        """
        alive = {part: pid for part, pid in self._stack.pids().items() if pid}
        if len(alive) != len(self._stack.pids()):
            raise RuntimeError(f"of the service only {', '.join(alive)} still runs")
        return alive

    @contextmanager
    def client(self) -> Iterator[Client]:
        """A connection to the API."""
        client = Client(self.port)
        try:
            yield client
        finally:
            client.close()

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """The same store, read by this process without the API."""
        told = json.loads((self._folder / "runtime.json").read_text())
        password = (self._folder / "root.password").read_text().strip()
        store = Store.open(f"bolt://{HOST}:{told['bolt']}", user=USER, password=password, database=DATABASE)
        try:
            yield Reader(store, ArcadeAdmin(f"http://{HOST}:{told['http']}", password))
        finally:
            store.close()

    def warm_up(self, graphs: int) -> None:
        """Apply graphs that nobody measures, then one run of the measured one."""
        for graph in range(graphs):
            warm = several_runs(LAYERS, WIDTH, COLUMNS, range(WARM_RUNS), namespace=f"{WARM}{graph}")
            self.wait_applied(self.send(warm))
        self.wait_applied(self.send(events(LAYERS, WIDTH, COLUMNS)))

    def send(self, wanted: Iterable[dict[str, Any]]) -> int:
        """Post events in batches; the newest sequence given."""
        rest = iter(wanted)
        newest = 0
        with self.client() as client:
            while batch := list(islice(rest, BATCH)):
                status, body = client.post(f"{LINEAGE}/batch", orjson.dumps(batch))
                for _ in range(RETRIES):
                    if status != 503:
                        break
                    time.sleep(0.5)
                    status, body = client.post(f"{LINEAGE}/batch", orjson.dumps(batch))
                answer = orjson.loads(body)
                if status != 200 or answer["failed_events"]:
                    raise RuntimeError(f"a batch was answered {status}: {body[:500]!r}")
                newest = max([newest, *(receipt["sequence"] for receipt in answer["receipts"])])
        return newest

    def wait_applied(self, sequence: int, seconds: float = 300.0) -> None:
        """Wait until every entry up to a sequence is settled.

        Raises:
            RuntimeError: not in time, or some were refused.
        """
        until = time.monotonic() + seconds
        with self.client() as client:
            while time.monotonic() < until:
                status = client.ask("{ status { appliedThrough rejected dead } }")["status"]
                if status["rejected"] or status["dead"]:
                    raise RuntimeError(f"events of the benchmark were refused: {status}")
                if status["appliedThrough"] >= sequence:
                    return
                time.sleep(POLL)
        raise RuntimeError(f"sequence {sequence} was not applied in {seconds:.0f} s: {status}")
