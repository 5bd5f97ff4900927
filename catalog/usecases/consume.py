"""Take events from Kafka with the promise of the HTTP door: durable first, counted once, nothing lost in silence.

Offsets are committed only when every event of a group is in the inbox, and what can never be accepted is set aside
where people find it. A process that ends between the two reads the group again: keys are content, so nothing doubles.
While the store is away nothing is read; the partitions stay ours.
"""

from __future__ import annotations

import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from enum import StrEnum
from typing import NamedTuple

import structlog

from catalog.errors import CatalogError, InvalidEvent, TooLarge
from catalog.graph.inbox import NewEntry, Receipt
from catalog.lineage.canonical import canonical, parse
from catalog.metrics import MESSAGES, MESSAGES_WAITING
from catalog.topics import Message, Topics
from catalog.usecases.accept import GROUP_BYTES, GROUP_ENTRIES, Acceptor, prepare

READ_SECONDS = 0.5
SHORTEST_PAUSE, LONGEST_PAUSE = 0.25, 15.0
MAX_ATTEMPTS = 5
"""How often a single event may fail by a fault that is neither its own nor the store's being away."""
_GZIP = b"\x1f\x8b"
log = structlog.get_logger(__name__)


class OnBad(StrEnum):
    """What becomes of a message that can never be accepted."""

    DEAD_LETTER = "dead-letter"
    SKIP = "skip"
    STOP = "stop"


class Bad(NamedTuple):
    """A message that can never be accepted, and why."""

    message: Message
    reason: str


class Stopped(Exception):
    """The process was asked to end while it waited."""


class Consumption:
    """Takes messages until it is told to stop.

    Args:
        aside: the topic for refused messages of a topic.
        max_bytes: of one message, unpacked.
        stopping: set by whoever wants it to end.
        ready: called once, when partitions are assigned.
    """

    def __init__(
        self,
        topics: Topics,
        acceptor: Acceptor,
        *,
        on_bad: OnBad,
        aside: Callable[[str], str],
        max_bytes: int,
        stopping: threading.Event,
        ready: Callable[[], None],
    ) -> None:
        self._topics = topics
        self._acceptor = acceptor
        self._on_bad = on_bad
        self._aside = aside
        self._max_bytes = max_bytes
        self._stopping = stopping
        self._ready = ready

    def run(self) -> None:
        """Take messages; returns when asked to stop, with everything it committed accepted.

        Raises:
            InvalidEvent: a message can never be accepted, and `on_bad` is STOP; what came before it is committed.
            TopicsUnavailable: the Kafka client gave up.
        """
        told = False
        while not self._stopping.is_set():
            messages = self._topics.read(GROUP_ENTRIES, READ_SECONDS)
            if self._topics.assigned and not told:
                told = True
                self._ready()
            try:
                self._take(messages)
            except Stopped:
                return

    def _take(self, messages: list[Message]) -> None:
        entries: list[tuple[Message, NewEntry]] = []
        bad: dict[Message, str] = {}
        for message in messages:
            try:
                entries += [(message, entry) for entry in self._understood(message, bad)]
            except (InvalidEvent, TooLarge) as e:
                bad[message] = _reason(e)
            except Exception as e:  # a bug in reading one message must not stop the others, or come back for ever
                log.exception("could not read a message", place=message.place)
                bad[message] = f"{type(e).__name__}: {e}"
        for group in _groups(entries):
            self._accept(group, bad)
        if bad and self._on_bad is OnBad.STOP:
            self._stop(messages, bad)
        for message, reason in bad.items():
            self._refuse(message, reason)
        self._topics.commit(messages)
        for message in messages:
            outcome = "refused" if message in bad else "empty" if message.value is None else "accepted"
            MESSAGES.labels(message.topic, outcome).inc()

    def _stop(self, messages: list[Message], bad: dict[Message, str]) -> None:
        """Commit what came before the first bad message, and end there."""
        first = next(message for message in messages if message in bad)
        self._topics.commit(messages[: messages.index(first)])
        MESSAGES.labels(first.topic, "refused").inc()
        raise InvalidEvent(
            f"{first.place}: {bad[first]}; it stops here because of --on-bad stop. Move the group's offset behind it, "
            "or choose skip or dead-letter"
        )

    def _understood(self, message: Message, bad: dict[Message, str]) -> Iterator[NewEntry]:
        """The entries of a message: one event, or an array of them; what is wrong with some goes to `bad`."""
        if message.value is None:
            return
        body = self._unpacked(message.value).removeprefix(b"\xef\xbb\xbf")
        value = parse(body)
        if not isinstance(value, list):
            yield prepare(value, body)
            return
        wrong = []
        for index, event in enumerate(value):
            try:
                yield prepare(event, canonical(event))
            except InvalidEvent as e:
                wrong.append(f"event {index} of {len(value)}: {_reason(e)}")
        if wrong:
            bad[message] = "; ".join(wrong[:10])

    def _unpacked(self, body: bytes) -> bytes:
        if not body.startswith(_GZIP):
            unpacked = body
        else:
            unpack = zlib.decompressobj(16 + zlib.MAX_WBITS)
            try:
                unpacked = unpack.decompress(body, self._max_bytes + 1)
            except zlib.error as e:
                raise InvalidEvent(f"it begins as gzip but cannot be unpacked: {e}") from e
            if not unpack.eof and len(unpacked) <= self._max_bytes:
                raise InvalidEvent("it begins as gzip and ends too early")
        if len(unpacked) > self._max_bytes:
            raise TooLarge(f"it has more than {self._max_bytes:,} bytes (unpacked)", self._max_bytes)
        return unpacked

    def _accept(self, group: list[tuple[Message, NewEntry]], bad: dict[Message, str]) -> None:
        """Have a group in the inbox, however long the store is away; an event that alone fails again and again is bad.

        Raises:
            Stopped: the process shall end; nothing of the group is committed.
        """
        pause, attempts = SHORTEST_PAUSE, 0
        while group:
            left, error = self._submitted(group)
            if error is None:
                break
            retryable = isinstance(error, CatalogError) and error.retryable
            attempts += not retryable
            if attempts >= MAX_ATTEMPTS:
                log.error("events could not be stored", count=len(left), exc_info=error)
                bad.update((message, f"{type(error).__name__}: {error}") for message, _ in left)
                break
            log.warning("cannot accept now; not reading on", waiting=len(left), seconds=pause, error=str(error))
            group = left
            self._pause(pause)
            pause = min(LONGEST_PAUSE, 2 * pause)
        self._resume()

    def _submitted(
        self, group: list[tuple[Message, NewEntry]]
    ) -> tuple[list[tuple[Message, NewEntry]], Exception | None]:
        """Those of a group that are not in the inbox, and why."""
        try:
            futures: list[Future[Receipt]] = self._acceptor.submit([entry for _, entry in group])
        except CatalogError as e:
            return group, e
        left, error = [], None
        for one, future in zip(group, futures, strict=True):
            failed = future.exception()
            if failed is not None:
                if not isinstance(failed, Exception):
                    raise failed
                left.append(one)
                error = failed
        return left, error

    def _refuse(self, message: Message, reason: str) -> None:
        """Set a message aside where people find it, as `on_bad` says.

        Raises:
            Stopped: as `_accept`.
        """
        log.warning("message refused", place=message.place, reason=reason[:1_000], on_bad=self._on_bad.value)
        if self._on_bad is OnBad.SKIP:
            return
        headers = {
            "headwater.reason": reason[:1_000],
            "headwater.topic": message.topic,
            "headwater.partition": str(message.partition),
            "headwater.offset": str(message.offset),
        }
        pause = SHORTEST_PAUSE
        while True:
            try:
                self._topics.send(self._aside(message.topic), message, headers)
                break
            except CatalogError as e:
                log.warning("cannot set a message aside; not reading on", place=message.place, error=str(e))
                self._pause(pause)
                pause = min(LONGEST_PAUSE, 2 * pause)
        self._resume()

    def _pause(self, seconds: float) -> None:
        MESSAGES_WAITING.set(1)
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self._stopping.is_set():
                raise Stopped
            self._topics.wait(min(left, READ_SECONDS))

    def _resume(self) -> None:
        MESSAGES_WAITING.set(0)
        self._topics.go_on()


def _groups(entries: list[tuple[Message, NewEntry]]) -> Iterator[list[tuple[Message, NewEntry]]]:
    """Entries as many at a time as fit into one commit."""
    group: list[tuple[Message, NewEntry]] = []
    size = 0
    for one in entries:
        weight = len(one[1].payload)
        if group and (len(group) >= GROUP_ENTRIES or size + weight > GROUP_BYTES):
            yield group
            group, size = [], 0
        group.append(one)
        size += weight
    if group:
        yield group


def _reason(error: CatalogError) -> str:
    field = getattr(error, "field", "")
    return f"{field}: {error}" if field else str(error)
