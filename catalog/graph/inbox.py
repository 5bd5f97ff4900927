"""The inbox in the graph: durable before the client hears 201, counted once whoever works on it.

Entry states: ACCEPTED (waiting), APPLIED, REJECTED (its content cannot be understood), DEAD (tried too often).
Sequences have no gaps, so a worker's queue is the window of sequences behind what is settled: no second index, no
message that could be lost.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from catalog.errors import Conflict
from catalog.graph.chains import Chain, admit
from catalog.graph.payloads import CHUNK_BYTES, by_size, cut, restore
from catalog.graph.queries import blocks
from catalog.graph.store import Row, Store, Tx

ACCEPTED, APPLIED, REJECTED, DEAD = "ACCEPTED", "APPLIED", "REJECTED", "DEAD"
FAILED = (REJECTED, DEAD)
SHORT = 12
"""How much of a key people need to type."""

_Q = blocks("inbox")


class NewEntry(NamedTuple):
    """What is to be accepted: content key, canonical bytes, and what a listing shows of it.

    Attributes:
        about: id of the job or dataset it speaks of.
        run: id of its run.
        edits: key of the entry that it stands for, if a person changed that one.
        chain: what an apply of a manifest stands on; others have none.
    """

    key: str
    payload: bytes
    kind: str
    subject: str
    shard: int
    about: str = ""
    run: str = ""
    edits: str = ""
    chain: Chain | None = None


class Receipt(NamedTuple):
    """What the client hears: the entry's key, place and state, and whether it was unknown until now."""

    key: str
    sequence: int
    state: str
    created: bool = False


class Settled(NamedTuple):
    """The end of an entry: its new state, why, what was not understood, and its event time (µs) if it has one."""

    key: str
    sequence: int
    state: str
    reason: str | None = None
    warnings: tuple[str, ...] = ()
    time: int | None = None


def token() -> int:
    """A fresh guard value: a constant is no guard on the embedded store (stores.md, rule 6)."""
    return secrets.randbits(62)


def accept(store: Store, entries: Sequence[NewEntry], now: int) -> list[Receipt]:
    """Make entries durable in one commit; one receipt each, in order. A key that is known keeps its place.

    An apply whose plan is that of the manifest's newest one is answered by the receipt of that.

    Raises:
        StalePlan, AppliedMeanwhile, InvalidEvent: an apply among them does not stand on the newest one.
        StoreUnavailable, Conflict: nothing was written.
    """
    wanted = {entry.key: entry for entry in entries}

    def work(tx: Tx) -> dict[str, Receipt]:
        (head,) = tx.run(_Q["guard"], token=token())
        rows = tx.run(_Q["known"], keys=sorted(wanted))
        known = {r["key"]: Receipt(r["key"], r["sequence"], r["state"]) for r in rows}
        if purged := {r["key"]: wanted[r["key"]].payload for r in rows if r["purged"] and r["state"] in FAILED}:
            restore(tx, purged)
        fresh = _fresh(tx, wanted.values(), known, head)
        if fresh:
            _insert(tx, fresh, head["sequence"] + 1, max(now, head["received"]))
        for sequence, entry in enumerate(fresh, start=head["sequence"] + 1):
            known[entry.key] = Receipt(entry.key, sequence, ACCEPTED, created=True)
        if edited := [{"id": entry.edits, "by": entry.key} for entry in entries if entry.edits]:
            tx.run(_Q["link_edits"], rows=edited)
        return known

    receipts, told = store.write(work), []
    for entry in entries:
        told.append(receipts[entry.key])
        receipts[entry.key] = told[-1]._replace(created=False)
    return told


def _fresh(tx: Tx, wanted: Iterable[NewEntry], known: dict[str, Receipt], head: Row) -> list[NewEntry]:
    """Those that are to be inserted; applies among them must stand on the newest one of their manifest."""
    fresh: list[NewEntry] = []
    applies = head["applies"]
    for entry in wanted:
        if entry.key in known:
            continue
        if entry.chain:
            if before := admit(tx, entry.chain, entry.key, head["sequence"] + len(fresh) + 1, applies):
                (row,) = tx.run(_Q["known"], keys=[before])
                known[entry.key] = Receipt(row["key"], row["sequence"], row["state"])
                continue
            applies += 1
        fresh.append(entry)
    return fresh


def _insert(tx: Tx, fresh: Sequence[NewEntry], first: int, received: int) -> None:
    """New entries with the sequences from `first` on, and their payloads."""
    rows: list[dict[str, Any]] = []
    apart: list[dict[str, Any]] = []
    size = 0
    for sequence, entry in enumerate(fresh, start=first):
        parts = cut(entry.key, entry.payload)
        row = {"entry": _entry_row(entry, sequence, received, len(parts)), "chunks": parts}
        size += sum(len(part["data"]) for part in parts)
        if size > CHUNK_BYTES:
            apart += parts
            row["chunks"] = []
        rows.append(row)
    for batch in by_size(apart):
        tx.run(_Q["insert_chunks"], rows=batch)
    tx.run(_Q["insert"], rows=rows, sequence=first + len(rows) - 1, received=received)


def waiting(tx: Tx, keys: Iterable[str]) -> set[str]:
    """Those of the entries that still wait: only they may be applied. Under `hold`, nobody else settles them."""
    return {row["key"] for row in tx.run(_Q["known"], keys=sorted(keys)) if row["state"] == ACCEPTED}


def settle(tx: Tx, settled: Sequence[Settled], now: int) -> None:
    """Give waiting entries their end state.

    This comes last: the embedded store checks at the commit that nobody changed the pages a transaction changed, and
    entries share theirs with those that are being accepted, so every one of these would undo the work of the batch.

    Raises:
        Conflict: not all were waiting any more.
    """
    rows = [
        {
            "id": entry.key,
            "values": {
                "state": entry.state,
                "trouble": entry.state if entry.state in FAILED else None,
                "again": None,
                "settledAt": now,
                "reason": entry.reason,
                "warnings": list(entry.warnings) or None,
                "time": entry.time,
            },
        }
        for entry in sorted(settled)
    ]
    if len(tx.run(_Q["settle"], rows=rows)) != len(rows):
        raise Conflict("entries of this batch were settled by somebody else; try again")


def retry(store: Store, key: str) -> Row | None:
    """Send a rejected or dead entry back, if it has its payload; its sequence and shard hash, or None."""
    return store.write(lambda tx: send_back(tx, key))


def send_back(tx: Tx, key: str) -> Row | None:
    """The same within a transaction."""
    rows = tx.run(_Q["retry"], key=key, token=token())
    return rows[0] if rows else None


def _entry_row(entry: NewEntry, sequence: int, received: int, chunks: int) -> dict[str, Any]:
    return {
        "id": entry.key,
        "short": entry.key[:SHORT],
        "sequence": sequence,
        "received": received,
        "state": ACCEPTED,
        "attempts": 0,
        "retryAt": 0,
        "kind": entry.kind,
        "subject": entry.subject,
        "shard": entry.shard,
        "size": len(entry.payload),
        "chunks": chunks,
        **{key: value for key, value in (("about", entry.about), ("run", entry.run), ("edits", entry.edits)) if value},
    }
