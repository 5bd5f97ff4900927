"""What an API process works with."""

from __future__ import annotations

from catalog.bootstrap.stores import API_PATIENCE, API_SILENCE, Gate, arcade_admin, open_store
from catalog.clock import SystemClock
from catalog.dispatch import Dispatcher
from catalog.graph.reader import Reader
from catalog.graph.room import Room
from catalog.settings import Settings
from catalog.usecases.accept import Acceptor


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
