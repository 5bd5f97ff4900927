"""`headwater up` as a person starts it: seconds until it is ready, and what it holds when nobody asks anything."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catalog.graph.embedded import free_port
from tests.benchmarks.figures import MIB, SECONDS, Figure, counted, median
from tests.benchmarks.machine import children, family, proportional, resident
from tests.benchmarks.session import Session

READY = "Headwater is up"
PATIENCE = 90.0
STOP_PATIENCE = 30.0
PARTS = {"ArcadeDBServer": "store", "serve": "api", "headwater": "worker", "checks": "checks", "beat": "beat"}
"""A word of each part's command line."""


def measure(session: Session) -> Iterator[Figure]:
    """Start it over a new directory, then over the same one again; then leave it alone."""
    session.close()
    size = session.size
    new: list[float] = []
    again: list[float] = []
    stops = []
    for turn in range(size.starts):
        data = session.folder / f"up{turn}"
        for found in (new, again):
            with _up(data) as (process, seconds):
                found.append(seconds)
                if found is again and turn == size.starts - 1:
                    time.sleep(size.idle)
                    yield from _memory(process.pid)
                asked = time.perf_counter()
                _stop(process)
                stops.append(time.perf_counter() - asked)
    note = counted(size.starts, "start")
    yield Figure("start.new", "`headwater up` until ready, new directory", median(new), SECONDS, note)
    yield Figure("start.again", "`headwater up` until ready, known directory", median(again), SECONDS, note)
    yield Figure("start.stop", "from Ctrl-C to its end", median(stops), SECONDS, counted(2 * size.starts, "stop"))


@contextmanager
def _up(data: Path) -> Iterator[tuple[subprocess.Popen[str], float]]:
    """A running `headwater up`, and the seconds it took until it said so."""
    command = [sys.executable, "-m", "catalog.cli.main", "up", "--data", str(data), "--port", str(free_port())]
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    overdue = threading.Timer(PATIENCE, process.kill)
    overdue.start()
    try:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if line.startswith(READY):
                break
        else:
            raise RuntimeError(f"`headwater up` ended, or was not ready in {PATIENCE:.0f} s:\n{''.join(said)}")
        seconds = time.perf_counter() - started
        overdue.cancel()
        yield process, seconds
    finally:
        overdue.cancel()
        _stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:  # its parts ask the kernel to end them with it
            process.kill()
            process.wait()
    if process.stdout:
        process.stdout.close()


def _memory(pid: int) -> Iterator[Figure]:
    """Resident memory by part, and the sum with shared pages divided, which is what the machine gives up."""
    held = {"supervisor": resident(pid)}
    for child in children(pid):
        held[_part(child)] = sum(resident(one) for one in family(child))
    for part, mebibytes in sorted(held.items()):
        yield Figure(f"idle.{part}", f"resident memory idle, {part}", mebibytes, MIB)
    yield Figure("idle.total", "resident memory idle, total", sum(held.values()), MIB)
    shared = sum(proportional(one) for one in family(pid))
    yield Figure("idle.proportional", "the same, shared pages counted once", shared, MIB)


def _part(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    return next((part for word, part in PARTS.items() if any(word in said.split(".")[-1:] for said in words)), "other")
