"""What flow policies see of the nodes and the edges that they walk over."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from catalog.assets.keys import Kind
from catalog.checks.filling import lawful
from catalog.checks.filling.entity import Filler, block, location, told
from catalog.checks.filling.jurisdictions import jurisdiction
from catalog.checks.filling.known import Known, valued_tags
from catalog.checks.filling.personal import stated
from catalog.checks.snapshot import Column, Place, Thing

OF_COLUMNS = frozenset({"tags", "propagated", "classification", "personal_data", "personal", "special", "phi"})
"""Members in which a column differs from its dataset."""
NodeFiller = Callable[[Known, Thing, Column], Any]


def tags(known: Known, thing: Thing) -> Sequence[str]:
    """The tags of a thing and of its columns."""
    if not known.columns(thing):
        return known.tags(Place(thing.id))
    return sorted({tag for place in _places(known, thing) for tag in known.tags(place)})


def propagated(known: Known, thing: Thing) -> list[str]:
    """Those that nobody says of it or of its columns."""
    return sorted({tag for place in _places(known, thing) for tag in known.effective(place).propagated})


def classification(known: Known, thing: Thing) -> str | None:
    """The strictest level of a thing and of its columns."""
    return known.effective(max(_places(known, thing), key=lambda place: known.effective(place).rank)).level


def transfer(known: Known, thing: Thing) -> Any:
    """What allows data to go where a thing is: as it states itself, else what the records of all its jobs name.

    A transfer counts for the country or the jurisdiction that it names. A job without such a record makes it unknown.
    The jobs of a deployment are those that trained what it serves.
    """
    own = block(block(thing.document.get("recipient")).get("transfer"))
    if own.get("mechanism"):
        return own
    written = {thing.id, *thing.observed.serves}
    jobs = sorted(edge.source for id_ in written for edge in known.into.get(id_, ()) if edge.kind == "WRITES")
    found = [_transfer(known, job, location(known, thing)) for job in jobs]
    return found[0] if found and all(found) else None


def external(known: Known, thing: Thing) -> Any:
    """Whether it is somebody else's: as it states, or of a deployment since it names who runs it."""
    told_of = thing.document.get("external")
    return True if told_of is None and thing.key.kind == "Deployment" and thing.document.get("recipient") else told_of


def agreement(known: Known, thing: Thing) -> Any:
    """The agreement with who receives data there, as the records of processing of the jobs that write it name it."""
    where = location(known, thing)
    for edge in known.into.get(thing.id, ()):
        for activity in known.activities.get(edge.source, ()):
            for recipient in activity.document.get("recipients") or ():
                if _is_there(block(recipient).get("country"), where) and block(recipient).get("agreement"):
                    return block(recipient)["agreement"]
    return told(thing, "agreement")


def personal_data(known: Known, thing: Thing, one: Column) -> dict[str, Any]:
    """What the dataset states, with what the column holds itself."""
    own, whole = block(one.attributes.get("personalData")), block(thing.attributes.get("personalData"))
    held = {name: own.get(name) for name in ("contains", "categories", "specialCategories", "phi")}
    return {**whole, **own, **held}


NODE: dict[str, Filler] = {
    "tags": tags,
    "propagated": propagated,
    "classification": classification,
    "transfer": transfer,
    "agreement": agreement,
    "external": external,
    "recipient": lambda known, thing: lawful.recipient(thing.document.get("recipient")),
}
COLUMN_NODE: dict[str, NodeFiller] = {
    "tags": lambda known, thing, one: list(known.tags(Place(thing.id, one.name))),
    "propagated": lambda known, thing, one: list(known.effective(Place(thing.id, one.name)).propagated),
    "classification": lambda known, thing, one: known.level(Place(thing.id, one.name)),
    "personal_data": personal_data,
}


def place_key(known: Known, thing: Thing) -> Hashable:
    """What a location hangs on: what is said of it, and what tells where it is at home (`Known.home`)."""
    said, kind = repr(thing.attributes.get("location")), thing.key.kind
    if Kind.SOURCE not in known.by_kind and Kind.ENVIRONMENT not in known.by_kind:
        return said, kind
    named = (str(thing.document.get(home) or "") for home in ("source", "environment"))
    return said, kind, thing.key.namespace, *named


def tags_key(known: Known, thing: Thing) -> Hashable:
    """What the tags of a thing and of its columns hang on."""
    bits, valued = known.bits(Place(thing.id)), valued_tags(thing.attributes) if "tags" in thing.attributes else []
    for name in known.columns(thing):
        bits |= known.bits(Place(thing.id, name))
        if (column := thing.columns.get(name)) and "tags" in column.attributes:
            valued += valued_tags(column.attributes)
    return (bits, *sorted(valued)) if valued else bits


def column_tags_key(known: Known, place: Place, one: Column | None) -> Hashable:
    """The same of a column."""
    bits, valued = known.bits(place), valued_tags(one.attributes) if one and "tags" in one.attributes else []
    return (bits, *valued) if valued else bits


SHARED: dict[str, Callable[[Known, Thing], Hashable]] = {"location": place_key, "tags": tags_key}
"""What members hang on that are the same for many things: of equal ones the member is found once."""
COLUMN_SHARED: dict[str, Callable[[Known, Place, Column | None], Hashable]] = {"tags": column_tags_key}
"""The same of columns."""
EDGE: dict[str, Filler] = {
    "deidentified": lambda known, thing: block(stated(thing).get("deidentification")).get("method") is not None,
}
"""Members of an edge that hang on the thing that it leads to."""


def _places(known: Known, thing: Thing) -> list[Place]:
    return [Place(thing.id), *(Place(thing.id, name) for name in known.columns(thing))]


def _transfer(known: Known, job: str, where: dict[str, Any]) -> dict[str, Any] | None:
    for activity in known.activities.get(job, ()):
        for one in activity.document.get("transfers") or ():
            if _is_there(block(one).get("country"), where):
                return block(one)
    return None


def _is_there(country: Any, where: dict[str, Any]) -> bool:
    if not country:
        return False
    return country == where.get("country") or (
        where.get("country") is None and jurisdiction(str(country)) == where.get("jurisdiction")
    )
