"""How words and questions name an entity."""

from __future__ import annotations

import strawberry

from catalog.api.graphql.entities import key_of
from catalog.assets.keys import Key, Kind


@strawberry.input(description="An entity by its key.")
class EntityRef:
    """An entity by its key."""

    kind: Kind = strawberry.field(description="What it is.")
    name: str = strawberry.field(description="Its name; of a model version MODEL/VERSION.")
    namespace: str | None = strawberry.field(
        default=None,
        description="Of datasets, pipelines and dashboards; of models their registry, if not `models`; of deployments "
        "their environment. None for other kinds.",
    )

    def key(self) -> Key:
        """Its natural key.

        Raises:
            InvalidQuestion: a namespace is missing, or there is one too many, or no name.
        """
        return key_of(self.kind, self.namespace, self.name)
