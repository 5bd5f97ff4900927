"""Whether a dataset exists, as the API shows it."""

from __future__ import annotations

import strawberry
from strawberry.types import Info

from catalog.api.graphql.context import context_of
from catalog.api.graphql.moments import DatasetAtMoment
from catalog.clock import to_iso
from catalog.lineage.lifecycle import Lifecycle as State


@strawberry.type(description="An exact name.")
class FullName:
    """An exact name."""

    namespace: str = strawberry.field(description="OpenLineage namespace.")
    name: str = strawberry.field(description="OpenLineage name.")


@strawberry.type(description="The last that is known of what became of a dataset.")
class Lifecycle:
    """The state of a dataset."""

    state: str = strawberry.field(
        description="CREATE, ALTER, OVERWRITE, TRUNCATE, DROP or RENAME as a producer told it; RENAMED: it goes by "
        "another name; EXISTS: it was declared, or written after it was gone."
    )
    since: str = strawberry.field(description="Event time since which this is so, ISO-8601.")
    gone: bool = strawberry.field(description="Whether nothing goes by this name any more (DROP, RENAMED).")
    other_name: FullName | None = strawberry.field(description="RENAME: its name before; RENAMED: its name now.")


@strawberry.type
class WithLifecycle(DatasetAtMoment):
    """The part of a dataset that says whether it exists."""

    @strawberry.field(description="What became of it; null where nobody ever told.")
    async def lifecycle(self, info: Info) -> Lifecycle | None:
        """Its state."""
        found = await context_of(info).lifecycles.load((self.moment, self.id))
        return _lifecycle(found) if found else None


def _lifecycle(found: State) -> Lifecycle:
    other = FullName(namespace=found.other.namespace, name=found.other.name) if found.other else None
    return Lifecycle(state=found.state, since=to_iso(found.since) or "", gone=found.gone, other_name=other)
