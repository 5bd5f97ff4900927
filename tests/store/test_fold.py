"""Law 3 on a real store: the graph is a fold of its entries, whatever their order, duplication and batches."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterable, Sequence

import pytest

from catalog.clock import SECOND
from catalog.graph import inbox
from catalog.graph.fingerprint import fingerprint
from catalog.graph.inbox import APPLIED, Claim, NewEntry, Settled
from catalog.graph.record import record
from catalog.graph.store import Store
from catalog.lineage.observe import observe
from tests.histories import History, Seeded, random_history, renumbered
from tests.oracle import Entry, Oracle
from tests.store.conftest import LATER, empty
from tests.store.facts import Graph, without_stubs

SOAK_SECONDS = float(os.environ.get("HEADWATER_SOAK_SECONDS", "120"))


def claim_all(store: Store, entries: Iterable[Entry]) -> Claim:
    """Accept entries with the sequences they have, and claim them all."""
    ordered = sorted(entries, key=lambda entry: entry.sequence)
    receipts = inbox.accept(store, [NewEntry(e.key, b"{}", "RunEvent", "", 0) for e in ordered], LATER)
    assert [e.sequence for e in ordered] == [receipt.sequence for receipt in receipts]
    claim = inbox.claim(
        store, 0, 1, owner="w", now=LATER, lease=SECOND, limit=len(ordered), max_bytes=2**30, forgive=False
    )
    assert claim is not None
    return claim


def apply(store: Store, batches: Iterable[Iterable[Entry]]) -> Graph:
    """The graph of an empty store after these batches, one transaction each."""
    batches = [list(batch) for batch in batches]
    claim = claim_all(store, {e.key: e for batch in batches for e in batch}.values())
    for batch in batches:
        said = {e.key: observe(e.assertions, e.key, e.sequence) for e in batch}
        settled = [Settled(r.key, r.sequence, APPLIED) for r in said.values()]
        record(store, claim, list(said.values()), settled, now=LATER, lease=SECOND)
    return Graph(store)


def assert_equal(past: History, graph: Graph, moments: Iterable[tuple[int | None, int | None]]) -> None:
    """The graph answers as the oracle does."""
    oracle = Oracle(past.entries)
    assert oracle.facts() == graph.facts()
    for t, k in moments:
        assert without_stubs(oracle.facts(t, k)) == without_stubs(graph.facts(t, k)), (t, k)
