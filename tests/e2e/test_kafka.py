"""Events from a real Kafka: nothing lost, nothing doubled, whoever is killed, restarted or away meanwhile."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import orjson
import pytest
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.transport.kafka import KafkaConfig, KafkaTransport

from catalog.bootstrap.stores import migrate_store
from catalog.clock import SystemClock
from catalog.errors import InvalidEvent
from catalog.settings import PREFIX, read_settings
from catalog.usecases.ingest import Ingester
from tests.e2e.faults.pace import contention
from tests.e2e.topics import (
    BAD,
    FORMS,
    PATIENCE,
    SESSION,
    Servers,
    behind,
    consumer,
    events,
    forms,
    keys,
    numbers,
    produce,
    refused,
    running,
    send,
    take,
)
from tests.servers.asking import wait_for
from tests.servers.child import Missing
from tests.servers.kafka import KafkaServer
from tests.servers.stores import EMBEDDED, missing, start_store

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """All of them, for all tests."""
    folder = tmp_path_factory.mktemp("kafka")
    try:
        kafka = KafkaServer(folder / "broker")
    except Missing as e:
        missing(e)
    with ExitStack() as ending:
        ending.callback(kafka.stop)
        kafka.launch()
        store = start_store(EMBEDDED, folder)
        ending.callback(store.stop)
        kafka.wait_ready()
        data = {"HEADWATER_DATA": str(folder / "data"), "HEADWATER_KAFKA_OPTIONS": SESSION}
        env = {**store.env, **kafka.env, **data}
        migrate_store(read_settings(**{k.removeprefix(PREFIX).lower(): v for k, v in env.items()}))
        with closing(store.open()) as opened:
            yield Servers(kafka, store, opened, env)


@pytest.fixture
def topic(servers: Servers) -> str:
    """A topic of four partitions, and the name of its group."""
    name = f"events-{next(numbers)}"
    servers.kafka.create(name, 4)
    return name


def test_what_the_python_client_sends_becomes_lineage(servers: Servers, topic: str, tmp_path: Path) -> None:
    """Its own Kafka transport, unchanged; a stop by signal is clean and leaves nothing behind."""
    transport = KafkaTransport(KafkaConfig({**servers.client}, topic))
    for state, second in ((RunState.START, 1), (RunState.COMPLETE, 2)):
        transport.emit(
            RunEvent(
                eventTime=f"2026-03-01T12:00:0{second}Z",
                producer="https://example.org/tests",
                run=Run("01975e3c-7a5b-7d2f-8a44-1d3a5d6f7a01"),
                job=Job(topic, "load"),
                eventType=state,
                inputs=[InputDataset("db", "raw")],
                outputs=[OutputDataset("db", "clean")],
            )
        )
    one = consumer(servers, tmp_path, topic)
    with running(one):
        wait_for(lambda: len(servers.keys(topic)) == 2 and behind(servers, topic) == 0, PATIENCE)
    Ingester(servers.opened, SystemClock(), owner="tests", shards=1).drain(0)
    edges = servers.opened.rows(
        "MATCH (j:Job {namespace: $n})-[r:READS|WRITES]->(d) RETURN type(r) AS kind, d.name AS name", n=topic
    )

    assert 0 == one.code
    assert {("READS", "raw"), ("WRITES", "clean")} == {(row["kind"], row["name"]) for row in edges}


def test_a_killed_consumer_loses_and_doubles_nothing(servers: Servers, topic: str, tmp_path: Path) -> None:
    """kill -9 in the middle, twice over: its successor of the same name goes on where it was."""
    told = events(topic, 3_000)
    send(servers, topic, [*told, *told[::10]])
    killed_at = []
    for share in (0.1, 0.5):
        one = consumer(servers, tmp_path, topic, "--instance", "one")
        one.launch()
        wait_for(lambda share=share: len(servers.keys(topic)) > share * len(told), PATIENCE)  # type: ignore[misc]
        one.kill()
        killed_at.append(len(servers.keys(topic)))
    with running(consumer(servers, tmp_path, topic, "--instance", "one")):
        wait_for(lambda: behind(servers, topic) == 0, PATIENCE)

    assert max(killed_at) < len(told)
    assert keys(told) == sorted(servers.keys(topic))


@pytest.mark.soak
def test_a_broker_that_is_killed_is_met_again(servers: Servers, topic: str, tmp_path: Path) -> None:
    """The consumer lives on without it, and takes what came before and after."""
    told = events(topic, 2_000)
    send(servers, topic, told[:1_000])
    one = consumer(servers, tmp_path, topic)
    with running(one):
        wait_for(lambda: len(servers.keys(topic)) > 100, PATIENCE)
        alone = one.pid
        servers.kafka.kill()
        servers.kafka.start()
        send(servers, topic, told[1_000:])
        wait_for(lambda: len(servers.keys(topic)) == len(told) and behind(servers, topic) == 0, PATIENCE)
        assert alone == one.pid

    assert keys(told) == sorted(servers.keys(topic))


def test_partitions_that_move_lose_and_double_nothing(servers: Servers, topic: str, tmp_path: Path) -> None:
    """A second consumer joins in the middle, then the first one ends in the middle, one by a signal, one by a kill."""
    told = events(topic, 4_000)
    first, second, third = (consumer(servers, tmp_path, topic) for _ in range(3))
    over = threading.Event()

    def send_on() -> None:
        for at in range(0, len(told), 50):
            send(servers, topic, told[at : at + 50])
            over.wait(0.01)

    sending = threading.Thread(target=send_on)
    with running(first):
        sending.start()
        try:
            wait_for(lambda: len(servers.keys(topic)) > 500, PATIENCE)
            with running(second):
                first.stop()
                third.start()
                second.kill()
                over.set()
                sending.join()
                wait_for(lambda: behind(servers, topic) == 0, PATIENCE)
        finally:
            over.set()
            sending.join()
            third.stop()

    assert keys(told) == sorted(servers.keys(topic))


def test_while_the_store_is_away_nothing_is_read_on(servers: Servers, topic: str, tmp_path: Path) -> None:
    """Nothing is committed then, the consumer stays in its group, and goes on by itself."""
    told = events(topic, 1_000)
    one = consumer(servers, tmp_path, topic)
    with running(one):
        servers.store.stop()
        send(servers, topic, told)
        wait_for(lambda: b"not reading on" in next(tmp_path.glob("*.log")).read_bytes(), PATIENCE)
        waiting, alone = behind(servers, topic), one.pid
        servers.store.start()
        wait_for(lambda: behind(servers, topic) == 0, PATIENCE)
        assert (1_000, alone) == (waiting, one.pid)

    assert keys(told) == sorted(servers.keys(topic))


def test_what_can_never_be_accepted_is_set_aside(servers: Servers, topic: str) -> None:
    """With its reason and its place; the good events beside it are accepted, those of the same message too."""
    values, told = forms(topic)
    produce(servers, topic, values)
    take(servers, topic, 0)
    aside = refused(servers, topic, 5)

    assert keys(told) == sorted(servers.keys(topic))
    assert sorted(v for v, (_, kind) in zip(values, FORMS, strict=True) if kind == BAD and v) == sorted(
        value for value, _ in aside if value
    )
    reasons = {value: headers["headwater.reason"] for value, headers in aside}
    assert "not JSON" in reasons[b"{nope"]
    assert "event 1 of 3" in reasons[values[3]]
    assert {topic} == {headers["headwater.topic"] for _, headers in aside}


def test_skipping_loses_only_what_is_bad(servers: Servers, topic: str) -> None:
    """It is logged and counted, and goes nowhere else."""
    values, told = forms(topic)
    produce(servers, topic, values)
    take(servers, topic, 0, kafka_on_bad="skip", kafka_refused=f"{topic}-nowhere")

    assert keys(told) == sorted(servers.keys(topic))


def test_stopping_says_where_and_goes_no_further(servers: Servers, topic: str) -> None:
    """What came before is committed; the same message is met again until somebody acts."""
    before, after = events(topic, 2)
    produce(servers, topic, [orjson.dumps(before)])
    take(servers, topic, 0)
    produce(servers, topic, [b"{nope", orjson.dumps(after)])
    for _ in range(2):
        with pytest.raises(InvalidEvent, match=r"partition \d offset \d+: .*not JSON"):
            take(servers, topic, 0, kafka_on_bad="stop")

    assert behind(servers, topic) in (1, 2)


@pytest.mark.soak
def test_a_signal_ends_a_consumer_that_waits(servers: Servers, topic: str, tmp_path: Path) -> None:
    """Soon, and with nothing committed that was not accepted."""
    one = consumer(servers, tmp_path, topic)
    with running(one):
        servers.store.stop()
        try:
            send(servers, topic, events(topic, 10))
            wait_for(lambda: b"not reading on" in next(tmp_path.glob("*.log")).read_bytes(), PATIENCE)
            one.send(signal.SIGTERM)
            began = time.monotonic()
            wait_for(lambda: one.code is not None, PATIENCE)
            took = time.monotonic() - began
        finally:
            servers.store.start()

    assert (0, True, 10) == (one.code, took < 20 * contention(), behind(servers, topic))
