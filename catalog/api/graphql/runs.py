"""Runs: their states, times, facets, and what they read and wrote."""

from __future__ import annotations

from typing import Annotated, cast

import strawberry
from strawberry.scalars import JSON
from strawberry.types import Info

from catalog.api.graphql.assets import Dataset, Job, to_dataset, to_job
from catalog.api.graphql.context import Context, context_of, present
from catalog.api.graphql.paging import Connection, Edge, PageInfo, check_first, decode, encode
from catalog.api.graphql.run_facets import WithRunFacets
from catalog.clock import SECOND, to_iso
from catalog.graph import entries, runs
from catalog.graph.store import Row
from catalog.graph.walk import PRESENT, Moment
from catalog.identity import Name, job_id
from catalog.lineage.runs import RunState


@strawberry.input(description="A job by its natural key.")
class JobRef:
    """A job by its natural key."""

    namespace: str = strawberry.field(description="OpenLineage namespace, exactly as sent.")
    name: str = strawberry.field(description="OpenLineage name, exactly as sent.")


@strawberry.type(description="One execution of a job.")
class Run(WithRunFacets):
    """A run."""

    run_id: str = strawberry.field(description="The id its producer gave, usually a UUID; several jobs may share one.")
    state: RunState = strawberry.field(description="Folded from all its events by event time.")
    started_at: str | None = strawberry.field(description="Event time of START (of the newest attempt), ISO-8601.")
    ended_at: str | None = strawberry.field(description="Event time of the terminal event, ISO-8601.")
    started_inferred: bool = strawberry.field(description="No START was heard; startedAt is the earliest event.")

    @strawberry.field(description="endedAt - startedAt, in seconds.")
    def duration_seconds(self) -> float | None:
        """Duration."""
        start, end = self.row["startedAt"], self.row["endedAt"]
        return (end - start) / SECOND if start is not None and end is not None else None

    @strawberry.field(description="The job it executes.")
    async def job(self, info: Info) -> Annotated[Job, strawberry.lazy("catalog.api.graphql.assets")] | None:
        """Its job."""
        row = await context_of(info).jobs.load(self.row["job"])
        return to_job(row, self.moment) if row else None

    @strawberry.field(description="The run that started it.")
    async def parent(self, info: Info) -> Run | None:
        """Its parent."""
        return await self.find_parent(context_of(info))

    async def find_parent(self, ctx: Context) -> Run | None:
        """Its parent, as of its moment."""
        told = self.row if self._is_told else await ctx.runs_told.load((self.moment, self.id))
        row = await ctx.runs.load((self.moment, told["parent"])) if told and told["parent"] else None
        return to_run(row, self.moment) if row else None

    @strawberry.field(description="Facets: `run|key`, and per dataset `input|dataset id|key`, `output|dataset id|key`.")
    async def facets(self, info: Info) -> JSON:
        """Facets."""
        return cast(JSON, await self.shown_facets(context_of(info)))

    @strawberry.field(description="Scheduled start, from the nominalTime facet.")
    async def nominal_start_time(self, info: Info) -> str | None:
        """Scheduled start."""
        return await self._nominal(info, "nominalStartTime")

    @strawberry.field(description="Scheduled end, from the nominalTime facet.")
    async def nominal_end_time(self, info: Info) -> str | None:
        """Scheduled end."""
        return await self._nominal(info, "nominalEndTime")

    @strawberry.field(description="Datasets it said it read.")
    async def inputs(self, info: Info) -> list[Dataset]:
        """Inputs."""
        return await self._datasets(info, "READS")

    @strawberry.field(description="Datasets it said it wrote.")
    async def outputs(self, info: Info) -> list[Dataset]:
        """Outputs."""
        return await self._datasets(info, "WRITES")

    async def _nominal(self, info: Info, key: str) -> str | None:
        ctx = context_of(info)
        facet = (await self.facets_by_key(ctx)).get("run|nominalTime")
        value = facet.get(key) if isinstance(facet, dict) else None
        return value if isinstance(value, str) else None

    async def _datasets(self, info: Info, kind: str) -> list[Dataset]:
        ctx = context_of(info)
        ids = runs.links_of(await ctx.bodies.load_many(runs.asserted(self.row)))[kind]
        return [to_dataset(row, self.moment) for row in present(await ctx.datasets.load_many(ids))]


def to_run(row: Row, moment: Moment = PRESENT) -> Run:
    """A run row as the API shows it."""
    return Run(
        id=strawberry.ID(row["id"]),
        run_id=row["external"],
        state=RunState(row["state"]),
        started_at=to_iso(row["startedAt"]),
        ended_at=to_iso(row["endedAt"]),
        started_inferred=bool(row["inferred"]),
        row=row,
        moment=moment,
    )


async def find_run(info: Info, id_: str, moment: Moment) -> Run | None:
    """One run by its id."""
    row = await context_of(info).runs.load((moment, id_))
    return to_run(row, moment) if row else None


async def page(
    info: Info,
    first: int,
    after: str | None,
    *,
    job: str | None = None,
    state: RunState | None = None,
    external: str | None = None,
    moment: Moment = PRESENT,
) -> Connection[Run]:
    """Runs, last heard first."""
    ctx = context_of(info)
    check_first(first)
    key = decode("runs", after, int)
    progress = await ctx.call(entries.progress, ctx.reader.store, ctx.reader.shards)
    rows, following = await ctx.call(
        runs.page_runs,
        ctx.reader,
        newest=progress.sequence,
        before=key[0] if key else None,
        limit=first,
        job=job,
        state=state.value if state else None,
        external=external,
        moment=moment,
    )
    return await _shown(ctx, rows, following, moment)


async def page_of_job(info: Info, job: str, first: int, after: str | None, moment: Moment) -> Connection[Run]:
    """Runs of one job; first pages of many jobs are read at once."""
    ctx = context_of(info)
    if after is not None or moment.past:
        return await page(info, first, after, job=job, moment=moment)
    found = await ctx.newest_runs.load((job, check_first(first) + 1))
    rows = runs.whole_sequences(found, first) if len(found) > first else found
    return await _shown(ctx, rows, rows[-1]["heard"] if len(found) > first else None, moment)


async def _shown(ctx: Context, rows: list[Row], following: int | None, moment: Moment) -> Connection[Run]:
    full = present(await ctx.runs.load_many([(moment, row["id"]) for row in rows]))
    edges = [Edge(cursor=encode("runs", row["heard"]), node=to_run(row, moment)) for row in full]
    end = encode("runs", following) if following is not None else None
    return Connection(edges=edges, page_info=PageInfo(has_next_page=following is not None, end_cursor=end))


def job_of(ref: JobRef | None) -> str | None:
    """The id of a job reference."""
    return job_id(Name(ref.namespace, ref.name)) if ref else None
