"""A backlog, such as an outage leaves: accepted as fast as possible, then drained, with the memory of both sides."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import Future
from itertools import islice
from typing import NamedTuple

import orjson

from catalog.clock import SystemClock
from catalog.graph.inbox import Receipt
from catalog.usecases.accept import Acceptor, prepare
from catalog.usecases.ingest import Ingester
from tests.benchmarks.bare import LATER, Bare
from tests.benchmarks.figures import MIB, RATE, RATIO, SECONDS, Figure, timed
from tests.benchmarks.layered import several_runs
from tests.benchmarks.machine import resident
from tests.benchmarks.session import Session
from tests.benchmarks.size import COLUMNS, LAYERS, WIDTH

NAMESPACE = "backlog"
SUBMITTED = 500
SAMPLE = 1.0
PATIENCE = 60.0


class Sample(NamedTuple):
    """One look: seconds since the drain began, entries applied by then, MiB of the worker and of the store."""

    seconds: float
    applied: int
    worker: float
    store: float


def measure(session: Session) -> Iterator[Figure]:
    """Rates of accepting and draining a backlog, and the memory of worker and store at its first, quarter, and end."""
    bare, count = session.bare(), session.size.backlog
    accepted = count / timed(lambda: _accept(bare, count))
    note = f"{count:,} events"
    yield Figure("backlog.accepted", "backlog, accepted by batches", accepted, RATE, note)
    samples = list(_drain(bare, count))
    whole = samples[-1].seconds
    yield Figure("backlog.drained", "backlog, drained", count / whole, RATE, note)
    first, last = _rate(samples, 0.0, 0.1), _rate(samples, 0.9, 1.0)
    yield Figure("backlog.drained.first", "backlog, drained, first tenth", first, RATE)
    yield Figure("backlog.drained.last", "backlog, drained, last tenth", last, RATE)
    yield Figure("backlog.ratio", "backlog, drained, last / first tenth", last / first, RATIO)
    yield Figure("backlog.seconds", "backlog, until it is drained", whole, SECONDS)
    for part, held in (("worker", [s.worker for s in samples]), ("store", [s.store for s in samples])):
        told = {"first": held[0], "quarter": held[len(held) // 4], "peak": max(held), "end": held[-1]}
        for name, value in told.items():
            yield Figure(f"backlog.{part}.{name}", f"memory of the {part}, {name}", value, MIB)


def _accept(bare: Bare, count: int) -> None:
    """Through the batch acceptor of the API, a few batches ahead of what is durable."""
    acceptor = Acceptor(bare.store, SystemClock(), check=lambda: None, wake=lambda _: None)
    supply = islice(several_runs(LAYERS, WIDTH, COLUMNS, range(count), namespace=NAMESPACE), count)
    waiting: list[list[Future[Receipt]]] = []
    while batch := list(islice(supply, SUBMITTED)):
        waiting.append(acceptor.submit([prepare(event, orjson.dumps(event)) for event in batch]))
        if len(waiting) > 2:
            waiting.pop(0)[-1].result(PATIENCE)
    acceptor.close()
    for futures in waiting:
        futures[-1].result(PATIENCE)


def _drain(bare: Bare, count: int) -> Iterator[Sample]:
    """Drain in calls of about a second, and look after each."""
    worker = Ingester(bare.store, LATER, owner="backlog", shards=1)
    applied = 0
    yield _look(bare, 0.0, 0)
    started = time.perf_counter()
    while applied < count:
        done = worker.drain(0, seconds=SAMPLE)
        applied += done.applied
        if done.settled != done.applied or done.put_off or not done.applied:
            raise RuntimeError(f"a backlog of {count} entries stopped at {applied}: {done}")
        yield _look(bare, time.perf_counter() - started, applied)


def _look(bare: Bare, seconds: float, applied: int) -> Sample:
    return Sample(seconds, applied, resident(os.getpid()), resident(bare.pid))


def _rate(samples: list[Sample], begin: float, end: float) -> float:
    """Entries a second while the drain went from one share of the backlog to another."""
    count = samples[-1].applied
    low = max((s for s in samples if s.applied <= begin * count), key=lambda s: s.applied)
    high = min((s for s in samples if s.applied >= end * count), key=lambda s: s.applied)
    return (high.applied - low.applied) / (high.seconds - low.seconds)
