"""What became of an entry: the inbox for people and tools."""

from __future__ import annotations

from enum import Enum

import orjson
import strawberry
from strawberry.scalars import JSON
from strawberry.types import Info

from catalog.api.graphql.assets import Dataset, Job, to_dataset, to_job
from catalog.api.graphql.context import context_of
from catalog.api.graphql.paging import Connection, check_first, connect, decode, encode
from catalog.api.graphql.runs import Run, to_run
from catalog.clock import SECOND, to_iso
from catalog.errors import InvalidEvent, InvalidQuestion
from catalog.graph import entries, inbox, payloads
from catalog.graph.store import Row
from catalog.graph.walk import PRESENT
from catalog.lineage.wire import Kind, read_time
from catalog.usecases.purge import purge


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


@strawberry.type(description="One accepted event or decision.")
class Entry:
    """One accepted event."""

    key: str = strawberry.field(description="SHA-256 of its canonical JSON.")
    sequence: int = strawberry.field(description="Its place in the inbox, without gaps.")
    state: EntryState = strawberry.field(description="What became of it.")
    kind: str = strawberry.field(description="RunEvent, JobEvent, DatasetEvent; identity/v1: a decision about names.")
    subject: str = strawberry.field(
        description="Namespace and name of its job or dataset, or two names that were decided about."
    )
    received: str = strawberry.field(description="When it was accepted, ISO-8601.")
    settled_at: str | None = strawberry.field(description="When it reached its state, ISO-8601.")
    attempts: int = strawberry.field(description="Failed attempts to apply it.")
    reason: str | None = strawberry.field(description="Why it was rejected, or what failed last.")
    warnings: list[str] = strawberry.field(description="Parts of it that were not understood; the rest is applied.")
    size: int = strawberry.field(description="Bytes of its canonical JSON.")
    edits: str | None = strawberry.field(description="The key of the failed entry that a person corrected by this one.")
    edited_as: list[str] = strawberry.field(description="The keys of entries that correct this one, oldest first.")
    purged_at: str | None = strawberry.field(
        description="When its event was purged, ISO-8601: it cannot be shown, retried or edited until it is sent again."
    )
    about: strawberry.Private[str] = ""
    run_id: strawberry.Private[str] = ""

    @strawberry.field(description="The job it speaks of. Null: a dataset's event, or nothing is known of it.")
    async def job(self, info: Info) -> Job | None:
        """The job."""
        row = await context_of(info).jobs.load(self.about) if self.about and self.kind != Kind.DATASET else None
        return to_job(row) if row else None

    @strawberry.field(description="The dataset it speaks of. Null: a job's or run's event, or nothing is known of it.")
    async def dataset(self, info: Info) -> Dataset | None:
        """The dataset."""
        row = await context_of(info).datasets.load(self.about) if self.about and self.kind == Kind.DATASET else None
        return to_dataset(row) if row else None

    @strawberry.field(description="The run it tells of. Null: not a run's event, or nothing is known of it.")
    async def run(self, info: Info) -> Run | None:
        """The run."""
        row = await context_of(info).runs.load((PRESENT, self.run_id)) if self.run_id else None
        return to_run(row) if row else None


@strawberry.type(description="What a purge took, or would take, of one page of entries.")
class Purge:
    """One page of a purge."""

    entries: int = strawberry.field(description="Entries whose payload went, or would go in a dry run.")
    size: int = strawberry.field(description="Bytes of their canonical JSON.")
    end_cursor: str | None = strawberry.field(description="Give this as `after` to go on; null: that was all.")


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


async def read_event(info: Info, key: str) -> JSON | None:
    """The event of an entry as it was received, credentials removed."""
    ctx = context_of(info)
    row = await ctx.call(entries.entry, ctx.reader.store, key)
    if row is None:
        return None
    found = await ctx.call(payloads.payloads, ctx.reader.store, {row["id"]: row["chunks"]})
    return orjson.loads(found[row["id"]]) if row["id"] in found else None


async def purge_page(info: Info, state: EntryState, before: str, dry_run: bool, after: str | None) -> Purge:
    """Purge one page of entries, or say what would be purged."""
    ctx, key = context_of(info), decode("purge", after, int)
    done = await ctx.call(
        purge,
        ctx.reader.store,
        ctx.service.clock,
        shards=ctx.reader.shards,
        state=state.value,
        before=_time(before),
        dry_run=dry_run,
        behind=key[0] if key else None,
    )
    end = None if done.behind is None else encode("purge", done.behind)
    return Purge(entries=done.entries, size=done.size, end_cursor=end)


def _time(text: str) -> int:
    try:
        return read_time(text, [])
    except InvalidEvent as e:
        raise InvalidQuestion(f"before: {e}") from e


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
        edits=row.get("edits"),
        edited_as=list(row.get("editedAs") or ()),
        purged_at=to_iso(row.get("purgedAt")),
        about=row.get("about") or "",
        run_id=row.get("run") or "",
    )
