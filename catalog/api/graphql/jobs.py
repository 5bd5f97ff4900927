"""What facets say about jobs: kind, code, words, owners, tags."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.types import Info

from catalog.api.graphql.facets import Documentation, Facets, Owner, Said, Tag, facets_of
from catalog.api.graphql.moments import AtMoment
from catalog.lineage.facets.job import JobType as Kind
from catalog.lineage.facets.job import SourceCode as Code
from catalog.lineage.facets.job import SourceLocation, Sql
from catalog.lineage.facets.known import JOB


@strawberry.type(description="When a job sends events, and what each of them holds.")
class EmissionPattern:
    """When events are sent."""

    event_trigger: str = strawberry.field(description="EVENT_BASED or PERIODIC.")
    event_content_mode: str = strawberry.field(
        description="ACCUMULATIVE: events add up. COMPLETE_SNAPSHOT: each tells everything."
    )
    window_seconds: int | None = strawberry.field(description="How long a period is, in seconds.")


@strawberry.type(description="What kind of job it is.")
class JobType(Said):
    """A kind of job."""

    processing_type: str = strawberry.field(description="BATCH, STREAMING or SERVICE.", default="BATCH")
    integration: str | None = strawberry.field(description="What runs it, such as SPARK.", default=None)
    job_type: str | None = strawberry.field(description="Such as QUERY, DAG, TASK, MODEL (of SQL).", default=None)
    emission_pattern: EmissionPattern | None = strawberry.field(description="When it sends events.", default=None)


@strawberry.type(description="The statement a job runs.")
class SqlQuery(Said):
    """A statement."""

    query: str = strawberry.field(description="As sent, without credentials.", default="")
    dialect: str | None = strawberry.field(description="Such as snowflake.", default=None)


@strawberry.type(description="The program a job runs.")
class SourceCode(Said):
    """A program."""

    language: str | None = strawberry.field(description="Such as Python.", default=None)
    code: str = strawberry.field(description="As sent, without credentials.", default="")


@strawberry.type(description="Where the program of a job is kept.")
class SourceCodeLocation(Said):
    """A place of code."""

    type: str | None = strawberry.field(description="Such as git.", default=None)
    url: str | None = strawberry.field(description="Link to the file at its version.", default=None)
    repo_url: str | None = strawberry.field(description="The repository.", default=None)
    path: str | None = strawberry.field(description="Path inside it.", default=None)
    version: str | None = strawberry.field(description="The commit, of a git repository.", default=None)
    tag: str | None = strawberry.field(description="A tag of the repository.", default=None)
    branch: str | None = strawberry.field(description="A branch of the repository.", default=None)
    pull_request: str | None = strawberry.field(description="The number of the pull request.", default=None)


@strawberry.type
class WithJobFacets(AtMoment):
    """The parts of a job that facets tell."""

    id: strawberry.ID = strawberry.field(description="Stable id: a hash of namespace and name.")

    @strawberry.field(description="What kind of job it is; null when nobody said.")
    async def type(self, info: Info) -> JobType | None:
        """Its kind."""
        facets = await self._told(info)
        found: Kind | None = facets.read("jobType")
        if found is None:
            return None
        return JobType(
            processing_type=found.processing_type,
            integration=found.integration,
            job_type=found.job_type,
            emission_pattern=EmissionPattern(
                event_trigger=found.emission.trigger,
                event_content_mode=found.emission.content,
                window_seconds=found.emission.window_seconds,
            ),
            **facets.said("jobType"),
        )

    @strawberry.field(description="The statement it runs; null when nobody said.")
    async def sql(self, info: Info) -> SqlQuery | None:
        """Its statement."""
        facets = await self._told(info)
        found: Sql | None = facets.read("sql")
        return SqlQuery(**found._asdict(), **facets.said("sql")) if found else None

    @strawberry.field(description="The program it runs; null when nobody said.")
    async def source_code(self, info: Info) -> SourceCode | None:
        """Its program."""
        facets = await self._told(info)
        found: Code | None = facets.read("sourceCode")
        return SourceCode(**found._asdict(), **facets.said("sourceCode")) if found else None

    @strawberry.field(description="Where its program is kept; null when nobody said.")
    async def source_code_location(self, info: Info) -> SourceCodeLocation | None:
        """The place of its program."""
        facets = await self._told(info)
        found: SourceLocation | None = facets.read("sourceCodeLocation")
        return SourceCodeLocation(**found._asdict(), **facets.said("sourceCodeLocation")) if found else None

    @strawberry.field(description="What it is, in words; null when nobody said.")
    async def documentation(self, info: Info) -> Documentation | None:
        """Words."""
        return (await self._told(info)).documentation()

    @strawberry.field(description="Who answers for it.")
    async def owners(self, info: Info) -> list[Owner]:
        """Owners."""
        return (await self._told(info)).owners()

    @strawberry.field(description="Its tags.")
    async def tags(self, info: Info) -> list[Tag]:
        """Tags."""
        return (await self._told(info)).tags()

    async def _told(self, info: Info[Any, Any]) -> Facets:
        return await facets_of(info, JOB, self.moment, self.id)
