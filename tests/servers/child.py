"""One server as a child process: started, waited for, killed, frozen, stopped; never found by name."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from catalog.process import end_with_parent
from catalog.settings import PREFIX


class Missing(Exception):
    """Something this machine does not have; the text says what, and how to get it."""


def need(program: str, package: str) -> str:
    """The path of a program.

    Raises:
        Missing: it is not installed; `package` is Debian's name of what brings it.
    """
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/lib/rabbitmq/bin")
    if found is None:
        raise Missing(f"no {program} on this machine: apt-get install {package}")
    return found


def plain_environment() -> dict[str, str]:
    """This process's variables without Headwater's own, which must come from the test."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}


class Child:
    """A server process that ends with its parent.

    Args:
        ready: asked until it says yes.
        seconds: how long it may take to become ready.
        env: all its variables; this process's when not given.
    """

    def __init__(
        self,
        command: list[str],
        log: Path,
        *,
        ready: Callable[[], bool],
        seconds: float = 60.0,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._command = command
        self._log = log
        self._ready = ready
        self._seconds = seconds
        self._cwd = cwd
        self._env = dict(os.environ if env is None else env)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def code(self) -> int | None:
        """How it ended."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """Start it and wait until it is ready.

        Raises:
            RuntimeError: it ended, or was not ready in time; the text carries its last lines.
        """
        self.launch()
        self.wait_ready()

    def launch(self) -> None:
        """Start it; do not wait."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._cwd,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    def wait_ready(self) -> None:
        """Wait until it is ready.

        Raises:
            RuntimeError: as `start`.
        """
        deadline = time.monotonic() + self._seconds
        while not self._ready():
            if self.pid is None:
                raise RuntimeError(f"{self._command[0]} ended:\n{self._tail()}")
            if time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"{self._command[0]} was not ready in {self._seconds:.0f} s:\n{self._tail()}")
            time.sleep(0.1)

    def send(self, number: signal.Signals) -> None:
        """Send a signal, such as SIGSTOP and SIGCONT to freeze and thaw it."""
        if self.pid is not None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """kill -9, with the processes of its own group."""
        if self._process is not None and self.pid is not None:
            os.killpg(self.pid, signal.SIGKILL)
            self._process.wait()

    def stop(self, seconds: float = 30.0) -> None:
        """Ask it to end; kill it when it does not."""
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        if self._process is not None:
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()

    def _tail(self) -> str:
        return "\n".join(self._log.read_text("utf-8", "replace").splitlines()[-25:])
