"""Copies entries with their sequences from one store into another, which then applies them anew.

Entries that are not applied where they come from are copied as placeholders (dead, purged): sequences keep having no
gaps there, and one that is applied later gets its payload then.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from catalog.errors import InvalidQuestion
from catalog.graph import inbox
from catalog.graph.entries import newest
from catalog.graph.inbox import ACCEPTED, APPLIED, DEAD, FAILED
from catalog.graph.payloads import by_size, chunk_ids, payloads, restore
from catalog.graph.queries import blocks
from catalog.graph.retention import EVENTS
from catalog.graph.store import Row, Store, Tx
from catalog.lineage.retain import Base

WINDOW = 250
GROUP_BYTES = 8_000_000
_KEPT = ("id", "short", "sequence", "received", "kind", "subject", "shard", "size", "chunks", "about", "run", "edits")
_WAITS = {"state": ACCEPTED, "attempts": 0, "retryAt": 0}
_PLACE = {"state": DEAD, "trouble": DEAD, "purgedAt": 0, "attempts": 0, "retryAt": 0}
_BASED = {"state": APPLIED, "purgedAt": 0, "attempts": 0, "retryAt": 0}
_Q = blocks("inbox")


def entries_at(store: Store, sequences: Sequence[int]) -> list[Row]:
    """Entries by sequence, sorted."""
    rows = store.rows(_Q["entries"], sequences=list(sequences))
    return sorted((row["entry"] for row in rows), key=lambda entry: int(entry["sequence"]))


def copy(source: Store, target: Store, through: int, base: Base | None = None) -> Iterator[int]:
    """Copy the entries behind those that are there, up to a sequence; after each commit, how far it is.

    Safe to interrupt: entries and the target's newest sequence commit together.

    Args:
        base: what is in the target already: entries that are part of it are settled there.

    Raises:
        InvalidQuestion: applied entries do not have their payloads any more.
    """
    done = newest(target)
    while done < through:
        entries = entries_at(source, range(done + 1, min(done + WINDOW, through) + 1))
        for group in _groups(entries):
            replayed = [entry for entry in group if not _is_based(entry, base)]
            _put(target, group, _chunks(source, replayed) if replayed else [], base)
            done = group[-1]["sequence"]
            yield done


def revive(source: Store, target: Store) -> int:
    """Give placeholders whose entries were applied meanwhile their payloads, to be applied too; how many those were."""
    revived = 0
    for page in _troubled(target, DEAD):
        places = [entry["sequence"] for entry in page if _is_place(entry)]
        now = [entry for entry in entries_at(source, places) if entry["state"] == APPLIED]
        for group in _groups(now):
            bodies = payloads(source, {entry["id"]: entry["chunks"] for entry in group})
            revived += target.write(partial(_revive, payloads=bodies))
    return revived


def _revive(tx: Tx, payloads: Mapping[str, bytes]) -> int:
    """All or nothing: one that has its payload is no placeholder any more, and would not be found again."""
    restore(tx, payloads)
    return sum(inbox.send_back(tx, key) is not None for key in sorted(payloads))


def refused(target: Store) -> Iterator[Row]:
    """Entries that were applied where they come from, and could not be here."""
    return (entry for state in FAILED for page in _troubled(target, state) for entry in page if not _is_place(entry))


def _troubled(target: Store, state: str) -> Iterator[list[Row]]:
    before = newest(target) + 1
    while page := [row["entry"] for row in target.rows(_Q["troubled"], state=state, before=before, limit=WINDOW)]:
        yield page
        before = page[-1]["sequence"]


def _is_place(entry: Row) -> bool:
    return entry.get("purgedAt") is not None


def _groups(entries: Sequence[Row]) -> Iterator[list[Row]]:
    """Neighbours whose payloads fit into memory, and into few messages, together."""
    group: list[Row] = []
    size = 0
    for entry in entries:
        if group and size + entry["size"] > GROUP_BYTES:
            yield group
            group, size = [], 0
        group.append(entry)
        size += entry["size"]
    if group:
        yield group


def _chunks(source: Store, entries: Sequence[Row]) -> list[Row]:
    ids = [id_ for e in entries if e["state"] == APPLIED for id_ in chunk_ids(e["id"], e["chunks"])]
    found = source.rows(_Q["chunks"], ids=ids)
    if len(found) < len(ids):
        raise InvalidQuestion(
            f"applied entries between {entries[0]['sequence']} and {entries[-1]['sequence']} do not have their events "
            "any more, so the graph cannot be rebuilt from them"
        )
    return found


def _is_based(entry: Row, base: Base | None) -> bool:
    if base is None or entry["state"] != APPLIED or entry["kind"] not in EVENTS or entry.get("time") is None:
        return False
    return base.behind(entry["time"], entry["sequence"])


def _put(target: Store, entries: Sequence[Row], chunks: Sequence[Row], base: Base | None) -> None:
    rows: list[dict[str, Any]] = []
    for entry in entries:
        kept = {name: entry[name] for name in _KEPT if entry.get(name) is not None}
        state = _BASED if _is_based(entry, base) else _WAITS if entry["state"] == APPLIED else _PLACE
        rows.append({"entry": {**kept, **state}, "chunks": []})
    last = entries[-1]

    def work(tx: Tx) -> None:
        tx.run(_Q["guard"], token=secrets.randbits(62))
        for batch in by_size(chunks):
            tx.run(_Q["insert_chunks"], rows=batch)
        tx.run(_Q["insert"], rows=rows, sequence=last["sequence"], received=last["received"])

    target.write(work)
