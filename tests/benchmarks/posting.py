"""Accepting over HTTP, by kept-alive clients that each send the next event when the last one is answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from itertools import islice

import orjson

from tests.benchmarks.figures import RATE, RATIO, Figure, counted, quantiles
from tests.benchmarks.layered import several_runs
from tests.benchmarks.service import LINEAGE, Service
from tests.benchmarks.session import Session
from tests.benchmarks.size import CLIENTS, COLUMNS, LAYERS, WIDTH

PATIENCE = 60.0
BATCH = 200


class Sent:
    """What the clients of one measurement saw."""

    def __init__(self) -> None:
        self.answers: list[float] = []
        self.refused = 0
        self.newest = 0
        self.seconds = 0.0
        self.applied = 0.0
        self.failures: list[Exception] = []


def measure(session: Session) -> Iterator[Figure]:
    """Accepted events per second and the time of an answer, while the worker applies what was accepted."""
    service, size = session.service(), session.size
    supply = map(orjson.dumps, several_runs(LAYERS, WIDTH, COLUMNS, range(1, 100)))
    _send(service, list(islice(supply, 200)), 4)
    rates = {}
    for clients in CLIENTS:
        sent = _send(service, list(islice(supply, size.posts[clients])), clients)
        rates[clients] = len(sent.answers) / sent.seconds
        note = f"{len(sent.answers)} events" + (f", {sent.refused} refused" if sent.refused else "")
        who = counted(clients, "client")
        yield Figure(f"post.{clients}", f"accepted over HTTP, {who}", rates[clients], RATE, note)
        yield from quantiles(f"post.{clients}.answer", f"answer to an event, {who}", sent.answers)
        through = len(sent.answers) / sent.applied
        yield Figure(f"post.{clients}.applied", f"accepted and applied, {who}", through, RATE, "repeat runs")
    most, one = CLIENTS[-1], CLIENTS[0]
    yield Figure("post.ratio", f"accepted over HTTP, {most} clients / {one}", rates[most] / rates[one], RATIO)
    batched = _send_batches(service, list(islice(supply, size.batches * BATCH)))
    yield Figure("post.batch", f"accepted over HTTP, batches of {BATCH}", batched, RATE, "1 client")
    yield Figure("post.batch.ratio", f"accepted, batches of {BATCH} / {most} clients", batched / rates[most], RATIO)


def _send_batches(service: Service, bodies: list[bytes]) -> float:
    """Events accepted per second by one client that sends them in batches."""
    newest, seconds = 0, 0.0
    with service.client() as client:
        for at in range(0, len(bodies), BATCH):
            body = b"[" + b",".join(bodies[at : at + BATCH]) + b"]"
            asked = time.perf_counter()
            status, answer = client.post(f"{LINEAGE}/batch", body)
            seconds += time.perf_counter() - asked
            if status != 200:
                raise RuntimeError(f"a batch of {BATCH} events was answered {status}")
            newest = orjson.loads(answer)["receipts"][-1]["sequence"]
    service.wait_applied(newest)
    return len(bodies) / seconds


def _send(service: Service, bodies: list[bytes], clients: int) -> Sent:
    sent = Sent()
    lock = threading.Lock()
    until = time.monotonic() + PATIENCE

    def post(mine: list[bytes]) -> None:
        answers, refused, newest = [], 0, 0
        try:
            with service.client() as client:
                for body in mine:
                    asked = time.perf_counter()
                    if time.monotonic() > until:
                        break
                    status, answer = client.post(LINEAGE, body)
                    if status != 201:
                        refused += 1
                        continue
                    answers.append(time.perf_counter() - asked)
                    newest = orjson.loads(answer)["sequence"]
        except Exception as e:  # told by the thread that waits for all
            sent.failures.append(e)
        with lock:
            sent.answers += answers
            sent.refused += refused
            sent.newest = max(sent.newest, newest)

    workers = [threading.Thread(target=post, args=(bodies[i::clients],), daemon=True) for i in range(clients)]
    started = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    sent.seconds = time.perf_counter() - started
    if sent.failures:
        raise sent.failures[0]
    service.wait_applied(sent.newest)
    sent.applied = time.perf_counter() - started
    return sent
