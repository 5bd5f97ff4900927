"""What policies see of columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from catalog.checks.classification.direct import stopped
from catalog.checks.classification.masking import decide
from catalog.checks.classification.ways import Gait, gait_of
from catalog.checks.filling.entity import block, camel, names
from catalog.checks.filling.known import Known, valued_tags
from catalog.checks.snapshot import Column, ColumnEdge, Place, Thing
from catalog.identity import field_id

FieldFiller = Callable[[Known, Thing, Column], Any]


def every_column(known: Known, thing: Thing) -> list[Column]:
    """A dataset's columns, by name."""
    return [thing.columns.get(name) or Column(name) for name in known.columns(thing)]


def column(known: Known, thing: Thing, one: Column) -> dict[str, Any]:
    """A column as one of its dataset's `fields`."""
    place = Place(thing.id, one.name)
    return {
        "name": one.name,
        "type": one.type,
        "description": one.attributes.get("description"),
        "classification": known.level(place),
        "level": known.rank(place),
        "tags": list(known.tags(place)),
    }


def sources(known: Known, thing: Thing, one: Column) -> list[dict[str, Any]]:
    """The columns whose values go into a column; those that only decide about rows are none.

    The level is the one that arrives: masking that counts makes it milder; of several ways the strictest.
    """
    found: dict[Place, dict[str, Any]] = {}
    for edge in known.columns_into.get(Place(thing.id, one.name), ()):
        gait = gait_of(edge)
        if gait is Gait.INFLUENCE or edge.source == edge.target:
            continue
        rank = known.rank(edge.source)
        if rank is not None and gait is not Gait.VALUE:
            rank = known.propagated.scale.lowered(rank)
        before = found.get(edge.source)
        if before is None or (rank is not None and rank > before["level"]):
            found[edge.source] = {
                "id": field_id(edge.source.thing, edge.source.column),
                "name": edge.source.column or next(iter(known.names([edge.source.thing]))),
                "level": rank,
                "classification": None if rank is None else known.propagated.scale.name(rank),
                "tags": [] if gait is Gait.ANONYMIZED else list(known.tags(edge.source)),
                "masking": gait is not Gait.VALUE,
            }
    return [found[place] for place in sorted(found)]


def masking(known: Known, thing: Thing, one: Column) -> Any:
    """How its values are masked: as the tag `masking` says, or by what makes it of all its sources."""
    told = [tag.partition("=")[2] for tag in valued_tags(one.attributes) if tag.startswith("masking=")]
    ways = [decide(edge) for edge in _made_of(known, Place(thing.id, one.name))]
    if not told and ways and all(way is not None and way.counts for way in ways):
        told = sorted({way.algorithm for way in ways if way is not None})
    return ", ".join(told) or one.attributes.get("masking")


def stated(known: Known, thing: Thing, one: Column) -> str | None:
    """The level that somebody gives to the column, or else to its dataset; what arrives does not count."""
    own = known.effective(Place(thing.id, one.name)).said
    return known.effective(Place(thing.id)).said if own is None else own


def stated_level(known: Known, thing: Thing, one: Column) -> int | None:
    """The same as a number."""
    said = stated(known, thing, one)
    return None if said is None else known.propagated.scale.rank(said)


def _made_of(known: Known, place: Place) -> list[ColumnEdge]:
    return [edge for edge in known.columns_into.get(place, ()) if gait_of(edge) is not Gait.INFLUENCE]


def legal_basis(known: Known, thing: Thing, one: Column) -> Any:
    """Of the column, else of its dataset."""
    own = block(one.attributes.get("personalData")).get("legalBasis")
    return own if own is not None else block(thing.attributes.get("personalData")).get("legalBasis")


FIELD: dict[str, FieldFiller] = {
    "id": lambda known, thing, one: field_id(thing.id, one.name),
    "name": lambda known, thing, one: one.name,
    "type": lambda known, thing, one: one.type,
    "classification": lambda known, thing, one: known.level(Place(thing.id, one.name)),
    "level": lambda known, thing, one: known.rank(Place(thing.id, one.name)),
    "stated_classification": stated,
    "stated_level": stated_level,
    "propagated": lambda known, thing, one: list(known.effective(Place(thing.id, one.name)).propagated),
    "influenced": lambda known, thing, one: list(known.effective(Place(thing.id, one.name)).influenced),
    "stops": lambda known, thing, one: sorted(stopped(one.attributes)),
    "masking": masking,
    "tags": lambda known, thing, one: list(known.tags(Place(thing.id, one.name))),
    "terms": lambda known, thing, one: sorted(set(names(one.attributes.get("terms")))),
    "legal_basis": legal_basis,
    "sources": sources,
}


def told(one: Column, member: str) -> Any:
    """What is said of a column under a member's name."""
    return one.attributes.get(camel(member))
