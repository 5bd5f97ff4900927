"""Schema migrations: once, in order, never edited."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.bootstrap.stores import Gate
from catalog.clock import FrozenClock
from catalog.errors import MigrationDrift, StoreUnavailable
from catalog.graph import assets
from catalog.graph.migrate import migrate, pending
from catalog.graph.reader import Reader
from catalog.graph.room import Room
from catalog.graph.store import Store
from catalog.identity import SORT_LENGTH
from catalog.resources import schema_dir
from tests.servers.stores import StoreServer
from tests.store.conftest import accept_events, drain
from tests.store.events import event


@pytest.fixture
def folder(tmp_path: Path, store: Store) -> Iterator[Path]:
    """A copy of the migrations with one more; the store forgets it afterwards."""
    copy = shutil.copytree(schema_dir() / "graph", tmp_path / "graph")
    (copy / "0999-more.cypher").write_text("// one more\nCREATE INDEX more IF NOT EXISTS FOR (n:More) ON (n.x);\n")
    yield copy
    store.write(lambda tx: tx.run("MATCH (m:Migration {id: '0999-more'}) DELETE m"))


def test_a_migration_is_applied_once(store: Store, server: StoreServer, folder: Path) -> None:
    """The second run does nothing."""
    assert ["0999-more"] == pending(store, folder)

    assert ["0999-more"] == migrate(store, folder, FrozenClock(), server.admin)
    assert [] == migrate(store, folder, FrozenClock(), server.admin)
    assert [] == pending(store, folder)


def test_an_edited_migration_is_refused(store: Store, server: StoreServer, folder: Path) -> None:
    """Its checksum is remembered; the refusal names the file and what to do."""
    migrate(store, folder, FrozenClock(), server.admin)
    (folder / "0999-more.cypher").write_text("// other\n")

    with pytest.raises(MigrationDrift, match=r"0999-more\.cypher was edited .* new file"):
        migrate(store, folder, FrozenClock(), server.admin)


def test_namespaces_from_before_the_listing_key_are_listed(store: Store, server: StoreServer) -> None:
    """They get the key that new ones are made with, and so none is passed over."""
    long = "n" * 2 * SORT_LENGTH
    accept_events(store, [event("1", inputs=[{"namespace": name, "name": "x"} for name in ("old", long, "young")])])
    drain(store)
    made = _namespaces(store)
    store.write(lambda tx: tx.run("MATCH (n:Namespace) WHERE n.name <> 'young' SET n.ord = null"))
    store.write(lambda tx: tx.run("MATCH (m:Migration {id: '0003-namespace-order'}) DELETE m"))

    assert ["0003-namespace-order"] == migrate(store, schema_dir() / "graph", FrozenClock(), server.admin)

    assert made == _namespaces(store)
    reader = Reader(store, server.admin, shards=1)
    assert ["jobs", long, "old", "young"] == [row["name"] for row in assets.page_namespaces(reader, after="", limit=10)]


def test_full_text_is_defined_once(store: Store, server: StoreServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many migrations are pending, since each definition is a round trip or more."""
    asked: list[Store] = []
    monkeypatch.setattr("catalog.graph.migrate._define_full_text", lambda store, admin: asked.append(store))
    store.write(lambda tx: tx.run("MATCH (m:Migration) WHERE m.id STARTS WITH '000' DELETE m"))

    done = migrate(store, schema_dir() / "graph", FrozenClock(), server.admin)

    assert len(done) > 1
    assert [store] == asked


def test_nobody_touches_a_store_that_lacks_a_migration(store: Store) -> None:
    """The gate of API and workers names what is missing and the command that mends it; then it stays open."""
    gate = Gate(store, Room(None))
    gate.check()
    store.write(lambda tx: tx.run("MATCH (m:Migration {id: '0001-model'}) SET m.id = 'gone'"))
    try:
        with pytest.raises(StoreUnavailable, match="0001-model; run `headwater migrate`"):
            Gate(store, Room(None)).check()
        gate.check()
    finally:
        store.write(lambda tx: tx.run("MATCH (m:Migration {id: 'gone'}) SET m.id = '0001-model'"))


def _namespaces(store: Store) -> list[tuple[str, str]]:
    rows = store.rows("MATCH (n:Namespace) RETURN n.name AS name, n.ord AS ord ORDER BY name")
    return [(row["name"], row["ord"]) for row in rows]
