"""What policies see of things of every kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from catalog.checks.filling.jurisdictions import jurisdiction
from catalog.checks.filling.known import Known
from catalog.checks.snapshot import Place, Thing
from catalog.checks.subjects import ANY

Filler = Callable[[Known, Thing], Any]


def owners(known: Known, thing: Thing) -> list[str]:
    """Who answers for a thing."""
    return sorted(set(names(thing.attributes.get("owners"))))


def location(known: Known, thing: Thing) -> dict[str, Any]:
    """Where a thing is; where it does not say, where its source or its environment is.

    Whose law applies follows from the country where nobody says it.
    """
    said = thing.attributes.get("location")
    own = {name: value for name, value in block(said).items() if value is not None} if said else {}
    for home in known.home(thing):
        outer = block(home.attributes.get("location") or home.document.get("location"))
        if not own.keys() & {"region", "country", "jurisdiction"}:
            own = {**outer, **own}
        elif own.get("zone") is None and outer.get("zone") is not None:
            own["zone"] = outer["zone"]
    if own.get("jurisdiction") is None and own.get("country"):
        own["jurisdiction"] = jurisdiction(str(own["country"]))
    return own


ENTITY: dict[str, Filler] = {
    "id": lambda known, thing: thing.id,
    "kind": lambda known, thing: str(thing.key.kind),
    "namespace": lambda known, thing: thing.key.namespace,
    "name": lambda known, thing: thing.key.name,
    "owners": owners,
    "inactive_owners": lambda known, thing: [owner for owner in owners(known, thing) if owner in known.inactive],
    "classification": lambda known, thing: known.level(Place(thing.id)),
    "tags": lambda known, thing: list(known.tags(Place(thing.id))),
    "propagated": lambda known, thing: list(known.effective(Place(thing.id)).propagated),
    "terms": lambda known, thing: sorted(set(names(thing.attributes.get("terms")))),
    "location": location,
}


def told(thing: Thing, member: str) -> Any:
    """What is said under a member's name: the attribute that holds, else the field of the document."""
    name = camel(member)
    value = thing.attributes.get(name)
    return thing.document.get(name) if value is None else value


@cache
def camel(member: str) -> str:
    """A member's name as documents spell it."""
    first, *rest = member.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def block(value: Any) -> dict[str, Any]:
    """An object's members; of anything else none."""
    return dict(value) if type(value) is dict or isinstance(value, Mapping) else {}


def names(members: Any) -> list[str]:
    """The names of a set's members, whether they are objects or texts."""
    if not isinstance(members, list | tuple):
        return []
    return [str(member.get("name") or "") if isinstance(member, Mapping) else str(member) for member in members]


def shaped(form: Any, value: Any) -> Any:
    """A value in the form of a shape: keys as policies spell them, and only those that the shape has."""
    if isinstance(form, dict) and form is not ANY:
        if not isinstance(value, Mapping):
            return value
        return {name: shaped(inner, _either(value, name)) for name, inner in form.items()}
    if isinstance(form, list) and form and isinstance(value, list | tuple):
        return [shaped(form[0], item) for item in value]
    return value


def _either(value: Mapping[str, Any], name: str) -> Any:
    return value[name] if name in value else value.get(camel(name))
