"""Take the payloads of entries that failed long ago; the entries themselves stay, and say so."""

from __future__ import annotations

from typing import NamedTuple

from catalog.clock import Clock
from catalog.errors import InvalidQuestion
from catalog.graph import payloads
from catalog.graph.entries import entries
from catalog.graph.inbox import FAILED
from catalog.graph.store import Store

PAGE = 250


class Purged(NamedTuple):
    """One page of a purge.

    Attributes:
        entries: how many payloads went (or would).
        size: bytes of their canonical JSON.
        behind: go on behind this sequence; None: that was all.
    """

    entries: int
    size: int
    behind: int | None


def purge(
    store: Store, clock: Clock, *, shards: int, state: str, before: int, dry_run: bool, behind: int | None
) -> Purged:
    """Purge one page of the entries of a state that were settled before a time (µs); newest first.

    Safe to call again and to interrupt. A purged entry cannot be retried or edited, until its event is sent again.

    Raises:
        InvalidQuestion: entries of this state keep their payloads.
    """
    if state not in FAILED:
        raise InvalidQuestion(f"payloads of {state} entries are not purged; choose REJECTED or DEAD")
    page = entries(store, shards, state, behind, PAGE)
    old = [row for row in page if not row.get("purgedAt") and (row.get("settledAt") or 0) < before]
    gone = [{"size": row["size"]} for row in old]
    if old and not dry_run:
        gone = payloads.purge(store, [row["id"] for row in old], before=before, now=clock.now())
    rest = page[-1]["sequence"] if len(page) == PAGE else None
    return Purged(len(gone), sum(row["size"] for row in gone), rest)
