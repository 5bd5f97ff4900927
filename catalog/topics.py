"""Kafka, as far as we need it: read messages in groups, say what was dealt with, set refused ones aside.

The only module that knows the client (`confluent-kafka`, the extra `headwater[kafka]`). Offsets are never committed by
the client itself: what was read and not dealt with is read again, by this process or another one.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka import Message as Delivered

from catalog.errors import InvalidSetting, TopicsUnavailable

SEND_SECONDS = 10.0
QUIET_SECONDS = 30.0
"""An error that repeats is told this often."""
_OURS = frozenset({"enable.auto.commit", "enable.auto.offset.store"})
log = structlog.get_logger(__name__)


class Message(NamedTuple):
    """One message and where it was; `value` is None for a marker that deletes its key."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None

    @property
    def place(self) -> str:
        """Where it is, for people."""
        return f"{self.topic} partition {self.partition} offset {self.offset}"


class Topics:
    """One member of a consumer group; used by one thread.

    Args:
        servers: addresses to begin with, separated by commas.
        instance: a name that keeps its partitions over a restart (static membership), or "".
        options: further properties of librdkafka, such as those of TLS and SASL.

    Raises:
        InvalidSetting: the client does not take an option.
    """

    def __init__(
        self, servers: str, topics: Sequence[str], *, group: str, instance: str, options: Mapping[str, str]
    ) -> None:
        taken = _OURS & options.keys()
        if taken:
            raise InvalidSetting(f"HEADWATER_KAFKA_OPTIONS: {', '.join(sorted(taken))} cannot be set; leave it out")
        # Its own lines would go to stderr in their own form, one per attempt to connect; `_told` says it once.
        quiet = {"log_level": "2", "log.connection.close": "false"}
        common = {"bootstrap.servers": servers, "client.id": "headwater", **quiet, **options, "error_cb": self._told}
        reading = {
            "group.id": group,
            "auto.offset.reset": "earliest",
            "partition.assignment.strategy": "cooperative-sticky",
            "queued.max.messages.kbytes": "32768",
            **({"group.instance.id": instance} if instance else {}),
            **common,
            **{name: False for name in _OURS},
        }
        self._errors: dict[str, float] = {}
        self._held: list[Message] = []
        self._paused = False
        self.assigned = False
        try:
            self._consumer = Consumer(reading)
            self._producer = Producer({"enable.idempotence": "true", **_for_producers(common)})
        except KafkaException as e:
            raise InvalidSetting(f"the Kafka client does not take these settings: {e.args[0].str()}") from e
        self._consumer.subscribe(list(topics), on_assign=self._assign)

    def read(self, most: int, seconds: float) -> list[Message]:
        """The next messages of all partitions that are ours; none if none come in time.

        Raises:
            TopicsUnavailable: the client gave up for good; only a new process helps.
        """
        found, self._held = self._held, []
        if not found:
            found = [m for m in map(self._message, self._consumer.consume(most, seconds)) if m is not None]
        return found

    def wait(self, seconds: float) -> None:
        """Wait without reading on, and stay a member of the group."""
        if not self._paused:
            self._paused = True
            self._consumer.pause(self._consumer.assignment())
        message = self._consumer.poll(seconds)
        found = self._message(message) if message is not None else None
        if found:
            self._held.append(found)

    def go_on(self) -> None:
        """Read on after `wait`."""
        if self._paused:
            self._paused = False
            self._consumer.resume(self._consumer.assignment())

    def commit(self, messages: Iterable[Message]) -> None:
        """Say that these, and all before them, were dealt with.

        If the partitions are not ours any more, or nobody hears it, they are read again: that is harmless.
        """
        ends: dict[tuple[str, int], int] = {}
        for m in messages:
            ends[m.topic, m.partition] = max(m.offset + 1, ends.get((m.topic, m.partition), 0))
        if not ends:
            return
        offsets = [TopicPartition(*place, end) for place, end in sorted(ends.items())]
        try:
            self._consumer.commit(offsets=offsets, asynchronous=False)
        except KafkaException as e:
            log.warning("offsets not committed; these messages may be read again", error=e.args[0].str())

    def send(self, topic: str, message: Message, headers: Mapping[str, str]) -> None:
        """Set a message aside in another topic; returns once the broker has it.

        Raises:
            TopicsUnavailable: the broker did not take it in time.
        """
        failed: list[KafkaError | None] = []
        said: list[tuple[str, str | bytes | None]] = [(name, value.encode()) for name, value in headers.items()]
        try:
            self._producer.produce(
                topic, message.value, message.key, on_delivery=lambda error, _: failed.append(error), headers=said
            )
            self._producer.flush(SEND_SECONDS)
        except (KafkaException, BufferError) as e:
            raise TopicsUnavailable(f"could not send to {topic}: {e}") from e
        if failed != [None]:
            why = failed[0].str() if failed and failed[0] else f"no answer in {SEND_SECONDS:.0f} s"
            raise TopicsUnavailable(f"could not send to {topic}: {why}")

    def close(self) -> None:
        """Leave the group (a static member stays for a while), so that others take over at once."""
        self._consumer.close()

    def _assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        consumer.incremental_assign(partitions)
        if self._paused:
            consumer.pause(partitions)
        self.assigned = True
        log.info("partitions assigned", partitions=[f"{p.topic}/{p.partition}" for p in partitions])

    def _message(self, message: Delivered) -> Message | None:
        error = message.error()
        if error is not None:
            self._told(error)
            return None
        topic, partition, offset = message.topic(), message.partition(), message.offset()
        assert topic is not None and partition is not None and offset is not None
        key, value = message.key(), message.value()
        return Message(topic, partition, offset, _bytes(key), _bytes(value))

    def _told(self, error: KafkaError) -> None:
        if error.fatal():
            raise TopicsUnavailable(f"the Kafka client gave up: {error.str()}")
        now = time.monotonic()
        if now - self._errors.get(error.name(), -QUIET_SECONDS) >= QUIET_SECONDS:
            self._errors[error.name()] = now
            log.warning("kafka", code=error.name(), error=error.str())


def _bytes(value: str | bytes | None) -> bytes | None:
    return value.encode() if isinstance(value, str) else value


def _for_producers(options: Mapping[str, object]) -> dict[str, object]:
    """Options without those that only a consumer takes (the client warns of each)."""
    consuming = ("group.", "session.", "heartbeat.", "max.poll.", "auto.offset", "fetch.", "partition.assignment")
    return {name: value for name, value in options.items() if not name.startswith(consuming)}
