"""Reports in GraphQL: which there are, which were made and sealed, and how to have one made."""

from __future__ import annotations

from typing import Annotated, cast

import strawberry
from strawberry import argument
from strawberry.scalars import JSON
from strawberry.types import Info

from catalog.api.graphql.context import context_of
from catalog.api.graphql.moments import AsOf, KnownAt
from catalog.api.graphql.orders import Order, to_order
from catalog.api.graphql.paging import After, Connection, First, connect_newest
from catalog.api.manifests import work
from catalog.api.reports import REPORTS
from catalog.clock import to_iso
from catalog.errors import InvalidQuestion, UnknownKey
from catalog.graph import reports
from catalog.graph.reports import Kept
from catalog.reports import seal as sealing
from catalog.reports.contents import CONTENTS
from catalog.reports.contents.content import Content, Parameter, choose
from catalog.usecases.report import Asked, order_report
from catalog.usecases.report_diff import compare

ReportId = Annotated[str, argument(description="Its number, its `id`, or at least 12 characters of that.")]


@strawberry.type(description="Something that a report is asked with.")
class ReportParameter:
    """A parameter."""

    name: str = strawberry.field(description="Its name.")
    type: str = strawberry.field(description="text, number (whole), day (such as 2026-03-01) or choice.")
    description: str = strawberry.field(description="What it chooses.")
    required: bool = strawberry.field(description="Whether the report cannot be made without it.")
    default: JSON | None = strawberry.field(description="Its value where it is not given; null: nothing is chosen.")
    choices: list[str] = strawberry.field(description="Of a choice, what it may be.")


@strawberry.type(description="A report that can be made.")
class ReportKind:
    """A kind of report."""

    name: str = strawberry.field(description="By which it is ordered, such as gdpr-art30.")
    version: int = strawberry.field(description="Raised when the same facts would be told otherwise.")
    title: str = strawberry.field(description="For people.")
    description: str = strawberry.field(description="What it says.")
    packs: list[str] | None = strawberry.field(
        description="The packs of policies that it judges by; empty: by none; null: by those that the caller chooses."
    )
    parameters: list[ReportParameter] = strawberry.field(description="What it is asked with.")


@strawberry.type(description="A rendering of a report.")
class ReportFile:
    """A file."""

    format: str = strawberry.field(description="json, csv, html, md or pdf.")
    media_type: str = strawberry.field(description="What HTTP calls it.")
    size: int = strawberry.field(description="Bytes, without the seal.")
    path: str = strawberry.field(description="Where it is on this service; the file carries its seal.")


@strawberry.type(description="A report that was made and sealed; it never changes.")
class SealedReport:
    """A sealed report."""

    id: strawberry.ID = strawberry.field(description="SHA-256 of its canonical JSON.")
    number: int = strawberry.field(description="Its place in the chain of seals, without gaps.")
    name: str = strawberry.field(description="Its kind.")
    title: str = strawberry.field(description="For people.")
    as_of: str = strawberry.field(description="The state of affairs that it tells, ISO-8601.")
    known_at: int = strawberry.field(description="The sequence up to which entries count.")
    sealed_at: str = strawberry.field(description="When it was made first, ISO-8601.")
    by: str = strawberry.field(description="Who ordered it first, as the client said; empty: nobody said.")
    hash: str = strawberry.field(description="SHA-256 of its seal: what the next seal has as `previous`.")
    key: str = strawberry.field(description="Id of the key that signed.")
    seal: JSON = strawberry.field(description="The seal, whole.")
    files: list[ReportFile] = strawberry.field(description="Its renderings.")


@strawberry.type(description="What a report says otherwise than one of its kind before it.")
class ReportDifference:
    """A difference."""

    before: SealedReport = strawberry.field(description="The one before.")
    after: SealedReport = strawberry.field(description="The one after.")
    empty: bool = strawberry.field(description="Whether they say the same, each of its moment.")
    new: JSON = strawberry.field(description="Findings that only the later has: `finding`, and its row by column.")
    fixed: JSON = strawberry.field(description="Findings that only the earlier has.")
    unchanged: list[str] = strawberry.field(description="Ids of findings that both have.")
    head: JSON = strawberry.field(description="What they rest on, where that differs: `label`, `before`, `after`.")
    policies: JSON = strawberry.field(description="Policies that came, went, or have another text: the same members.")
    facts: JSON = strawberry.field(description="Facts that are told otherwise: the same members, and `section`.")
    rows: JSON = strawberry.field(description="Rows that one has: `section`, `table`, `columns`, `gone`, `come`.")


@strawberry.input(description="A report to be made.")
class ReportInput:
    """What is ordered."""

    name: str = strawberry.field(description="A name of `reportKinds`.")
    parameters: JSON | None = strawberry.field(default=None, description="Values by the names of its parameters.")
    packs: list[str] = strawberry.field(
        default_factory=list,
        description="Packs of policies to judge by, `all` for every one; else those of the setting.",
    )


@strawberry.type
class ReportQueries:
    """Questions about reports."""

    @strawberry.field(description="The reports that can be made.")
    def report_kinds(self) -> list[ReportKind]:
        """All kinds."""
        return [_kind(CONTENTS[name]) for name in sorted(CONTENTS)]

    @strawberry.field(description="A report that was made. Null: there is none of that id, or several.")
    async def report(self, info: Info, id: ReportId) -> SealedReport | None:
        """A report."""
        ctx = context_of(info)
        found = await ctx.call(reports.find, ctx.reader.store, id)
        return _report(found) if found else None

    @strawberry.field(
        description="What differs between two reports of one kind: findings that are new, fixed or unchanged, facts "
        "and rows. Null: one of them is not there."
    )
    async def report_diff(self, info: Info, before: ReportId, after: ReportId) -> ReportDifference | None:
        """A difference."""
        ctx = context_of(info)
        try:
            found = await work(lambda: compare(ctx.reader.store, before, after))
        except UnknownKey:
            return None
        told = found.difference.to_json()
        return ReportDifference(
            before=_report(found.before),
            after=_report(found.after),
            empty=found.difference.is_empty,
            **{**told, "unchanged": list(found.difference.unchanged)},
        )

    @strawberry.field(description="Reports that were made, the newest first. Refused where no report is called so.")
    async def reports(
        self,
        info: Info,
        name: Annotated[str | None, argument(description="Only of this kind.")] = None,
        first: First = 50,
        after: After = None,
    ) -> Connection[SealedReport]:
        """Reports."""
        ctx = context_of(info)
        if name is not None:
            choose(name, CONTENTS)

        async def ask(before: int | None, limit: int) -> list[reports.Kept]:
            return await ctx.call(reports.page, ctx.reader.store, name=name, before=before, limit=limit)

        return await connect_newest("reports", first, after, ask, _report)


@strawberry.type
class ReportMutations:
    """Orders of reports."""

    @strawberry.mutation(
        description="Have a report made and sealed. The moment is pinned now; the order's `result` is the report's id. "
        "The same report of the same moment keeps its seal."
    )
    async def run_report(
        self,
        info: Info,
        report: Annotated[ReportInput, argument(name="input", description="Which report.")],
        as_of: AsOf = None,
        known_at: KnownAt = None,
        by: Annotated[str | None, argument(description="Who asks; else the header X-Headwater-As.")] = None,
    ) -> Order:
        """Order a report."""
        ctx = context_of(info)
        given = report.parameters
        if given is not None and not isinstance(given, dict):
            raise InvalidQuestion("`parameters` must be an object: values by name")
        asked = Asked(report.name, _values(given or {}), report.packs, as_of, known_at)
        packs, who = ctx.service.settings.pack_names, ctx.speaker(by)
        order = await ctx.call(order_report, ctx.reader, ctx.service.clock, asked, packs=packs, by=who)
        ctx.service.dispatcher.wake_checks()
        return to_order(order)


def _values(given: dict[str, object]) -> dict[str, str | int | None]:
    wrong = [name for name, value in given.items() if value is not None and not isinstance(value, str | int)]
    if wrong:
        raise InvalidQuestion(f"parameter {wrong[0][:80]!r} must be a text or a whole number")
    return cast(dict[str, str | int | None], given)


def _kind(content: Content) -> ReportKind:
    return ReportKind(
        name=content.name,
        version=content.version,
        title=content.title,
        description=content.description,
        packs=None if content.packs is None else list(content.packs),
        parameters=[_parameter(parameter) for parameter in content.parameters],
    )


def _parameter(parameter: Parameter) -> ReportParameter:
    return ReportParameter(
        name=parameter.name,
        type=parameter.type,
        description=parameter.description,
        required=parameter.required,
        default=cast(JSON, parameter.default),
        choices=list(parameter.choices),
    )


def _report(kept: Kept) -> SealedReport:
    return SealedReport(
        id=strawberry.ID(kept.id),
        number=kept.number,
        name=kept.name,
        title=kept.title,
        as_of=kept.as_of,
        known_at=kept.known_at,
        sealed_at=to_iso(kept.at) or "",
        by=kept.seal.by,
        hash=kept.seal.hash,
        key=kept.seal.key,
        seal=cast(JSON, sealing.to_json(kept.seal)),
        files=[
            ReportFile(
                format=format_,
                media_type=sealing.MEDIA[format_],
                size=kept.sizes[format_],
                path=f"{REPORTS}/{kept.id}?format={format_}",
            )
            for format_ in sealing.FORMATS
            if format_ in kept.sizes
        ],
    )
