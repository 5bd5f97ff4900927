"""The moment of a question: arguments that give it, and what answers say of it.

Objects carry their moment with them, so that everything below one answers as of the same moment.
"""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry import argument
from strawberry.types import Info

from catalog.api.graphql.context import context_of
from catalog.clock import to_iso
from catalog.graph.walk import PRESENT, Moment
from catalog.usecases.moments import moment

AS_OF_GIVEN = "What had happened by this event time, ISO-8601. Names of one thing do not depend on it."
KNOWN_AT_GIVEN = "What had been accepted by then: an ISO-8601 time, or the sequence of an entry."
AsOf = Annotated[str | None, argument(description=AS_OF_GIVEN)]
KnownAt = Annotated[str | None, argument(description=KNOWN_AT_GIVEN)]
AS_OF = "The event time it is shown as of, ISO-8601; null: as of now."
KNOWN_AT = "The newest sequence of those it is told by; null: all that are applied."
STALE = (
    "Whether entries it should count are not applied yet: knownAt, or without it the newest accepted entry, lies "
    "behind what is applied, so the same question may be answered otherwise later."
)


async def moment_of(info: Info, as_of: str | None, known_at: str | None) -> Moment:
    """The moment that two arguments give.

    Raises:
        InvalidQuestion: one of them is no moment.
    """
    if as_of is None and known_at is None:
        return PRESENT
    ctx = context_of(info)
    return await ctx.call(moment, ctx.reader, as_of, known_at)


@strawberry.type
class AtMoment:
    """What is shown as of a moment, and says so."""

    moment: strawberry.Private[Moment] = PRESENT

    @strawberry.field(description=AS_OF)
    def as_of(self) -> str | None:
        """Event time asked about."""
        return to_iso(self.moment.as_of)

    @strawberry.field(description=KNOWN_AT)
    def known_at(self) -> int | None:
        """Sequence asked about."""
        return self.moment.known_at

    @strawberry.field(description=STALE)
    async def stale(self, info: Info) -> bool:
        """Whether it may change."""
        return (await context_of(info).standing.load(None)).is_stale(self.moment)


@strawberry.type
class DatasetAtMoment(AtMoment):
    """A dataset as of a moment: what each of its parts starts from."""

    id: strawberry.ID = strawberry.field(description="Stable id: a hash of namespace and name.")
