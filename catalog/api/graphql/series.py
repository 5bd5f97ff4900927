"""What runs measured, checked and saw of datasets, over time."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast

import strawberry
from strawberry import argument
from strawberry.scalars import JSON
from strawberry.types import Info

from catalog.api.graphql.context import context_of
from catalog.api.graphql.moments import DatasetAtMoment
from catalog.api.graphql.paging import After, Connection, Edge, First, PageInfo, check_first, decode, encode
from catalog.clock import to_iso
from catalog.graph.samples import Place, Span, page_told
from catalog.graph.walk import PRESENT, Moment
from catalog.lineage import series
from catalog.lineage.series import Metric, Sample, Told
from catalog.usecases.moments import time_of

if TYPE_CHECKING:
    from catalog.api.graphql.runs import Run

RunLazy = Annotated["Run", strawberry.lazy("catalog.api.graphql.runs")]
Since = Annotated[str | None, argument(name="from", description="Event time of the first, ISO-8601; null: the oldest.")]
Until = Annotated[str | None, argument(description="Event time of the last, ISO-8601; null: the newest.")]
LOOKED_AT = 200
"""Told values that are looked at to say which series there are."""
NodeT = TypeVar("NodeT")


@strawberry.enum(description="How a check ended.")
class CheckStatus(Enum):
    """How a check ended."""

    PASS = "PASS"
    FAIL = "FAIL"
    SKIP = "SKIP"


@strawberry.type
class OfRun:
    """Something that a run told, at one time."""

    time: str = strawberry.field(description="Event time, ISO-8601.")
    role: str = strawberry.field(description="What the dataset was to who told: input, output, dataset, or run.")
    run_key: strawberry.Private[str] = ""
    moment: strawberry.Private[Moment] = PRESENT

    @strawberry.field(description="The run that told it; null for what a declaration says.")
    async def run(self, info: Info) -> RunLazy | None:
        """The run."""
        from catalog.api.graphql.runs import to_run

        row = await context_of(info).runs.load((self.moment, self.run_key)) if self.run_key else None
        return to_run(row, self.moment) if row else None


@strawberry.type(description="One value of a series; a run that repeats itself counts once, by its last word.")
class SeriesPoint(OfRun):
    """One value of a series."""

    value: float = strawberry.field(description="The value.")


@strawberry.type(description="A series that a dataset has.")
class SeriesName:
    """A series."""

    metric: str = strawberry.field(description="Facet and path, such as outputStatistics.rowCount.")
    field: str | None = strawberry.field(description="The column it is of; null: the whole dataset.")
    last: float = strawberry.field(description="Its newest value.")
    last_time: str = strawberry.field(description="Event time of its newest value, ISO-8601.")


@strawberry.type(description="The result of a check that somebody ran on a dataset.")
class CheckResult(OfRun):
    """The result of a check."""

    assertion: str | None = strawberry.field(description="What is asserted, such as not_null.")
    field: str | None = strawberry.field(description="The column it is about.")
    name: str | None = strawberry.field(description="The name of this check among others.")
    status: CheckStatus = strawberry.field(description="How it ended.")
    severity: str | None = strawberry.field(description="error or warn, as the producer says.")
    expected: str | None = strawberry.field(description="What was expected, as text.")
    actual: str | None = strawberry.field(description="What was found, as text.")
    description: str | None = strawberry.field(description="In the producer's words.")
    content: str | None = strawberry.field(description="The check as its author wrote it.")
    content_type: str | None = strawberry.field(description="What the content is, such as sql.")
    params: JSON | None = strawberry.field(description="Whatever else it was given.")


@strawberry.type(description="A version of the data that a run read or wrote.")
class DataVersion(OfRun):
    """A version of the data."""

    version: str = strawberry.field(description="The version, such as the number of a snapshot.")
    kind: str = strawberry.field(
        description="version (of the facet of that name), snapshot (Iceberg's reports), or model (headwater_mlModel)."
    )
    use: str = strawberry.field(description="READ or WRITTEN.")


@strawberry.type
class WithSeries(DatasetAtMoment):
    """The parts of a dataset that are told run by run."""

    @strawberry.field(
        description="One number over time, newest first: what runs measured, each run once. A page may be short while "
        "hasNextPage says to go on."
    )
    async def series(
        self,
        info: Info,
        metric: Annotated[str, argument(description="As in `metrics`, such as outputStatistics.rowCount.")],
        field: Annotated[str | None, argument(description="Of this column; null: of the whole dataset.")] = None,
        since: Since = None,
        to: Until = None,
        first: First = 100,
        after: After = None,
    ) -> Connection[SeriesPoint]:
        """One series."""
        wanted = Metric(metric, field or "")

        def read(sample: Sample) -> Any:
            return ((key, value) for key, value in series.numbers(sample) if key == wanted)

        return await self._page(info, "series", read, _point, since, to, first, after)

    @strawberry.field(description="The series it has, of what was told of it last.")
    async def metrics(self, info: Info) -> list[SeriesName]:
        """Names of series."""
        ctx = context_of(info)
        ids = (await ctx.names.load((self.moment, self.id))).ids
        page = await ctx.call(page_told, ctx.reader, ids, series.numbers, LOOKED_AT, moment=self.moment)
        newest: dict[Metric, Told[Metric, float]] = {}
        for _, told in page.told:
            newest.setdefault(told.key, told)
        return [
            SeriesName(metric=key.name, field=key.column or None, last=told.value, last_time=to_iso(told.t) or "")
            for key, told in sorted(newest.items())
        ]

    @strawberry.field(description="Results of checks that others ran on it, newest first, each once per run.")
    async def checks(
        self, info: Info, since: Since = None, to: Until = None, first: First = 100, after: After = None
    ) -> Connection[CheckResult]:
        """Results of checks."""
        return await self._page(info, "checks", series.checks, _check, since, to, first, after, settle=series.only_once)

    @strawberry.field(description="Versions of its data that runs read and wrote, newest first.")
    async def versions(
        self, info: Info, since: Since = None, to: Until = None, first: First = 100, after: After = None
    ) -> Connection[DataVersion]:
        """Versions of the data."""
        return await self._page(info, "versions", series.versions, _version, since, to, first, after)

    async def _page(
        self,
        info: Info,
        kind: str,
        read: Any,
        show: Callable[[Told[Any, Any], Moment], NodeT],
        since: str | None,
        to: str | None,
        first: int,
        after: str | None,
        **more: Any,
    ) -> Connection[NodeT]:
        ctx = context_of(info)
        key = decode(kind, after, int, str, str)
        span = Span(*(None if text is None else time_of(name, text) for name, text in (("from", since), ("to", to))))
        page = await ctx.call(
            page_told,
            ctx.reader,
            (await ctx.names.load((self.moment, self.id))).ids,
            read,
            check_first(first),
            span=span,
            moment=self.moment,
            after=Place(*key) if key else None,
            **more,
        )
        edges = [Edge(cursor=encode(kind, *place), node=show(told, self.moment)) for place, told in page.told]
        end = encode(kind, *page.more) if page.more else None
        return Connection(edges=edges, page_info=PageInfo(has_next_page=end is not None, end_cursor=end))


def _told(told: Told[Any, Any], moment: Moment) -> dict[str, Any]:
    return {"time": to_iso(told.t) or "", "role": told.role, "run_key": told.run, "moment": moment}


def _point(told: Told[Metric, float], moment: Moment) -> SeriesPoint:
    return SeriesPoint(value=told.value, **_told(told, moment))


def _check(told: Told[series.Check, series.Outcome], moment: Moment) -> CheckResult:
    key, outcome = told.key, told.value
    return CheckResult(
        assertion=key.assertion or None,
        field=key.column or None,
        name=key.name or None,
        status=CheckStatus(outcome.status),
        severity=outcome.severity,
        expected=outcome.expected,
        actual=outcome.actual,
        description=outcome.description,
        content=outcome.content,
        content_type=outcome.content_type,
        params=cast(JSON, outcome.params),
        **_told(told, moment),
    )


def _version(told: Told[series.Version, str], moment: Moment) -> DataVersion:
    return DataVersion(version=told.key.version, kind=told.key.kind, use=told.key.use, **_told(told, moment))
