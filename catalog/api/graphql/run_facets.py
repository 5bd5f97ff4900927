"""What facets say about runs: errors, engines, parameters, tests; and what of their events was not understood."""

from __future__ import annotations

from typing import Any, cast

import strawberry
from strawberry.scalars import JSON
from strawberry.types import Info

from catalog.api.graphql.context import Context, context_of
from catalog.api.graphql.facets import Tag
from catalog.api.graphql.moments import AtMoment
from catalog.clock import SECOND, to_iso
from catalog.graph import runs
from catalog.graph.store import Row
from catalog.identity import Name, run_uuid
from catalog.lineage.facets import about, quality
from catalog.lineage.facets import run as kinds
from catalog.lineage.facets.job import JobType
from catalog.lineage.facets.known import JOB, RUN, read_facet
from catalog.lineage.runs import Attempt, RunState, is_silent
from catalog.lineage.scrub import MASK

HOUR = 3_600 * SECOND
ENVIRONMENT = "run|environmentVariables"


strawberry.enum(
    RunState,
    description="NEW: heard of, not started. UNKNOWN: only mentioned as a parent. RUNNING and OTHER events never "
    "reopen a run; a START after its end begins a new attempt. Behind a START, COMPLETE heals no failure.",
)


@strawberry.type(description="Why a run failed.")
class RunError:
    """An error."""

    message: str = strawberry.field(description="As sent.")
    language: str | None = strawberry.field(description="The programming language.")
    stack_trace: str | None = strawberry.field(description="As sent.")


@strawberry.type(description="Something whose lineage could not be found out.")
class ExtractionFault:
    """A fault of extraction."""

    message: str | None = strawberry.field(description="What went wrong.")
    stack_trace: str | None = strawberry.field(description="As sent.")
    task: str | None = strawberry.field(description="What it was, such as a statement.")
    task_number: int | None = strawberry.field(description="Its number among the others.")


@strawberry.type(description="What the producer could not find out about a run's lineage.")
class Extraction:
    """A report of extraction."""

    total_tasks: int | None = strawberry.field(description="How many things it looked at.")
    failed_tasks: int | None = strawberry.field(description="Of how many it found out nothing.")
    errors: list[ExtractionFault] = strawberry.field(description="Which they were.")


@strawberry.type(description="What executed a run.")
class Engine:
    """An engine."""

    name: str | None = strawberry.field(description="Such as spark.")
    version: str | None = strawberry.field(description="Its version.")
    adapter_version: str | None = strawberry.field(description="The version of its OpenLineage integration.")


@strawberry.type(description="A parameter of a run.")
class Parameter:
    """A parameter."""

    key: str = strawberry.field(description="As sent.")
    name: str | None = strawberry.field(description="For people.")
    description: str | None = strawberry.field(description="For people.")
    value: JSON | None = strawberry.field(description="As sent.")


@strawberry.type(description="A query of another system that a run made.")
class ExternalQuery:
    """A query elsewhere."""

    id: str = strawberry.field(description="Its id there.")
    source: str | None = strawberry.field(description="Which system.")


@strawberry.type(description="The result of a test that a run made, of no dataset in particular.")
class RunTest:
    """A test."""

    name: str | None = strawberry.field(description="As sent.")
    type: str | None = strawberry.field(description="As sent.")
    status: str = strawberry.field(description="pass, fail or skip.")
    severity: str | None = strawberry.field(description="error or warn.")
    description: str | None = strawberry.field(description="As sent.")
    expected: str | None = strawberry.field(description="As sent.")
    actual: str | None = strawberry.field(description="As sent.")


@strawberry.type(description="An environment variable of a run.")
class EnvironmentVariable:
    """A variable."""

    name: str = strawberry.field(description="As sent.")
    value: str | None = strawberry.field(description="Null unless HEADWATER_SHOW_ENVIRONMENT is set.")
    hidden: bool = strawberry.field(description="Whether there is a value that is not shown.")


@strawberry.type(description="One try of a run: a START behind an end begins another.")
class RunAttempt:
    """An attempt."""

    number: int = strawberry.field(description="From 1.")
    state: RunState = strawberry.field(description="What became of it.")
    started_at: str | None = strawberry.field(description="Event time of its START, ISO-8601.")
    ended_at: str | None = strawberry.field(description="Event time of its end, ISO-8601.")
    started_inferred: bool = strawberry.field(description="No START was heard; startedAt is its first event.")
    error: RunError | None = strawberry.field(description="Why it failed.")


@strawberry.type
class WithRunFacets(AtMoment):
    """The parts of a run that facets tell, and what is worked out of its events."""

    id: strawberry.ID = strawberry.field(description="Stable id: a hash of job and runId.")
    row: strawberry.Private[Row]

    @strawberry.field(description="The runId where it is a UUID, else one made of namespace, job and runId.")
    async def uuid(self, info: Info) -> str | None:
        """A UUID."""
        job = await context_of(info).jobs.load(self.row["job"])
        return run_uuid(Name(job["namespace"], job["name"]), self.row["external"]) if job else None

    @strawberry.field(
        description="Whether it should go on but has told nothing for longer than HEADWATER_SILENCE_HOURS. Never of "
        "jobs that are STREAMING or SERVICE."
    )
    async def silent(self, info: Info) -> bool:
        """Whether nothing is heard of it."""
        ctx = context_of(info)
        events = runs.run_events(self.row)
        last = max((event.t for event in events), default=None) if self.moment.past else self.row["lastT"]
        now = ctx.service.clock.now() if self.moment.as_of is None else self.moment.as_of
        if not is_silent(RunState(self.row["state"]), last, now, int(ctx.service.settings.silence_hours * HOUR)):
            return False
        facets = await ctx.facets.load((self.moment, self.row["job"]))
        type_: JobType | None = read_facet(JOB, "jobType", (facets or {}).get("jobType"))
        return type_ is None or not type_.continuous

    @strawberry.field(description="Its tries, first to last; startedAt, endedAt and state are those of the last.")
    async def attempts(self, info: Info) -> list[RunAttempt]:
        """Its tries."""
        ctx = context_of(info)
        if self._is_told:
            found = runs.attempts_of(self.row, await self._bodies(ctx))
        else:
            told = await ctx.runs_told.load((self.moment, self.id))
            found = told["attempts"] if told else []
        return [_attempt(i, attempt, facets) for i, (attempt, facets) in enumerate(found, 1)]

    @strawberry.field(
        description="Parts of its events that were not understood; the rest is applied. Of heartbeats that repeat each "
        "other only the first is asked."
    )
    async def warnings(self, info: Info) -> list[str]:
        """What was not understood."""
        ctx = context_of(info)
        told = await ctx.warnings.load_many([event.s for event in runs.run_events(self.row)])
        return list(dict.fromkeys(warning for warnings in told for warning in warnings or ()))

    @strawberry.field(description="Why its last attempt failed; null when nobody said.")
    async def error(self, info: Info) -> RunError | None:
        """Its error."""
        return _error(await self.facets_by_key(context_of(info)))

    @strawberry.field(description="What the producer could not find out about its lineage; null when nothing is said.")
    async def extraction(self, info: Info) -> Extraction | None:
        """What is missing."""
        found: kinds.ExtractionError | None = await self._read(info, "extractionError")
        if found is None:
            return None
        return Extraction(
            total_tasks=found.total,
            failed_tasks=found.failed,
            errors=[ExtractionFault(**fault._asdict()) for fault in found.errors],
        )

    @strawberry.field(description="Whether its producer says that lineage is missing.")
    async def lineage_incomplete(self, info: Info) -> bool:
        """Whether lineage is missing."""
        found: kinds.ExtractionError | None = await self._read(info, "extractionError")
        return found is not None and found.incomplete

    @strawberry.field(description="What executed it; null when nobody said.")
    async def engine(self, info: Info) -> Engine | None:
        """Its engine."""
        found: kinds.Engine | None = await self._read(info, "processing_engine")
        return Engine(**found._asdict()) if found else None

    @strawberry.field(description="Its parameters.")
    async def parameters(self, info: Info) -> list[Parameter]:
        """Parameters."""
        found: tuple[kinds.Parameter, ...] = await self._read(info, "executionParameters") or ()
        return [Parameter(**parameter._asdict()) for parameter in found]

    @strawberry.field(description="The query it made of another system; null when nobody said.")
    async def external_query(self, info: Info) -> ExternalQuery | None:
        """Its query."""
        found: kinds.ExternalQuery | None = await self._read(info, "externalQuery")
        return ExternalQuery(**found._asdict()) if found else None

    @strawberry.field(description="Tests it made, of no dataset in particular.")
    async def tests(self, info: Info) -> list[RunTest]:
        """Tests."""
        found: tuple[quality.Check, ...] = await self._read(info, "test") or ()
        return [
            RunTest(
                name=check.name,
                type=check.kind,
                status=check.status,
                severity=check.severity,
                description=check.description,
                expected=check.expected,
                actual=check.actual,
            )
            for check in found
        ]

    @strawberry.field(description="Its tags.")
    async def tags(self, info: Info) -> list[Tag]:
        """Tags."""
        found: tuple[about.Tag, ...] = await self._read(info, "tags") or ()
        return [Tag(**tag._asdict()) for tag in found]

    @strawberry.field(description="Environment variables it sent; their values are hidden unless a setting shows them.")
    async def environment(self, info: Info) -> list[EnvironmentVariable]:
        """Environment variables."""
        found: tuple[kinds.Variable, ...] = await self._read(info, "environmentVariables") or ()
        shown = bool(found) and context_of(info).service.settings.show_environment
        return [
            EnvironmentVariable(name=v.name, value=v.value if shown else None, hidden=not shown and v.value is not None)
            for v in found
        ]

    @property
    def _is_told(self) -> bool:
        """Whether the row's facets and parent are those of the moment."""
        return self.row["facets"] is not None

    async def facets_by_key(self, ctx: Context) -> dict[str, Any]:
        """Its facets, as stored."""
        if not self._is_told:
            told = await ctx.runs_told.load((self.moment, self.id))
            return cast(dict[str, Any], told["facets"])
        return runs.facets_of(self.row, await self._bodies(ctx))

    async def shown_facets(self, ctx: Context) -> dict[str, Any]:
        """Its facets, as they may be read."""
        facets = await self.facets_by_key(ctx)
        if ENVIRONMENT in facets and not ctx.service.settings.show_environment:
            facets = {**facets, ENVIRONMENT: _without_values(facets[ENVIRONMENT])}
        return facets

    async def _bodies(self, ctx: Context) -> dict[str, Any]:
        spilled = runs.spilled(self.row)
        return dict(zip(spilled, await ctx.bodies.load_many(spilled), strict=True))

    async def _read(self, info: Info[Any, Any], key: str) -> Any:
        return read_facet(RUN, key, (await self.facets_by_key(context_of(info))).get(f"run|{key}"))


def _attempt(number: int, attempt: Attempt, facets: dict[str, Any]) -> RunAttempt:
    state, started, ended, inferred = attempt.summary
    return RunAttempt(
        number=number,
        state=state,
        started_at=to_iso(started),
        ended_at=to_iso(ended),
        started_inferred=inferred,
        error=_error(facets),
    )


def _error(facets: dict[str, Any]) -> RunError | None:
    found: kinds.ErrorMessage | None = read_facet(RUN, "errorMessage", facets.get("run|errorMessage"))
    return RunError(**found._asdict()) if found else None


def _without_values(facet: Any) -> Any:
    """An environment facet with masks for values; whatever is not as expected is masked whole."""
    listed = facet.get("environmentVariables") if isinstance(facet, dict) else None
    if not isinstance(listed, list):
        return MASK
    names = [v.get("name") if isinstance(v, dict) else None for v in listed]
    return {"environmentVariables": [{"name": name, "value": MASK} for name in names]}
