"""The part of the schema for people: their words about entities, and whom a change reaches."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry import argument
from strawberry.types import Info

from catalog.api.graphql import curation, impact
from catalog.api.graphql.curation import Curation, CurationReceipt
from catalog.api.graphql.described import DEPRECATED
from catalog.api.graphql.impact import ImpactAnswer, ImpactRoot
from catalog.api.graphql.kinds import EntityRef
from catalog.api.graphql.moments import AsOf, KnownAt
from catalog.api.graphql.paging import After, Connection, First
from catalog.assets.attributes import COMMENTS

About = Annotated[EntityRef, argument(description="What it is about.")]


@strawberry.type
class PeopleQueries:
    """Questions."""

    @strawberry.field(
        description="Everything people said of an entity, newest first, what they took back included: the history. "
        "What counts beside manifests and events is told by the entity itself."
    )
    async def curations(
        self,
        info: Info,
        entity: About,
        first: First = 50,
        after: After = None,
        as_of: AsOf = None,
        known_at: KnownAt = None,
    ) -> Connection[Curation]:
        """What people said."""
        return await curation.page_words(info, entity, first, after, as_of, known_at)

    @strawberry.field(
        description="Everything downstream of some things or columns, as it is now, each with a shortest way to it and "
        "its owners: whom a change reaches."
    )
    async def impact(
        self,
        info: Info,
        roots: Annotated[list[ImpactRoot], argument(description="What changes; at most 50.")],
        depth: Annotated[int, argument(description="How many datasets far to walk, 1 to 100.")] = 20,
    ) -> ImpactAnswer:
        """Impact."""
        return await impact.answer(info, roots, depth)


@strawberry.type
class PeopleMutations:
    """Words."""

    @strawberry.mutation(
        description="Say what an entity or a column is. Null takes back what people said. A manifest's description "
        "counts before a person's; the answer says so."
    )
    async def describe(
        self,
        info: Info,
        entity: About,
        text: Annotated[str | None, argument(description="What it is; null takes back.")],
        field: curation.Field = None,
        reason: curation.Reason = "",
        by: curation.By = None,
    ) -> CurationReceipt:
        """Describe."""
        return await curation.say(info, entity, "description", text, field=field, reason=reason, by=by)

    @strawberry.mutation(description="Say how confidential it is. The strictest word counts. Null takes back.")
    async def classify(
        self,
        info: Info,
        entity: About,
        level: Annotated[str | None, argument(description="public, internal, confidential, restricted, or your own.")],
        field: curation.Field = None,
        reason: curation.Reason = "",
        by: curation.By = None,
    ) -> CurationReceipt:
        """Classify."""
        return await curation.say(info, entity, "classification", level, field=field, reason=reason, by=by)

    @strawberry.mutation(description="Give it a tag, beside those that manifests give it.")
    async def tag(
        self,
        info: Info,
        entity: About,
        tag: curation.TagName,
        field: curation.Field = None,
        reason: curation.Reason = "",
        by: curation.By = None,
    ) -> CurationReceipt:
        """Tag."""
        return await curation.member(info, entity, "tags", tag, True, field=field, reason=reason, by=by)

    @strawberry.mutation(description="Take a tag back that people gave it; one that a manifest gives it stays.")
    async def untag(
        self,
        info: Info,
        entity: About,
        tag: curation.TagName,
        field: curation.Field = None,
        reason: curation.Reason = "",
        by: curation.By = None,
    ) -> CurationReceipt:
        """Untag."""
        return await curation.member(info, entity, "tags", tag, False, field=field, reason=reason, by=by)

    @strawberry.mutation(description="Name somebody who answers for it, beside those that manifests name.")
    async def own(
        self,
        info: Info,
        entity: About,
        owner: curation.OwnerName,
        reason: curation.Reason = "",
        by: curation.By = None,
    ) -> CurationReceipt:
        """Own."""
        return await curation.member(info, entity, "owners", owner, True, reason=reason, by=by)

    @strawberry.mutation(description="Take back an owner whom people named; one that a manifest names stays.")
    async def disown(
        self,
        info: Info,
        entity: About,
        owner: curation.OwnerName,
        reason: curation.Reason = "",
        by: curation.By = None,
    ) -> CurationReceipt:
        """Disown."""
        return await curation.member(info, entity, "owners", owner, False, reason=reason, by=by)

    @strawberry.mutation(description="Say that it may be relied on; false takes that back.")
    async def certify(
        self,
        info: Info,
        entity: About,
        certified: Annotated[bool, argument(description="False takes it back.")] = True,
        reason: curation.Reason = "",
        by: curation.By = None,
    ) -> CurationReceipt:
        """Certify."""
        return await curation.say(info, entity, "certified", certified or None, reason=reason, by=by)

    @strawberry.mutation(
        description="Say that nobody should begin to use it (lifecycle: deprecated); false takes that back. A "
        "manifest's lifecycle counts before a person's; the answer says so."
    )
    async def deprecate(
        self,
        info: Info,
        entity: About,
        deprecated: Annotated[bool, argument(description="False takes it back.")] = True,
        reason: curation.Reason = "",
        by: curation.By = None,
    ) -> CurationReceipt:
        """Deprecate."""
        value = DEPRECATED if deprecated else None
        return await curation.say(info, entity, "lifecycle", value, reason=reason, by=by)

    @strawberry.mutation(description="Leave a comment. Comments accumulate; `undo` withdraws one.")
    async def comment(
        self, info: Info, entity: About, text: curation.Words, field: curation.Field = None, by: curation.By = None
    ) -> CurationReceipt:
        """Comment."""
        return await curation.say(info, entity, COMMENTS, text, field=field, by=by)

    @strawberry.mutation(
        description="Take one word of a person back: what people said before it stands again. Refused where a newer "
        "word stands on top of it."
    )
    async def undo(
        self,
        info: Info,
        entry: Annotated[str, argument(description="The key of the word's entry, or a unique beginning of it.")],
        reason: curation.Reason = "",
        by: curation.By = None,
    ) -> CurationReceipt:
        """Undo."""
        return await curation.take_back(info, entry, reason, by)
