"""Wake-ups are best effort: coalesced per shard, never waited for, never a reason to fail."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kombu.connection import Connection
from kombu.exceptions import OperationalError
from structlog.testing import capture_logs

from catalog import dispatch
from catalog.dispatch import STALE_SECONDS, Dispatcher, broker_options, transport
from catalog.queues import DRAIN

PATIENCE = 20
"""Seconds after which a wake-up that should come will not come any more."""


def connect(url: str, transport: str | None = None, **options: Any) -> Any:
    """The workers' side of a broker."""
    return Connection(url, transport=transport, transport_options=options)  # type: ignore[no-untyped-call]


@pytest.fixture
def queue() -> Iterator[Any]:
    """The workers' queue of the in-memory broker, empty."""
    with connect("memory://", polling_interval=0.01) as connection:
        found = connection.SimpleQueue("headwater")
        found.clear()
        yield found
        found.clear()
        found.close()


@pytest.fixture
def dispatcher() -> Iterator[Dispatcher]:
    """One that sends to the in-memory broker, for four shards."""
    made = Dispatcher("memory://", Path("unused"), 4)
    yield made
    made.close()


def received(queue: Any, count: int) -> list[tuple[str, list[int]]]:
    """The tasks and arguments of the next messages, and nothing behind them."""
    found = []
    for _ in range(count):
        message = queue.get(timeout=PATIENCE)
        message.ack()
        found.append((message.headers["task"], json.loads(message.body)[0]))
    assert 0 == queue.qsize()
    return found


def test_shards_are_woken_once_each(queue: Any, dispatcher: Dispatcher) -> None:
    """Hashes that fall into one shard are one wake-up."""
    dispatcher.wake({0, 4, 8, 3, 7})

    assert [(DRAIN, [0]), (DRAIN, [3])] == received(queue, 2)


def test_wake_ups_that_wait_are_coalesced(queue: Any, dispatcher: Dispatcher) -> None:
    """A thousand commits while one message is on its way are one message more."""
    with dispatcher._changed:  # as if the sending thread were busy
        for hash_ in range(0, 4_000, 4):
            dispatcher.wake({hash_, 2})

    assert [(DRAIN, [0]), (DRAIN, [2])] == received(queue, 2)


def test_a_later_wake_up_is_sent_again(queue: Any, dispatcher: Dispatcher) -> None:
    """What was accepted after a drain began needs another."""
    for _ in range(3):
        dispatcher.wake({1})

        assert [(DRAIN, [1])] == received(queue, 1)


def test_nothing_new_wakes_nobody(queue: Any, dispatcher: Dispatcher) -> None:
    """An empty set is no message."""
    dispatcher.wake(set())
    dispatcher.wake({3})

    assert [(DRAIN, [3])] == received(queue, 1)


def test_a_message_carries_a_shard_and_nothing_else(queue: Any, dispatcher: Dispatcher) -> None:
    """Never an event: those can be megabytes, and the inbox has them."""
    dispatcher.wake({2})
    message = queue.get(timeout=PATIENCE)
    message.ack()

    assert [[2], {}] == json.loads(message.body)[:2]
    assert "application/json" == message.content_type


def test_an_old_wake_up_is_dropped_unread(queue: Any, dispatcher: Dispatcher) -> None:
    """By the broker where it can, else by the worker: after a day without workers, no day of them waits."""
    dispatcher.wake({2})
    message = queue.get(timeout=PATIENCE)
    message.ack()

    assert str(STALE_SECONDS * 1_000) == message.properties["expiration"]
    left = datetime.fromisoformat(message.headers["expires"]) - datetime.now(UTC)
    assert STALE_SECONDS - PATIENCE < left.total_seconds() <= STALE_SECONDS


def test_a_broker_that_is_gone_fails_nobody(
    queue: Any, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each lost wake-up is logged; the next one is tried again, and sent once the broker is back."""
    tried: list[int] = []
    twice = threading.Event()

    def refused(name: str, args: list[int], **_: Any) -> None:
        tried.extend(args)
        if len(tried) == 2:
            twice.set()
        raise OperationalError("no broker")

    with capture_logs() as logs, monkeypatch.context() as patched:
        patched.setattr(dispatcher._app, "send_task", refused)
        dispatcher.wake({1, 2})
        assert twice.wait(PATIENCE)
    dispatcher.wake({3})

    assert [(DRAIN, [3])] == received(queue, 1)
    assert [1, 2] == tried
    assert [("warning", (1,))] == [(line["log_level"], line["args"]) for line in logs], "once, not for every wake-up"


def test_nobody_listens_at_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real connection that is refused: waking returns, and so does closing."""
    noticed = threading.Event()
    monkeypatch.setattr(dispatch.log, "warning", lambda *_, **__: noticed.set(), raising=False)
    made = Dispatcher("amqp://127.0.0.1:9//", Path("unused"), 1)
    made.wake({0})

    assert noticed.wait(PATIENCE)
    made.close()
    assert not made._thread.is_alive()


def test_a_closed_dispatcher_takes_wake_ups_and_sends_none(queue: Any) -> None:
    """The sweep finds what came while the service was stopping."""
    made = Dispatcher("memory://", Path("unused"), 1)
    made.close()
    made.wake({0})
    made.close()

    assert (0, False) == (queue.qsize(), made._thread.is_alive())


def test_the_file_system_broker_has_one_folder_for_both_sides(tmp_path: Path) -> None:
    """What one process writes the other reads, so in and out are one; the folders are made."""
    options = broker_options("filesystem://", tmp_path / "broker")

    assert {tmp_path / "broker/queue"} == {Path(options[name]) for name in ("data_folder_in", "data_folder_out")}
    assert [True, True] == [Path(options[name]).is_dir() for name in ("data_folder_in", "control_folder")]
    assert options == broker_options("filesystem://", tmp_path / "broker")


def test_brokers_get_options_they_know() -> None:
    """Folders are for the file system; acknowledged publishing for real brokers."""
    assert {"confirm_publish": True} == broker_options("amqp://rabbitmq//", Path("unused"))
    assert "visibility_timeout" in broker_options("redis://redis", Path("unused"))
    assert "visibility_timeout" in broker_options("rediss://redis", Path("unused"))


def test_a_message_in_a_folder_is_whole_when_it_is_seen(tmp_path: Path) -> None:
    """A worker that found it half written would end."""
    options = broker_options("filesystem://", tmp_path)
    over, broken = threading.Event(), []

    def look() -> None:
        while not over.is_set():
            for path in (tmp_path / "queue").glob("[!.]*.msg"):
                with suppress(FileNotFoundError):
                    broken.extend([path] if not path.read_text().endswith("}") else [])
                    path.unlink()

    looking = threading.Thread(target=look)
    looking.start()
    with connect("filesystem://", transport=transport("filesystem://"), **options) as connection:
        queue = connection.SimpleQueue("headwater")
        for number in range(500):
            queue.put({"number": number, "filling": "x" * 10_000})
        queue.close()
    over.set()
    looking.join()

    assert [] == broken


def test_a_message_through_the_file_system(tmp_path: Path) -> None:
    """The broker of `headwater up`, whole."""
    made = Dispatcher("filesystem://", tmp_path, 1)
    made.wake({0})
    options = broker_options("filesystem://", tmp_path)
    with connect("filesystem://", **options) as connection:
        found = connection.SimpleQueue("headwater")
        message = found.get(timeout=PATIENCE)
        message.ack()
        found.close()
    made.close()

    assert (DRAIN, [0]) == (message.headers["task"], json.loads(message.body)[0])
