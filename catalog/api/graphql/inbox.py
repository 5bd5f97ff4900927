"""What became of an entry: the inbox for people and tools."""

from __future__ import annotations

from enum import Enum

import strawberry
from strawberry.types import Info

from catalog.api.graphql.context import context_of
from catalog.api.graphql.paging import Connection, check_first, connect, decode, encode
from catalog.clock import SECOND, to_iso
from catalog.graph import entries, inbox
from catalog.graph.store import Row


@strawberry.enum(
    description="ACCEPTED: durable, waits. APPLIED: in the graph. REJECTED: cannot be understood, see the reason. "
    "DEAD: tried too often, see the worker's log."
)
class EntryState(Enum):
    """The state of an entry."""

    ACCEPTED = "ACCEPTED"
    APPLIED = "APPLIED"
    REJECTED = "REJECTED"
    DEAD = "DEAD"


@strawberry.type(description="One accepted event.")
class Entry:
    """One accepted event."""

    key: str = strawberry.field(description="SHA-256 of its canonical JSON.")
    sequence: int = strawberry.field(description="Its place in the inbox, without gaps.")
    state: EntryState = strawberry.field(description="What became of it.")
    kind: str = strawberry.field(description="RunEvent, JobEvent or DatasetEvent.")
    subject: str = strawberry.field(description="Namespace and name of its job or dataset.")
    received: str = strawberry.field(description="When it was accepted, ISO-8601.")
    settled_at: str | None = strawberry.field(description="When it reached its state, ISO-8601.")
    attempts: int = strawberry.field(description="Failed attempts to apply it.")
    reason: str | None = strawberry.field(description="Why it was rejected, or what failed last.")
    warnings: list[str] = strawberry.field(description="Parts of it that were not understood; the rest is applied.")
    size: int = strawberry.field(description="Bytes of its canonical JSON.")


@strawberry.type(description="How far the inbox is.")
class Status:
    """How far the inbox is."""

    sequence: int = strawberry.field(description="Newest accepted entry.")
    applied_through: int = strawberry.field(description="Every entry up to this one is settled.")
    applied: int = strawberry.field(description="Entries applied, ever.")
    rejected: int = strawberry.field(description="Entries rejected, ever.")
    dead: int = strawberry.field(description="Entries given up, ever.")
    lag_seconds: float = strawberry.field(description="Age of the oldest entry that waits, in seconds.")


async def find_entry(info: Info, key: str) -> Entry | None:
    """One entry by its key or a unique beginning of it."""
    ctx = context_of(info)
    row = await ctx.call(entries.entry, ctx.reader.store, key)
    return _to_entry(row) if row else None


async def page_entries(info: Info, state: EntryState | None, first: int, after: str | None) -> Connection[Entry]:
    """Entries, newest first."""
    ctx, key = context_of(info), decode("inbox", after, int)
    limit, before = check_first(first) + 1, key[0] if key else None
    wanted = state.value if state else None
    rows = await ctx.call(entries.entries, ctx.reader.store, ctx.reader.shards, wanted, before, limit)
    return connect([(encode("inbox", row["sequence"]), _to_entry(row)) for row in rows], first)


async def read_status(info: Info) -> Status:
    """How far the inbox is."""
    ctx = context_of(info)
    p = await ctx.call(entries.progress, ctx.reader.store, ctx.reader.shards)
    age = 0 if p.oldest_waiting is None else max(0, ctx.service.clock.now() - p.oldest_waiting)
    return Status(
        sequence=p.sequence,
        applied_through=p.applied_through,
        applied=p.applied,
        rejected=p.rejected,
        dead=p.dead,
        lag_seconds=age / SECOND,
    )


async def retry(info: Info, key: str) -> Entry | None:
    """Send a rejected or dead entry back, and wake its worker."""
    ctx = context_of(info)
    row = await ctx.call(entries.entry, ctx.reader.store, key)
    sent = await ctx.call(inbox.retry, ctx.reader.store, row["id"]) if row else None
    if row is None or sent is None:
        return None
    ctx.service.dispatcher.wake({sent["shard"]})
    return await find_entry(info, row["id"])


def _to_entry(row: Row) -> Entry:
    return Entry(
        key=row["id"],
        sequence=row["sequence"],
        state=EntryState(row["state"]),
        kind=row["kind"],
        subject=row["subject"],
        received=to_iso(row["received"]) or "",
        settled_at=to_iso(row.get("settledAt")),
        attempts=row["attempts"],
        reason=row.get("reason"),
        warnings=list(row.get("warnings") or ()),
        size=row["size"],
    )
