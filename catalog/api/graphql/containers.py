"""What contains datasets, as a tree: databases, schemas, folders, by their producers' hierarchy facets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import strawberry
from strawberry.types import Info

from catalog.api.graphql.context import context_of
from catalog.api.graphql.moments import AtMoment, DatasetAtMoment
from catalog.api.graphql.paging import After, Connection, Edge, First, PageInfo, check_first, decode, encode
from catalog.errors import InvalidQuestion
from catalog.graph import containers
from catalog.graph.store import Row
from catalog.graph.walk import Moment
from catalog.lineage.containers import Place, top

if TYPE_CHECKING:
    from catalog.api.graphql.assets import Dataset

DatasetLazy = Annotated["Dataset", strawberry.lazy("catalog.api.graphql.assets")]
NodeT = TypeVar("NodeT")


@strawberry.type(description="A database, schema, folder or the like, named by the hierarchy facets of its datasets.")
class Container(AtMoment):
    """What contains datasets."""

    id: strawberry.ID = strawberry.field(description="Stable id: a hash of the names above it and its own.")
    namespace: str = strawberry.field(description="OpenLineage namespace of its datasets.")
    type: str = strawberry.field(description="What it is, such as SCHEMA, as the producer spells it.")
    name: str = strawberry.field(description="Its name.")

    @strawberry.field(description="How many datasets are in it, however deep.")
    async def dataset_count(self, info: Info) -> int:
        """How many datasets."""
        return int(await context_of(info).sizes.load((self.moment, self.id)))

    @strawberry.field(description="The containers directly in it that have any dataset, by name.")
    async def containers(self, info: Info, first: First = 50, after: After = None) -> Connection[Container]:
        """What it contains."""
        return await _containers(info, str(self.id), first, after, self.moment)

    @strawberry.field(description="The datasets directly in it, by name.")
    async def datasets(self, info: Info, first: First = 50, after: After = None) -> Connection[DatasetLazy]:
        """Its datasets."""
        from catalog.api.graphql.assets import to_dataset

        ctx, key = context_of(info), decode("datasets of a container", after, str)
        limit, behind = check_first(first) + 1, key[0] if key else ""
        rows, more = await ctx.call(
            containers.page_datasets_in, ctx.reader, str(self.id), after=behind, limit=limit, moment=self.moment
        )
        return _page("datasets of a container", rows, more, first, lambda row: to_dataset(row, self.moment))


@strawberry.type
class WithContainers(DatasetAtMoment):
    """The part of a dataset that says where it stands."""

    @strawberry.field(description="What contains it, outermost first; empty where no producer sends a hierarchy.")
    async def containers(self, info: Info) -> list[Container]:
        """Its containers."""
        found: list[Place] = await context_of(info).containers.load((self.moment, self.id))
        return [
            Container(
                id=strawberry.ID(place.id),
                namespace=place.namespace,
                type=place.type,
                name=place.name,
                moment=self.moment,
            )
            for place in found
        ]


async def page(
    info: Info, namespace: str | None, parent: str | None, first: int, after: str | None, moment: Moment
) -> Connection[Container]:
    """The containers in a container, or the outermost ones of a namespace."""
    if (namespace is None) == (parent is None):
        raise InvalidQuestion("give a namespace to begin with, or the id of a container as parent, not both")
    return await _containers(info, top(namespace) if namespace is not None else str(parent), first, after, moment)


async def _containers(info: Info, parent: str, first: int, after: str | None, moment: Moment) -> Connection[Container]:
    ctx, key = context_of(info), decode("containers", after, str)
    limit, behind = check_first(first) + 1, key[0] if key else ""
    rows, more = await ctx.call(
        containers.page_containers, ctx.reader, parent, after=behind, limit=limit, moment=moment
    )
    return _page("containers", rows, more, first, lambda row: _container(row, moment))


def _container(row: Row, moment: Moment) -> Container:
    return Container(
        id=strawberry.ID(row["id"]), namespace=row["namespace"], type=row["type"], name=row["name"], moment=moment
    )


def _page(kind: str, rows: list[Row], more: str | None, first: int, show: Callable[[Row], NodeT]) -> Connection[NodeT]:
    edges = [Edge(cursor=encode(kind, row["ord"]), node=show(row)) for row in rows[:first]]
    if len(rows) > first:
        more = rows[first - 1]["ord"]
    end = encode(kind, more) if more is not None else edges[-1].cursor if edges else None
    return Connection(edges=edges, page_info=PageInfo(has_next_page=more is not None, end_cursor=end))
