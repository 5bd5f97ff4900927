"""What is declared of datasets and jobs, and what counts of all that is said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

import strawberry
from strawberry.types import Info

from catalog.api.graphql.described import Attributes
from catalog.api.graphql.moments import AtMoment
from catalog.assets.keys import Key, Kind

if TYPE_CHECKING:
    from catalog.api.graphql.entities import Entity

EntityLazy = Annotated["Entity", strawberry.lazy("catalog.api.graphql.entities")]


@strawberry.type
class WithEntity(AtMoment):
    """The parts of a dataset or job that manifests and people tell."""

    namespace: str = strawberry.field(description="OpenLineage namespace, exactly as sent.")
    name: str = strawberry.field(description="OpenLineage name, exactly as sent.")
    entity_kind: ClassVar[Kind]

    @strawberry.field(description="What it is declared as, under any of its names; null where no manifest does.")
    async def declared(self, info: Info) -> EntityLazy | None:
        """Its entity."""
        from catalog.api.graphql.entities import declared

        return await declared(info, self._key(), self.moment)

    @strawberry.field(
        description="What manifests, people and events say of it under any of its names, and what of that counts."
    )
    def attributes(self) -> Attributes:
        """Its attributes."""
        return Attributes(key=self._key(), moment=self.moment)

    def _key(self) -> Key:
        return Key(self.entity_kind, self.namespace, self.name)
