"""`headwater prune` beside a running service: it finds the store, shows before it takes, and the API knows of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import UNJUDGED, Up
from tests.servers import plain

AS_OF = """
{ dataset(namespace: "db", name: "out", asOf: "2020-01-02T00:00:00Z") { writtenBy { name } } }
"""
TOLD = "{ retention { state by completed reason everySeconds dueSeconds } }"


def event(day: str, run: str, name: str) -> dict[str, Any]:
    return {
        "eventType": "COMPLETE",
        "eventTime": f"{day}T12:00:00Z",
        "producer": "tests",
        "run": {"runId": run},
        "job": {"namespace": "jobs", "name": name},
        "outputs": [{"namespace": "db", "name": "out"}],
    }


def environment(up: Up) -> dict[str, str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("HEADWATER_")}
    return {**env, "HEADWATER_DATA": str(up.data)}


def prune(up: Up, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "catalog.cli.main", "prune", *options]
    return subprocess.run(command, env=environment(up), capture_output=True, text=True, timeout=90)


def test_prune_beside_the_running_service(start: Callable[..., Up]) -> None:
    """A plan changes nothing; the deed takes it, and a question behind it says so instead of a wrong graph."""
    up = start(env=UNJUDGED).wait_up()
    up.wait_applied(up.send(event("2020-01-01", "1", "old"), event("2020-06-01", "2", "new")))

    shown = prune(up, "--history-days", "1", "--json")
    assert (0, False) == (shown.returncode, json.loads(shown.stdout)["pruned"]), shown.stderr
    assert [{"name": "old"}] == up.ask(AS_OF)["dataset"]["writtenBy"]

    done = prune(up, "--history-days", "1", "--yes", "--max-share", "1")
    assert 0 == done.returncode, done.stderr
    assert "history" in done.stdout
    (error,) = plain.post(f"{up.url}/graphql", json={"query": AS_OF}, timeout=30).json()["errors"]
    assert "BEYOND_RETENTION" == error["extensions"]["code"]
    now = up.ask('{ dataset(namespace: "db", name: "out") { writtenBy { name } } }')["dataset"]["writtenBy"]
    assert ["new", "old"] == sorted(job["name"] for job in now)


@pytest.mark.slow
def test_workers_prune_on_schedule(start: Callable[..., Up]) -> None:
    """What an age is set for goes by itself, and `doctor` says when; the newest of everything stays."""
    env = {"HEADWATER_PRUNE_EVERY": "1", "HEADWATER_KEEP_EVALUATIONS_DAYS": "1", "HEADWATER_KEEP_RUNS_DAYS": "1"}
    up = start(env={**env, "HEADWATER_PRUNE_MAX_SHARE": "1"}).wait_up()
    sent = [event("2020-01-01", "1", "job"), event("2020-06-01", "2", "job")]
    up.wait_applied(up.send(*sent))

    deadline = time.monotonic() + 60
    while (told := up.ask(TOLD)["retention"])["completed"] is None and time.monotonic() < deadline:
        time.sleep(0.2)
    doctor = [sys.executable, "-m", "catalog.cli.main", "doctor", "--url", up.url, "--json"]
    seen = json.loads(subprocess.run(doctor, env=environment(up), capture_output=True, text=True, timeout=60).stdout)

    assert ("schedule", 1.0, "") == (told["by"], told["everySeconds"], told["reason"])
    (found,) = [finding for finding in seen if finding["name"] == "prune"]
    assert found["ok"], found
    assert "by schedule at 20" in found["seen"], found
    assert "headwater_prune_not_done 0.0" in plain.get(f"{up.url}/metrics", timeout=30).text


def test_prune_needs_a_store(tmp_path: Path) -> None:
    """Wrong use says what to give, not a stack trace."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("HEADWATER_")}
    command = [sys.executable, "-m", "catalog.cli.main", "prune", "--data", str(tmp_path), "--runs-days", "9"]
    nowhere = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)

    assert 1 == nowhere.returncode
    assert "HEADWATER_STORE_URL is not set" in nowhere.stderr
