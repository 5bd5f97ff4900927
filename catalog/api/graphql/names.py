"""All names of a dataset, and who says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry.types import Info

from catalog.api.graphql.context import context_of
from catalog.graph.identity import Names, Tie
from catalog.graph.walk import Moment
from catalog.identity import Name
from catalog.lineage.assertions import Origin

if TYPE_CHECKING:
    from catalog.api.graphql.assets import Dataset

DatasetLazy = Annotated["Dataset", strawberry.lazy("catalog.api.graphql.assets")]
ORIGINS = {Origin.OBSERVED: "OBSERVED", Origin.PERSON: "PERSON"}


@strawberry.type(description="A name of a dataset.")
class DatasetName:
    """A name."""

    namespace: str = strawberry.field(description="OpenLineage namespace, exactly as sent.")
    name: str = strawberry.field(description="OpenLineage name, exactly as sent.")


@strawberry.type(description="Another name of the same thing, and who says so.")
class Alias:
    """Another name of the same thing."""

    id: strawberry.ID = strawberry.field(description="The id of the dataset of this name.")
    namespace: str = strawberry.field(description="OpenLineage namespace, exactly as sent.")
    name: str = strawberry.field(description="OpenLineage name, exactly as sent.")
    origin: str = strawberry.field(description="OBSERVED (a symlink says so) or PERSON (somebody decided it).")
    since: int = strawberry.field(description="The sequence of the entry that told it: first symlink, or decision.")
    by: str | None = strawberry.field(description="Who decided, for PERSON.")
    reason: str | None = strawberry.field(description="Why, for PERSON.")
    through: DatasetName = strawberry.field(
        description="The name it is tied to: the one asked about, or for a name that is tied through others the last "
        "of these. Only names that are tied to each other can be split."
    )
    moment: strawberry.Private[Moment]

    @strawberry.field(description="The dataset of this name.")
    async def dataset(self, info: Info) -> DatasetLazy | None:
        """The dataset of this name."""
        from catalog.api.graphql.assets import to_dataset

        row = await context_of(info).datasets.load(str(self.id))
        return to_dataset(row, self.moment) if row else None


def aliases(own: Name, names: Names, moment: Moment) -> list[Alias]:
    """The other names of a thing, in the order in which they were reached."""
    named = {names.ids[0]: own} | {id_: Name(tie.namespace, tie.name) for id_, tie in names.ties.items()}
    return [_to_alias(tie, named[tie.through], moment) for tie in names.ties.values()]


async def names_of(info: Info, id_: str, moment: Moment) -> Names:
    """All names of a thing at a moment."""
    found: Names = await context_of(info).names.load((moment, id_))
    return found


def _to_alias(tie: Tie, through: Name, moment: Moment) -> Alias:
    person = tie.origin == Origin.PERSON
    return Alias(
        id=strawberry.ID(tie.id),
        namespace=tie.namespace,
        name=tie.name,
        origin=ORIGINS[Origin(tie.origin)],
        since=tie.since,
        by=tie.by if person else None,
        reason=tie.reason if person else None,
        through=DatasetName(namespace=through.namespace, name=through.name),
        moment=moment,
    )
