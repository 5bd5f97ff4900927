"""The store is away for a while: clients hear so in time, nothing accepted is lost, and nobody has to do anything."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from catalog.graph.inbox import NewEntry
from tests.e2e.faults.clients import CLIENT_TIMEOUT, Clients, stream
from tests.e2e.faults.pace import contention
from tests.e2e.faults.verdict import judge
from tests.servers import plain
from tests.servers.asking import wait_for
from tests.servers.deployment import Deployment
from tests.servers.proxy import Proxy
from tests.servers.stores import LONG, StoreServer, start_store

RECOVERY_SECONDS = 30.0
FORGOTTEN_SECONDS = 60.0
"""Nobody had to do anything; how long it really takes is printed, and stands in the runbook."""

PER_OUTAGE = 360
FROZEN, CUT, SILENT = "frozen", "cut", "silent"
QUESTION = '{ lineage(root: {namespace: "bench", name: "table_02_001"}) { complete nodes { name } } }'


class Stage:
    """A deployment that reaches its store through a network that can fail."""

    def __init__(self, store: StoreServer, folder: Path) -> None:
        self.store = store
        self.accepted: dict[str, tuple[int, NewEntry]] = {}
        self._proxy = Proxy(int(store.env["HEADWATER_STORE_URL"].rpartition(":")[2]))
        env = {**store.env, "HEADWATER_STORE_URL": f"bolt://127.0.0.1:{self._proxy.port}"}
        try:
            self.deployment = Deployment(folder, env).start()
        except BaseException:
            self._proxy.close()
            raise
        self.url = self.deployment.url

    def begin(self, kind: str) -> None:
        """Take the store away."""
        {
            FROZEN: lambda: self.store.send(signal.SIGSTOP),
            CUT: self._proxy.cut,
            SILENT: self._proxy.swallow,
        }[kind]()

    def forget(self) -> None:
        """Have the network forget all connections to the store."""
        self._proxy.forget()

    def end(self) -> None:
        """Give it back, whatever took it away."""
        self.store.send(signal.SIGCONT)
        self._proxy.restore()

    def judge(self) -> None:
        """Everything that was answered 201 is applied once."""
        self.deployment.wait_applied(max(sequence for sequence, _ in self.accepted.values()), 90)
        store = self.store.open()
        try:
            judge(store, self.accepted)
        finally:
            store.close()

    def close(self) -> None:
        """End all."""
        self.end()
        self.deployment.stop()
        self._proxy.close()


@pytest.fixture(scope="module", params=LONG)
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One for all outages."""
    folder = tmp_path_factory.mktemp("outages")
    store = start_store(request.param, folder)
    try:
        made = Stage(store, folder / "headwater")
        try:
            yield made
        finally:
            made.close()
    finally:
        store.stop()


class Questions:
    """Someone who keeps asking the graph.

    Attributes:
        heard: how long each answer took, and whether it was data or which error.
    """

    def __init__(self, url: str) -> None:
        self.heard: list[tuple[float, str]] = []
        self._url = url
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(3)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask no more."""
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        with httpx.Client(timeout=20) as http:
            while not self._ended.wait(0.05):
                started = time.monotonic()
                answer = http.post(f"{self._url}/graphql", json={"query": QUESTION}).json()
                told = answer["errors"][0]["extensions"]["code"] if "errors" in answer else "data"
                self.heard.append((time.monotonic() - started, told))


def timed(url: str) -> tuple[int, dict[str, Any], float]:
    """Status, body and seconds of an answer."""
    started = time.monotonic()
    answer = plain.get(url, timeout=20)
    body = answer.json() if "json" in answer.headers["content-type"] else {}
    return answer.status_code, body, time.monotonic() - started


def accepted_key(clients: Clients, url: str) -> str:
    """The key of an event that is posted until it is accepted."""
    event = clients.take()
    give_up = time.monotonic() + 60
    with httpx.Client(timeout=CLIENT_TIMEOUT) as http:
        while (key := clients.try_once(http, url, event)) is None:
            assert time.monotonic() < give_up, "not accepted in time"
            time.sleep(0.1)
    return key


def is_applied(stage: Stage, key: str) -> Callable[[], bool]:
    """Asks whether an entry is applied."""

    def ask() -> bool:
        query = {"query": f'{{ ingestion(key: "{key}") {{ state }} }}'}
        found = plain.post(f"{stage.url}/graphql", json=query, timeout=20).json()
        return bool((found.get("data") or {}).get("ingestion") == {"state": "APPLIED"})

    return ask


@pytest.mark.parametrize(
    "outage",
    [
        pytest.param([(FROZEN, 8)], id=FROZEN),
        pytest.param([(CUT, 8)], id=CUT),
        pytest.param([(SILENT, 8)], id=SILENT, marks=pytest.mark.soak),
        pytest.param([(FROZEN, 25), (SILENT, 25), (CUT, 10)], id="a minute", marks=pytest.mark.soak),
    ],
)
def test_the_store_is_away(stage: Stage, outage: list[tuple[str, int]]) -> None:
    """Every post is answered 201 or 503 with Retry-After within the client's five seconds, every question too; the
    service says that it is not ready but lives; when the store is back so is everything, and all that was answered
    201 is applied once.
    """
    before = len(stage.accepted)
    clients = Clients(
        [stage.url],
        stream(len(stage.accepted)),
        accepted=stage.accepted,
        may_post=lambda: len(stage.accepted) < before + PER_OUTAGE,
    )
    questions = Questions(stage.url)
    clients.start()
    try:
        wait_for(lambda: len(stage.accepted) > before + PER_OUTAGE // 3)
        began = time.monotonic()
        try:
            for kind, seconds in outage:
                stage.begin(kind)
                time.sleep(seconds - 3)
            at_rest = len(stage.accepted)
            ready, lives, counted = (timed(f"{stage.url}/{door}") for door in ("readyz", "healthz", "metrics"))
            still = len(stage.accepted)
        finally:
            stage.end()
        ended = time.monotonic()
        wait_for(is_applied(stage, accepted_key(clients, stage.url)), 60)
        took = time.monotonic() - ended
    finally:
        clients.stop()
        questions.stop()
    print(f"{outage}, {ended - began:.0f} s: whole again after {took:.1f} s; {clients.summary()}")

    assert [] == clients.faults
    assert {"201", "503"} == {told for _, told in clients.heard}
    assert max(clients.heard)[0] < CLIENT_TIMEOUT
    assert at_rest == still, "something was accepted without a store"
    assert {"data", "STORE_DOWN"} == {told for _, told in questions.heard}
    assert max(questions.heard)[0] < CLIENT_TIMEOUT
    assert (503, "STORE_DOWN", True) == (ready[0], ready[1]["code"], ready[1]["retryable"])
    assert (200, 200) == (lives[0], counted[0])
    assert max(ready[2], lives[2], counted[2]) < CLIENT_TIMEOUT
    assert took < RECOVERY_SECONDS * contention()
    stage.judge()


@pytest.mark.soak
def test_connections_that_the_network_forgot_are_given_up(stage: Stage) -> None:
    """Nothing on them ever arrives, no end either: the driver alone would wait for ever. Meanwhile every answer comes
    in time; then API and workers make new ones, and the store lets go of what the old ones held.
    """
    before = len(stage.accepted)
    clients = Clients(
        [stage.url], stream(5), accepted=stage.accepted, may_post=lambda: len(stage.accepted) < before + PER_OUTAGE
    )
    questions = Questions(stage.url)
    clients.start()
    try:
        wait_for(lambda: len(stage.accepted) > before + PER_OUTAGE // 3)
        stage.forget()
        forgotten = time.monotonic()
        key = accepted_key(clients, stage.url)
        wait_for(is_applied(stage, key), 90)
        took = time.monotonic() - forgotten
    finally:
        clients.stop()
        questions.stop()
    print(f"forgotten connections: whole again after {took:.1f} s; {clients.summary()}")

    assert [] == clients.faults
    assert {"201", "503"} >= {told for _, told in clients.heard}
    assert {"data", "STORE_DOWN"} >= {told for _, told in questions.heard}
    assert max(*clients.heard, *questions.heard)[0] < CLIENT_TIMEOUT
    assert took < FORGOTTEN_SECONDS * contention()
    stage.judge()
