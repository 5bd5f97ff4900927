"""The hands: a real Celery worker on the in-memory broker, with connections that only remember."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import pytest
import structlog
from celery import Celery
from celery.contrib.testing.worker import start_worker
from celery.signals import beat_init, worker_ready
from prometheus_client import REGISTRY

from catalog.bootstrap import checks
from catalog.dispatch import Dispatcher
from catalog.errors import Conflict, InvalidEvent, StoreTimeout, StoreUnavailable
from catalog.process import READY_FILE
from catalog.queues import CHECK, DRAIN, SWEEP
from catalog.settings import Settings
from catalog.usecases.ingest import Drained
from catalog.usecases.sweep import sweep
from tests.servers.asking import wait_for
from workers import hand
from workers.task import HeadwaterTask

SETTINGS = Settings(broker_url="memory://", sweep_seconds=3_600.0)
PATIENCE = 20
"""Seconds after which what should happen will not happen any more."""


class Ingester:
    """Remembers which shards were drained; fails as often as it is told to."""

    shards = 3

    def __init__(self) -> None:
        self.drained: queue.Queue[int] = queue.Queue()
        self.allowed = 0.0
        self.failures: list[Exception] = []

    def drain(self, shard: int, *, seconds: float) -> Drained:
        """Nothing is done."""
        self.allowed += seconds
        self.drained.put(shard)
        if self.failures:
            raise self.failures.pop(0)
        return Drained(applied=1)

    def next(self, count: int) -> list[int]:
        """The next shards that are drained."""
        return [self.drained.get(timeout=PATIENCE) for _ in range(count)]


class Connections:
    """In the place of a process's connections."""

    made: ClassVar[list[Connections]] = []
    ingester_of: ClassVar[Ingester]

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.closed = False
        self.made.append(self)
        self.looked: queue.Queue[float] = queue.Queue()
        self.failures: list[Exception] = []

    def ingester(self) -> Ingester:
        """The one that remembers."""
        return self.ingester_of

    def orders(self) -> Connections:
        """Itself, who notes that somebody looked."""
        return self

    def work(self, *, seconds: float) -> int:
        """Nothing is done."""
        self.looked.put(seconds)
        if self.failures:
            raise self.failures.pop(0)
        return 0

    def close(self) -> None:
        """Only noted."""
        self.closed = True


@pytest.fixture(scope="module")
def patched() -> Iterator[pytest.MonkeyPatch]:
    """Patches that last as long as the worker does."""
    with pytest.MonkeyPatch.context() as patches:
        yield patches


@pytest.fixture(scope="module")
def application(patched: pytest.MonkeyPatch) -> ModuleType:
    """The module that Celery is pointed at; it reads its settings when it is imported."""
    patched.setenv("HEADWATER_BROKER_URL", "memory://")
    import workers.app

    # The test process must neither end with its parent at once nor log like a worker.
    patched.setattr(workers.app, "end_hard_with_parent", lambda: None)
    patched.setattr(workers.app, "set_up_logs", lambda *_: None)
    patched.setattr(workers.app, "settings", SETTINGS)
    patched.setattr(hand, "Hand", Connections)
    patched.setattr(checks, "Checks", lambda connections: connections)
    return workers.app


@pytest.fixture(scope="module")
def app(application: ModuleType) -> Celery:
    """An application on the in-memory broker, with a queue that is looked at often."""
    made: Celery = application.make_app(SETTINGS)
    made.conf.broker_transport_options = {"polling_interval": 0.01}
    return made


@pytest.fixture(scope="module")
def worker(app: Celery) -> Iterator[Any]:
    """A worker that takes tasks from it."""
    with start_worker(app, pool="solo", concurrency=1, perform_ping_check=False) as started:
        yield started
    hand.close_hand()


@pytest.fixture
def ingester() -> Iterator[Ingester]:
    """What connections give out during one test."""
    Connections.ingester_of = Ingester()
    yield Connections.ingester_of
    assert 0 == Connections.ingester_of.drained.qsize()


def counted(task: str, outcome: str) -> float:
    return REGISTRY.get_sample_value("headwater_tasks_total", {"task": task, "outcome": outcome}) or 0.0


def test_a_wake_up_drains_its_shard(worker: Any, ingester: Ingester) -> None:
    """From the dispatcher's message to the verb, through a real worker."""
    dispatcher = Dispatcher("memory://", Path("unused"), 8)
    dispatcher.wake({5})

    assert [5] == ingester.next(1)
    dispatcher.close()


def test_the_beat_s_task_drains_every_shard(worker: Any, app: Celery, ingester: Ingester) -> None:
    """Woken or not."""
    app.send_task(SWEEP)

    assert [0, 1, 2] == ingester.next(3)


def test_a_sweep_ends_before_its_task_is_ended(app: Celery, ingester: Ingester) -> None:
    """However many shards there are, and however much waits: a killed sweep would be held against its entries."""
    ingester.shards = 64
    sweep(ingester)  # type: ignore[arg-type]
    ingester.next(64)

    assert 0 < 4 * ingester.allowed < app.conf.task_soft_time_limit


def test_a_store_that_is_away_is_tried_again(worker: Any, app: Celery, ingester: Ingester) -> None:
    """The wake-up is put off, not lost."""
    ingester.failures = [StoreUnavailable("away")]
    app.send_task(DRAIN, args=[7])

    assert [7, 7] == ingester.next(2)


def test_a_broken_wake_up_harms_no_other(worker: Any, app: Celery, ingester: Ingester) -> None:
    """A bug in one task is logged, and the worker takes the next one."""
    ingester.failures = [ZeroDivisionError()]
    app.send_task(DRAIN, args=["no", "shard"])
    app.send_task("headwater.unknown")
    app.send_task(DRAIN, args=[1])
    app.send_task(DRAIN, args=[2])

    assert [1, 2] == ingester.next(2)


def test_an_order_is_looked_for_at_once(worker: Any, app: Celery, ingester: Ingester) -> None:
    """From the dispatcher's message to the timer's thread, which does it, whatever failed the last time."""
    app.send_task(DRAIN, args=[0])  # so that the process has its connections
    wait_for(lambda: bool(Connections.made), PATIENCE)
    (ours,) = Connections.made
    ours.failures = [StoreUnavailable("away"), ZeroDivisionError()]
    dispatcher = Dispatcher("memory://", Path("unused"), 8)
    for _ in range(3):
        dispatcher.wake_checks()
        ours.looked.get(timeout=PATIENCE)
    dispatcher.close()
    ingester.next(1)


def test_connections_are_made_once_and_after_the_fork(worker: Any) -> None:
    """By the process that uses them, with the settings of the application."""
    assert [SETTINGS] == [made.settings for made in Connections.made]


@pytest.mark.parametrize("signal", [worker_ready, beat_init])
def test_a_part_says_when_it_is_ready(
    application: ModuleType, signal: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the file that its supervisor named, where there is one."""
    signal.send(sender=None)
    monkeypatch.setenv(READY_FILE, str(tmp_path / "ready"))
    signal.send(sender=None)

    assert ["ready"] == [path.name for path in tmp_path.iterdir()]


@pytest.fixture
def task(app: Celery) -> Callable[..., tuple[Any, list[int]]]:
    """Runs a task of our base class that fails in turn with these errors; gives its result and its attempts."""

    def run(name: str, *errors: Exception) -> tuple[Any, list[int]]:
        attempts: list[int] = []

        @app.task(name=name, base=HeadwaterTask, bind=True)
        def body(self: Any) -> str:
            attempts.append(self.request.retries)
            if len(attempts) <= len(errors):
                raise errors[len(attempts) - 1]
            return "done"

        return body.apply(), attempts

    return run


@pytest.mark.parametrize("error", [StoreUnavailable("away"), Conflict("two writers")])
def test_retryable_errors_are_retried(task: Callable[..., Any], error: Exception) -> None:
    """By their type, until they are over."""
    name = f"retried {type(error).__name__}"
    result, attempts = task(name, error, error)

    assert [0, 1, 2] == attempts
    assert (2.0, 1.0, 0.0) == tuple(counted(name, outcome) for outcome in ("put off", "done", "failed"))
    assert "done" == result.get()


def test_retries_end(task: Callable[..., Any]) -> None:
    """After three the sweep takes over."""
    result, attempts = task("in vain", *[Conflict("two writers")] * 9)

    assert ([0, 1, 2, 3], True) == (attempts, isinstance(result.result, Conflict))
    assert 4.0 == counted("in vain", "put off")


@pytest.mark.parametrize("error", [InvalidEvent("no event"), StoreTimeout("too slow"), ZeroDivisionError("a bug")])
def test_other_errors_are_not(task: Callable[..., Any], error: Exception) -> None:
    """Trying again would do the same."""
    name = f"failed {type(error).__name__}"
    result, attempts = task(name, error)

    assert ([0], "FAILURE", error) == (attempts, result.state, result.result)
    assert (1.0, 0.0) == (counted(name, "failed"), counted(name, "done"))


def test_every_line_of_a_task_s_log_names_it(app: Celery) -> None:
    """While it runs, and not afterwards."""
    seen: list[dict[str, Any]] = []

    @app.task(name="logged", base=HeadwaterTask)
    def body() -> None:
        seen.append(dict(structlog.contextvars.get_contextvars()))

    body.apply(task_id="t1")

    assert [{"task": "logged", "task_id": "t1"}] == seen
    assert {} == structlog.contextvars.get_contextvars()


def test_the_timer_sweeps_without_a_broker(ingester: Ingester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever fails in it, it goes on; closing ends it and gives the connections back."""
    monkeypatch.setattr(hand, "Hand", Connections)
    monkeypatch.setattr(hand, "_hand", None)
    ingester.failures = [StoreUnavailable("away"), ZeroDivisionError()]
    hand.open_hand(Settings(sweep_seconds=0.01, work="inbox"))

    assert [0, 0, 0, 1, 2] == ingester.next(5)
    ours = hand.current()
    hand.close_hand()
    assert ours.closed  # type: ignore[attr-defined]
    with pytest.raises(RuntimeError, match="open_hand was not called"):
        hand.current()
    for sweeper in (thread for thread in threading.enumerate() if thread.name == "sweeper"):
        sweeper.join(PATIENCE)
        assert not sweeper.is_alive()
    ingester.drained = queue.Queue()


def test_messages_outlive_their_worker(app: Celery) -> None:
    """Acknowledged after the work, given back when the worker is lost, never kept as results, JSON alone."""
    conf = app.conf

    assert (True, True, True, ["json"]) == (
        conf.task_acks_late,
        conf.task_reject_on_worker_lost,
        conf.task_ignore_result,
        conf.accept_content,
    )
    assert (True, True) == (HeadwaterTask.acks_late, HeadwaterTask.ignore_result)


def test_a_broker_s_faults_stay_its_own(app: Celery) -> None:
    """A worker waits for it for ever, and no process that applies and sweeps ends because it is away.

    Nor does a message that ends its worker come back without end.
    """
    conf = app.conf

    assert (True, None, False, True, 3) == (
        conf.broker_connection_retry_on_startup,
        conf.broker_connection_max_retries,
        conf.worker_cancel_long_running_tasks_on_connection_loss,
        conf.task_retry_on_worker_lost,
        HeadwaterTask.max_retries,
    )


def test_workers_of_one_machine_share_nothing_by_name(app: Celery) -> None:
    """A remote control's queue is one: the second worker would not start on RabbitMQ."""
    assert not app.conf.worker_enable_remote_control


@pytest.mark.parametrize(
    ("url", "kind", "prefetch"),
    [("amqp://rabbitmq//", "quorum", 1), ("redis://redis", "classic", 4), ("filesystem://", "classic", 16)],
)
def test_the_queue_fits_the_broker(application: ModuleType, tmp_path: Path, url: str, kind: str, prefetch: int) -> None:
    """Both sides declare it alike, or the broker would refuse one of them."""
    conf = application.make_app(Settings(broker_url=url, broker_dir=tmp_path)).conf
    dispatcher = Dispatcher(url, tmp_path, 1)
    sender = dispatcher._app.conf
    dispatcher.close()

    assert (kind, prefetch) == (conf.task_default_queue_type, conf.worker_prefetch_multiplier)
    alike = ("task_default_queue", "task_default_queue_type", "broker_transport", "broker_transport_options")
    assert [conf[name] for name in alike] == [sender[name] for name in alike]
    assert [(q.name, q.queue_arguments) for q in conf.task_queues] == [
        (q.name, q.queue_arguments) for q in sender.task_queues
    ]
    assert (kind == "quorum") == conf.worker_detect_quorum_queues


def test_limits_are_in_order(application: ModuleType) -> None:
    """A task is asked to stop before it is stopped, and stopped before Redis gives its message to another."""
    conf = application.make_app(Settings(broker_url="redis://redis")).conf

    assert conf.task_soft_time_limit < conf.task_time_limit < conf.broker_transport_options["visibility_timeout"]


def test_the_beat_sweeps_as_often_as_it_is_set(application: ModuleType) -> None:
    """Beats that nobody took in time are dropped instead of piling up."""
    conf = application.make_app(Settings(broker_url="memory://", sweep_seconds=7.0)).conf

    assert {"sweep": {"task": SWEEP, "schedule": 7.0, "options": {"expires": 5}}} == conf.beat_schedule
    ours = {"queue": "headwater"}
    assert {DRAIN: ours, SWEEP: ours, CHECK: {"queue": "headwater.checks"}} == conf.task_routes


def test_every_task_has_the_base_class(app: Celery) -> None:
    """Those that are sent by name exist under that name."""
    import workers.checks
    import workers.inbox

    app.finalize()
    ours = {name: task for name, task in app.tasks.items() if name.startswith("headwater.")}

    bodies = (workers.inbox.drain, workers.inbox.sweep_all, workers.checks.check)
    assert {DRAIN, SWEEP, CHECK} == ours.keys() == {body.name for body in bodies}
    assert all(isinstance(task, HeadwaterTask) for task in ours.values())
