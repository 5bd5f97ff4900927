"""Brings a store's schema up to date: numbered, idempotent, checksummed files of `schema/graph`.

A file is one transaction, and either defines or changes data (`stores.md`, rule 1). Full-text indexes are the one thing
the stores' Cypher spells differently, so they are a hook here (`stores.md`, section 4).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from catalog.clock import Clock
from catalog.errors import MigrationDrift
from catalog.graph.buckets import fill_buckets
from catalog.graph.embedded import run_sql
from catalog.graph.queries import blocks
from catalog.graph.store import Store

NEAR = "0005-near"
"""The file after which old datasets are given what only this program can work out."""
SEARCHED = ("Dataset", "Job", "Entity")
_Q = blocks("migrate")


@dataclass(frozen=True, slots=True)
class ArcadeAdmin:
    """The HTTP door of ArcadeDB, needed for full-text indexes only; None stands for Neo4j."""

    url: str
    password: str


def full_text_index(label: str, admin: ArcadeAdmin | None) -> str:
    """The name to ask the full-text index of a label by."""
    return f"{label}[words]" if admin else f"{label.lower()}_words"


def pending(store: Store, folder: Path) -> list[str]:
    """The names of migrations that were not applied yet."""
    applied = {row["id"] for row in store.rows(_Q["applied"])}
    return [path.stem for path in sorted(folder.glob("*.cypher")) if path.stem not in applied]


def migrate(store: Store, folder: Path, clock: Clock, admin: ArcadeAdmin | None) -> list[str]:
    """Apply what is missing; returns the names of the files applied now.

    Raises:
        MigrationDrift: a file changed after it was applied.
        StoreUnavailable: run it again, nothing is half done that a second run does not finish.
    """
    store.define("CREATE CONSTRAINT migration_id IF NOT EXISTS FOR (n:Migration) REQUIRE n.id IS UNIQUE")
    applied = {row["id"]: row["checksum"] for row in store.rows(_Q["applied"])}
    done: list[str] = []
    for path in sorted(folder.glob("*.cypher")):
        text = path.read_text("utf-8")
        checksum = hashlib.sha256(text.encode()).hexdigest()
        if path.stem in applied:
            if applied[path.stem] != checksum:
                raise MigrationDrift(f"{path.name} was edited after it was applied; put the change in a new file")
            continue
        store.define(*_statements(text))
        if path.stem == NEAR:
            fill_buckets(store)
        if not done:  # before the first is recorded: whoever is cut off here does it again
            _define_full_text(store, admin)
        store.write(
            lambda tx, id_=path.stem, sum_=checksum: tx.run(  # type: ignore[misc]
                _Q["record"], id=id_, checksum=sum_, at=clock.now()
            )
        )
        done.append(path.stem)
    return done


def _statements(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if not line.startswith("//")]
    return [part.strip() for part in "\n".join(lines).split(";") if part.strip()]


def _define_full_text(store: Store, admin: ArcadeAdmin | None) -> None:
    for label in SEARCHED:
        if admin is None:
            name = full_text_index(label, None)
            store.define(f"CREATE FULLTEXT INDEX {name} IF NOT EXISTS FOR (n:{label}) ON EACH [n.words]")
            continue
        for command in (
            f"CREATE VERTEX TYPE {label} IF NOT EXISTS",
            f"CREATE PROPERTY {label}.words IF NOT EXISTS STRING",
            f"CREATE INDEX IF NOT EXISTS ON {label} (words) FULL_TEXT",
        ):
            run_sql(admin.url, admin.password, command)
