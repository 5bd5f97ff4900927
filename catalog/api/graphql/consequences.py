"""What follows from a change: what it reaches, by which way, whom, and until when."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import strawberry
from strawberry import argument
from strawberry.types import Info

from catalog.api.graphql.context import context_of
from catalog.api.graphql.entities import Entity, to_entity
from catalog.api.graphql.kinds import EntityRef
from catalog.api.graphql.moments import AsOf, AtMoment, KnownAt, moment_of
from catalog.api.graphql.paging import MAX_PAGE, After, Connection, First, check_first, connect, decode, encode
from catalog.assets.keys import Kind
from catalog.checks.consequences import Consequence, What
from catalog.checks.judgement import Hop
from catalog.checks.reaching import Sureness
from catalog.clock import to_iso
from catalog.graph.walk import Moment
from catalog.usecases.consequences import Answer, Asked, consequences

_LIST = "impactOfChange"
strawberry.enum(
    What,
    name="ChangeWhat",
    description="A change: a column is dropped, the data of a category of people are erased, the retention of a "
    "dataset ends, a dataset, a pipeline or a source goes away.",
)
strawberry.enum(
    Sureness,
    name="Sureness",
    description="How sure it is that a change reaches a thing. CERTAIN: lineage says that it uses what changes. "
    "PERHAPS: on the way there nobody tells which columns are used. UNLIKELY: column lineage is told on every way "
    "there and names other columns only, or nothing of people's data is left.",
)


@strawberry.input(description="A change that is about to be made.")
class ChangeInput:
    """A change."""

    what: What = strawberry.field(description="What happens.")
    entity: EntityRef | None = strawberry.field(
        default=None, description="To what: a dataset, a pipeline, a dashboard, a Source; not where people are erased."
    )
    field: str | None = strawberry.field(
        default=None, description="DROP_COLUMN: the column by its dotted path; those inside of it go, too."
    )
    subjects: str | None = strawberry.field(
        default=None,
        description="ERASE_SUBJECTS: the category of people, as `personalData.subjects` states it: customers.",
    )


@strawberry.type(description="Where a change begins.")
class ChangeStart:
    """A start."""

    entity: Entity = strawberry.field(description="The thing.")
    columns: list[str] = strawberry.field(description="Those of it that change; none: all, or nobody tells which.")
    owners: list[str] = strawberry.field(description="Who answers for it, else for its domain.")


@strawberry.type(description="A thing on the way of a change.")
class ChangeStep:
    """A step."""

    entity: Entity = strawberry.field(description="The thing.")
    field: str | None = strawberry.field(description="Its column, where column lineage names one.")
    job: Entity | None = strawberry.field(description="The pipeline that made it of the one before, where it is told.")


@strawberry.type(description="A thing that a change reaches.")
class ChangeReached:
    """A thing reached."""

    entity: Entity = strawberry.field(description="The thing.")
    columns: list[str] = strawberry.field(description="Those of it that column lineage leads to.")
    sureness: Sureness = strawberry.field(description="How sure that is.")
    owners: list[str] = strawberry.field(description="Who answers for it, else for its model, else for its domain.")
    deadline: str | None = strawberry.field(description="When it has to be dealt with, ISO-8601; null: nothing tells.")
    because: str | None = strawberry.field(description="What tells the deadline.")
    path: list[ChangeStep] = strawberry.field(description="A shortest way to it, both ends included.")


@strawberry.type(description="How many things of a kind are reached, how surely.")
class ChangeCount:
    """A count."""

    kind: Kind = strawberry.field(description="The kind of things.")
    sureness: Sureness = strawberry.field(description="How surely.")
    count: int = strawberry.field(description="How many, on all pages.")


@strawberry.type(description="What follows from a change. No legal advice.")
class ChangeImpact(AtMoment):
    """What follows."""

    starts: list[ChangeStart] = strawberry.field(description=f"Where it begins, the first {MAX_PAGE}.")
    start_count: int = strawberry.field(description="At how many things it begins.")
    reached: Connection[ChangeReached] = strawberry.field(description="The surest first, then the nearest.")
    counts: list[ChangeCount] = strawberry.field(description="How many things are reached, on all pages.")
    owners: list[str] = strawberry.field(description="All who answer for any of them, whatever the page.")
    known_through: int = strawberry.field(
        description="The newest sequence that counts here; give it as knownAt to see the next page of the same."
    )
    complete: bool = strawberry.field(description="Whether nothing was left unread, untold or hidden.")
    unknown: list[str] = strawberry.field(description="What could not be read or told, in words.")
    hidden_count: int = strawberry.field(description="Edges left out because they lead to what the reader may not see.")


@strawberry.type
class ConsequenceQueries:
    """Questions."""

    @strawberry.field(
        description="What follows from a change: every dataset, pipeline, dashboard, model version and deployment that "
        "it reaches, how surely, by which way, who answers for it and until when. No legal advice."
    )
    async def impact_of_change(
        self,
        info: Info,
        change: Annotated[ChangeInput, argument(description="The change.")],
        as_of: AsOf = None,
        known_at: KnownAt = None,
        first: First = 100,
        after: After = None,
    ) -> ChangeImpact:
        """What follows."""
        ctx, moment, limit = context_of(info), await moment_of(info, as_of, known_at), check_first(first)
        place = decode(_LIST, after, int, int, str, str, str, str)
        key = change.entity.key() if change.entity else None
        asked = Asked(change.what, key, change.field or "", change.subjects or "")
        found = await ctx.call(consequences, ctx.reader, ctx.service.clock.now(), asked, moment)
        return _to_impact(found, moment, limit, tuple(place) if place else None)


def _to_impact(found: Answer, moment: Moment, limit: int, after: tuple[object, ...] | None) -> ChangeImpact:
    told = found.found
    behind = [one for one in told.reached if after is None or _order(found, one) > after]
    owners = [*(one.owners for one in told.starts), *(one.owners for one in told.reached)]
    counts = Counter((one.kind, one.sureness) for one in told.reached)
    return ChangeImpact(
        moment=moment,
        starts=[
            ChangeStart(
                entity=_entity(found, start.thing, moment), columns=list(start.columns), owners=list(start.owners)
            )
            for start in told.starts[:MAX_PAGE]
        ],
        start_count=len(told.starts),
        reached=connect(
            [(encode(_LIST, *_order(found, one)), _reached(found, one, moment)) for one in behind[: limit + 1]], limit
        ),
        counts=[
            ChangeCount(kind=kind, sureness=sureness, count=count)
            for (kind, sureness), count in sorted(counts.items(), key=lambda item: (item[0][0], _RANK[item[0][1]]))
        ],
        owners=sorted({owner for some in owners for owner in some}),
        known_through=found.snapshot.known_at,
        complete=not told.untold and not found.snapshot.hidden,
        unknown=list(told.untold),
        hidden_count=found.snapshot.hidden,
    )


_RANK = {sureness: rank for rank, sureness in enumerate(Sureness)}


def _order(found: Answer, one: Consequence) -> tuple[int, int, str, str, str, str]:
    key = found.snapshot.things[one.thing].key
    return _RANK[one.sureness], len(one.way), str(key.kind), key.namespace, key.name, one.thing


def _reached(found: Answer, one: Consequence, moment: Moment) -> ChangeReached:
    return ChangeReached(
        entity=_entity(found, one.thing, moment),
        columns=list(one.columns),
        sureness=one.sureness,
        owners=list(one.owners),
        deadline=to_iso(one.deadline),
        because=one.because or None,
        path=_path(found, one.way, moment),
    )


def _path(found: Answer, way: tuple[Hop, ...], moment: Moment) -> list[ChangeStep]:
    """The things of a way; a step within one thing is none."""
    steps = [(way[0].source, "")] if way else []
    for hop in way:
        if hop.target.thing == steps[-1][0].thing:
            steps[-1] = (hop.target if hop.target.column else steps[-1][0], steps[-1][1])
        else:
            steps.append((hop.target, hop.job))
    things = found.snapshot.things
    return [
        ChangeStep(
            entity=_entity(found, place.thing, moment),
            field=place.column or None,
            job=_entity(found, job, moment) if job in things else None,
        )
        for place, job in steps
        if place.thing in things
    ]


def _entity(found: Answer, thing: str, moment: Moment) -> Entity:
    return to_entity(found.snapshot.things[thing].key, moment)
