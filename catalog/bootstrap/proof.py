"""What `headwater rebuild --verify` works with: the live store, and an empty one to build again in."""

from __future__ import annotations

from pathlib import Path

from catalog.bootstrap.stores import WORKER_PATIENCE, open_store, running_store
from catalog.clock import SystemClock
from catalog.graph.migrate import ArcadeAdmin, migrate
from catalog.graph.scratch import scratch
from catalog.resources import schema_dir
from catalog.settings import Settings
from catalog.usecases.rebuild import Say, Verdict, verify


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
