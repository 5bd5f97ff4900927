"""Accepting over HTTP, by kept-alive clients that each send the next event when the last one is answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

import orjson

from tests.benchmarks.figures import RATE, RATIO, Figure, counted, quantiles
from tests.benchmarks.layered import Repeats
from tests.benchmarks.service import LINEAGE, Service
from tests.benchmarks.session import Session
from tests.benchmarks.size import CLIENTS

PATIENCE = 60.0
BATCH = 200
PACERS = 4
ACCEPTING, BOTH, PROBE, LOAD = 1_000, 2_000, 2_500, 3_000
"""The first run of each measurement, in the order they come: no event is sent twice, none is late."""


class Sent:
    """What the clients of one measurement saw: seconds of each answer, and how far the inbox was then."""

    def __init__(self) -> None:
        self.answers: list[float] = []
        self.refused = 0
        self.newest = 0
        self.seconds = 0.0
        self.failures: list[Exception] = []

    @property
    def rate(self) -> float:
        """Accepted events per second."""
        return len(self.answers) / self.seconds


def measure(session: Session) -> Iterator[Figure]:
    """Accepted events per second and the time of an answer, while the worker rests."""
    service, size = session.service(), session.size
    supply = Repeats(ACCEPTING).bodies()
    _send(service, list(islice(supply, 500)), 8)
    rates = {}
    for clients in CLIENTS:
        with service.resting():
            sent = _send(service, list(islice(supply, size.posts[clients])), clients)
        service.wait_applied(sent.newest)
        rates[clients] = sent.rate
        who = counted(clients, "client")
        yield Figure(f"post.{clients}", f"accepted over HTTP, {who}", sent.rate, RATE, _note(sent))
        yield from quantiles(f"post.{clients}.answer", f"answer to an event, {who}", sent.answers)
    most, one = CLIENTS[-1], CLIENTS[0]
    yield Figure("post.ratio", f"accepted over HTTP, {most} clients / {one}", rates[most] / rates[one], RATIO)
    batched = _send_batches(service, list(islice(supply, size.batches * BATCH)))
    yield Figure("post.batch", f"accepted over HTTP, batches of {BATCH}", batched, RATE, "1 client")
    yield Figure("post.batch.ratio", f"accepted, batches of {BATCH} / {most} clients", batched / rates[most], RATIO)


def measure_both(session: Session) -> Iterator[Figure]:
    """Accepting and applying at once, sustained: as many clients as there are, the worker beside them."""
    service, seconds = session.service(), session.size.sustained
    clients = CLIENTS[-1]
    sent, applied, behind = _sustain(service, clients, seconds, BOTH)
    note = f"{clients} clients, {seconds:.0f} s, repeat runs"
    yield Figure("both.accepted", "accepted while applying", sent.rate, RATE, note)
    yield Figure("both.applied", "applied while accepting", applied, RATE, f"{behind:,} entries behind at the end")
    yield from quantiles("both.answer", "answer to an event while applying", sent.answers)


def sustainable(service: Service, seconds: float) -> float:
    """How many events a second the service applies while it accepts."""
    return _sustain(service, CLIENTS[-1], seconds, PROBE)[1]


def _sustain(service: Service, clients: int, seconds: float, run: int) -> tuple[Sent, float, int]:
    before = service.applied_through()
    started = time.perf_counter()
    sent = _send(service, Repeats(run).bodies(), clients, seconds)
    through = service.applied_through()
    applied = (through - before) / (time.perf_counter() - started)
    service.wait_applied(sent.newest)
    return sent, applied, sent.newest - through


@contextmanager
def load(service: Service, rate: float) -> Iterator[None]:
    """A steady stream of events, so many a second, while something else is measured."""
    over = threading.Event()
    shared = Shared(Repeats(LOAD).bodies())

    def post() -> None:
        due = time.monotonic()
        with service.client() as client:
            while not over.wait(max(0.0, due - time.monotonic())):
                client.post(LINEAGE, next(shared))
                due = max(due + PACERS / rate, time.monotonic() - 1.0)

    pacers = [threading.Thread(target=post, daemon=True) for _ in range(PACERS)]
    for pacer in pacers:
        pacer.start()
    try:
        yield
    finally:
        over.set()
        for pacer in pacers:
            pacer.join()


class Shared:
    """One iterator for several threads."""

    def __init__(self, bodies: Iterable[bytes]) -> None:
        self._bodies = iter(bodies)
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        with self._lock:
            return next(self._bodies)


def _note(sent: Sent) -> str:
    return f"{len(sent.answers)} events" + (f", {sent.refused} refused" if sent.refused else "")


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


def _send(service: Service, bodies: Iterable[bytes], clients: int, seconds: float = PATIENCE) -> Sent:
    sent, shared, lock = Sent(), Shared(bodies), threading.Lock()
    until = time.monotonic() + seconds

    def post() -> None:
        answers, refused, newest = [], 0, 0
        try:
            with service.client() as client:
                for body in shared:
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

    workers = [threading.Thread(target=post, daemon=True) for _ in range(clients)]
    started = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    sent.seconds = time.perf_counter() - started
    if sent.failures:
        raise sent.failures[0]
    return sent
