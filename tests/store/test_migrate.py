"""Schema migrations: once, in order, never edited."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.bootstrap import Gate
from catalog.clock import FrozenClock
from catalog.errors import MigrationDrift, StoreUnavailable
from catalog.graph.migrate import migrate, pending
from catalog.graph.room import Room
from catalog.graph.store import Store
from catalog.resources import schema_dir
from tests.servers.stores import StoreServer


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
