"""What the tests of Kafka share: the servers, messages in, and a look at what came of them."""

from __future__ import annotations

import gzip
import itertools
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from confluent_kafka import Consumer, Producer, TopicPartition

from catalog.bootstrap.intake import Intake
from catalog.graph.store import Store
from catalog.lineage.canonical import canonical, content_key
from catalog.process import READY_FILE
from catalog.settings import PREFIX, read_settings
from tests.servers.child import Child, plain_environment
from tests.servers.kafka import KafkaServer
from tests.servers.stores import StoreServer

PATIENCE = 60.0
SESSION = '{"session.timeout.ms": "2000", "heartbeat.interval.ms": "400"}'
"""So that the group takes a killed member for gone within seconds."""
_ENTRIES = "MATCH (e:Entry) WHERE e.subject STARTS WITH $subject RETURN e.id AS key, e.sequence AS sequence"
numbers = itertools.count()

Event = dict[str, Any]


class Servers(NamedTuple):
    """Kafka, a store with its schema, and a look into it."""

    kafka: KafkaServer
    store: StoreServer
    opened: Store
    env: dict[str, str]

    @property
    def client(self) -> dict[str, str]:
        """What a client needs."""
        return {"bootstrap.servers": self.kafka.address, "log_level": "0"}

    def keys(self, topic: str) -> list[str]:
        """The keys of all entries of a topic's events, which carry its name as their job's namespace."""
        return [row["key"] for row in self.opened.rows(_ENTRIES, subject=f"{topic} ")]


def events(topic: str, count: int, job: str = "job") -> list[Event]:
    """Events of twenty jobs in a namespace of the topic's name."""
    return [
        {
            "eventTime": f"2026-03-01T12:00:00.{i:06}Z",
            "eventType": "COMPLETE",
            "producer": "tests",
            "run": {"runId": f"{job}-{i}"},
            "job": {"namespace": topic, "name": f"{job}-{i % 20}"},
            "outputs": [{"namespace": "db", "name": f"table-{i % 20}"}],
        }
        for i in range(count)
    ]


def keys(told: Iterable[Event]) -> list[str]:
    """What the inbox names them."""
    return sorted(content_key(canonical(event)) for event in told)


def produce(servers: Servers, topic: str, values: Iterable[bytes | None]) -> None:
    """Send messages; they are in the topic when this returns."""
    producer = Producer({**servers.client, "linger.ms": "5"})
    for i, value in enumerate(values):
        producer.produce(topic, value, key=f"run:{i % 20}".encode())
        if not i % 1_000:
            producer.poll(0)
    assert 0 == producer.flush(PATIENCE)


def send(servers: Servers, topic: str, told: Iterable[Event]) -> None:
    """Send events, one per message."""
    produce(servers, topic, map(orjson.dumps, told))


def behind(servers: Servers, topic: str, partitions: int = 4) -> int:
    """Messages of a topic that its group has not committed."""
    reader = Consumer({**servers.client, "group.id": topic})
    places = [TopicPartition(topic, i) for i in range(partitions)]
    ends = [reader.get_watermark_offsets(place, timeout=10)[1] for place in places]
    done = [max(0, place.offset) for place in reader.committed(places, timeout=10)]
    reader.close()
    return sum(ends) - sum(done)


def refused(servers: Servers, topic: str, count: int) -> list[tuple[bytes | None, dict[str, str]]]:
    """The first messages of the topic for refused ones: value and headers."""
    reader = Consumer({**servers.client, "group.id": "look", "auto.offset.reset": "earliest"})
    reader.subscribe([f"{topic}.refused"])
    found: list[tuple[bytes | None, dict[str, str]]] = []
    deadline = time.monotonic() + PATIENCE
    while len(found) < count and time.monotonic() < deadline:
        message = reader.poll(0.5)
        if message is not None and message.error() is None:
            pairs = [pair for pair in message.headers() or [] if isinstance(pair, tuple)]
            headers = {name: bytes(value or b"").decode() for name, value in pairs if not isinstance(value, str)}
            value = message.value()
            assert not isinstance(value, str)
            found.append((value, headers))
    reader.close()
    return sorted(found, key=lambda pair: int(pair[1]["headwater.offset"]))


def consumer(servers: Servers, folder: Path, topic: str, *options: str) -> Child:
    """`headwater kafka` on a topic, as a process; not started yet."""
    folder.mkdir(parents=True, exist_ok=True)
    number = next(numbers)
    ready = folder / f"ready-{number}"
    command = [sys.executable, "-m", "catalog.cli.main", "kafka", "--topic", topic, "--group", topic, *options]
    env = {**plain_environment(), **servers.env, READY_FILE: str(ready)}
    return Child(command, folder / f"consumer-{number}.log", env=env, ready=ready.exists)


@contextmanager
def running(*consumers: Child) -> Iterator[None]:
    """All of them, ended at last."""
    try:
        for one in consumers:
            one.launch()
        for one in consumers:
            one.wait_ready()
        yield
    finally:
        for one in consumers:
            one.stop()


def take(servers: Servers, topic: str, until: int, **settings: str) -> None:
    """Consume in this process until the group has nothing left but `until` messages."""
    given = {k.removeprefix(PREFIX).lower(): v for k, v in servers.env.items()}
    intake = Intake(read_settings(**{**given, "kafka_topics": topic, "kafka_group": topic, **settings}))
    stopping, ended = threading.Event(), threading.Event()

    def watch() -> None:
        deadline = time.monotonic() + PATIENCE
        while not ended.wait(0.2) and behind(servers, topic) > until and time.monotonic() < deadline:
            pass
        stopping.set()

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        intake.consume(stopping)
    finally:
        ended.set()
        watching.join()
        intake.close()


GOOD, BAD, MORE = "good", "bad", "more"
FORMS: list[tuple[str, str]] = [
    ("an event", GOOD),
    ("no JSON", BAD),
    ("an array", MORE),
    ("an array with a bad one", BAD),
    ("gzip", GOOD),
    ("broken gzip", BAD),
    ("a marker", GOOD),
    ("no structure", BAD),
    ("too large", BAD),
    ("UTF-8 with a mark", GOOD),
]


def forms(topic: str) -> tuple[list[bytes | None], list[Event]]:
    """One message of each form, and the events in all of them."""
    one, two, three, four, five, six = events(topic, 6)
    values: list[bytes | None] = [
        orjson.dumps(one),
        b"{nope",
        orjson.dumps([two, three]),
        orjson.dumps([four, {"eventTime": 1}, "x"]),
        gzip.compress(orjson.dumps(five)),
        gzip.compress(b"{}" * 999)[:20],
        None,
        b'{"eventTime": "2026-03-01T12:00:00Z"}',
        gzip.compress(b" " * 32_000_001),
        b"\xef\xbb\xbf" + orjson.dumps(six),
    ]
    return values, [one, two, three, four, five, six]
