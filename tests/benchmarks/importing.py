"""A file brought in from the command line, and the graph proven by its replay, both as typed, beside the service."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import RATE, SECONDS, Figure
from tests.benchmarks.layered import Repeats
from tests.benchmarks.service import Service
from tests.benchmarks.session import Session

FIRST = 9_000
"""The first run of the file: later than all that other groups sent."""


def measure(session: Session) -> Iterator[Figure]:
    """Events a second of the command alone, and until the last is applied; then what a proof of all of it takes."""
    service, events = session.service(), session.size.imported
    path = session.folder / "import.ndjson"
    with path.open("wb") as file:
        file.writelines(body + b"\n" for body in islice(Repeats(FIRST).bodies(), events))
    started = time.perf_counter()
    run(service, "import", "openlineage", str(path))
    told = time.perf_counter() - started
    service.wait_applied(_newest(service), 3_000)
    size = f"{path.stat().st_size / 1_000_000:.0f} MB"
    yield Figure("import.accepted", f"imported from a file of {events:,} events", events / told, RATE, size)
    applied = events / (time.perf_counter() - started)
    yield Figure("import.applied", "the same, until all are applied", applied, RATE)
    started = time.perf_counter()
    verdict = run(service, "inbox", "rebuild", "--verify", "--dir", str(session.folder / "rebuilt"))
    seconds = time.perf_counter() - started
    if not verdict["equal"]:
        raise RuntimeError(f"the rebuilt graph differs: {verdict}")
    note = f"{verdict['replayed'] / seconds:,.0f} events/s; entries waited {verdict['heldSeconds']:.1f} s"
    yield Figure("rebuild", f"rebuild --verify of {verdict['replayed']:,} events", seconds, SECONDS, note)


def _newest(service: Service) -> int:
    with service.client() as client:
        return int(client.ask("{ status { sequence } }")["status"]["sequence"])


def run(service: Service, *arguments: str) -> Any:
    """The JSON that a command prints, against this service."""
    env = {**os.environ, **service.environment(), "HEADWATER_URL": f"http://127.0.0.1:{service.port}"}
    command = [sys.executable, "-m", "catalog.cli.main", *arguments, "--json"]
    done = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=3_000, cwd=Path(__file__).parents[2]
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {done.returncode}: {done.stderr[-500:]}")
    return json.loads(done.stdout)
