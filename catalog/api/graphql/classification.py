"""The part of the schema about classification: suggestions and what people decide, why something is tagged."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from strawberry import argument
from strawberry.types import Info

from catalog.api.graphql import curation
from catalog.api.graphql.attributes import Voice, to_voice
from catalog.api.graphql.classified import TagHow
from catalog.api.graphql.context import context_of
from catalog.api.graphql.curation import CurationReceipt
from catalog.api.graphql.entities import Entity, to_entity
from catalog.api.graphql.kinds import EntityRef
from catalog.api.graphql.moments import AsOf, AtMoment, KnownAt, moment_of
from catalog.api.graphql.paging import After, Connection, First, check_first, connect, decode, encode
from catalog.assets.attributes import ACCEPTED, PROPAGATION, REJECTED, STOP, SUGGESTIONS
from catalog.assets.keys import Kind, dataset_of
from catalog.checks.classification.suggest import Evidence
from catalog.checks.classification.ways import Step as Told
from catalog.checks.classification.why import MOST
from catalog.checks.snapshot import Place, Snapshot
from catalog.errors import InvalidQuestion
from catalog.graph.walk import Moment
from catalog.identity import Name
from catalog.manifest.references import WrongReference, parse
from catalog.usecases import classification
from catalog.usecases.classification import Chosen, Found
from catalog.usecases.curate import check_known

MOST_ITEMS = 100
"""Suggestions that are decided at once."""
About = Annotated[EntityRef, argument(description="What it is about.")]
WhichTag = Annotated[str, argument(description="The tag's name, such as pii/email; `classification` for the level.")]
Stopped = Annotated[str, argument(description="A tag, with all below it; `classification` for the level; `*` for all.")]
Why = Annotated[str, argument(description="Why; kept with the word. It must be given.")]
Items = Annotated[
    "list[SuggestionRef]", argument(description=f"Which; at most {MOST_ITEMS}. They need not be suggested any more.")
]
strawberry.enum(
    Evidence,
    name="SuggestionEvidence",
    description="What a suggestion rests on: words of others about it (DECLARED), its values (VALUE), its name or "
    "description (NAME), the lineage (PROPAGATED); the first are the strongest.",
)


@strawberry.input(description="A suggestion, by what it is about.")
class SuggestionRef:
    """A suggestion."""

    entity: EntityRef = strawberry.field(description="The dataset.")
    field: str = strawberry.field(description="The column, by its dotted path.")
    tag: str = strawberry.field(description="The tag, such as pii/email; a level as classification/restricted.")


@strawberry.type(description="A tag or a level that a column may be missing: for a person to accept or reject.")
class TagSuggestion:
    """A suggestion."""

    entity: Entity = strawberry.field(description="The dataset.")
    field: str = strawberry.field(description="The column, by its dotted path.")
    type: str | None = strawberry.field(description="The column's type, as its schema tells it.")
    tag: str = strawberry.field(description="The tag, such as pii/email; a level as classification/restricted.")
    evidence: Evidence = strawberry.field(description="The strongest evidence there is.")
    reasons: list[str] = strawberry.field(description="All there is, in words, the strongest first.")
    looked_upstream: bool = strawberry.field(
        description="False where there is too much upstream to follow, so that only words and names counted."
    )


@strawberry.type(description="A thing, or one of its columns.")
class TaggedPlace:
    """A place."""

    entity: Entity = strawberry.field(description="The thing.")
    field: str | None = strawberry.field(description="The column; null for the whole.")


@strawberry.type(description="A step of lineage from one place to the next.")
class TagStep:
    """A step."""

    source: TaggedPlace = strawberry.field(description="From where.")
    target: TaggedPlace = strawberry.field(description="To where.")
    job: Entity | None = strawberry.field(description="The job that does it; null where none is told.")
    type: str | None = strawberry.field(
        description="DIRECT or INDIRECT; null for a step that goes without saying, such as from a part to its column."
    )
    subtype: str | None = strawberry.field(description="As the producer tells it.")
    description: str | None = strawberry.field(description="Of the transformation, as the producer tells it.")
    masking: str | None = strawberry.field(
        description="What became of a producer's word that values are masked; null where it says none."
    )


@strawberry.type(description="A place on the ways that a tag took.")
class TagBranch:
    """A place in the tree."""

    place: TaggedPlace = strawberry.field(description="Which.")
    how: TagHow = strawberry.field(description="How it has the tag.")
    said_by: list[Voice] = strawberry.field(description="Who says it of this place, or stopped it there.")
    steps: list[TagStep] = strawberry.field(description="The last steps on which it comes there.")


@strawberry.type(description="Where a tag is said, and the shortest way from there.")
class TagDerivation:
    """A derivation."""

    origin: TaggedPlace = strawberry.field(description="Where it is said.")
    depth: int = strawberry.field(description="How many times data went from one column or dataset to another.")
    path: list[TagStep] = strawberry.field(description="The steps from the origin on.")


@strawberry.type(description="Why a place has a tag, or its level: the tree of all ways, and who says it where.")
class WhyTaggedAnswer(AtMoment):
    """Why a place has a tag."""

    place: TaggedPlace = strawberry.field(description="What was asked about.")
    how: TagHow | None = strawberry.field(description="How it has it; null: it does not.")
    level: str | None = strawberry.field(description="Asked about the classification: the level that holds.")
    shortest: TagDerivation | None = strawberry.field(description="The shortest way from where it is said.")
    branches: list[TagBranch] = strawberry.field(
        description="All places on all ways, each once, nearest first; stopped ones too."
    )
    complete: bool = strawberry.field(description="False if there are more places than were asked for.")
    origin_unknown: bool = strawberry.field(
        description="Whether nobody told what the column is made of, so that there may be more ways."
    )


@strawberry.type
class ClassificationQueries:
    """Questions about classification."""

    @strawberry.field(
        description="Tags and levels that columns may be missing, by dataset, the strongest evidence first; never what "
        "somebody says or decided already. A page may be short while hasNextPage says to go on."
    )
    async def suggestions(
        self,
        info: Info,
        namespace: Annotated[str | None, argument(description="Only in this namespace.")] = None,
        dataset: Annotated[EntityRef | None, argument(description="Only of this dataset.")] = None,
        tag: Annotated[str | None, argument(description="Only this tag, or one below it, such as pii.")] = None,
        evidence: Annotated[
            list[Evidence] | None, argument(description="Only with such evidence; null for all.")
        ] = None,
        first: First = 50,
        after: After = None,
        as_of: AsOf = None,
        known_at: KnownAt = None,
    ) -> Connection[TagSuggestion]:
        """Suggestions."""
        ctx, moment, limit = context_of(info), await moment_of(info, as_of, known_at), check_first(first)
        place = decode("suggestions", after, str, int)
        chosen = Chosen(
            namespace,
            await _dataset(info, dataset) if dataset else None,
            frozenset(evidence) if evidence is not None else None,
            tag.removeprefix("tag:") if tag else None,
        )
        at = (place[0], place[1]) if place else None
        page = await ctx.call(classification.page, ctx.reader, ctx.service.clock.now(), chosen, moment, at, limit)
        answer = connect([(encode("suggestions", *one.cursor), _suggestion(one, moment)) for one in page.found], first)
        answer.page_info.has_next_page = page.more is not None
        if page.more is not None:
            answer.page_info.end_cursor = encode("suggestions", *page.more)
        return answer

    @strawberry.field(
        description="Why a thing or a column has a tag, or its level: every way it came, who says it where, what "
        "became of masking, and where a steward stopped it."
    )
    async def why_tagged(
        self,
        info: Info,
        entity: About,
        tag: WhichTag,
        field: curation.Field = None,
        most: Annotated[int, argument(description=f"So many places, 1 to {MOST:,}.")] = 200,
        as_of: AsOf = None,
        known_at: KnownAt = None,
    ) -> WhyTaggedAnswer:
        """Why it is tagged."""
        if not 0 < most <= MOST:
            raise InvalidQuestion(f"most must be between 1 and {MOST:,}, not {most}")
        ctx, moment = context_of(info), await moment_of(info, as_of, known_at)
        what, now = tag.removeprefix("tag:"), ctx.service.clock.now()
        found = await ctx.call(
            classification.why_tagged, ctx.reader, now, entity.key(), field or "", what, moment, most
        )
        snapshot, way = found.snapshot, found.shortest
        return WhyTaggedAnswer(
            moment=moment,
            place=_place(snapshot, found.place, moment),
            how=TagHow(found.how) if found.how else None,
            level=found.level,
            shortest=TagDerivation(
                origin=_place(snapshot, way.origin, moment),
                depth=way.depth,
                path=[_step(snapshot, step, moment) for step in way.path],
            )
            if way
            else None,
            branches=[
                TagBranch(
                    place=_place(snapshot, branch.place, moment),
                    how=TagHow(branch.how),
                    said_by=[to_voice(voice) for voice in found.voices.get(branch.place, ())],
                    steps=[_step(snapshot, step, moment) for step in branch.steps],
                )
                for branch in found.branches
            ],
            complete=found.complete,
            origin_unknown=found.origin_unknown,
        )


@strawberry.type
class ClassificationMutations:
    """Decisions about classification."""

    @strawberry.mutation(
        description="Accept suggestions: each is a tag, or a level, by that person from then on; `undo` takes it back."
    )
    async def accept_suggestions(
        self, info: Info, items: Items, reason: curation.Reason = "", by: curation.By = None
    ) -> list[CurationReceipt]:
        """Accept."""
        return await _decide(info, items, ACCEPTED, reason, by)

    @strawberry.mutation(
        description="Reject suggestions: they, and those below them, are not made again; `undo` takes it back."
    )
    async def reject_suggestions(
        self, info: Info, items: Items, reason: curation.Reason = "", by: curation.By = None
    ) -> list[CurationReceipt]:
        """Reject."""
        return await _decide(info, items, REJECTED, reason, by)

    @strawberry.mutation(
        description="Let a tag, or the level, of what is upstream come no further: it does not hold here, nor "
        "downstream of here. What is said of the place itself stays. resumePropagation takes it back."
    )
    async def stop_propagation(
        self, info: Info, entity: About, tag: Stopped, reason: Why, field: curation.Field = None, by: curation.By = None
    ) -> CurationReceipt:
        """Stop it."""
        if not reason.strip():
            raise InvalidQuestion("what is upstream stays as it is, so a stop needs a `reason` for whoever asks why")
        return await _spread(info, entity, tag, STOP, field, reason, by)

    @strawberry.mutation(description="Let a tag, or the level, come along the lineage again.")
    async def resume_propagation(
        self,
        info: Info,
        entity: About,
        tag: Stopped,
        reason: curation.Reason = "",
        field: curation.Field = None,
        by: curation.By = None,
    ) -> CurationReceipt:
        """Let it go on."""
        return await _spread(info, entity, tag, None, field, reason, by)


async def _decide(
    info: Info, items: list[SuggestionRef], word: str, reason: str, by: str | None
) -> list[CurationReceipt]:
    if not 0 < len(items) <= MOST_ITEMS:
        raise InvalidQuestion(f"items: {len(items)} of them; give 1 to {MOST_ITEMS}")
    ctx, named = context_of(info), [(item, _tag(item.tag)) for item in items]
    if nameless := next((item for item in items if not item.field.strip()), None):
        raise InvalidQuestion(f"items: suggestions are about columns; {nameless.entity.name[:80]} is given without one")
    for key in dict.fromkeys(item.entity.key() for item in items):
        await ctx.call(check_known, ctx.reader, key)
    return [
        await curation.say(info, item.entity, SUGGESTIONS, word, field=item.field, item=tag, reason=reason, by=by)
        for item, tag in named
    ]


async def _spread(
    info: Info, entity: EntityRef, tag: str, word: str | None, field: str | None, reason: str, by: str | None
) -> CurationReceipt:
    item = tag if tag == "*" else _tag(tag)
    return await curation.say(info, entity, PROPAGATION, word, field=field, item=item, reason=reason, by=by)


def _tag(name: str) -> str:
    try:
        return parse(name, (Kind.TAG,)).name
    except WrongReference as wrong:
        raise InvalidQuestion(f"tag: {wrong}") from wrong


async def _dataset(info: Info, entity: EntityRef) -> Name:
    ctx, key = context_of(info), entity.key()
    name = dataset_of(key)
    if name is None:
        raise InvalidQuestion(f"dataset: a {key.kind} has no columns")
    await ctx.call(check_known, ctx.reader, key)
    return name


def _suggestion(found: Found, moment: Moment) -> TagSuggestion:
    thing, one = found.thing, found.suggestion
    column = thing.columns.get(one.place.column)
    return TagSuggestion(
        entity=to_entity(thing.key, moment),
        field=one.place.column,
        type=column.type if column else None,
        tag=one.tag,
        evidence=one.evidence,
        reasons=list(one.reasons),
        looked_upstream=found.looked_upstream,
    )


def _place(snapshot: Snapshot, place: Place, moment: Moment) -> TaggedPlace:
    return TaggedPlace(entity=_entity(snapshot, place.thing, moment), field=place.column or None)


def _step(snapshot: Snapshot, step: Told, moment: Moment) -> TagStep:
    optional: dict[str, Any] = {name: getattr(step, name) or None for name in ("type", "subtype", "description")}
    return TagStep(
        source=_place(snapshot, step.source, moment),
        target=_place(snapshot, step.target, moment),
        job=_entity(snapshot, step.job, moment) if step.job in snapshot.things else None,
        masking=step.masking.reason if step.masking else None,
        **optional,
    )


def _entity(snapshot: Snapshot, id_: str, moment: Moment) -> Entity:
    return to_entity(snapshot.things[id_].key, moment)
