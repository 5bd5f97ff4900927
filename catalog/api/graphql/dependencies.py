"""Control flow between jobs: who runs before and after, and by which rules, as the newest run told."""

from __future__ import annotations

from asyncio import gather
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry.types import Info

from catalog.api.graphql.context import context_of, present
from catalog.graph.store import Row
from catalog.lineage.facets.dependencies import Dependencies
from catalog.lineage.facets.known import RUN, read_facet

if TYPE_CHECKING:
    from catalog.api.graphql.assets import Job
    from catalog.api.graphql.runs import Run

Latest = Callable[["Info", "Job"], Awaitable["Run | None"]]
JobLazy = Annotated["Job", strawberry.lazy("catalog.api.graphql.assets")]


@strawberry.enum(description="Whether the other job runs before or after.")
class DependencySide(Enum):
    """Before or after."""

    BEFORE = "BEFORE"
    AFTER = "AFTER"


@strawberry.type(description="A job that another waits for, or that waits for it: control flow, not data.")
class JobDependency:
    """A job before or after."""

    job: JobLazy = strawberry.field(description="The other job.")
    side: DependencySide = strawberry.field(description="BEFORE: it runs first. AFTER: it runs later.")
    told_by: JobLazy = strawberry.field(description="The job whose runs say so: this one or the other.")
    type: str | None = strawberry.field(description="Such as DIRECT_INVOCATION; by the newest run of who says so.")
    sequence_trigger_rule: str | None = strawberry.field(description="Such as FINISH_TO_START; by the same run.")
    status_trigger_rule: str | None = strawberry.field(description="Such as EXECUTE_ON_SUCCESS; by the same run.")
    trigger_rule: str | None = strawberry.field(
        description="How the jobs before are combined, such as ALL_SUCCESS, where the job that waits told it."
    )


async def dependencies(info: Info, job: Job, latest: Latest) -> list[JobDependency]:
    """The jobs before and after a job; those that may not be seen are left out."""
    from catalog.api.graphql.assets import to_job

    ctx = context_of(info)
    rows: list[Row] = await ctx.dependencies.load((job.moment, job.id))
    seen = present(await ctx.jobs.load_many([row["other"] for row in rows]))
    jobs = {row["id"]: to_job(row, job.moment) for row in seen} | {str(job.id): job}
    rows = [row for row in rows if row["other"] in jobs]
    tellers = sorted({row["teller"] for row in rows})
    told = dict(zip(tellers, await gather(*(_told(info, jobs[id_], latest) for id_ in tellers)), strict=True))
    return [_dependency(row, job, jobs, told[row["teller"]]) for row in rows]


def _dependency(row: Row, job: Job, jobs: dict[str, Job], told: Dependencies | None) -> JobDependency:
    """What the newest run of who says so tells of the other."""
    other, teller = jobs[row["other"]], jobs[row["teller"]]
    named = other if teller is job else job
    first = row["before"] == (teller is job)
    listed = () if told is None else told.upstream if first else told.downstream
    said = next((each for each in listed if each.job == (named.namespace, named.name)), None)
    return JobDependency(
        job=other,
        side=DependencySide.BEFORE if row["before"] else DependencySide.AFTER,
        told_by=teller,
        type=said.type if said else None,
        sequence_trigger_rule=said.sequence_rule if said else None,
        status_trigger_rule=said.status_rule if said else None,
        trigger_rule=told.trigger_rule if told and said and first else None,
    )


async def _told(info: Info, job: Job, latest: Latest) -> Dependencies | None:
    run = await latest(info, job)
    facets = await run.facets_by_key(context_of(info)) if run else {}
    told: Dependencies | None = read_facet(RUN, "jobDependencies", facets.get("run|jobDependencies"))
    return told
