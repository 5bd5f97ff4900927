"""The attributes of things and of columns, merged from all who speak of them."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry import argument
from strawberry.types import Info

from catalog.api.graphql.attributes import (
    BlockValue,
    Comment,
    LinkValue,
    OwnerValue,
    ReferenceValue,
    TagValue,
    TermValue,
    TextValue,
    TruthValue,
    Values,
)
from catalog.api.graphql.context import context_of
from catalog.api.graphql.moments import AtMoment
from catalog.api.graphql.paging import check_first
from catalog.assets.attributes import COMMENTS
from catalog.assets.keys import Key, Kind
from catalog.graph.attributes import Description
from catalog.graph.walk import PRESENT, Moment

DEPRECATED = "deprecated"
"""The lifecycle of what nobody should begin to use."""


@strawberry.type(description="What is said of a column besides its place in the schema, each value with who says it.")
class FieldAttributes:
    """The attributes of a column."""

    name: str = strawberry.field(description="Dotted path of the column.")
    values: strawberry.Private[Values]

    @strawberry.field(description="Its type, as documents declare it.")
    def type(self) -> TextValue | None:
        """Its type."""
        return self.values.text("type")

    @strawberry.field(description="What it holds, as documents and people say; producers' words are on the schema.")
    def description(self) -> TextValue | None:
        """What it holds."""
        return self.values.text("description")

    @strawberry.field(description="Level of confidentiality; the strictest that anybody gives.")
    def classification(self) -> TextValue | None:
        """Its level."""
        return self.values.text("classification")

    @strawberry.field(description="Why it is needed.")
    def necessity(self) -> TextValue | None:
        """Why it is needed."""
        return self.values.text("necessity")

    @strawberry.field(description="Whether it is a critical data element.")
    def critical(self) -> TruthValue | None:
        """Whether it is critical."""
        return self.values.truth("critical")

    @strawberry.field(description="What personal data it holds.")
    def personal_data(self) -> BlockValue | None:
        """Personal data."""
        return self.values.block("personalData")

    @strawberry.field(description="Its tags.")
    def tags(self) -> list[TagValue]:
        """Its tags."""
        return self.values.tags()

    @strawberry.field(description="The terms it stands for.")
    def terms(self) -> list[TermValue]:
        """Its terms."""
        return self.values.terms()


@strawberry.type(
    description="What manifests, people and events say of a thing, each value with who says it, since when, and whose "
    "word it overrules."
)
class Attributes(AtMoment):
    """The attributes of a thing."""

    key: strawberry.Private[Key]

    @strawberry.field(description="What it is, in words.")
    async def description(self, info: Info) -> TextValue | None:
        """What it is."""
        return (await self._values(info)).text("description")

    @strawberry.field(description="Who answers for it: all that anybody names.")
    async def owners(self, info: Info) -> list[OwnerValue]:
        """Owners."""
        return (await self._values(info)).owners()

    @strawberry.field(description="Who looks after its meaning and quality.")
    async def steward(self, info: Info) -> ReferenceValue | None:
        """The steward."""
        return (await self._values(info)).reference("steward")

    @strawberry.field(description="The part of the business it belongs to.")
    async def domain(self, info: Info) -> ReferenceValue | None:
        """The domain."""
        return (await self._values(info)).reference("domain", Kind.DOMAIN)

    @strawberry.field(description="Importance, 1 to 5; 1 is the highest.")
    async def tier(self, info: Info) -> TextValue | None:
        """Importance."""
        return (await self._values(info)).text("tier")

    @strawberry.field(description="Whether it is a critical data element.")
    async def critical(self, info: Info) -> TruthValue | None:
        """Whether it is critical."""
        return (await self._values(info)).truth("critical")

    @strawberry.field(description="Where it is in its life, such as production or deprecated.")
    async def lifecycle(self, info: Info) -> TextValue | None:
        """Where it is in its life."""
        return (await self._values(info)).text("lifecycle")

    @strawberry.field(description="Whether nobody should begin to use it: whether its `lifecycle` is deprecated.")
    async def deprecated(self, info: Info) -> bool:
        """Whether it is deprecated."""
        told = await self.lifecycle(info)
        return told is not None and told.value().lower() == DEPRECATED

    @strawberry.field(description="Whether it may be relied on; null where nobody certified it.")
    async def certified(self, info: Info) -> TruthValue | None:
        """Whether it is certified."""
        return (await self._values(info)).truth("certified")

    @strawberry.field(description="How many comments people left at it and at its columns, without those withdrawn.")
    async def comment_count(self, info: Info) -> int:
        """How many comments."""
        found = await described(info, self.key, self.moment)
        return sum(len(held.get(COMMENTS, ())) for held in found.values.values())

    @strawberry.field(description="The newest comments at it and at its columns; `curations` has all that was said.")
    async def comments(
        self, info: Info, first: Annotated[int, argument(description="At most so many.")] = 5
    ) -> list[Comment]:
        """The newest comments."""
        limit, found = check_first(first), await described(info, self.key, self.moment)
        said = [
            comment
            for field, held in found.values.items()
            for comment in Values(held, self.moment).comments(field or None)
        ]
        said.sort(key=lambda comment: (-comment[0], comment[1].entry or ""))
        return [comment for _, comment in said[:limit]]

    @strawberry.field(
        description="Level of confidentiality: the strictest that anybody gives, by the levels of the tag "
        "`classification` or, without it, public, internal, confidential, restricted; an unknown one is the strictest."
    )
    async def classification(self, info: Info) -> TextValue | None:
        """Level of confidentiality."""
        return (await self._values(info)).text("classification")

    @strawberry.field(description="Its tags: all that anybody gives.")
    async def tags(self, info: Info) -> list[TagValue]:
        """Tags."""
        return (await self._values(info)).tags()

    @strawberry.field(description="What it means: terms of the glossary.")
    async def terms(self, info: Info) -> list[TermValue]:
        """Terms."""
        return (await self._values(info)).terms()

    @strawberry.field(description="Where it is: region, country, jurisdiction, zone.")
    async def location(self, info: Info) -> BlockValue | None:
        """Where it is."""
        return (await self._values(info)).block("location")

    @strawberry.field(description="What personal data there are, whose, and what may be done with them.")
    async def personal_data(self, info: Info) -> BlockValue | None:
        """Personal data."""
        return (await self._values(info)).block("personalData")

    @strawberry.field(description="How long it is kept: duration, basis, trigger.")
    async def retention(self, info: Info) -> BlockValue | None:
        """Retention."""
        return (await self._values(info)).block("retention")

    @strawberry.field(description="How good it should be.")
    async def quality(self, info: Info) -> BlockValue | None:
        """Quality."""
        return (await self._values(info)).block("quality")

    @strawberry.field(description="How it is protected.")
    async def protection(self, info: Info) -> BlockValue | None:
        """Protection."""
        return (await self._values(info)).block("protection")

    @strawberry.field(description="Whatever else its manifest keeps of it.")
    async def custom(self, info: Info) -> BlockValue | None:
        """Anything else."""
        return (await self._values(info)).block("custom")

    @strawberry.field(description="Pages about it.")
    async def links(self, info: Info) -> list[LinkValue]:
        """Pages about it."""
        return (await self._values(info)).links()

    @strawberry.field(description="Its columns of which anybody says more than events do, by name.")
    async def columns(self, info: Info) -> list[FieldAttributes]:
        """Columns."""
        found = await described(info, self.key, self.moment)
        return [
            FieldAttributes(name=name, values=Values(held, self.moment)) for name, held in found.values.items() if name
        ]

    async def _values(self, info: Info) -> Values:
        return Values((await described(info, self.key, self.moment)).values.get("", {}), self.moment)


async def described(info: Info, key: Key, moment: Moment = PRESENT) -> Description:
    """What holds of a thing at a moment."""
    found: Description = await context_of(info).descriptions.load((moment, key))
    return found


async def field_attributes(info: Info, key: Key, moment: Moment, name: str) -> FieldAttributes | None:
    """What is said of one column; None where nobody says anything."""
    held = (await described(info, key, moment)).values.get(name)
    return FieldAttributes(name=name, values=Values(held, moment)) if held else None
