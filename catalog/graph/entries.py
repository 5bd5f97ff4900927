"""What became of entries, for people and for the honesty fields: one entry, lists of them, how far the inbox is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from catalog.graph.inbox import ACCEPTED, DEAD, REJECTED, SHORT, token
from catalog.graph.queries import blocks
from catalog.graph.store import Row, Store, Tx

WINDOW = 500
PROBES = 64
_Q = blocks("inbox")


class Progress(NamedTuple):
    """How far the inbox is: newest accepted, contiguous prefix of settled ones, totals, oldest waiting (µs)."""

    sequence: int
    applied_through: int
    applied: int
    rejected: int
    dead: int
    oldest_waiting: int | None


def entry(store: Store, key: str) -> Row | None:
    """One entry by its key, or by at least SHORT characters of its beginning that fit one entry only."""
    found = [row["entry"] for row in store.rows(_Q["entries_by_beginning"], short=key[:SHORT])]
    fit = [e for e in found if e["id"].startswith(key)]
    return fit[0] if len(fit) == 1 else None


def ended(store: Store, key: str) -> str:
    """The state of an entry, empty if there is none; once it is not ACCEPTED, all that the entry says is there.

    On Neo4j others can see the state before what a large transaction has written is found by its indexes.
    """
    found = entry(store, key)
    if found is None or found["state"] == ACCEPTED:
        return ACCEPTED if found else ""
    (row,) = store.write(lambda tx: tx.run(_Q["await_entry"], key=found["id"], token=token()))
    return str(row["state"])


def entries(store: Store, shards: int, state: str | None, before: int | None, limit: int) -> list[Row]:
    """Entries from newest to oldest, below the sequence `before`, of one state or of any."""
    top = progress(store, shards)
    high = min(before, top.sequence + 1) if before is not None else top.sequence + 1
    if state in (REJECTED, DEAD):
        return [r["entry"] for r in store.rows(_Q["troubled"], state=state, before=high, limit=limit)]
    floor = top.applied_through if state == ACCEPTED else 0
    found: list[Row] = []
    while high - 1 > floor and len(found) < limit:
        low = max(floor + 1, high - WINDOW)
        rows = [r["entry"] for r in store.rows(_Q["entries"], sequences=list(range(low, high)))]
        rows.sort(key=lambda e: -e["sequence"])
        found += [e for e in rows if state is None or e["state"] == state]
        high = low
    return found[:limit]


def by_sequence(store: Store, sequences: Iterable[int]) -> list[Row]:
    """Entries by their places in the inbox, oldest first; those that are not kept are left out."""
    wanted = sorted(set(sequences))
    found: list[Row] = []
    for at in range(0, len(wanted), WINDOW):
        found += [row["entry"] for row in store.rows(_Q["entries"], sequences=wanted[at : at + WINDOW])]
    return sorted(found, key=lambda entry: int(entry["sequence"]))


def newest(store: Store) -> int:
    """The sequence of the newest accepted entry; 0 if there is none."""
    rows = store.rows(_Q["newest"])
    return int(rows[0]["sequence"]) if rows else 0


def received_by(store: Store, time: int) -> int:
    """The newest sequence received by a time (µs), 0 for none: `received` rises with the sequence, so a few looks do.

    Each look asks for PROBES sequences spread over what is left, by equality.
    """

    def work(tx: Tx) -> int:
        newest = tx.run(_Q["newest"])
        low, high = 0, (newest[0]["sequence"] if newest else 0) + 1
        while high - low > 1:
            step = max(1, (high - low) // PROBES)
            rows = tx.run(_Q["received"], sequences=list(range(low + step, high, step)))
            by_then = [row["sequence"] for row in rows if row["received"] <= time]
            later = [row["sequence"] for row in rows if row["received"] > time]
            low, high = max(by_then, default=low), min(later, default=high)
            if step == 1:
                break
        return low

    return store.read(work)


def warnings(store: Store, sequences: Iterable[int]) -> dict[int, list[str]]:
    """What was not understood of entries, by sequence; those without warnings, or not kept any more, are left out."""
    wanted = sorted(set(sequences))
    found: dict[int, list[str]] = {}
    for at in range(0, len(wanted), WINDOW):
        for row in store.rows(_Q["warnings_of"], sequences=wanted[at : at + WINDOW]):
            if row["warnings"]:
                found[row["sequence"]] = list(row["warnings"])
    return found


def progress(store: Store, shards: int) -> Progress:
    """How far the inbox is, in one read transaction."""

    def work(tx: Tx) -> Progress:
        rows = {row["id"]: row for row in tx.run(_Q["shards"])}
        newest = tx.run(_Q["newest"])
        top = newest[0]["sequence"] if newest else 0
        ours = [rows.get(f"{i}/{shards}", {}).get("through", 0) for i in range(shards)]
        through = min(top, *ours)
        again = tx.run(_Q["oldest_again"])
        if again and again[0]["sequence"] is not None:
            through = min(through, again[0]["sequence"] - 1)
        waiting = tx.run(_Q["entries"], sequences=[through + 1]) if through < top else []
        oldest = waiting[0]["entry"]["received"] if waiting else None
        totals = {state: sum(row[state] for row in rows.values()) for state in ("applied", "rejected", "dead")}
        return Progress(top, through, **totals, oldest_waiting=oldest)

    return store.read(work)
