"""Wake-ups over every broker, with its worst days: it is a convenience, and nothing accepted depends on it."""

from __future__ import annotations

import itertools
import os
import signal
import statistics
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from celery import Celery

from catalog.dispatch import broker_options, transport
from catalog.queues import DRAIN
from tests.benchmarks.layered import runs_of_one_job
from tests.e2e.conftest import children
from tests.e2e.faults.pace import contention
from tests.servers.asking import PATIENCE, wait_for
from tests.servers.brokers import BROKERS, FOLDER, RABBITMQ, Broker, RabbitBroker, start_broker
from tests.servers.deployment import Deployment
from tests.servers.stores import EMBEDDED, StoreServer, borrowed

SWEEP_SECONDS = 5.0
EVENTS = 7
"""In a row, each posted when the one before is applied: each waits for a sweep of its own unless it is woken."""

AT_ONCE = 1.0
"""Within about a second, on a machine of one's own."""

QUICK = 0.02
"""Seconds of an answer below which nobody can tell what slowed it."""

SERVERS = [param for param in BROKERS if param.values != (FOLDER,)]
LONGER = [*SERVERS, pytest.param(FOLDER, marks=pytest.mark.soak)]
"""For what `headwater up`, whose broker the folder is, is tested for as a whole: its worker killed, started again."""
_names = (f"job_{i}" for i in itertools.count())


class Counts(NamedTuple):
    """The inbox's own counts."""

    sequence: int
    through: int
    applied: int
    troubled: int


class Running:
    """One API and one worker around a broker."""

    def __init__(self, broker: Broker, service: Deployment, client: httpx.Client) -> None:
        self.broker = broker
        self.service = service
        self.worker = service.workers[0]
        self.client = client

    def counts(self) -> Counts:
        """How far it is."""
        query = "{ status { sequence appliedThrough applied rejected dead } }"
        s = self.client.post("/graphql", json={"query": query}).json()["data"]["status"]
        return Counts(s["sequence"], s["appliedThrough"], s["applied"], s["rejected"] + s["dead"])

    def post(self, event: dict[str, Any]) -> int:
        """Post one event; its sequence."""
        answer = self.client.post("/api/v1/lineage", json=event)
        assert 201 == answer.status_code, answer.text
        return int(answer.json()["sequence"])

    def wait_applied(self, sequence: int, seconds: float) -> None:
        """Wait until everything up to it is settled."""
        wait_for(lambda: self.counts().through >= sequence, seconds)

    def woken(self) -> float:
        """The median time from an event to its facts, one event after the other."""
        took = []
        for event in new_events(EVENTS):
            began = time.monotonic()
            self.wait_applied(self.post(event), PATIENCE)
            took.append(time.monotonic() - began)
        return statistics.median(took)

    def wait_woken(self) -> None:
        """Wait until wake-ups arrive again."""
        wait_for(lambda: self.woken() < AT_ONCE * contention(), PATIENCE)

    def pids(self) -> list[int | None]:
        """Who runs: a part that was started again has another id."""
        return [part.pid for part in self.service.parts]

    def start_worker(self) -> None:
        """Start the worker; do not wait for its broker."""
        Path(self.service.env["HEADWATER_DATA"], "worker-0.ready").unlink(missing_ok=True)
        self.worker.launch()


def new_events(count: int) -> Iterator[dict[str, Any]]:
    """Events of a job that nobody has seen."""
    return itertools.islice(runs_of_one_job(next(_names), count, 2), count)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreServer]:
    """The store behind all of them."""
    with borrowed(EMBEDDED, tmp_path_factory.mktemp("store")) as lent:
        yield lent


@pytest.fixture(scope="module", params=BROKERS)
def running(
    request: pytest.FixtureRequest, store: StoreServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """The service around each broker, for all tests of it."""
    folder = tmp_path_factory.mktemp(request.param)
    broker = start_broker(request.param, folder)
    try:
        env = {**store.env, **broker.env, "HEADWATER_SWEEP_SECONDS": str(SWEEP_SECONDS)}
        service = Deployment(folder / "headwater", env).start()
        try:
            with httpx.Client(base_url=service.url, timeout=10) as client:
                made = Running(broker, service, client)
                made.woken()  # the first ones are slow: nothing is warm yet
                yield made
        finally:
            service.stop()
    finally:
        broker.stop()


def test_a_wake_up_applies_an_event_at_once(running: Running) -> None:
    """About a second from the post to the facts, many times faster than the sweep."""
    began = time.monotonic()

    assert running.woken() < AT_ONCE * contention()
    assert time.monotonic() - began < EVENTS * SWEEP_SECONDS / 2


@pytest.mark.parametrize("running", [pytest.param(RABBITMQ, marks=pytest.mark.services)], indirect=True)
def test_the_queue_is_replicated(running: Running) -> None:
    """On RabbitMQ it is a quorum queue: it survives a node where there are several."""
    assert isinstance(running.broker, RabbitBroker)
    listed = running.broker.control("list_queues", "name", "type", "--no-table-headers").splitlines()

    assert ["headwater", "quorum"] in [line.split() for line in listed]


def test_wake_ups_that_come_twice_do_no_harm(running: Running) -> None:
    """Neither the same message again, nor two at the same time, nor the same event again: each is applied once."""
    before = running.counts()
    env = running.service.env
    sender = Celery("again", broker=env["HEADWATER_BROKER_URL"], set_as_current=False)
    sender.conf.broker_transport_options = broker_options(
        env["HEADWATER_BROKER_URL"], Path(env.get("HEADWATER_BROKER_DIR", ""))
    )
    sender.conf.broker_transport = transport(env["HEADWATER_BROKER_URL"])
    sender.conf.task_default_queue = "headwater"
    sender.conf.task_default_queue_type = "quorum" if running.broker.name == RABBITMQ else "classic"
    for event in new_events(30):
        last = running.post(event)
        running.post(event)
        for _ in range(3):
            sender.send_task(DRAIN, args=[0], task_id="the same")
    sender.close()
    running.wait_applied(last, PATIENCE)

    assert Counts(before.sequence + 30, last, before.applied + 30, before.troubled) == running.counts()


@pytest.mark.parametrize("running", SERVERS, indirect=True)
def test_a_frozen_broker_slows_nobody_down(running: Running) -> None:
    """Clients hear 201 as fast as ever, and what they sent is applied; the thaw needs no restart."""
    pids = running.pids()
    usual = [_timed(running, event) for event in new_events(30)]
    running.broker.send(signal.SIGSTOP)
    try:
        frozen = [_timed(running, event) for event in new_events(100)]
        running.wait_applied(running.counts().sequence, 3 * SWEEP_SECONDS)
    finally:
        running.broker.send(signal.SIGCONT)

    assert max(frozen) < 1 * contention()
    assert statistics.median(frozen) < 3 * max(statistics.median(usual), QUICK)
    running.wait_woken()
    assert pids == running.pids()


def test_a_killed_broker_stops_nothing(running: Running) -> None:
    """Accepting and applying go on without it; once it is back, wake-ups work again, and nothing was restarted."""
    pids, before = running.pids(), running.counts()
    answers: list[int] = []
    over = threading.Event()

    def post_on() -> None:
        with httpx.Client(base_url=running.service.url, timeout=10) as client:
            for event in new_events(10_000):
                answers.append(client.post("/api/v1/lineage", json=event).status_code)
                if over.wait(0.05):
                    return

    posting = threading.Thread(target=post_on)
    posting.start()
    try:
        wait_for(lambda: len(answers) > 10)
        running.broker.kill()
        while_away = running.counts().sequence + 10
        running.wait_applied(while_away, 3 * SWEEP_SECONDS)
        running.broker.start()
    finally:
        over.set()
        posting.join()
    running.wait_applied(running.counts().sequence, 3 * SWEEP_SECONDS)
    after = running.counts()

    assert {201} == set(answers)
    assert (len(answers), len(answers), before.troubled) == (
        after.sequence - before.sequence,
        after.applied - before.applied,
        after.troubled,
    )
    running.wait_woken()
    assert pids == running.pids()


@pytest.mark.parametrize("running", LONGER, indirect=True)
def test_a_killed_worker_loses_and_repeats_nothing(running: Running) -> None:
    """kill -9 between two batches or within one: its successor applies the rest, each entry once, none is given up."""
    before = running.counts()
    events = list(new_events(300))
    began = threading.Thread(target=lambda: [running.post(event) for event in events])
    began.start()
    wait_for(lambda: running.counts().applied > before.applied + 50)
    running.worker.kill()
    killed_at = running.counts()
    began.join()
    running.start_worker()
    running.wait_applied(before.sequence + len(events), 60)

    assert killed_at.applied < before.applied + len(events)
    assert Counts(before.sequence + 300, before.sequence + 300, before.applied + 300, before.troubled) == (
        running.counts()
    )
    running.worker.wait_ready()


def test_a_killed_hand_is_replaced(running: Running) -> None:
    """kill -9 of the process that applies, as for want of memory: the worker gets a new one, and nothing waits."""
    before, worker = running.counts(), running.worker.pid
    assert worker is not None
    for event in new_events(200):
        last = running.post(event)
    (hand,) = children(worker)
    os.kill(hand, signal.SIGKILL)
    running.wait_applied(last, 3 * SWEEP_SECONDS)

    assert Counts(last, last, before.applied + 200, before.troubled) == running.counts()
    running.wait_woken()
    assert (worker, True) == (running.worker.pid, hand not in children(worker))


@pytest.mark.parametrize("running", LONGER, indirect=True)
def test_a_worker_starts_without_its_broker(running: Running) -> None:
    """A stop is clean; a start while the broker is away applies what waits, and connects when it is back."""
    running.worker.stop(20)
    assert 0 == running.worker.code
    running.broker.kill()
    running.start_worker()
    running.wait_applied(running.post(next(new_events(1))), 4 * SWEEP_SECONDS)
    alone = running.worker.pid
    running.broker.start()
    running.worker.wait_ready()
    running.wait_woken()

    assert alone == running.worker.pid


def _timed(running: Running, event: dict[str, Any]) -> float:
    began = time.monotonic()
    running.post(event)
    return time.monotonic() - began
