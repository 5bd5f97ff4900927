"""The whole service on one machine: embedded store, API, worker and beat under one supervisor.

Killing the supervisor in any way ends all parts (they ask the kernel for it); killing a part brings it back.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from catalog.cli.parts import Part
from catalog.cli.serving import check_host, check_port
from catalog.errors import CatalogError, DirectoryUnusable, PortTaken, StoreFull
from catalog.graph.embedded import DATABASE, START_SECONDS, USER, Embedded
from catalog.graph.room import Room
from catalog.identity import digest
from catalog.metrics import DIR_VARIABLE
from catalog.queues import CHECKS, QUEUE
from catalog.settings import Settings

PORT_SECONDS = 5.0
STORE_PAUSE = 1.0
MEMORY = Path("/dev/shm")
API_STOP, WORKER_STOP, BEAT_STOP = 8.0, 1.5, 0.5
Say = Callable[[str, str, str], None]
"""Told about each part: its name, what happened, where it is."""


class Stack:
    """Starts, watches and stops the parts."""

    def __init__(self, settings: Settings, say: Say, *, brief: bool = False) -> None:
        self._settings = settings
        self._say = say
        self._data = settings.data.expanduser()
        self._store = Embedded(self._data, brief=brief)
        self._store_told, self._store_again = True, 0.0
        self._metrics: Path | None = None
        self._room, self._has_room = Room(self._data), True
        self._parts: list[Part] = []
        self._migration: Part | None = None
        shown = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
        self.url = f"http://[{shown}]:{settings.port}" if ":" in shown else f"http://{shown}:{settings.port}"

    def start(self) -> None:
        """Start everything at once (the parts wait for store and schema); whatever fails, nothing is left running.

        Raises:
            Misplaced, InvalidSetting: with what to do about it.
        """
        check_host(self._settings.host, self._settings.api_token is not None)
        if self._store.is_new:
            check_port(self._settings.host, self._settings.port)  # a refusal leaves no directory behind
        try:
            self._store.claim()
            self._await_port(PORT_SECONDS if self._store.ended_uncleanly else 0.0)
            self._store.launch()
            environment = self._environment()
            self._parts = self._make_parts(environment)
            self._migration = migration = self._make_migration(environment)
            for part in self._parts:
                part.start()
            migration.start()
            self._store.wait_ready()
            migration.finish()
            self._say("store", "ready", f"{self._store.url}  ArcadeDB, data in {self._data}")
            for part in self._parts:
                part.wait_ready()
                self._say(part.name, "ready", part.address)
        except BaseException:
            self.stop()
            raise

    def tend(self) -> None:
        """Bring back what ended; call this a few times a second."""
        self._tend_store()
        self._look_for_room()
        for part in self._parts:
            if part.pid is None:
                code = part.code
                if part.revive():
                    self._say(part.name, f"ended (code {code})", f"started again; its log: {part.log}")

    def _tend_store(self) -> None:
        """Start it again without waiting for it, so that the other parts are not left alone meanwhile."""
        if self._store.pid is None and time.monotonic() > self._store_again:
            self._store_again = time.monotonic() + STORE_PAUSE
            self._say("store", "ended", f"code {self._store.code}; starting it again")
            try:
                self._store.launch()
            except CatalogError as e:
                self._say("store", "failed", str(e))
            self._store_told = False
        elif not self._store_told and self._store.pid is not None and self._store.is_ready():
            self._store_told = True
            self._say("store", "ready", self._store.url)

    def _look_for_room(self) -> None:
        try:
            self._room.check()
        except StoreFull as e:
            if self._has_room:
                self._say("disk", "full", str(e))
            self._has_room = False
        else:
            if not self._has_room:
                self._say("disk", "ready", "there is room again; events are accepted and applied")
            self._has_room = True

    def _await_port(self, seconds: float) -> None:
        """The API of an owner that was killed is ending, but may still listen."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return check_port(self._settings.host, self._settings.port)
            except PortTaken:
                if time.monotonic() >= deadline:
                    raise
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop everything, doors first; what was accepted is in the store."""
        for part in self._parts:
            part.ask_to_stop()
        if self._migration is not None:
            self._migration.stop(0.0)
        for part, seconds in zip(self._parts, (API_STOP, WORKER_STOP, WORKER_STOP, BEAT_STOP), strict=False):
            part.stop(seconds)
        self._store.stop()
        if self._metrics is not None:
            shutil.rmtree(self._metrics, ignore_errors=True)

    def pids(self) -> dict[str, int | None]:
        """Process ids by part, for tests and the curious."""
        return {"store": self._store.pid, **{part.name: part.pid for part in self._parts}}

    def _environment(self) -> dict[str, str]:
        self._metrics = _make_metrics_folder(self._data)
        settings = self._settings
        own = {
            "STORE_URL": self._store.url,
            "STORE_USER": USER,
            "STORE_PASSWORD": self._store.password,
            "STORE_DATABASE": DATABASE,
            "STORE_HTTP_URL": self._store.http_url,
            "STORE_DIR": str(self._data),
            "BROKER_URL": "filesystem://",
            "BROKER_DIR": str(self._data / "broker"),
            "HOST": settings.host,
            "PORT": str(settings.port),
            "SHARDS": "1",
            "SEAL_KEY": str(self._seal_key()),
        }
        own_variables = {f"HEADWATER_{key}": value for key, value in own.items()}
        return {**os.environ, **own_variables, DIR_VARIABLE: str(self._metrics)}

    def _seal_key(self) -> Path:
        """The key that seals reports: the one of the settings, else one of this data directory, made if need be."""
        from catalog.reports.keys import FILE, make_key

        if self._settings.seal_key is not None:
            return self._settings.seal_key.expanduser().resolve()
        make_key(self._data / FILE)
        return self._data / FILE

    def _make_migration(self, env: dict[str, str]) -> Part:
        """A process of its own, so that the driver's memory is not held by the supervisor for good."""
        command = [sys.executable, "-m", "catalog.cli.main", "migrate", "--wait", f"{START_SECONDS:.0f}"]
        return Part("migration", command, env, self._logs(), hard=True)

    def _make_parts(self, env: dict[str, str]) -> list[Part]:
        logs = self._logs()
        python, celery = sys.executable, [sys.executable, "-m", "celery", "-A", "workers.app"]
        level = self._settings.log_level
        worker = [*celery, "worker", "--concurrency", "1", "--loglevel", level, "--without-mingle", "--without-gossip"]
        applying, checking = {**env, "HEADWATER_WORK": "inbox"}, {**env, "HEADWATER_WORK": "checks"}
        beat = [*celery, "beat", "--loglevel", level, "--schedule", str(self._data / "beat")]
        beat += ["--pidfile", ""]
        return [
            Part("api", [python, "-m", "catalog.cli.main", "serve"], env, logs, address=self.url, is_ready=self._api),
            Part("worker", [*worker, "-Q", QUEUE], applying, logs, address="Celery, one process", hard=True),
            Part(
                "checks",
                [*worker, "-Q", CHECKS, "--pool", "solo"],
                checking,
                logs,
                address="Celery, one process",
                hard=True,
            ),
            Part("beat", beat, env, logs, address="Celery's scheduler", hard=True),
        ]

    def _logs(self) -> Path:
        logs = self._data / "logs"
        logs.mkdir(mode=0o700, exist_ok=True)
        return logs

    def _api(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False


def _make_metrics_folder(data: Path) -> Path:
    """Where the parts count, empty: in memory if there is such a place.

    Counters are memory-mapped files with holes; on a full disk the kernel ends a process that writes into one (SIGBUS).
    """
    in_memory = MEMORY / f"headwater-{os.getuid()}-{digest(str(data.resolve()))[:16]}"
    for folder in (in_memory, data / "metrics"):
        shutil.rmtree(folder, ignore_errors=True)
        try:
            folder.mkdir(mode=0o700)
        except OSError:
            continue
        return folder
    raise DirectoryUnusable(f"the data directory {data} cannot be written; choose another with --data")
