"""Accepting without HTTP: parse, check, scrub, hash, and wait for the durable group commit."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from itertools import islice

from catalog.clock import SystemClock
from catalog.lineage.canonical import parse
from catalog.usecases.accept import Acceptor, prepare
from tests.benchmarks.bare import WARM, Bare
from tests.benchmarks.figures import RATE, RATIO, Figure, counted
from tests.benchmarks.layered import Repeats
from tests.benchmarks.session import Session
from tests.benchmarks.size import CLIENTS

PATIENCE = 60.0


def measure(session: Session) -> Iterator[Figure]:
    """Accepted events per second by submitting threads."""
    bare, size = session.bare(), session.size
    supply = Repeats(100, namespace=f"{WARM}0").bodies()
    _accept(bare, list(islice(supply, 200)), 8)
    rates = {}
    for threads in CLIENTS:
        rates[threads] = _accept(bare, list(islice(supply, size.accepts[threads])), threads)
        bare.drain()
        note = f"{size.accepts[threads]} events"
        text = f"accepted, {counted(threads, 'submitting thread')}"
        yield Figure(f"accept.{threads}", text, rates[threads], RATE, note)
    most, one = CLIENTS[-1], CLIENTS[0]
    yield Figure("accept.ratio", f"accepted, {most} threads / {one}", rates[most] / rates[one], RATIO)


def _accept(bare: Bare, bodies: list[bytes], threads: int) -> float:
    acceptor = Acceptor(bare.store, SystemClock(), check=lambda: None, wake=lambda _: None)
    failures: list[Exception] = []

    def submit(mine: list[bytes]) -> None:
        try:
            for body in mine:
                (future,) = acceptor.submit([prepare(parse(body), body)])
                future.result(PATIENCE)
        except Exception as e:  # told by the thread that waits for all
            failures.append(e)

    workers = [threading.Thread(target=submit, args=(bodies[i::threads],), daemon=True) for i in range(threads)]
    started = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    seconds = time.perf_counter() - started
    acceptor.close()
    if failures:
        raise failures[0]
    return len(bodies) / seconds
