"""What policies see of columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from catalog.checks.filling.entity import block, camel, names
from catalog.checks.filling.known import Known
from catalog.checks.snapshot import Column, Place, Thing
from catalog.identity import field_id

FieldFiller = Callable[[Known, Thing, Column], Any]
INDIRECT = "INDIRECT"


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
        "level": level(known, place),
        "tags": list(known.tags(place)),
    }


def level(known: Known, place: Place) -> int | None:
    """A place's classification as a number, 0 for the mildest; one that is on no scale is above all."""
    told = known.level(place)
    return None if told is None else int(known.rank(told))


def sources(known: Known, thing: Thing, one: Column) -> list[dict[str, Any]]:
    """The columns whose values go into a column; those that only decide about rows are none."""
    found: dict[Place, dict[str, Any]] = {}
    for edge in known.columns_into.get(Place(thing.id, one.name), ()):
        if edge.type.upper() == INDIRECT or edge.source == edge.target:
            continue
        source = known.snapshot.things.get(edge.source.thing)
        found[edge.source] = {
            "id": field_id(edge.source.thing, edge.source.column),
            "name": edge.source.column or (source.key.name if source else edge.source.thing),
            "level": level(known, edge.source),
            "classification": known.level(edge.source),
            "tags": list(known.tags(edge.source)),
            "masking": edge.masking,
        }
    return [found[place] for place in sorted(found)]


def legal_basis(known: Known, thing: Thing, one: Column) -> Any:
    """Of the column, else of its dataset."""
    own = block(one.attributes.get("personalData")).get("legalBasis")
    return own if own is not None else block(thing.attributes.get("personalData")).get("legalBasis")


FIELD: dict[str, FieldFiller] = {
    "id": lambda known, thing, one: field_id(thing.id, one.name),
    "name": lambda known, thing, one: one.name,
    "type": lambda known, thing, one: one.type,
    "classification": lambda known, thing, one: known.level(Place(thing.id, one.name)),
    "level": lambda known, thing, one: level(known, Place(thing.id, one.name)),
    "tags": lambda known, thing, one: list(known.tags(Place(thing.id, one.name))),
    "terms": lambda known, thing, one: sorted(set(names(one.attributes.get("terms")))),
    "legal_basis": legal_basis,
    "sources": sources,
}


def told(one: Column, member: str) -> Any:
    """What is said of a column under a member's name."""
    return one.attributes.get(camel(member))
