"""A real `headwater up`: real processes, real sockets, on loopback, ended by id."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from catalog.graph.embedded import free_port
from tests.servers.asking import Asking
from tests.servers.child import plain_environment
from tests.servers.deployment import Deployment
from tests.servers.stores import EMBEDDED, LONG, borrowed

READY_SECONDS = 60.0
BRIEF = {"JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1"}
"""For a store that lives for seconds: without the optimising compiler it starts with half the work."""
UNJUDGED = {"HEADWATER_EVALUATE_AFTER": "600"}
"""For a service that many tests share: judging what each of them sends would keep a core busy, and none asks for it."""


class Up(Asking):
    """One `headwater up` over a directory; `lines` is what it said, once it is stopped all of it."""

    def __init__(self, data: Path, port: int, env: dict[str, str] | None = None, *options: str) -> None:
        self.data = data
        self.url = f"http://127.0.0.1:{port}"
        self.lines: list[str] = []
        command = [sys.executable, "-m", "catalog.cli.main", "up", "--data", str(data), "--port", str(port), *options]
        self.process = subprocess.Popen(
            command,
            env={**plain_environment(), "PYTHONUNBUFFERED": "1", **BRIEF, **(env or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_up(self) -> Up:
        """Wait for the line that says so; without it nothing is left behind."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if line.startswith("Headwater is up"):
                return self
        self.end()
        raise AssertionError("\n".join(self.lines))

    def ended(self) -> tuple[int, str]:
        """Wait for its end: exit code and all it said."""
        rest, _ = self.process.communicate(timeout=READY_SECONDS)
        return self.process.returncode, "\n".join([*self.lines, rest])

    def end(self) -> None:
        """End it and all its parts at once; a clean stop takes seconds of work and is tested where it matters."""
        if self.process.poll() is None:
            parts = children(self.process.pid)
            self.process.kill()
            self.process.wait()
            for pid in filter(alive, parts):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        if self.process.stdout:
            self.process.stdout.close()

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                rest, _ = self.process.communicate(timeout=30)
                self.lines += rest.splitlines()
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.communicate()
        if self.process.stdout:
            self.process.stdout.close()


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
        up.end()


@pytest.fixture(scope="session")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One `headwater up` for all tests that only look at it."""
    up = Up(tmp_path_factory.mktemp("service"), free_port(), UNJUDGED)
    try:
        yield up.wait_up()
    finally:
        up.end()


@contextmanager
def deployed(store: str, folder: Path) -> Iterator[Asking]:
    """An API and a worker over a new store."""
    with borrowed(store, folder) as server:
        deployment = Deployment(folder / "headwater", {**server.env, **UNJUDGED}).start()
        try:
            yield deployment
        finally:
            deployment.stop()


@pytest.fixture(scope="session", params=LONG)
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    """One service for all tests that only talk to it: `headwater up`, and API and worker against a Neo4j."""
    yield from serving(request, tmp_path_factory)


def serving(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    """The service of a fixture whose parameter names the store."""
    if request.param == EMBEDDED:
        yield request.getfixturevalue("laptop")
        return
    with deployed(request.param, tmp_path_factory.mktemp("deployed")) as running:
        yield running
