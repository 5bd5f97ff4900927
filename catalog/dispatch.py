"""Wakes workers: sends Celery tasks by name, and never makes anybody wait for the broker.

A wake-up that is lost costs a few seconds (workers sweep), so sending is best effort, coalesced per shard, and done by
a thread of its own.
"""

from __future__ import annotations

import threading
import time
import uuid
from pathlib import Path
from typing import Any

import structlog
from celery import Celery
from kombu.entity import Queue
from kombu.transport import filesystem
from kombu.utils.json import dumps

from catalog.queues import CHECK, CHECKS, DRAIN, QUEUE

QUIET_SECONDS = 0.02
STALE_SECONDS = 60
"""A wake-up this old is dropped unread: sweeps have long done its work, and after a pause thousands may wait."""

log = structlog.get_logger(__name__)


class FolderChannel(filesystem.Channel):
    """Kombu's, but a message is whole before it has its name: else a worker may read it empty, and end."""

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]
        name = f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        unseen = folder / f".{name}"
        unseen.write_text(dumps(payload))  # type: ignore[no-untyped-call]
        unseen.rename(folder / name)


class FolderTransport(filesystem.Transport):
    """The `filesystem://` broker of one machine."""

    Channel = FolderChannel


def transport(url: str) -> str | None:
    """What stands in for Celery's own transport of this address."""
    return f"{__name__}:{FolderTransport.__name__}" if url.startswith("filesystem:") else None


def broker_options(url: str, folder: Path) -> dict[str, Any]:
    """Transport options for a broker address; the folder is made for the file-system broker."""
    if url.startswith("filesystem:"):
        for name in ("queue", "control"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        return {
            "data_folder_in": str(folder / "queue"),
            "data_folder_out": str(folder / "queue"),
            "control_folder": str(folder / "control"),
            "store_processed": False,
            "polling_interval": 0.05,
        }
    if url.startswith("redis"):
        return {"visibility_timeout": 600, "unacked_restore_interval": 2, "unacked_restore_throttle": 1}
    return {"confirm_publish": True}


def queues(url: str) -> list[Queue]:
    """Both queues, declared alike by those who send and those who take."""
    kind = {"x-queue-type": "quorum"} if url.startswith("amqp") else None
    return [Queue(name, routing_key=name, queue_arguments=kind) for name in (QUEUE, CHECKS)]  # type: ignore[no-untyped-call]


class Dispatcher:
    """Sends `drain(shard)` for shards that have something new, and `check()` where something was ordered."""

    def __init__(self, url: str, folder: Path, shards: int) -> None:
        self._app = Celery("headwater", broker=url, set_as_current=False)
        self._app.conf.update(
            broker_transport_options=broker_options(url, folder),
            broker_transport=transport(url),
            broker_connection_timeout=2,
            task_default_queue=QUEUE,
            task_default_queue_type="quorum" if url.startswith("amqp") else "classic",
            task_queues=queues(url),
            task_ignore_result=True,
        )
        self._shards = shards
        self._pending: set[int] = set()
        self._ordered = False
        self._changed = threading.Condition()
        self._open = True
        self._away = False
        self._thread = threading.Thread(target=self._send_all, name="dispatcher", daemon=True)
        self._thread.start()

    def wake(self, hashes: set[int]) -> None:
        """Ask for a drain of the shards these shard hashes fall into; returns at once."""
        with self._changed:
            self._pending.update(h % self._shards for h in hashes)
            self._changed.notify()

    def wake_checks(self) -> None:
        """Ask for a look at the orders; returns at once."""
        with self._changed:
            self._ordered = True
            self._changed.notify()

    def close(self) -> None:
        """Stop sending; what was not sent is found by the sweep."""
        with self._changed:
            self._open = False
            self._changed.notify()
        self._thread.join(timeout=3)

    def _send_all(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._pending or self._ordered or not self._open)
                if not self._open:
                    return
                shards, self._pending = self._pending, set()
                ordered, self._ordered = self._ordered, False
            for shard in sorted(shards):
                self._send(DRAIN, QUEUE, shard)
            if ordered:
                self._send(CHECK, CHECKS)
            threading.Event().wait(QUIET_SECONDS)

    def _send(self, task: str, queue: str, *args: int) -> None:
        try:
            self._app.send_task(
                task, args=list(args), queue=queue, retry=False, expires=STALE_SECONDS, expiration=STALE_SECONDS
            )
            self._away = False
        except Exception as e:  # any broker's any fault: the sweep covers it
            if not self._away:
                log.warning(
                    "the broker is away; workers find what waits by sweeping", task=task, args=args, error=str(e)
                )
            self._away = True
