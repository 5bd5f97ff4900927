"""What counts as applied is there as a whole, also for somebody who looks while a large transaction commits."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from catalog.assets.keys import Key, Kind
from catalog.clock import SystemClock
from catalog.graph import inbox
from catalog.graph.entities import manifest_documents
from catalog.graph.entries import ended, progress
from catalog.graph.inbox import APPLIED
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.manifest.entry import manifest_entry
from catalog.manifest.references import key_of
from catalog.usecases.accept import prepare_apply
from tests.store.conftest import LATER, drain
from tests.store.saying import document

DOCUMENTS = 1_000
LOOKS: dict[str, Callable[[Store, str], bool]] = {
    "progress": lambda store, _: progress(store, 1).applied_through == 1,
    "state": lambda store, key: ended(store, key) == APPLIED,
}


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS)
def test_what_counts_as_applied_is_found(store: Store, look: str) -> None:
    """Neo4j shows some of what a transaction wrote before its indexes find the rest."""
    documents = [document(Key(Kind.DATASET, "db", f"t{i}"), description=f"number {i}") for i in range(DOCUMENTS)]
    entry = manifest_entry(
        "all",
        by="tests",
        applied_at="2026-01-01T12:00:00Z",
        base="",
        plan="1",
        documents={key_of(each): each for each in documents},
        removed=(),
    )
    (receipt,) = inbox.accept(store, [prepare_apply(entry)], LATER)
    worker = threading.Thread(target=drain, args=(store, SystemClock()))
    worker.start()
    try:
        while not LOOKS[look](store, receipt.key):
            assert worker.is_alive()
        found = len(manifest_documents(Reader(store, None), "all"))
    finally:
        worker.join()

    assert DOCUMENTS == found
