"""Manifests and people as tests let them speak: applies and words, accepted and applied."""

from __future__ import annotations

from typing import Any

from catalog.assets.keys import Key, Kind, manifest_id
from catalog.clock import to_iso
from catalog.graph import entities, inbox
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.lineage.assertions import Curated
from catalog.manifest.curation import curation_entry
from catalog.manifest.entry import manifest_entry
from catalog.manifest.references import key_of
from catalog.usecases.accept import prepare_apply, prepare_curation
from tests.store.conftest import LATER, drain
from tests.store.events import NOON

Json = dict[str, Any]
ORDERS = Key(Kind.DATASET, "db", "orders")


def apply(store: Store, manifest: str, *documents: Json, removed: tuple[Key, ...] = (), at: int = NOON) -> str:
    """Apply a manifest's documents; the key of the entry."""
    head = entities.head_of(Reader(store, None), manifest)
    base = head.entry if head else ""
    entry = manifest_entry(
        manifest,
        by="tests",
        applied_at=to_iso(at) or "",
        base=base,
        plan=f"{manifest_id(manifest)} {at} {base}",
        documents={key_of(document): document for document in documents},
        removed=removed,
    )
    (receipt,) = inbox.accept(store, [prepare_apply(entry)], LATER)
    drain(store)
    return receipt.key


def say(store: Store, key: Key, attribute: str, value: Any, *, at: int = NOON, **more: Any) -> str:
    """Let a person say something; the key of the entry."""
    said = Curated(key, attribute, more.get("field", ""), more.get("item", ""), value, more.get("by", "ada"))
    entry = curation_entry(said._replace(reason=more.get("reason", "")), to_iso(at) or "")
    (receipt,) = inbox.accept(store, [prepare_curation(entry)], LATER)
    drain(store)
    return receipt.key


def document(key: Key, **said: Any) -> Json:
    """A document of an entity with a namespace and a name, or a name alone."""
    names = {"namespace": key.namespace} if key.namespace else {}
    return {"kind": str(key.kind), **names, "name": key.name, **said}
