"""Wiring: builds everything from the settings, once per process, and nowhere else."""

from __future__ import annotations

import json
import threading
from functools import partial
from pathlib import Path

from pydantic import SecretStr

from catalog.clock import SystemClock
from catalog.dispatch import Dispatcher
from catalog.errors import InvalidSetting, StoreUnavailable
from catalog.graph.embedded import DATABASE, USER, published
from catalog.graph.migrate import ArcadeAdmin, migrate, pending
from catalog.graph.reader import Reader
from catalog.graph.room import Room
from catalog.graph.scratch import scratch
from catalog.graph.store import Store
from catalog.lineage.understand import Understanding
from catalog.manifest.readers import READERS
from catalog.process import tell_ready
from catalog.resources import schema_dir
from catalog.settings import Settings
from catalog.usecases.accept import Acceptor
from catalog.usecases.evaluate import Evaluator, Schedule
from catalog.usecases.evaluation_orders import EVALUATE, evaluating
from catalog.usecases.ingest import Ingester, name_owner
from catalog.usecases.orders import Orders, Work
from catalog.usecases.rebuild import Say, Verdict, verify
from catalog.usecases.report import KIND as REPORT
from catalog.usecases.report import Reporting

API_PATIENCE, API_SILENCE = 2.0, 10.0
WORKER_PATIENCE, WORKER_SILENCE = 5.0, 15.0
"""Patience doubles the pauses between tries: more of it would sleep on when the store is back. A sweep tries again."""
MIGRATION_SILENCE = 600.0
"""A constraint on a large store is checked against all of it before it is answered."""


def open_store(settings: Settings, *, pool: int, patience: float, silence: float = WORKER_SILENCE) -> Store:
    """The store of the settings.

    Raises:
        InvalidSetting: none is configured, or its address is no Bolt address.
    """
    settings.needs_store()
    return Store.open(
        settings.store_url,
        user=settings.store_user,
        password=settings.store_password.get_secret_value(),
        database=settings.store_database,
        pool=pool,
        patience=patience,
        silence=silence,
    )


def arcade_admin(settings: Settings) -> ArcadeAdmin | None:
    """The HTTP door of an ArcadeDB store, or None for Neo4j."""
    if not settings.store_http_url:
        return None
    return ArcadeAdmin(settings.store_http_url, settings.store_password.get_secret_value())


def migrate_store(settings: Settings) -> list[str]:
    """Bring the store's schema up to date; returns what was applied now."""
    store = open_store(settings, pool=1, patience=WORKER_PATIENCE, silence=MIGRATION_SILENCE)
    try:
        return migrate(store, schema_dir() / "graph", SystemClock(), arcade_admin(settings))
    finally:
        store.close()


def verify_store(settings: Settings, folder: Path, *, say: Say, keep: bool) -> Verdict:
    """Rebuild the graph of the settings' store in a folder and compare; if interrupted, the next call goes on.

    Raises:
        InvalidSetting: no store is configured, and none runs on this machine.
        DirectoryInUse, DirectoryUnusable: something else is in the folder.
        LeaseLost, StoreUnavailable, Conflict: try again.
    """
    live = open_store(running_store(settings), pool=4, patience=WORKER_PATIENCE)
    try:
        with scratch(live, folder, keep=keep) as server:
            fresh = server.open()
            try:
                migrate(fresh, schema_dir() / "graph", SystemClock(), ArcadeAdmin(server.http_url, server.password))
                infer = settings.infer_sql
                return verify(live, fresh, SystemClock(), shards=settings.shards, infer=infer, say=say)
            finally:
                fresh.close()
    finally:
        live.close()


def running_store(settings: Settings) -> Settings:
    """The settings, with the store of `headwater up` over their data directory if they name none."""
    folder = settings.data.expanduser()
    if settings.store_url or not (found := published(folder)):
        return settings
    store = {
        "url": found.url,
        "user": USER,
        "password": found.password,
        "database": DATABASE,
        "http_url": found.http_url,
    }
    return settings.model_copy(
        update={f"store_{name}": SecretStr(text) if name == "password" else text for name, text in store.items()}
    )


class Gate:
    """Lets nobody write to a store without room, or whose schema is not the one this version needs."""

    def __init__(self, store: Store, room: Room) -> None:
        self._store = store
        self._room = room
        self._open = False

    def check(self) -> None:
        """Pass, or say what is missing; once passed, it costs next to nothing.

        Raises:
            StoreFull: its disk has no room.
            StoreUnavailable: migrations are pending, or the store does not answer.
        """
        self._room.check()
        if not self._open:
            missing = pending(self._store, schema_dir() / "graph")
            if missing:
                raise StoreUnavailable(f"the store lacks {', '.join(missing)}; run `headwater migrate`")
            self._open = True


class Service:
    """What an API process works with."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = SystemClock()
        self.store = open_store(settings, pool=settings.threads + 2, patience=API_PATIENCE, silence=API_SILENCE)
        self.dispatcher = Dispatcher(settings.broker_url, settings.broker_folder, settings.shards)
        self.gate = Gate(self.store, Room(settings.store_dir))
        self.acceptor = Acceptor(self.store, self.clock, check=self.gate.check, wake=self.dispatcher.wake)
        self.reader = Reader(self.store, arcade_admin(settings), shards=settings.shards)

    def close(self) -> None:
        """Commit what waits, then give everything back."""
        self.acceptor.close()
        self.dispatcher.close()
        self.store.close()


class Intake:
    """What `headwater kafka` works with.

    Raises:
        InvalidSetting: no broker or store is configured, or the Kafka client is not installed.
    """

    def __init__(self, settings: Settings) -> None:
        settings.needs_kafka()
        settings.needs_store()
        try:
            from catalog.topics import Topics
        except ImportError as e:
            raise InvalidSetting("the Kafka client is not installed: pip install 'headwater[kafka]'") from e
        options = json.loads(settings.kafka_options.get_secret_value())
        self.settings = settings
        self.store = open_store(settings, pool=4, patience=API_PATIENCE, silence=API_SILENCE)
        self.dispatcher = Dispatcher(settings.broker_url, settings.broker_folder, settings.shards)
        gate = Gate(self.store, Room(settings.store_dir))
        self.acceptor = Acceptor(self.store, SystemClock(), check=gate.check, wake=self.dispatcher.wake)
        self.topics = Topics(
            settings.kafka_servers,
            settings.topic_names,
            group=settings.kafka_group,
            instance=settings.kafka_instance,
            options={name: str(value) for name, value in options.items()},
        )

    def consume(self, stopping: threading.Event) -> None:
        """Take messages until `stopping` is set.

        Raises:
            InvalidEvent, TopicsUnavailable: as `Consumption.run`.
        """
        from catalog.usecases.consume import Consumption, OnBad

        Consumption(
            self.topics,
            self.acceptor,
            on_bad=OnBad(self.settings.kafka_on_bad),
            aside=lambda topic: self.settings.kafka_refused.replace("{topic}", topic),
            max_bytes=self.settings.max_event_bytes,
            stopping=stopping,
            ready=tell_ready,
        ).run()

    def close(self) -> None:
        """Commit what waits, leave the group, and give everything back."""
        self.acceptor.close()
        self.topics.close()
        self.dispatcher.close()
        self.store.close()


class Hand:
    """What a worker process works with; made after the fork."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = open_store(settings, pool=4, patience=WORKER_PATIENCE)
        self.gate = Gate(self.store, Room(settings.store_dir))
        self._understanding = Understanding(infer=settings.infer_sql, readers=READERS)
        self._of_thread = threading.local()

    def ingester(self) -> Ingester:
        """This thread's ingester, which owns its leases by process and thread.

        It is the same each time, since it remembers that its last batch failed for want of the store: a new one would
        take it for a batch that ended its worker, and blame the entries.

        Raises:
            StoreFull, StoreUnavailable: the store cannot be written to, or its schema is not up to date.
        """
        self.gate.check()
        if not hasattr(self._of_thread, "ingester"):
            self._of_thread.ingester = Ingester(
                self.store,
                SystemClock(),
                owner=name_owner(),
                shards=self.settings.shards,
                understanding=self._understanding,
            )
        found: Ingester = self._of_thread.ingester
        return found

    def orders(self) -> Orders:
        """Who does what was ordered.

        Raises:
            StoreFull, StoreUnavailable: as `ingester`.
        """
        self.gate.check()
        works: dict[str, Work] = {REPORT: self._reporting().work, EVALUATE: partial(evaluating, self.evaluator())}
        limit = self.settings.order_seconds
        return Orders(self.store, SystemClock(), works, owner=name_owner(), limit=limit)

    def _reporting(self) -> Reporting:
        return Reporting(self._reader(), SystemClock(), self.settings.seal_key)

    def evaluator(self) -> Evaluator:
        """Who judges the catalog.

        Raises:
            StoreFull, StoreUnavailable: as `ingester`.
        """
        self.gate.check()
        settings = self.settings
        return Evaluator(
            self._reader(),
            SystemClock(),
            Schedule(settings.pack_names, settings.evaluate_every, settings.evaluate_after),
            owner=name_owner(),
            understanding=self._understanding,
        )

    def _reader(self) -> Reader:
        return Reader(self.store, arcade_admin(self.settings), shards=self.settings.shards)

    def close(self) -> None:
        """Give the connections back."""
        self.store.close()
