"""kill -9 in the middle of a large apply: what is in the graph is all of it or nothing, and it is done in the end."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.assets.keys import Key, Kind
from catalog.clock import SECOND, FrozenClock, SystemClock, to_iso
from catalog.graph import inbox
from catalog.graph.entities import manifest_documents
from catalog.graph.inbox import APPLIED
from catalog.graph.migrate import migrate
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.manifest.entry import manifest_entry
from catalog.resources import schema_dir
from catalog.usecases.accept import prepare_apply
from catalog.usecases.ingest import MAX_ATTEMPTS, Ingester
from tests.servers.stores import LONG, StoreServer, borrowed
from tests.store.events import NOON, states

DOCUMENTS = 1_500
KILLS = MAX_ATTEMPTS - 2
"""A worker that ends again and again is thought to end by the entry's fault."""
_COUNTS = {
    "entities": "MATCH (n:Entity) RETURN count(n) AS n",
    "registers": "MATCH (n:Reg) RETURN count(n) AS n",
    "references": "MATCH ()-[r:REFERS]->() RETURN count(r) AS n",
}
_WORKER = """
import sys
from catalog.clock import SystemClock
from catalog.graph.store import Store
from catalog.usecases.ingest import Ingester, name_owner
url, user, password, database = sys.argv[1:]
store = Store.open(url, user=user, password=password, database=database)
print("at work", flush=True)
Ingester(store, SystemClock(), owner=name_owner(), shards=1).drain(0)
"""


def counts(store: Store) -> dict[str, int]:
    """What an apply makes."""
    return {name: int(store.rows(text)[0]["n"]) for name, text in _COUNTS.items()}


@pytest.fixture(params=LONG)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreServer]:
    with borrowed(request.param, tmp_path) as running:
        yield running


@pytest.mark.slow
def test_a_killed_apply_is_there_as_a_whole_or_not_at_all(server: StoreServer) -> None:
    """The worker dies at ever later moments of one transaction; whoever comes next finds nothing of it, or all."""
    store = server.open()
    try:
        migrate(store, schema_dir() / "graph", SystemClock(), server.admin)
        documents = {Key(Kind.DATASET, "db", f"t{i}"): {"owners": [f"team:t{i % 9}"]} for i in range(DOCUMENTS)}
        told = manifest_entry("shop", by="ann", applied_at=to_iso(NOON) or "", base="", plan="p", documents=documents)
        inbox.accept(store, [prepare_apply(told)], NOON)
        login = [server.env[f"HEADWATER_STORE_{part}"] for part in ("URL", "USER", "PASSWORD", "DATABASE")]
        seen = [counts(store)]
        for kill in range(KILLS):
            worker = subprocess.Popen([sys.executable, "-c", _WORKER, *login], stdout=subprocess.PIPE)
            assert worker.stdout and worker.stdout.readline()
            time.sleep(0.3 + 0.4 * kill)
            worker.kill()
            worker.wait()
            worker.stdout.close()
            seen.append(counts(store))
        clock = FrozenClock(NOON + 1_000 * SECOND)
        Ingester(store, clock, owner="last", shards=1).drain(0, seconds=120)

        whole = {"entities": DOCUMENTS + 9, "registers": DOCUMENTS, "references": DOCUMENTS}
        assert whole == counts(store)
        assert all(some in (dict.fromkeys(whole, 0), whole) for some in seen), seen
        assert dict.fromkeys(whole, 0) in seen[1:], "no worker was killed in time"
        assert [APPLIED] == states(store)
        assert documents == manifest_documents(Reader(store, server.admin), "shop")
    finally:
        store.close()
