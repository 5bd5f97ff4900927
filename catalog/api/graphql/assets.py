"""Datasets and jobs, and what is said about them."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Annotated, cast

import strawberry
from strawberry.scalars import JSON
from strawberry.types import Info

from catalog.api.graphql import names
from catalog.api.graphql.containers import WithContainers
from catalog.api.graphql.context import context_of, present
from catalog.api.graphql.dataset_facets import WithDatasetFacets
from catalog.api.graphql.declared import WithEntity
from catalog.api.graphql.dependencies import JobDependency, dependencies
from catalog.api.graphql.jobs import WithJobFacets
from catalog.api.graphql.lifecycle import WithLifecycle
from catalog.api.graphql.names import Alias, DatasetName
from catalog.api.graphql.paging import After, Connection, First, check_first, connect, decode, encode
from catalog.api.graphql.schemas import WithSchemas
from catalog.api.graphql.series import WithSeries
from catalog.assets.keys import Kind
from catalog.clock import to_iso
from catalog.graph import assets, hierarchy
from catalog.graph.identity import Names
from catalog.graph.store import Row
from catalog.graph.walk import PRESENT, Moment
from catalog.identity import Name, dataset_id, job_id
from catalog.lineage.producers.dbt import other_names
from catalog.lineage.steps import FOREVER

if TYPE_CHECKING:
    from catalog.api.graphql.runs import Run

UPDATED = "Event time of the newest {}, ISO-8601; null also at a moment before it."
MOST = f"An error says so if they are more than {assets.AROUND_LIMIT:,}, and what to ask instead."
RunLazy = Annotated["Run", strawberry.lazy("catalog.api.graphql.runs")]
RunConnection = Annotated["Connection[Run]", strawberry.lazy("catalog.api.graphql.runs")]


@strawberry.enum(description="How jobs are sorted. UPDATED may move jobs between pages while they run.")
class JobSort(Enum):
    """How jobs are sorted."""

    NAME = "NAME"
    UPDATED = "UPDATED"


@strawberry.type(description="A table, file, topic or any other set of data, by its exact namespace and name.")
class Dataset(WithDatasetFacets, WithSchemas, WithSeries, WithLifecycle, WithContainers, WithEntity):
    """A dataset."""

    entity_kind = Kind.DATASET
    updated_at: str | None = strawberry.field(description=UPDATED.format("facet observed"))

    @strawberry.field(description="Shared facets by key, the newest of each; facets of runs are on the runs.")
    async def facets(self, info: Info) -> JSON:
        """Facets."""
        return cast(JSON, await context_of(info).facets.load((self.moment, self.id)) or {})

    @strawberry.field(
        description="All other names of the same thing, tied by symlinks or by people, directly or through others. "
        "What is known under any of them is shown under each."
    )
    async def aliases(self, info: Info) -> list[Alias]:
        """Other names."""
        return names.aliases(self._named(), await self._names(info), self.moment)

    @strawberry.field(description="Whether `aliases` is whole: no limit cut it off, and nothing in it is hidden.")
    async def aliases_complete(self, info: Info) -> bool:
        """Whether all names are shown."""
        return (await self._names(info)).complete

    @strawberry.field(
        description="The name to show it by, the same from each of its names: one that a symlink calls a table, of "
        "several (or none) the first."
    )
    async def canonical(self, info: Info) -> DatasetName:
        """The name to show it by."""
        name = (await self._names(info)).canonical(self._named())
        return DatasetName(namespace=name.namespace, name=name.name)

    @strawberry.field(description=f"Jobs that write it. {MOST}")
    async def written_by(self, info: Info) -> list[Job]:
        """Writers."""
        ids = await context_of(info).written_by.load((self.moment, self.id))
        return await _jobs(info, ids, self.moment)

    @strawberry.field(description=f"Jobs that read it. {MOST}")
    async def read_by(self, info: Info) -> list[Job]:
        """Readers."""
        ids = await context_of(info).read_by.load((self.moment, self.id))
        return await _jobs(info, ids, self.moment)

    def _named(self) -> Name:
        return Name(self.namespace, self.name)

    async def _names(self, info: Info) -> Names:
        return await names.names_of(info, self.id, self.moment)


@strawberry.type(description="Something that reads and writes datasets, again and again: a task, a model, a query.")
class Job(WithJobFacets, WithEntity):
    """A job."""

    entity_kind = Kind.PIPELINE
    updated_at: str | None = strawberry.field(description=UPDATED.format("event applied"))
    latest: strawberry.Private[str | None] = None

    @strawberry.field(description="The run of the newest event.")
    async def latest_run(self, info: Info) -> RunLazy | None:
        """The latest run."""
        return await _latest_run(info, self)

    @strawberry.field(description="Job facets by key, the newest of each.")
    async def facets(self, info: Info) -> JSON:
        """Facets."""
        return cast(JSON, await context_of(info).facets.load((self.moment, self.id)) or {})

    @strawberry.field(description=f"Datasets it reads. {MOST}")
    async def inputs(self, info: Info) -> list[Dataset]:
        """Inputs."""
        ids = await context_of(info).inputs.load((self.moment, self.id))
        return await _datasets(info, ids, self.moment)

    @strawberry.field(description=f"Datasets it writes. {MOST}")
    async def outputs(self, info: Info) -> list[Dataset]:
        """Outputs."""
        ids = await context_of(info).outputs.load((self.moment, self.id))
        return await _datasets(info, ids, self.moment)

    @strawberry.field(description="Its name without that of a parent before it: what to call it below its parent.")
    async def simple_name(self, info: Info) -> str:
        """Its simple name."""
        ctx = context_of(info)
        rows = present(await ctx.jobs.load_many(await ctx.parents.load((self.moment, self.id))))
        parents = [Name(row["namespace"], row["name"]) for row in rows]
        return hierarchy.simple_name(Name(self.namespace, self.name), parents)

    @strawberry.field(description=f"Jobs that start it. {MOST}")
    async def parents(self, info: Info) -> list[Job]:
        """Parents."""
        ids = await context_of(info).parents.load((self.moment, self.id))
        return await _jobs(info, ids, self.moment)

    @strawberry.field(description=f"Jobs that it starts. {MOST}")
    async def children(self, info: Info) -> list[Job]:
        """Children."""
        ids = await context_of(info).children.load((self.moment, self.id))
        return await _jobs(info, ids, self.moment)

    @strawberry.field(
        description=f"Jobs that run before and after it, at most {hierarchy.MAX_BESIDE:,}: control flow, which says "
        "nothing about data and is no part of lineage."
    )
    async def dependencies(self, info: Info) -> list[JobDependency]:
        """Control flow."""
        return await dependencies(info, self, _latest_run)

    @strawberry.field(
        description="The same under another name, as its producer tells it when used otherwise: dbt names a model's "
        "job by the mode and command it was run with. Only those that exist."
    )
    async def also_named(self, info: Info) -> list[Job]:
        """Other names."""
        facets = await context_of(info).facets.load((self.moment, self.id)) or {}
        names = other_names(Name(self.namespace, self.name), facets)
        return await _jobs(info, [job_id(name) for name in names], self.moment)

    @strawberry.field(description="Its runs, last heard first.")
    async def runs(self, info: Info, first: First = 20, after: After = None) -> RunConnection:
        """Runs."""
        from catalog.api.graphql.runs import page_of_job

        return await page_of_job(info, str(self.id), first, after, self.moment)


async def _latest_run(info: Info, job: Job) -> Run | None:
    """The run of a job's newest event."""
    from catalog.api.graphql.runs import to_run

    ctx, id_ = context_of(info), job.latest
    if job.moment.past:
        id_ = await ctx.latest_runs.load((job.moment, job.id))
    row = await ctx.runs.load((job.moment, id_)) if id_ else None
    return to_run(row, job.moment) if row else None


@strawberry.type(description="A namespace: where names are unique.")
class Namespace:
    """A namespace."""

    name: str = strawberry.field(description="As sent.")


def to_dataset(row: Row, moment: Moment = PRESENT) -> Dataset:
    """A dataset row as the API shows it."""
    return Dataset(
        id=strawberry.ID(row["id"]),
        namespace=row["namespace"],
        name=row["name"],
        updated_at=_updated(row, moment),
        moment=moment,
    )


def _updated(row: Row, moment: Moment) -> str | None:
    """The newest event time, where it is the same at the moment."""
    within = row["lastT"] is not None and row["lastT"] <= moment.bounds["asof"] and moment.known_at is None
    return to_iso(row["lastT"]) if within else None


def to_job(row: Row, moment: Moment = PRESENT) -> Job:
    """A job row as the API shows it."""
    return Job(
        id=strawberry.ID(row["id"]),
        namespace=row["namespace"],
        name=row["name"],
        updated_at=_updated(row, moment),
        latest=row["latest"],
        moment=moment,
    )


async def find_dataset(info: Info, namespace: str, name: str, moment: Moment) -> Dataset | None:
    """One dataset by its natural key."""
    row = await context_of(info).datasets.load(dataset_id(Name(namespace, name)))
    return to_dataset(row, moment) if row else None


async def find_job(info: Info, namespace: str, name: str, moment: Moment) -> Job | None:
    """One job by its natural key."""
    row = await context_of(info).jobs.load(job_id(Name(namespace, name)))
    return to_job(row, moment) if row else None


async def page_datasets(info: Info, namespace: str | None, first: int, after: str | None) -> Connection[Dataset]:
    """Datasets by name."""
    ctx, key = context_of(info), decode("datasets", after, str)
    limit, behind = check_first(first) + 1, key[0] if key else ""
    rows = await ctx.call(assets.page, ctx.reader, "Dataset", after=behind, namespace=namespace, limit=limit)
    items = [(encode("datasets", row["ord"]), to_dataset(row)) for row in rows]
    return connect(items, first, lambda: ctx.call(assets.count, ctx.reader, "Dataset", namespace))


async def page_jobs(info: Info, namespace: str | None, sort: JobSort, first: int, after: str | None) -> Connection[Job]:
    """Jobs by name or by their newest event."""
    ctx, limit = context_of(info), check_first(first) + 1
    if sort is JobSort.UPDATED:
        key = decode("jobs by update", after, int, str) or [FOREVER, ""]
        rows = await ctx.call(
            assets.page_jobs_updated, ctx.reader, time=key[0], after=key[1], namespace=namespace, limit=limit
        )
        items = [(encode("jobs by update", row["lastT"], row["id"]), to_job(row)) for row in rows]
    else:
        key = decode("jobs", after, str) or [""]
        rows = await ctx.call(assets.page, ctx.reader, "Job", after=key[0], namespace=namespace, limit=limit)
        items = [(encode("jobs", row["ord"]), to_job(row)) for row in rows]
    return connect(items, first, lambda: ctx.call(assets.count, ctx.reader, "Job", namespace))


async def page_namespaces(info: Info, first: int, after: str | None) -> Connection[Namespace]:
    """Namespaces by name."""
    ctx, key = context_of(info), decode("namespaces", after, str)
    limit, behind = check_first(first) + 1, key[0] if key else ""
    rows = await ctx.call(assets.page_namespaces, ctx.reader, after=behind, limit=limit)
    return connect([(encode("namespaces", row["ord"]), Namespace(name=row["name"])) for row in rows], first)


async def _datasets(info: Info, ids: list[str], moment: Moment) -> list[Dataset]:
    return [to_dataset(row, moment) for row in present(await context_of(info).datasets.load_many(ids))]


async def _jobs(info: Info, ids: list[str], moment: Moment) -> list[Job]:
    return [to_job(row, moment) for row in present(await context_of(info).jobs.load_many(ids))]
