"""The lineage of one run: what it read and wrote, its columns, the runs above and below it."""

from __future__ import annotations

import strawberry
from strawberry.types import Info

from catalog.api.graphql.context import context_of, present
from catalog.api.graphql.lineage import LineageEdge, LineageNode, to_edge, to_node
from catalog.api.graphql.moments import AS_OF, KNOWN_AT, STALE
from catalog.api.graphql.runs import Run, to_run
from catalog.clock import to_iso
from catalog.graph.walk import Moment
from catalog.usecases.trace_run import run_lineage


@strawberry.type(description="What one run did, by its own events, whatever other runs of its job did.")
class RunLineage:
    """What one run did."""

    run: Run = strawberry.field(description="The run.")
    root: strawberry.ID = strawberry.field(description="The node of its job.")
    nodes: list[LineageNode] = strawberry.field(description="Its job, its inputs and outputs, and their columns.")
    edges: list[LineageEdge] = strawberry.field(
        description="READS, WRITES, and DERIVES_FROM between columns; of two column lineages of an output the later."
    )
    hidden_count: int = strawberry.field(description="Datasets left out because the reader may not see them.")
    children_complete: bool = strawberry.field(description="Whether all runs it started are among its children.")
    sequence: int = strawberry.field(description="Newest accepted entry when the question was asked.")
    applied_through: int = strawberry.field(description="Every entry up to this one was in the answer.")
    as_of: str | None = strawberry.field(description=AS_OF)
    known_at: int | None = strawberry.field(description=KNOWN_AT)
    stale: bool = strawberry.field(description=STALE)
    child_ids: strawberry.Private[list[str]]
    moment: strawberry.Private[Moment]

    @strawberry.field(description="The run that started it.")
    async def parent(self, info: Info) -> Run | None:
        """Its parent."""
        return await self.run.find_parent(context_of(info))

    @strawberry.field(description="Runs it started, by what they say now; at an earlier moment those heard of.")
    async def children(self, info: Info) -> list[Run]:
        """Its children."""
        rows = await context_of(info).runs.load_many([(self.moment, id_) for id_ in self.child_ids])
        return [to_run(row, self.moment) for row in present(rows)]


async def answer(info: Info, id_: str, moment: Moment) -> RunLineage | None:
    """Answer for one run; None if there is no such run."""
    ctx = context_of(info)
    found = await ctx.call(run_lineage, ctx.reader, id_, moment)
    if found is None:
        return None
    walk, standing = found.walk, found.standing
    return RunLineage(
        run=to_run(walk.run, moment),
        root=strawberry.ID(walk.run["job"]),
        nodes=[to_node(node, moment) for node in walk.nodes.values()],
        edges=[to_edge(edge, moment) for edge in walk.edges],
        hidden_count=len(walk.hidden),
        children_complete=not walk.more_children,
        sequence=standing.sequence,
        applied_through=standing.applied_through,
        as_of=to_iso(moment.as_of),
        known_at=moment.known_at,
        stale=standing.is_stale(moment),
        child_ids=walk.children,
        moment=moment,
    )
