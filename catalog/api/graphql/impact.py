"""Whom a change reaches: what is downstream of it, each with a way to it."""

from __future__ import annotations

import strawberry
from strawberry.types import Info

from catalog.api.graphql.context import context_of
from catalog.api.graphql.entities import Entity, key_of, to_entity
from catalog.api.graphql.lineage import NodeKind
from catalog.api.graphql.moments import STALE
from catalog.assets.keys import Kind
from catalog.graph.walk import PRESENT, Node
from catalog.usecases import impact as usecase
from catalog.usecases.impact import Impact, Reached, Start


@strawberry.input(description="What changes: an entity, or one column of a dataset.")
class ImpactRoot:
    """What changes."""

    kind: Kind = strawberry.field(description="Dataset, Pipeline, Dashboard, ModelVersion or Deployment.")
    namespace: str = strawberry.field(
        description="Of datasets, pipelines and dashboards; of model versions their registry; of deployments their "
        "environment."
    )
    name: str = strawberry.field(description="Its name; of a model version MODEL/VERSION.")
    field: str | None = strawberry.field(default=None, description="A column of the dataset, by its dotted path.")


@strawberry.type(description="A step of a way.")
class ImpactStep:
    """A step of a way."""

    kind: NodeKind = strawberry.field(description="What it is in lineage.")
    namespace: str = strawberry.field(description="Its namespace (a column's: its dataset's).")
    name: str = strawberry.field(description="Its name (a column's: its dataset's).")
    field: str | None = strawberry.field(description="The column's dotted path.")


@strawberry.type(description="Something downstream.")
class ImpactReached:
    """Something downstream."""

    entity: Entity = strawberry.field(
        description="What it is; a dashboard, a model version or a deployment where it is declared as one."
    )
    field: str | None = strawberry.field(description="Its column, where column lineage leads to one.")
    certain: bool = strawberry.field(
        description="Whether lineage says that it uses the column that changes. False: it reads the dataset, and "
        "nobody said which columns. Of whole things always true."
    )
    distance: int = strawberry.field(description="Steps on the shortest way, jobs counted.")
    owners: list[str] = strawberry.field(description="Who answers for it, as manifests and people say.")
    path: list[ImpactStep] = strawberry.field(description="A shortest way to it, both ends included.")


@strawberry.type(description="What is downstream of one root.")
class ImpactOf:
    """What is downstream of one root."""

    root: Entity = strawberry.field(description="What changes.")
    field: str | None = strawberry.field(description="Its column.")
    known: bool = strawberry.field(description="Whether the catalog knows it; if not, nothing could be walked.")
    reached: list[ImpactReached] = strawberry.field(description="Certain ones first, then the nearest.")
    complete: bool = strawberry.field(description="Whether nothing was cut off.")
    truncated_by: list[str] = strawberry.field(description="What cut it off: DEPTH, NODES, EDGES, TIME.")
    hidden_count: int = strawberry.field(description="Nodes left out because the reader may not see them.")


@strawberry.type(description="Whom a change reaches.")
class ImpactAnswer:
    """Whom a change reaches."""

    of: list[ImpactOf] = strawberry.field(description="Root by root, in the order of the question.")
    sequence: int = strawberry.field(description="Newest accepted entry when the question was asked.")
    applied_through: int = strawberry.field(description="Every entry up to this one was in the answer.")
    stale: bool = strawberry.field(description=STALE)


async def answer(info: Info, roots: list[ImpactRoot], depth: int) -> ImpactAnswer:
    """What is downstream of some roots."""
    ctx = context_of(info)
    starts = [Start(key_of(root.kind, root.namespace, root.name), root.field or "") for root in roots]
    found = await ctx.call(usecase.impact, ctx.reader, starts, depth=depth)
    return ImpactAnswer(
        of=[_to_impact(one) for one in found.impacts],
        sequence=found.standing.sequence,
        applied_through=found.standing.applied_through,
        stale=found.standing.is_stale(PRESENT),
    )


def _to_impact(one: Impact) -> ImpactOf:
    return ImpactOf(
        root=to_entity(one.start.key),
        field=one.start.field or None,
        known=one.known,
        reached=[_to_reached(reached) for reached in one.reached],
        complete=not one.truncated_by,
        truncated_by=list(one.truncated_by),
        hidden_count=one.hidden,
    )


def _to_reached(one: Reached) -> ImpactReached:
    return ImpactReached(
        entity=to_entity(one.key),
        field=one.field or None,
        certain=one.certain,
        distance=one.distance,
        owners=list(one.owners),
        path=[_to_step(node) for node in one.path],
    )


def _to_step(node: Node) -> ImpactStep:
    return ImpactStep(kind=NodeKind(node.kind), namespace=node.namespace, name=node.name, field=node.field)
