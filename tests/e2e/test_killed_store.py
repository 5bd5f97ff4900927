"""kill -9 of the store, and of the worker, in the middle of large work: nothing is lost, doubled or half there.

Both are real processes; whoever uses the store hears that it is away, and goes on by itself once it is back.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from catalog.assets.keys import Key, Kind
from catalog.clock import SystemClock
from catalog.errors import StoreUnavailable
from catalog.graph import finding_pages, watch
from catalog.graph.entities import manifest_documents
from catalog.graph.migrate import migrate
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.resources import schema_dir
from tests.e2e.test_killed_apply import counts
from tests.e2e.test_killed_evaluation import everything
from tests.poison import event as job_event
from tests.servers import plain
from tests.servers.asking import wait_for
from tests.servers.deployment import Deployment
from tests.servers.stores import LONG, StoreServer, start_store
from tests.store.conftest import accept_events, drain
from tests.store.events import dataset, event

pytestmark = pytest.mark.soak
DATASETS = 3_000
DOCUMENTS = 4_000
PATIENCE = 240.0
ORDER = "query ($id: ID!) { order(id: $id) { state attempts error } }"


@pytest.fixture(params=LONG)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreServer]:
    """One of its own, since it is killed."""
    running = start_store(request.param, tmp_path)
    try:
        store = running.open()
        migrate(store, schema_dir() / "graph", SystemClock(), running.admin)
        store.close()
        yield running
    finally:
        running.stop()


def kill(server: StoreServer, away: float = 1.0) -> None:
    """End the store as a lost machine does, and start it again."""
    server.send(signal.SIGKILL)
    wait_for(lambda: server.pid is None)
    time.sleep(away)
    server.start()


def written(store: Store) -> int:
    """How many findings are open by now."""
    try:
        return sum(watch.watch(store).open.values())
    except StoreUnavailable:
        return 0


def test_a_large_evaluation_survives_its_worker_and_its_store(server: StoreServer, tmp_path: Path) -> None:
    """Both are killed while thousands of findings are written: each of them was opened exactly once, and all are."""
    store = server.open()
    accept_events(
        store, [event(str(i), outputs=[dataset(f"t{i}.{k}") for k in range(50)]) for i in range(DATASETS // 50)]
    )
    drain(store)
    deployment = Deployment(tmp_path / "headwater", {**server.env, "HEADWATER_EVALUATE_AFTER": "600"})
    try:
        deployment.start()
        placed = deployment.ask("mutation { evaluate(input: {}) { id } }")["evaluate"]["id"]
        seen = []
        for victim in ("worker", "store"):
            before = written(store)
            wait_for(lambda before=before: written(store) > before, PATIENCE)  # type: ignore[misc]
            seen.append(written(store))
            if victim == "store":
                kill(server)
            else:
                deployment.workers[0].kill()
                deployment.workers[0].start()
        wait_for(lambda: _ended(deployment, placed), PATIENCE)
        wait_for(lambda: watch.watch(store).whole_at is not None, PATIENCE)
        last = deployment.ask("mutation { evaluate(input: {}) { id } }")["evaluate"]["id"]
        wait_for(lambda: _ended(deployment, last), PATIENCE)

        found = everything(store)
        print(f"killed at {seen} of {len(found)} findings; {deployment.ask(ORDER, id=placed)['order']}")
        histories = finding_pages.histories(Reader(store, None), [each.id for each in found])
        assert "DONE" == deployment.ask(ORDER, id=last)["order"]["state"]
        assert {("OPENED",)} == {tuple(one.kind for one in told) for told in histories.values()}
        assert DATASETS < len(found) == len(histories) == written(store)
        assert not deployment.ask("{ findings { standing { stale } } }")["findings"]["standing"]["stale"]
        assert any(0 < some < len(found) for some in seen), f"nobody was killed in the middle: {seen}"
    finally:
        deployment.stop()
        store.close()


def test_a_large_apply_survives_its_store(server: StoreServer, tmp_path: Path) -> None:
    """Killed at ever later moments of an apply while events come in: all or nothing of it, and every receipt holds."""
    deployment = Deployment(tmp_path / "headwater", {**server.env, "HEADWATER_EVALUATE_AFTER": "600"})
    store = server.open()
    try:
        deployment.start()
        told = _Telling(deployment.url)
        for number, delay in enumerate((0.05, 1.0, 3.0)):
            documents = [
                {"kind": "Dataset", "namespace": f"db{number}", "name": f"t{i}", "description": f"number {i}"}
                for i in range(DOCUMENTS)
            ]
            plan = _post(deployment, "plan", {"manifest": f"m{number}", "documents": documents}).json()
            answers: list[httpx.Response] = []
            applying = threading.Thread(target=_apply, args=(deployment, plan, answers))
            applying.start()
            time.sleep(delay)
            kill(server)
            applying.join(PATIENCE)
            wait_for(lambda number=number: _declared(store, number) in (0, DOCUMENTS), PATIENCE)  # type: ignore[misc]
            assert answers and 200 == answers[-1].status_code, [answer.text[:300] for answer in answers]
            entry = answers[-1].json()["entry"]
            deployment.wait_applied(entry["sequence"], PATIENCE)
            assert DOCUMENTS == _declared(store, number)
            codes = [answer.status_code for answer in answers]
            print(f"killed after {delay} s: {codes}, again {answers[-1].json()['again']}")
        told.stop()
        deployment.wait_applied(max(told.receipts.values()), PATIENCE)

        assert {"entities": 3 * DOCUMENTS, "registers": 3 * DOCUMENTS, "references": 0} == counts(store)
        query = "query ($key: String!) { ingestion(key: $key) { state sequence } }"
        heard = {key: deployment.ask(query, key=key)["ingestion"] for key in told.receipts}
        assert {key: {"state": "APPLIED", "sequence": sequence} for key, sequence in told.receipts.items()} == heard
        assert len(set(told.receipts.values())) == len(told.receipts) > 20
        status = deployment.ask("{ status { sequence rejected dead } }")["status"]
        assert (0, 0) == (status["rejected"], status["dead"])
        assert status["sequence"] <= len(told.receipts) + told.unanswered + 3
    finally:
        deployment.stop()
        store.close()


class _Telling:
    """Somebody who goes on telling of runs; what was answered 201 is remembered."""

    def __init__(self, url: str) -> None:
        self.receipts: dict[str, int] = {}
        self.unanswered = 0
        self._url = url
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join(60)

    def _go_on(self) -> None:
        for number in range(100_000):
            if self._over.wait(0.1):
                return
            told = job_event(f"job {number % 9}", run={"runId": str(number)})
            try:
                answer = plain.post(f"{self._url}/api/v1/lineage", json=told, timeout=30)
            except httpx.HTTPError:
                self.unanswered += 1
                continue
            if answer.status_code == 201:
                self.receipts[answer.json()["key"]] = int(answer.json()["sequence"])
            else:
                assert 503 == answer.status_code
                self.unanswered += 1


def _ended(deployment: Deployment, order: str) -> bool:
    try:
        return deployment.ask(ORDER, id=order)["order"]["state"] in ("DONE", "FAILED")
    except (AssertionError, httpx.HTTPError):
        return False


def _post(deployment: Deployment, verb: str, body: Any) -> httpx.Response:
    return plain.post(f"{deployment.url}/api/v1/manifests/{verb}", json=body, timeout=120)


def _apply(deployment: Deployment, plan: Any, answers: list[httpx.Response]) -> None:
    """Send a plan again and again until it is accepted, as a client does that is told that it may be."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        answers.append(_post(deployment, "apply", {"plan": plan}))
        if answers[-1].status_code != 503 and not answers[-1].json().get("retryable"):
            return
        time.sleep(0.5)


def _declared(store: Store, number: int) -> int:
    """How many documents of a manifest are in the graph; -1 while the store is away."""
    try:
        found = manifest_documents(Reader(store, None), f"m{number}")
    except StoreUnavailable:
        return -1
    assert all(key == Key(Kind.DATASET, f"db{number}", key.name) for key in found)
    return len(found)
