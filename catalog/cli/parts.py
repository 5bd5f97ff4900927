"""A supervised part: one child process, its log, how it says that it works, and how it is brought back."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from catalog.errors import PartFailed
from catalog.process import READY_FILE, end_hard_with_parent, end_with_parent

READY_SECONDS = 30.0
MAX_PAUSE = 4.0
LOG_BYTES = 10_000_000


class Part:
    """One child process of `headwater up`."""

    def __init__(
        self,
        name: str,
        command: list[str],
        env: dict[str, str],
        folder: Path,
        *,
        address: str = "",
        hard: bool = False,
        is_ready: Callable[[], bool] | None = None,
    ) -> None:
        self.name = name
        self.address = address
        self.log = folder / f"{name}.log"
        self._command = command
        self._ready_file = folder / f"{name}.ready"
        self._env = {**env, READY_FILE: str(self._ready_file)}
        self._hard = hard
        self._is_ready = is_ready or self._ready_file.exists
        self._child: subprocess.Popen[bytes] | None = None
        self._pause = 0.0
        self._started = 0.0

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._child.pid if self._child and self._child.poll() is None else None

    @property
    def code(self) -> int | None:
        """How the child ended."""
        return self._child.poll() if self._child else None

    def start(self) -> None:
        """Start the child; its output goes to its log."""
        self._ready_file.unlink(missing_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.rename(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                self._command,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_hard_with_parent if self._hard else end_with_parent,
            )
        self._started = time.monotonic()

    def wait_ready(self) -> None:
        """Wait until the part works.

        Raises:
            PartFailed: it ended, or did not work in time; the text carries its last lines.
        """
        deadline = time.monotonic() + READY_SECONDS
        while not self._is_ready():
            if self.code is not None and self.code < 0:
                self.revive()  # somebody killed it: that is no reason to give up
            elif self.pid is None:
                raise PartFailed(f"{self.name} ended with code {self.code}:\n{self.tail()}")
            if time.monotonic() > deadline:
                raise PartFailed(f"{self.name} was not ready in {READY_SECONDS:.0f} s:\n{self.tail()}")
            time.sleep(0.03)

    def finish(self) -> None:
        """Wait for a child that ends by itself, however long its work takes; one that was killed begins again.

        Raises:
            PartFailed: it did not end well; the text carries its last lines.
        """
        while self.code is None or self.code < 0:
            if self.code is not None:
                self.revive()
            time.sleep(0.03)
        if self.code != 0:
            raise PartFailed(f"{self.name} ended with code {self.code}:\n{self.tail()}")

    def revive(self) -> bool:
        """Start the child again if it ended and its pause is over (longer each time); says whether it did."""
        lived = time.monotonic() - self._started
        if self._pause and lived > 30:
            self._pause = 0.0
        if lived < self._pause:
            return False
        self._pause = min(MAX_PAUSE, max(0.5, self._pause * 2))
        self.start()
        return True

    def ask_to_stop(self) -> None:
        """Send the signal that ends the child in its own time."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGTERM)

    def stop(self, seconds: float) -> None:
        """Wait for the child to end; after `seconds`, end it and its own children."""
        if self._child is None:
            return
        try:
            self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()
        self._ready_file.unlink(missing_ok=True)

    def tail(self, lines: int = 15) -> str:
        """The last lines of its log."""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])
