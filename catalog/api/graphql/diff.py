"""What changed in a lineage between two moments, each difference with the entry and run that made it."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry import argument
from strawberry.types import Info

from catalog.api.graphql.context import context_of
from catalog.api.graphql.lineage import Direction, Granularity, LineageEdge, LineageNode, LineageRoot, to_edge, to_node
from catalog.api.graphql.moments import AS_OF, AS_OF_GIVEN, KNOWN_AT, KNOWN_AT_GIVEN, STALE, moment_of
from catalog.api.graphql.runs import Run, to_run
from catalog.clock import to_iso
from catalog.graph.causes import Cause, Source, causes
from catalog.graph.walk import Moment
from catalog.identity import Name
from catalog.lineage.steps import OPEN
from catalog.usecases.columns import check_column
from catalog.usecases.diff import Change, Decided, Diff, EdgeChange, Reason, lineage_diff
from catalog.usecases.moments import Standing

strawberry.enum(Change, name="EdgeChangeKind", description="REEVIDENCED: it stayed, and something else decides it now.")
strawberry.enum(
    Reason,
    name="EdgeChangeReason",
    description="Of edges that came: ASSERTED, or REACHABLE: it held before, on no path from the root. Of edges that "
    "went: ENDED, NOT_YET: nothing had told it yet, or UNREACHABLE: it still holds, its path is gone. CUT_OFF: the "
    "other answer was truncated and may hide it.",
)


@strawberry.input(description="A moment: as of an event time, and as known at a time or a sequence; {} for now.")
class MomentInput:
    """A moment."""

    as_of: str | None = strawberry.field(default=None, description=AS_OF_GIVEN)
    known_at: str | None = strawberry.field(default=None, description=KNOWN_AT_GIVEN)


@strawberry.type(description="What decides an edge at a moment: its assertion, or its end.")
class EdgeCause:
    """What decides an edge."""

    ends: bool = strawberry.field(description="Whether it ends the edge.")
    time: str | None = strawberry.field(description="Its event time, ISO-8601; null for ties between names.")
    sequence: int = strawberry.field(description="The place of its entry in the inbox.")
    entry: str | None = strawberry.field(description="The key of its entry; null if that is not kept any more.")
    run_id: strawberry.Private[str]

    @strawberry.field(description="The run it is about, as of now; null for declarations and names.")
    async def run(self, info: Info) -> Run | None:
        """The run."""
        row = await context_of(info).runs.load((Moment(), self.run_id)) if self.run_id else None
        return to_run(row) if row else None


@strawberry.type(description="An edge that came, went, or rests on something else.")
class LineageEdgeChange:
    """A changed edge."""

    change: Change = strawberry.field(description="What became of it.")
    edge: LineageEdge = strawberry.field(description="The edge as it is at `to`; one that went, as it was at `from`.")
    was: LineageEdge | None = strawberry.field(description="The edge as it was at `from`.")
    reason: Reason | None = strawberry.field(description="Why; null for what stayed, and where nobody keeps why.")
    before: EdgeCause | None = strawberry.field(description="What decides it at `from`.")
    after: EdgeCause | None = strawberry.field(description="What decides it at `to`.")

    @strawberry.field(description="What decides it at `to`, or where nothing does, at `from`.")
    def cause(self) -> EdgeCause | None:
        """The cause."""
        return self.after or self.before


@strawberry.type(description="One side of a difference.")
class DiffSide:
    """One side."""

    as_of: str | None = strawberry.field(description=AS_OF)
    known_at: int | None = strawberry.field(description=KNOWN_AT)
    stale: bool = strawberry.field(description=STALE)


@strawberry.type(description="What changed: applied to the answer at `from` it gives the answer at `to`.")
class LineageDiff:
    """What changed."""

    root: strawberry.ID = strawberry.field(description="The node the question starts at.")
    start: DiffSide = strawberry.field(name="from", description="The first moment.")
    end: DiffSide = strawberry.field(name="to", description="The second moment.")
    nodes_added: list[LineageNode] = strawberry.field(description="Nodes that came.")
    nodes_removed: list[LineageNode] = strawberry.field(description="Nodes that went.")
    nodes: list[LineageNode] = strawberry.field(description="All nodes that came, went, or bear a changed edge.")
    edges: list[LineageEdgeChange] = strawberry.field(description="Edges that came, went, or rest on something else.")
    empty: bool = strawberry.field(description="Whether nothing changed.")
    complete: bool = strawberry.field(description="Whether neither answer was cut off.")
    truncated_by: list[str] = strawberry.field(description="What cut one off: DEPTH, NODES, EDGES, TIME.")
    hidden_count: int = strawberry.field(description="Nodes left out of either because the reader may not see them.")
    sequence: int = strawberry.field(description="Newest accepted entry when the question was asked.")
    applied_through: int = strawberry.field(description="Every entry up to this one was in the answer.")


From = Annotated[MomentInput, argument(name="from", description="The first moment.")]
To = Annotated[MomentInput | None, argument(name="to", description="The second moment; now without it.")]


async def answer(
    info: Info,
    root: LineageRoot,
    start: MomentInput,
    end: MomentInput | None,
    direction: Direction,
    depth: int,
    granularity: Granularity,
) -> LineageDiff | None:
    """What changed; None if there is no such root."""
    ctx, last = context_of(info), end or MomentInput()
    found = await ctx.call(
        lineage_diff,
        ctx.reader,
        kind=root.kind.value,
        name=Name(root.namespace, root.name),
        field=root.field,
        direction=direction.value,
        depth=depth,
        granularity=granularity.value,
        before=await moment_of(info, start.as_of, start.known_at),
        after=await moment_of(info, last.as_of, last.known_at),
    )
    if found is None:
        return None
    if root.field is not None and not (found.before.edges or found.after.edges):
        moments = found.before.moment, found.after.moment
        await ctx.call(check_column, ctx.reader, Name(root.namespace, root.name), root.field, *moments)
    sources = {_source(d) for change in found.edges for d in (change.before, change.after) if d}
    return _to_diff(found, await ctx.call(causes, ctx.reader, sources))


def _source(decided: Decided) -> Source:
    return Source(decided.point.s, decided.subject)


def _to_diff(found: Diff, known: dict[Source, Cause]) -> LineageDiff:
    before, after = found.before, found.after
    nodes = {node.id: (node, answer.moment) for answer in (before, after) for node in answer.nodes}
    touched = {node.id for node in (*found.added, *found.removed)}
    touched |= {end for change in found.edges for end in (change.edge.source, change.edge.target)}
    return LineageDiff(
        root=strawberry.ID(found.root.id),
        start=_to_side(before.moment, Standing(before.sequence, before.applied_through)),
        end=_to_side(after.moment, Standing(after.sequence, after.applied_through)),
        nodes_added=[to_node(node, after.moment) for node in found.added],
        nodes_removed=[to_node(node, before.moment) for node in found.removed],
        nodes=[to_node(*nodes[id_]) for id_ in sorted(touched & nodes.keys())],
        edges=[_to_change(change, found, known) for change in found.edges],
        empty=found.empty,
        complete=not found.truncated_by,
        truncated_by=list(found.truncated_by),
        hidden_count=max(before.hidden, after.hidden),
        sequence=after.sequence,
        applied_through=before.applied_through,
    )


def _to_side(moment: Moment, standing: Standing) -> DiffSide:
    return DiffSide(as_of=to_iso(moment.as_of), known_at=moment.known_at, stale=standing.is_stale(moment))


def _to_change(change: EdgeChange, found: Diff, known: dict[Source, Cause]) -> LineageEdgeChange:
    moment = found.after.moment if change.now else found.before.moment
    return LineageEdgeChange(
        change=change.change,
        edge=to_edge(change.edge, moment),
        was=to_edge(change.was, found.before.moment) if change.was else None,
        reason=change.reason,
        before=_to_cause(change.before, known),
        after=_to_cause(change.after, known),
    )


def _to_cause(decided: Decided | None, known: dict[Source, Cause]) -> EdgeCause | None:
    if decided is None:
        return None
    cause = known[_source(decided)]
    return EdgeCause(
        ends=decided.point.v != OPEN,
        time=to_iso(decided.point.t) if decided.subject else None,
        sequence=decided.point.s,
        entry=cause.entry or None,
        run_id=cause.run,
    )
