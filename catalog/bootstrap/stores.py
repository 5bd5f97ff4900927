"""The store of the settings: opened, brought up to date, and guarded."""

from __future__ import annotations

import time

from pydantic import SecretStr

from catalog.clock import SystemClock
from catalog.errors import StoreUnavailable
from catalog.graph.embedded import DATABASE, USER, published
from catalog.graph.migrate import ArcadeAdmin, migrate, pending
from catalog.graph.room import Room
from catalog.graph.store import Store
from catalog.resources import schema_dir
from catalog.settings import Settings

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


def migrate_store(settings: Settings, *, wait: float = 0.0) -> list[str]:
    """Bring the store's schema up to date; returns what was applied now.

    Args:
        settings: which store.
        wait: seconds to wait for one that does not answer yet.

    Raises:
        InvalidSetting, MigrationDrift, StoreUnavailable: as `open_store` and `migrate`.
    """
    store = open_store(settings, pool=1, patience=WORKER_PATIENCE, silence=MIGRATION_SILENCE)
    try:
        _await(settings, wait)
        return migrate(store, schema_dir() / "graph", SystemClock(), arcade_admin(settings))
    finally:
        store.close()


def _await(settings: Settings, seconds: float) -> None:
    """Ask again and again, in short tries."""
    deadline = time.monotonic() + seconds
    store = open_store(settings, pool=1, patience=0.2)
    try:
        while time.monotonic() < deadline:
            try:
                pending(store, schema_dir() / "graph")
            except StoreUnavailable:
                time.sleep(0.1)
            else:
                return
    finally:
        store.close()


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
