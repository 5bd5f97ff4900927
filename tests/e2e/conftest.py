"""A real `headwater up`: real processes, real sockets, on loopback, ended by id."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

READY_SECONDS = 60.0


class Up:
    """One `headwater up` over a directory."""

    def __init__(self, data: Path, port: int, env: dict[str, str] | None = None, *options: str) -> None:
        self.data = data
        self.url = f"http://127.0.0.1:{port}"
        self.lines: list[str] = []
        variables = {k: v for k, v in os.environ.items() if not k.startswith("HEADWATER_")}
        command = [sys.executable, "-m", "catalog.cli.main", "up", "--data", str(data), "--port", str(port), *options]
        self.process = subprocess.Popen(
            command,
            env={**variables, "PYTHONUNBUFFERED": "1", **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_up(self) -> Up:
        """Wait for the line that says so."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if line.startswith("Headwater is up"):
                return self
        raise AssertionError("\n".join(self.lines))

    def ended(self) -> tuple[int, str]:
        """Wait for its end: exit code and all it said."""
        rest, _ = self.process.communicate(timeout=READY_SECONDS)
        return self.process.returncode, "\n".join([*self.lines, rest])

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.communicate(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.communicate()
        if self.process.stdout:
            self.process.stdout.close()

    def ask(self, query: str, **variables: Any) -> Any:
        """The data of a GraphQL answer."""
        answer = httpx.post(f"{self.url}/graphql", json={"query": query, "variables": variables}, timeout=30).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def send(self, *events: dict[str, Any]) -> int:
        """Post events one by one; the newest sequence."""
        answers = [httpx.post(f"{self.url}/api/v1/lineage", json=event, timeout=30) for event in events]
        assert {201} == {a.status_code for a in answers}, [a.text for a in answers if a.status_code != 201]
        return max(int(a.json()["sequence"]) for a in answers)

    def wait_applied(self, sequence: int, seconds: float = 30) -> None:
        """Wait until every entry up to a sequence is settled."""
        wait_for(lambda: self.ask("{ status { appliedThrough } }")["status"]["appliedThrough"] >= sequence, seconds)


def wait_for(true: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.05)


def children(pid: int) -> set[int]:
    """All processes below a process."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found |= {child} | children(child)
    return found


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def free_port() -> int:
    """A loopback port nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Up]]:
    """Starts `headwater up` with options; ends all of them after the test."""
    started: list[Up] = []

    def begin(
        *options: str, data: Path | None = None, port: int | None = None, env: dict[str, str] | None = None
    ) -> Up:
        up = Up(data or tmp_path / "data", port or free_port(), env, *options)
        started.append(up)
        return up

    yield begin
    for up in started:
        up.stop()


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One `headwater up` for all tests that only talk to it."""
    up = Up(tmp_path_factory.mktemp("service"), free_port())
    try:
        yield up.wait_up()
    finally:
        up.stop()
