"""How words and questions name an entity."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry import argument

from catalog.api.graphql.entities import key_of
from catalog.assets.keys import Key, Kind
from catalog.errors import InvalidQuestion


@strawberry.input(description="An entity by its key.")
class EntityRef:
    """An entity by its key."""

    kind: Annotated[Kind, argument(description="What it is.")]
    name: Annotated[str, argument(description="Its name; of a model version MODEL/VERSION.")]
    namespace: Annotated[
        str | None,
        argument(
            description="Of datasets, pipelines and dashboards; of models their registry, if not `models`; of "
            "deployments their environment. None for other kinds."
        ),
    ] = None

    def key(self) -> Key:
        """Its natural key.

        Raises:
            InvalidQuestion: a namespace is missing, or there is one too many, or no name.
        """
        if not self.name.strip():
            raise InvalidQuestion("`name` is empty")
        return key_of(self.kind, self.namespace, self.name)
