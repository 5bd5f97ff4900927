"""The whole service, as `headwater up` runs it or deployed on Neo4j, and a client of its doors."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
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
from tests.benchmarks.machine import family
from tests.benchmarks.size import COLUMNS, LAYERS, WIDTH
from tests.servers.deployment import Deployment
from tests.servers.stores import EMBEDDED, StoreServer, start_store

HOST = "127.0.0.1"
JSON = "Content-Type: application/json\r\n"
LINEAGE = "/api/v1/lineage"
BATCH = 50
PATIENCE = 30.0
POLL = 0.02
RETRIES = 20
_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


class Client:
    """One kept-alive connection that spends as little as it can: it shares the processors with what it measures."""

    def __init__(self, port: int) -> None:
        self._address = (HOST, port)
        self._socket: socket.socket | None = None

    def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Status and body of one answer."""
        head = f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\n{JSON}Content-Length: {len(body)}\r\n\r\n"
        return self._exchange(head.encode() + body)

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
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _exchange(self, request: bytes) -> tuple[int, bytes]:
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=PATIENCE)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._receive()
        head, _, body = received.partition(b"\r\n\r\n")
        length = int(_LENGTH.search(head)[1])  # type: ignore[index]  # both servers say it
        parts, size = [body], len(body)
        while size < length:
            parts.append(self._receive())
            size += len(parts[-1])
        return int(head[9:12]), b"".join(parts)

    def _receive(self) -> bytes:
        assert self._socket is not None
        data = self._socket.recv(262_144)
        if not data:
            raise RuntimeError("the service hung up")
        return data


def question(query: str, **variables: Any) -> bytes:
    """The body of a GraphQL request."""
    return orjson.dumps({"query": query, "variables": variables})


class Service:
    """The whole service: `headwater up`'s parts, or API and worker against a Neo4j."""

    def __init__(self, folder: Path, kind: str) -> None:
        self._folder = folder
        self._server: StoreServer | None = None
        if kind == EMBEDDED:
            self.port = free_port()
            self._stack: Stack | None = Stack(read_settings(data=folder, host=HOST, port=self.port), lambda *_: None)
            self._stack.start()
            return
        self._stack = None
        self._server = start_store(kind, folder, brief=False)
        try:
            self._deployed = Deployment(folder / "headwater", self._server.env).start()
        except BaseException:
            self._server.stop()
            raise
        self.port = int(self._deployed.url.rsplit(":", 1)[1])

    def close(self) -> None:
        """End it."""
        if self._stack is not None:
            self._stack.stop()
        if self._server is not None:
            self._deployed.stop()
            self._server.stop()

    def pids(self) -> dict[str, int]:
        """Process ids by part.

        Raises:
            RuntimeError: a part has ended, so what was measured is worth nothing.
        """
        if self._stack is not None:
            wanted = self._stack.pids()
        else:
            assert self._server is not None
            (api,), (worker,) = self._deployed.apis, self._deployed.workers
            wanted = {"store": self._server.pid, "api": api.pid, "worker": worker.pid}
        alive = {part: pid for part, pid in wanted.items() if pid}
        if len(alive) != len(wanted):
            raise RuntimeError(f"of the service only {', '.join(alive)} still runs")
        return alive

    def environment(self) -> dict[str, str]:
        """Where commands that work on the store itself find it."""
        return self._server.env if self._server is not None else {"HEADWATER_DATA": str(self._folder)}

    @contextmanager
    def resting(self) -> Iterator[None]:
        """The worker holds still: what is accepted meanwhile waits."""
        worker = family(self.pids()["worker"])
        for pid in worker:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in worker:
                os.kill(pid, signal.SIGCONT)

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
        if self._server is not None:
            store, admin = self._server.open(), self._server.admin
        else:
            told = json.loads((self._folder / "runtime.json").read_text())
            password = (self._folder / "root.password").read_text().strip()
            store = Store.open(f"bolt://{HOST}:{told['bolt']}", user=USER, password=password, database=DATABASE)
            admin = ArcadeAdmin(f"http://{HOST}:{told['http']}", password)
        try:
            yield Reader(store, admin)
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

    def applied_through(self) -> int:
        """How far the inbox is settled."""
        with self.client() as client:
            return int(client.ask("{ status { appliedThrough } }")["status"]["appliedThrough"])

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
