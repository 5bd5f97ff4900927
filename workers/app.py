"""The Celery application: settings, queues, beat, and one set of connections per child process.

Every task may be delivered twice or never: the inbox in the store is the queue of record, a message is a wake-up.
"""

from __future__ import annotations

import sys
from typing import Any

from celery import Celery
from celery.signals import beat_init, setup_logging, worker_process_init, worker_process_shutdown, worker_ready

from catalog.dispatch import broker_options, queues, transport
from catalog.errors import CatalogError
from catalog.logs import set_up_logs
from catalog.process import end_hard_with_parent, limit_memory, tell_ready
from catalog.queues import CHECK, CHECKS, DRAIN, QUEUE, SWEEP
from catalog.settings import Settings, read_settings


def prefetch(url: str) -> int:
    """How many wake-ups a process holds at once; fewer leave more to other workers.

    Never one on Redis: an acknowledgement that fails because Redis restarts is logged and forgotten, so its message is
    held for ever, and a worker that may hold no other one stops asking, and never learns that its connection is gone.
    """
    if url.startswith("filesystem"):
        return 16
    return 4 if url.startswith("redis") else 1


def make_app(settings: Settings) -> Celery:
    """The application for these settings (engineering.md, section 4.4)."""
    made = Celery("headwater", broker=settings.broker_url, include=["workers.inbox", "workers.checks"])
    made.conf.update(
        broker_transport_options=broker_options(settings.broker_url, settings.broker_folder),
        broker_transport=transport(settings.broker_url),
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        task_default_queue=QUEUE,
        task_default_queue_type="quorum" if settings.broker_url.startswith("amqp") else "classic",
        task_queues=queues(settings.broker_url),
        worker_detect_quorum_queues=settings.broker_url.startswith("amqp"),
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_retry_on_worker_lost=True,
        task_ignore_result=True,
        accept_content=["json"],
        worker_prefetch_multiplier=prefetch(settings.broker_url),
        task_soft_time_limit=120,
        task_time_limit=180,
        worker_max_tasks_per_child=5_000,
        # A cancelled task takes its process along, and Celery forks no other one until the broker is back: nobody would
        # sweep. Going on is harmless, for whoever gets the message next finds the shard leased or empty.
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_soft_shutdown_timeout=30,
        # Its queue is exclusive and named after the machine: on RabbitMQ a machine's second worker could not start.
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        beat_schedule={"sweep": {"task": SWEEP, "schedule": settings.sweep_seconds, "options": {"expires": 5}}},
        task_routes={DRAIN: {"queue": QUEUE}, SWEEP: {"queue": QUEUE}, CHECK: {"queue": CHECKS}},
    )
    return made


def _settings() -> Settings:
    try:
        return read_settings()
    except CatalogError as e:
        sys.exit(f"headwater worker: {e}")


settings = _settings()
app = make_app(settings)


@setup_logging.connect
def _logs(**_: Any) -> None:
    set_up_logs(settings.log_level, settings.log_format)


@beat_init.connect
@worker_ready.connect
def _ready(**_: Any) -> None:
    """Tell the supervisor, which names a file to make."""
    tell_ready()


# The hand brings driver and graph along; beat, which only keeps time, must not have to load them.
@worker_process_init.connect
def _start(**_: Any) -> None:
    from workers import hand

    end_hard_with_parent()
    if not settings.applies:  # entries are bounded otherwise, and must not fail for a policy's sake
        limit_memory(settings.check_memory)
    hand.open_hand(settings)


@worker_process_shutdown.connect
def _stop(**_: Any) -> None:
    from workers import hand

    hand.close_hand()
