"""What must be in the store once everything is applied: each accepted entry once, and the graph by definition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import orjson

from catalog.graph.inbox import APPLIED, NewEntry
from catalog.graph.store import Store
from catalog.identity import digest
from catalog.lineage.observe import observe
from catalog.lineage.translate import translate
from tests.oracle import Entry, Oracle
from tests.store.facts import Graph

_ENTRIES = (
    "MATCH (e:Entry) RETURN e.id AS key, e.sequence AS sequence, e.state AS state, e.received AS received, "
    "e.chunks AS chunks ORDER BY e.sequence"
)
_SHARDS = "MATCH (s:Shard) RETURN sum(s.applied) AS applied, sum(s.rejected) AS rejected, sum(s.dead) AS dead"
_USES = "MATCH (u:Use) RETURN u.id AS id, u.n AS n, u.first AS first, u.last AS last"
_OBSERVATIONS = "MATCH (o:Obs) RETURN o.id AS id"
_CHUNKS = "MATCH (c:Chunk) RETURN c.id AS id"


def judge(store: Store, accepted: Mapping[str, tuple[int, NewEntry]]) -> None:
    """Hold a store against the receipts that clients have.

    Raises:
        AssertionError: something accepted is lost, doubled or half there, or the graph is not the oracle's.
    """
    said = {key: translate(orjson.loads(entry.payload)) for key, (_, entry) in accepted.items()}
    judge_entries(store, [Entry(key, sequence, said[key]) for key, (sequence, _) in accepted.items()])


def judge_entries(store: Store, entries: Sequence[Entry]) -> None:
    """The same for what entries assert, whatever their payloads are.

    Raises:
        AssertionError: as `judge`.
    """
    _entries(store, {entry.key: entry.sequence for entry in entries})
    _evidence(store, entries)

    expected, actual = Oracle(entries).facts(), Graph(store).facts()
    for part in fields(expected):
        _same(f"the graph's {part.name}", getattr(expected, part.name), getattr(actual, part.name))


def _entries(store: Store, accepted: dict[str, int]) -> None:
    rows = store.rows(_ENTRIES)
    (totals,) = store.rows(_SHARDS)
    chunks = {row["id"] for row in store.rows(_CHUNKS)}

    _same("sequence by key", accepted, {row["key"]: row["sequence"] for row in rows})
    _same("sequences", list(range(1, len(rows) + 1)), [row["sequence"] for row in rows])
    _same("states", {APPLIED: len(rows)}, dict(Counter(row["state"] for row in rows)))
    _same("totals", {"applied": len(rows), "rejected": 0, "dead": 0}, totals)
    _same("times of reception", sorted(row["received"] for row in rows), [row["received"] for row in rows])
    _same("missing chunks", set(), {f"{row['key']}.{i}" for row in rows for i in range(row["chunks"])} - chunks)


def _evidence(store: Store, entries: Sequence[Entry]) -> None:
    """Each entry is counted once in the evidence of all it says, and has its observations, no more."""
    uses: dict[str, list[int]] = {}
    observed: set[str] = set()
    for entry in entries:
        record = observe(entry.assertions, entry.key, entry.sequence)
        for use in record.uses:
            uses.setdefault(use.id, []).append(record.time)
            observed.add(digest(record.key, use.subject))
    expected: dict[str, Any] = {id_: (len(times), min(times), max(times)) for id_, times in uses.items()}

    _same("evidence", expected, {row["id"]: (row["n"], row["first"], row["last"]) for row in store.rows(_USES)})
    _same("observations", sorted(observed), sorted(row["id"] for row in store.rows(_OBSERVATIONS)))


def _same(what: str, expected: Any, actual: Any) -> None:
    """As `assert`, and says where two large values differ instead of printing both."""
    if expected == actual:
        return
    if isinstance(expected, dict):
        wrong = {key: (expected.get(key), actual.get(key)) for key in {*expected, *actual}}
        differing: list[Any] = [(key, *pair) for key, pair in wrong.items() if pair[0] != pair[1]]
    elif isinstance(expected, set | frozenset):
        differing = [
            *(("missing", item) for item in expected - actual),
            *(("more", item) for item in actual - expected),
        ]
    else:
        differing = [*((Counter(expected) - Counter(actual)).items()), *((Counter(actual) - Counter(expected)).items())]
    raise AssertionError(f"{what}: {len(differing)} of {len(expected)} differ: {differing[:5]}")
