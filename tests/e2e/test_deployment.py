"""Headwater as it is deployed: several API processes and workers, shards, a real Neo4j and a real RabbitMQ."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from catalog.graph.store import Store
from catalog.lineage.observe import observe
from catalog.lineage.translate import translate
from catalog.usecases.accept import prepare
from tests import corpus
from tests.benchmarks.layered import several_runs
from tests.oracle import Entry, Oracle
from tests.servers.brokers import RABBITMQ, start_broker
from tests.servers.deployment import Deployment
from tests.servers.stores import NEO4J, borrowed
from tests.store.facts import Graph, without_stubs

pytestmark = [pytest.mark.neo4j, pytest.mark.services]

SHARDS, APIS, WORKERS, CLIENTS = 4, 2, 3, 8
PATIENCE = 120.0
JSON = {"Content-Type": "application/json"}
_PARTS = "MATCH (s:Shard) RETURN s.id AS id, s.applied AS applied, s.rejected + s.dead AS troubled"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Deployment, Store]]:
    """All of it, and a look into its store."""
    folder = tmp_path_factory.mktemp("deployed")
    broker = start_broker(RABBITMQ, folder)
    try:
        with borrowed(NEO4J, folder) as store:
            env = {**store.env, **broker.env, "HEADWATER_SHARDS": str(SHARDS)}
            service = Deployment(folder / "headwater", env, apis=APIS, workers=WORKERS).start()
            try:
                with closing(store.open()) as opened:
                    yield service, opened
            finally:
                service.stop()
    finally:
        broker.stop()


def test_many_clients_many_workers_one_graph(deployed: tuple[Deployment, Store]) -> None:
    """What eight clients send to two doors at full speed, some of it twice, three workers apply once each.

    The inbox has no gaps, every shard took part, and the graph is the one the definition gives.
    """
    service, store = deployed
    bodies = _bodies()
    mail = [*bodies.values(), *list(bodies.values())[::5]]
    random.Random(4).shuffle(mail)

    began = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as clients:
        told = clients.map(partial(_post, service.urls), [mail[i::CLIENTS] for i in range(CLIENTS)])
        receipts = [receipt for client in told for receipt in client]
    accepted = time.monotonic() - began
    service.wait_applied(len(bodies), PATIENCE)
    applied = time.monotonic() - began
    print(
        f"\n{len(mail)} posts of {len(bodies)} events: accepted {len(mail) / accepted:.0f}/s, "
        f"applied {len(bodies) / applied:.0f}/s, with {CLIENTS} clients, {APIS} APIs, {WORKERS} workers"
    )

    status = service.ask("{ status { sequence appliedThrough applied rejected dead } }")["status"]
    assert {
        "sequence": len(bodies),
        "appliedThrough": len(bodies),
        "applied": len(bodies),
        "rejected": 0,
        "dead": 0,
    } == status
    sequences = {key: sequence for key, sequence in receipts}
    assert (set(range(1, len(bodies) + 1)), len(set(receipts))) == (set(sequences.values()), len(sequences))
    parts = {row["id"]: row for row in store.rows(_PARTS)}
    assert {f"{i}/{SHARDS}" for i in range(SHARDS)} == parts.keys()
    assert all(row["applied"] and not row["troubled"] for row in parts.values()), parts
    entries = [Entry(key, sequence, translate(orjson.loads(bodies[key]))) for key, sequence in sequences.items()]
    assert Oracle(entries).facts() == without_stubs(Graph(store).facts())
    idle = [i for i in range(WORKERS) if b"drained" not in _log(service, i)]
    assert [] == idle, "workers that did nothing"
    evidence = sum(len(observe(entry.assertions, entry.key, entry.sequence).uses) for entry in entries)
    assert [{"n": evidence}] == store.rows("MATCH (u:Use) RETURN sum(u.n) AS n"), "counted once each"


def _bodies() -> dict[str, bytes]:
    """A thousand events by their key: layers that share datasets, and what real producers sent."""
    events: list[dict[str, Any]] = list(several_runs(6, 20, 4, range(5)))
    events += [event for name in corpus.SCENARIOS for event in corpus.scenario(name)]
    prepared = [prepare(event, orjson.dumps(event)) for event in events]
    return {entry.key: entry.payload for entry in prepared}


def _post(urls: list[str], mail: list[bytes]) -> list[tuple[str, int]]:
    """One client's events, to one door after the other; key and sequence of each. Told to, it sends again."""
    receipts = []
    with httpx.Client(timeout=30) as client:
        for body, url in zip(mail, cycle(urls), strict=False):
            answers = (client.post(f"{url}/api/v1/lineage", content=body, headers=JSON) for _ in range(5))
            answer = next(answer for answer in answers if answer.status_code != 503)
            assert 201 == answer.status_code, answer.text
            receipts.append((answer.json()["key"], answer.json()["sequence"]))
    return receipts


def _log(service: Deployment, worker: int) -> bytes:
    return Path(service.env["HEADWATER_DATA"], f"worker-{worker}.log").read_bytes()
