"""How far back the catalog goes, and how the newest prune went."""

from __future__ import annotations

from enum import Enum

import strawberry
from strawberry.types import Info

from catalog.api.graphql.context import context_of
from catalog.bootstrap.pruning import schedule
from catalog.clock import to_iso
from catalog.graph.pruning import Pruning, pruning
from catalog.graph.retention import Kept, kept


@strawberry.enum(
    description="NEVER: there was none. RUNNING: it is at work, or was killed and is done again. REFUSED: more of a "
    "class would have gone than the guard allows, and nothing did; see the reason."
)
class PruneState(Enum):
    """How a prune went."""

    NEVER = "NEVER"
    RUNNING = "RUNNING"
    DONE = "DONE"
    REFUSED = "REFUSED"
    FAILED = "FAILED"


@strawberry.type(description="How many things of a class a prune took.")
class PrunedClass:
    """One class of what is kept."""

    name: str = strawberry.field(description="history, runs, series, payloads, evaluations, shapes.")
    things: int = strawberry.field(description="How many went.")


@strawberry.type(description="How far back the catalog goes, by class, and the newest prune. Null: all of it is kept.")
class Retention:
    """Horizons, and what moves them."""

    history: str | None = strawberry.field(
        description="Questions as of an earlier time are answered BEYOND_RETENTION, earlier events are rejected."
    )
    runs: str | None = strawberry.field(description="Runs that ended by then are not kept, but for the newest.")
    series: str | None = strawberry.field(description="Statistics and check results by then are not kept.")
    payloads: str | None = strawberry.field(description="Events by then are not kept as they were received.")
    every_seconds: float = strawberry.field(
        description="Seconds between two prunes on schedule, as the API is configured; 0: none."
    )
    state: PruneState = strawberry.field(description="How the newest prune went.")
    by: str = strawberry.field(description="What began it: `schedule` or `command`.")
    started: str | None = strawberry.field(description="When it began.")
    ended: str | None = strawberry.field(description="When it ended; null while it is at work.")
    completed: str | None = strawberry.field(description="When a prune was last DONE, this one or an earlier one.")
    reason: str = strawberry.field(description="Why it was refused or failed.")
    gone: list[PrunedClass] = strawberry.field(description="What it took.")
    due_seconds: float | None = strawberry.field(description="In how many seconds the next is due; null: never.")


async def read_retention(info: Info) -> Retention:
    """How far back the catalog goes."""
    ctx = context_of(info)
    horizons: Kept = await ctx.call(kept, ctx.reader.store)
    newest: Pruning = await ctx.call(pruning, ctx.reader.store)
    wanted = schedule(ctx.service.settings)
    return Retention(
        history=to_iso(horizons.history),
        runs=to_iso(horizons.runs),
        series=to_iso(horizons.series),
        payloads=to_iso(horizons.payloads),
        every_seconds=wanted.every,
        state=PruneState(newest.state),
        by=newest.by,
        started=to_iso(newest.started),
        ended=to_iso(newest.ended),
        completed=to_iso(newest.completed),
        reason=newest.reason,
        gone=[PrunedClass(name=name, things=count) for name, count in newest.gone.items()],
        due_seconds=wanted.due(newest, ctx.service.clock.now()),
    )
