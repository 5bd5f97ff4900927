"""Who says so: what is behind an edge, in numbers and entry by entry."""

from __future__ import annotations

import strawberry
from strawberry.types import Info

from catalog.api.graphql.context import context_of
from catalog.api.graphql.paging import After, Connection, Edge, First, PageInfo, check_first, decode, encode
from catalog.api.graphql.runs import Run, to_run
from catalog.bootstrap.service import Service
from catalog.clock import DAY, SECOND, to_iso
from catalog.errors import InvalidQuestion
from catalog.graph.entities import is_manifest
from catalog.graph.evidence import Behind, entries_of
from catalog.graph.evidence import Evidence as Found
from catalog.graph.store import Row
from catalog.graph.walk import PRESENT

ID_LENGTH = 32


@strawberry.type(description="Who says so: the events behind an edge.")
class Evidence:
    """The events behind an edge."""

    count: int = strawberry.field(description="Events that asserted it.")
    first_seen: str | None = strawberry.field(description="Event time of the first, ISO-8601.")
    last_seen: str | None = strawberry.field(description="Event time of the last, ISO-8601.")
    last_run: strawberry.ID | None = strawberry.field(description="The id of the run that asserted it last.")
    producers: list[str] = strawberry.field(description="The producers that asserted it.")
    age_seconds: float | None = strawberry.field(description="How long ago the last was, in seconds.")
    stale: bool = strawberry.field(description="Whether that is longer ago than HEADWATER_STALE_DAYS; nothing ends it.")


@strawberry.type(description="An entry that asserts an edge.")
class EvidenceEntry:
    """An entry behind an edge."""

    key: str = strawberry.field(description="Its key: `ingestion` and `event` tell more.")
    sequence: int = strawberry.field(description="Its place in the inbox.")
    event_time: str = strawberry.field(description="When it says that it was so, ISO-8601.")
    run_id: strawberry.Private[str] = ""

    @strawberry.field(description="The run that tells so; null for declarations.")
    async def run(self, info: Info) -> Run | None:
        """The run."""
        row = await context_of(info).runs.load((PRESENT, self.run_id)) if self.run_id else None
        return to_run(row) if row else None


@strawberry.type(description="All that is behind one edge.")
class EdgeEvidence:
    """All that is behind one edge."""

    summary: Evidence = strawberry.field(description="In numbers.")
    subject: strawberry.Private[str] = ""
    key: strawberry.Private[str] = ""

    @strawberry.field(
        description="Entry by entry, newest event first. A page may be short while hasNextPage says to go on; entries "
        "that retention has taken from the log are counted in the summary only."
    )
    async def entries(self, info: Info, first: First = 50, after: After = None) -> Connection[EvidenceEntry]:
        """The entries."""
        ctx, at = context_of(info), decode("evidence", after, int, str)
        behind = Behind(*at) if at else None
        limit = check_first(first)
        told = await ctx.call(entries_of, ctx.reader, self.subject, self.key, behind=behind, limit=limit)
        edges = [Edge(cursor=encode("evidence", row["time"], row["key"]), node=_to_entry(row)) for row in told.entries]
        end = encode("evidence", *told.following) if told.following else None
        return Connection(edges=edges, page_info=PageInfo(has_next_page=end is not None, end_cursor=end))


def edge_id(subject: str, key: str) -> strawberry.ID:
    """What an edge is asked by: who asserts it, and which it is."""
    return strawberry.ID(f"{subject}{key}")


async def find(info: Info, edge: strawberry.ID) -> EdgeEvidence | None:
    """The evidence of one edge; None if nobody asserts it, or its subject may not be seen.

    Raises:
        InvalidQuestion: it is no id of an edge.
    """
    ctx, subject, key = context_of(info), edge[:ID_LENGTH], edge[ID_LENGTH:]
    if len(key) != ID_LENGTH:
        raise InvalidQuestion(f"{edge[:80]!r} is no id of an edge; lineage gives them")
    known = await ctx.jobs.load(subject) or await ctx.datasets.load(subject)
    if not (known or await ctx.call(is_manifest, ctx.reader, subject)):
        return None
    found: Found | None = await ctx.evidence.load((subject, key))
    return EdgeEvidence(summary=to_evidence(found, ctx.service), subject=subject, key=key) if found else None


def to_evidence(found: Found, service: Service) -> Evidence:
    """The evidence of an edge as the API shows it."""
    age = None if found.last is None else service.clock.now() - found.last
    return Evidence(
        count=found.count,
        first_seen=to_iso(found.first),
        last_seen=to_iso(found.last),
        last_run=strawberry.ID(found.last_run) if found.last_run else None,
        producers=sorted(found.producers),
        age_seconds=None if age is None else age / SECOND,
        stale=age is not None and age > service.settings.stale_days * DAY,
    )


def _to_entry(row: Row) -> EvidenceEntry:
    return EvidenceEntry(
        key=row["key"], sequence=row["sequence"], event_time=to_iso(row["time"]) or "", run_id=row["run"]
    )
