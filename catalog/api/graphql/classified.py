"""What holds of datasets and columns once everything has followed the lineage."""

from __future__ import annotations

from enum import Enum

import strawberry
from strawberry.types import Info

from catalog.api.graphql.context import context_of
from catalog.assets.keys import Key
from catalog.graph.walk import Moment
from catalog.identity import Name, dataset_id
from catalog.usecases.classification import Seen

NO_DATASET = "only datasets have columns"


@strawberry.enum(
    description="How a place has a tag: it is said of it (DIRECT), it came along the lineage (PROPAGATED), it decided "
    "about rows or values there, in a filter or a join (INFLUENCED), or a steward stopped it there (STOPPED)."
)
class TagHow(Enum):
    """How a place has a tag."""

    DIRECT = "DIRECT"
    PROPAGATED = "PROPAGATED"
    INFLUENCED = "INFLUENCED"
    STOPPED = "STOPPED"


@strawberry.type(description="A tag that holds.")
class EffectiveTag:
    """A tag that holds."""

    tag: str = strawberry.field(description="Its name, such as pii/email. `whyTagged` tells where it comes from.")
    how: TagHow = strawberry.field(description="How it holds.")


@strawberry.type(description="The tags that hold of a dataset or a column.")
class EffectiveTags:
    """The tags that hold."""

    tags: list[EffectiveTag] = strawberry.field(description="By name; of what has none, and of what is not told, none.")
    complete: bool = strawberry.field(description="False where the lineage could not be followed: there may be more.")
    origin_unknown: bool = strawberry.field(
        description="Whether nobody told what it, or some column of the dataset, is made of: there may be more."
    )
    notice: str | None = strawberry.field(description="Why it is not complete.")


@strawberry.type(description="The level of classification that holds of a dataset or a column.")
class EffectiveLevel:
    """The level that holds."""

    level: str | None = strawberry.field(description="Such as confidential; null where nobody says any.")
    said: str | None = strawberry.field(description="The level that is said of it itself.")
    complete: bool = strawberry.field(description="False where the lineage could not be followed: it may be stricter.")
    notice: str | None = strawberry.field(description="Why it is not complete.")


async def effective_tags(info: Info, of: Key | None, moment: Moment, column: str = "") -> EffectiveTags:
    """The tags that hold of a column, or of the whole."""
    seen = await _seen(info, of, moment)
    held = seen.of(column) if column else seen.whole()
    if held is None:
        return EffectiveTags(tags=[], complete=False, origin_unknown=False, notice=seen.notice)
    found = [EffectiveTag(tag=tag, how=TagHow.DIRECT if tag in held.direct else TagHow.PROPAGATED) for tag in held.tags]
    found += [EffectiveTag(tag=tag, how=TagHow.INFLUENCED) for tag in held.influenced]
    return EffectiveTags(tags=found, complete=True, origin_unknown=seen.is_untold(column), notice=None)


async def effective_level(info: Info, of: Key | None, moment: Moment, column: str = "") -> EffectiveLevel:
    """The level that holds of a column, or of the whole."""
    seen = await _seen(info, of, moment)
    held = seen.of(column) if column else seen.whole()
    if held is None:
        return EffectiveLevel(level=None, said=None, complete=False, notice=seen.notice)
    return EffectiveLevel(level=held.level, said=held.said, complete=True, notice=None)


async def _seen(info: Info, of: Key | None, moment: Moment) -> Seen:
    if of is None:
        return Seen(None, "", NO_DATASET)
    found: Seen = await context_of(info).effective.load((moment, dataset_id(Name(of.namespace, of.name))))
    return found
