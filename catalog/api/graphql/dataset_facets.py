"""What facets say about datasets: words, owners, tags, where they are kept, what they are, which version."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry
from strawberry.scalars import JSON
from strawberry.types import Info

from catalog.api.graphql.context import context_of, present
from catalog.api.graphql.facets import Documentation, Facets, Owner, Said, Tag, facets_of
from catalog.api.graphql.moments import DatasetAtMoment
from catalog.lineage.facets import dataset as kinds
from catalog.lineage.facets.known import DATASET, read_facet

if TYPE_CHECKING:
    from catalog.api.graphql.runs import Run

RunLazy = Annotated["Run", strawberry.lazy("catalog.api.graphql.runs")]
MOST_JOBS = 50


@strawberry.type(description="The system that holds a dataset.")
class DataSource(Said):
    """A source."""

    name: str | None = strawberry.field(description="As sent.", default=None)
    uri: str | None = strawberry.field(description="As sent, without credentials.", default=None)


@strawberry.type(description="The catalog that knows a dataset, such as Glue or an Iceberg catalog.")
class DatasetCatalog(Said):
    """A catalog."""

    framework: str | None = strawberry.field(description="Such as iceberg.", default=None)
    type: str | None = strawberry.field(description="Such as rest or glue.", default=None)
    name: str | None = strawberry.field(description="As configured.", default=None)
    metadata_uri: str | None = strawberry.field(description="Where it answers.", default=None)
    warehouse_uri: str | None = strawberry.field(description="Where its data lie.", default=None)
    source: str | None = strawberry.field(description="What was configured with it, such as spark.", default=None)
    properties: JSON = strawberry.field(description="Further ones, as sent.", default_factory=dict)


@strawberry.type(description="How a dataset is stored.")
class DatasetStorage(Said):
    """A way of storing."""

    layer: str | None = strawberry.field(description="Such as delta or iceberg.", default=None)
    file_format: str | None = strawberry.field(description="Such as parquet.", default=None)


@strawberry.type(description="What a dataset is.")
class DatasetKind(Said):
    """A kind of dataset."""

    type: str = strawberry.field(description="TABLE, VIEW, FILE, TOPIC, STREAM, MODEL, JOB_OUTPUT.", default="")
    sub_type: str | None = strawberry.field(description="Such as MATERIALIZED.", default=None)


@strawberry.type(description="One level of what contains a dataset.")
class HierarchyLevel(Said):
    """A level."""

    type: str = strawberry.field(description="Such as DATABASE or SCHEMA.", default="")
    name: str = strawberry.field(description="As sent.", default="")


@strawberry.type(description="The state of a dataset that the newest run left or met.")
class DatasetVersion:
    """A version."""

    version: str = strawberry.field(description="Such as the snapshot of an Iceberg table, as sent.")
    run: RunLazy | None = strawberry.field(description="The run that said so; null for the dataset's own event.")


@strawberry.type
class WithDatasetFacets(DatasetAtMoment):
    """The parts of a dataset that facets tell."""

    @strawberry.field(description="What it is, in words; null when nobody said.")
    async def documentation(self, info: Info) -> Documentation | None:
        """Words."""
        return (await self._told(info)).documentation()

    @strawberry.field(description="Who answers for it.")
    async def owners(self, info: Info) -> list[Owner]:
        """Owners."""
        return (await self._told(info)).owners()

    @strawberry.field(description="Its tags and those of its columns (`field`).")
    async def tags(self, info: Info) -> list[Tag]:
        """Tags."""
        return (await self._told(info)).tags()

    @strawberry.field(description="The system that holds it; null when nobody said.")
    async def source(self, info: Info) -> DataSource | None:
        """Its source."""
        return cast("DataSource | None", await self._one(info, "dataSource", DataSource))

    @strawberry.field(description="The catalog that knows it; null when nobody said.")
    async def catalog(self, info: Info) -> DatasetCatalog | None:
        """Its catalog."""
        return cast("DatasetCatalog | None", await self._one(info, "catalog", DatasetCatalog))

    @strawberry.field(description="How it is stored; null when nobody said.")
    async def storage(self, info: Info) -> DatasetStorage | None:
        """Its storage."""
        return cast("DatasetStorage | None", await self._one(info, "storage", DatasetStorage))

    @strawberry.field(description="What it is; null when nobody said.")
    async def type(self, info: Info) -> DatasetKind | None:
        """Its kind."""
        return cast("DatasetKind | None", await self._one(info, "datasetType", DatasetKind))

    @strawberry.field(description="What contains it, outermost first; empty when nobody said.")
    async def hierarchy(self, info: Info) -> list[HierarchyLevel]:
        """What contains it."""
        facets = await self._told(info)
        found: tuple[kinds.Container, ...] = facets.read("hierarchy") or ()
        return [HierarchyLevel(**level._asdict(), **facets.said("hierarchy")) for level in found]

    @strawberry.field(
        description="The version that the newest run told: of a job that writes it or, where none did, that reads it; "
        "else that of its own event. Null when nobody said."
    )
    async def version(self, info: Info) -> DatasetVersion | None:
        """Its version."""
        from catalog.api.graphql.runs import to_run

        ctx = context_of(info)
        names = (await ctx.names.load((self.moment, self.id))).ids
        for role, loader in (("output", ctx.written_by), ("input", ctx.read_by)):
            jobs = (await loader.load((self.moment, self.id)))[:MOST_JOBS]
            if self.moment.past:
                ids = await ctx.latest_runs.load_many([(self.moment, job) for job in jobs])
            else:
                ids = [row["latest"] for row in present(await ctx.jobs.load_many(jobs))]
            rows = present(await ctx.runs.load_many([(self.moment, id_) for id_ in ids if id_]))
            for row in sorted(rows, key=lambda r: (-(r["lastT"] or 0), r["id"])):
                run = to_run(row, self.moment)
                facets = await run.facets_by_key(ctx)
                facet = next((said for id_ in names if (said := facets.get(f"{role}|{id_}|version"))), None)
                found: kinds.Version | None = read_facet(DATASET, "version", facet)
                if found:
                    return DatasetVersion(version=found.version, run=run)
        own: kinds.Version | None = (await self._told(info)).read("version")
        return DatasetVersion(version=own.version, run=None) if own else None

    async def _one(self, info: Info, key: str, shown: Callable[..., Said]) -> Said | None:
        facets = await self._told(info)
        found = facets.read(key)
        return shown(**found._asdict(), **facets.said(key)) if found else None

    async def _told(self, info: Info[Any, Any]) -> Facets:
        return await facets_of(info, DATASET, self.moment, self.id)
