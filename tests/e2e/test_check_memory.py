"""A catalog that is too large for the worker that judges it: said in words, bounded in effort, and over with its cause.

The bound is the kernel's, as `HEADWATER_CHECK_MEMORY` sets it when a worker starts. How much a worker needs before it
does anything depends on the machine, so the test sets a generous one, sees that the worker has it, and then lowers it
to a little more than that worker takes.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.heap import TOO_LARGE
from tests.e2e.conftest import Up, children
from tests.servers.asking import wait_for

LIMIT = 3_000_000_000
LEFT = 128_000_000
"""Bytes: enough for a few things; not for all of them."""
EVENTS, TABLES, LETTERS = 80, 32, 95_000
PATIENCE = 180
BROKEN = "{ findingStanding { broken brokenSince } }"
EVALUATE = """mutation ($entities: [EntityRef!]!) {
  evaluate(input: {entities: $entities}) { id } }"""
ORDER = "query ($id: ID!) { order(id: $id) { state error attempts } }"


def long(number: int) -> dict[str, Any]:
    """A job that writes tables with long descriptions, of which no two are the same."""
    return {
        **{"eventType": "COMPLETE", "eventTime": "2026-01-01T00:00:00Z", "producer": "tests"},
        **{"run": {"runId": str(number)}, "job": {"namespace": "jobs", "name": f"load {number}"}},
        "outputs": [
            {
                **{"namespace": "db", "name": f"t{number}.{i}"},
                "facets": {"documentation": {"description": f"{number}.{i} ".ljust(LETTERS, "a")}},
            }
            for i in range(TABLES if number else 1)
        ],
    }


def ended(up: Up, *entities: dict[str, str]) -> dict[str, Any]:
    """What became of an ordered evaluation."""
    id_ = up.ask(EVALUATE, entities=list(entities))["evaluate"]["id"]
    wait_for(lambda: up.ask(ORDER, id=id_)["order"]["state"] in ("DONE", "FAILED"), PATIENCE)
    found: dict[str, Any] = up.ask(ORDER, id=id_)["order"]
    return found


def checker(up: Up) -> int:
    """The process that judges."""
    (found,) = [
        pid for pid in children(up.process.pid) if b"HEADWATER_WORK=checks" in Path(f"/proc/{pid}/environ").read_bytes()
    ]
    return found


def taken(pid: int) -> int:
    """Bytes of a process's address space."""
    (pages, *_) = Path(f"/proc/{pid}/statm").read_text().split()
    return int(pages) * resource.getpagesize()


@pytest.mark.soak
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux changes the bound of another process")
def test_what_is_too_large_for_a_worker_is_said_and_not_tried_for_ever(start: Callable[..., Up]) -> None:
    """The order fails in words, once; small ones are done, events applied; with more memory all is judged again."""
    env = {"HEADWATER_EVALUATE_AFTER": "600", "HEADWATER_EVALUATE_EVERY": "1"}
    env |= {"HEADWATER_CHECK_MEMORY": str(LIMIT), "PYTHONFAULTHANDLER": "1"}
    up = start(env=env).wait_up()
    up.wait_applied(up.send(long(0)))
    ended(up)
    worker = checker(up)
    assert LIMIT == resource.prlimit(worker, resource.RLIMIT_AS)[0]
    resource.prlimit(worker, resource.RLIMIT_AS, (taken(worker) + LEFT, LIMIT))
    for number in range(1, EVENTS + 1):
        last = up.send(long(number))
    up.wait_applied(last, PATIENCE)

    everything = ended(up)
    one = ended(up, {"kind": "DATASET", "namespace": "db", "name": "t0.0"})
    wait_for(lambda: failures(up) > 0, PATIENCE)
    before, since = failures(up), time.monotonic()
    up.wait_applied(up.send(long(0) | {"run": {"runId": "later"}}))
    wait_for(lambda: time.monotonic() > since + 15, PATIENCE)
    tried = failures(up) - before
    broken = up.ask(BROKEN)["findingStanding"]
    resource.prlimit(worker, resource.RLIMIT_AS, (LIMIT, LIMIT))
    whole = ended(up)

    assert broken["broken"] == TOO_LARGE and broken["brokenSince"] is not None
    assert {"broken": None, "brokenSince": None} == up.ask(BROKEN)["findingStanding"]
    print(f"tried {before} times, then {tried} times in 15 s")
    assert {"state": "FAILED", "error": TOO_LARGE, "attempts": 1} == everything
    assert {"state": "DONE", "error": "", "attempts": 1} == one
    assert tried <= 3
    assert {"state": "DONE", "error": "", "attempts": 1} == whole
    assert worker == checker(up)
    assert not up.ask("{ findings { standing { stale } } }")["findings"]["standing"]["stale"]


def failures(up: Up) -> int:
    """How often the evaluation that is due had too little memory."""
    return (up.data / "logs" / "checks.log").read_text().count("evaluation failed")
