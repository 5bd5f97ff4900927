"""What a worker process works with."""

from __future__ import annotations

import threading

from catalog.bootstrap.stores import WORKER_PATIENCE, Gate, open_store
from catalog.clock import SystemClock
from catalog.graph.room import Room
from catalog.lineage.understand import Understanding
from catalog.manifest.readers import READERS
from catalog.settings import Settings
from catalog.usecases.ingest import Ingester, name_owner


class Hand:
    """What a worker process works with; made after the fork."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = open_store(settings, pool=4, patience=WORKER_PATIENCE)
        self.gate = Gate(self.store, Room(settings.store_dir))
        self.understanding = Understanding(infer=settings.infer_sql, readers=READERS)
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
                understanding=self.understanding,
            )
        found: Ingester = self._of_thread.ingester
        return found

    def close(self) -> None:
        """Give the connections back."""
        self.store.close()
