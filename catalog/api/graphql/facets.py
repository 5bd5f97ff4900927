"""What facets say about datasets, jobs and runs, as types; each says who says so, and since when."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.types import Info

from catalog.api.graphql.context import context_of
from catalog.api.graphql.schemas import ORIGINS
from catalog.clock import to_iso
from catalog.graph.told import Told
from catalog.graph.walk import Moment
from catalog.lineage.facets import about
from catalog.lineage.facets.known import read_facet
from catalog.lineage.producers.airflow import is_masked

ORIGIN = "OBSERVED by a run, or DECLARED by an event of its own."
SINCE = "Event time from which on this holds, ISO-8601."
PRODUCER = "Who said so last, as its events name it."


@strawberry.type
class Said:
    """Who says something, and since when."""

    origin: str = strawberry.field(description=ORIGIN, default="OBSERVED")
    since: str | None = strawberry.field(description=SINCE, default=None)
    producer: str = strawberry.field(description=PRODUCER, default="")


@strawberry.type(description="What it is, in words.")
class Documentation(Said):
    """A description."""

    description: str = strawberry.field(description="The words.", default="")
    content_type: str | None = strawberry.field(description="Media type, such as text/markdown.", default=None)


@strawberry.type(description="Who answers for it.")
class Owner(Said):
    """An owner."""

    name: str = strawberry.field(description="As sent; OpenLineage advises a URN such as team:data.", default="")
    type: str | None = strawberry.field(description="Such as MAINTAINER.", default=None)


@strawberry.type(description="A label.")
class Tag(Said):
    """A tag."""

    key: str = strawberry.field(description="As sent.", default="")
    value: str | None = strawberry.field(description="As sent.", default=None)
    source: str | None = strawberry.field(description="Who gave it, such as USER or DBT.", default=None)
    field: str | None = strawberry.field(description="The column it is about; null: the whole thing.", default=None)


class Facets:
    """The facets of one thing that hold at a moment."""

    def __init__(self, place: str, told: dict[str, Told]) -> None:
        self._place = place
        self._told = told

    def read(self, key: str) -> Any:
        """The typed value of one facet; None when nobody said it, or it cannot be read."""
        told = self._told.get(key)
        return read_facet(self._place, key, told.value) if told else None

    def said(self, key: str) -> dict[str, Any]:
        """Who says so, and since when."""
        told = self._told[key]
        return {"origin": ORIGINS[told.origin], "since": to_iso(told.since), "producer": told.producer}

    def documentation(self) -> Documentation | None:
        """The `documentation` facet."""
        found: about.Documentation | None = self.read("documentation")
        return Documentation(**found._asdict(), **self.said("documentation")) if found else None

    def owners(self) -> list[Owner]:
        """The `ownership` facet, without owners that are only a mask."""
        found: tuple[about.Owner, ...] = self.read("ownership") or ()
        return [Owner(**owner._asdict(), **self.said("ownership")) for owner in found if not is_masked(owner.name)]

    def tags(self) -> list[Tag]:
        """The `tags` facet."""
        found: tuple[about.Tag, ...] = self.read("tags") or ()
        return [Tag(**tag._asdict(), **self.said("tags")) for tag in found]


async def facets_of(info: Info, place: str, moment: Moment, id_: strawberry.ID) -> Facets:
    """The facets of a dataset or job at a moment."""
    return Facets(place, await context_of(info).told.load((moment, id_)))
