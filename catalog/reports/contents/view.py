"""A snapshot as reports look at it: things by kind and by name, what flows into and out of them, where they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from catalog.assets.keys import Kind
from catalog.checks.carrying import carried
from catalog.checks.classification.propagate import Propagated
from catalog.checks.erasing import outside, personal_columns
from catalog.checks.filling.entity import location
from catalog.checks.filling.known import Known
from catalog.checks.snapshot import ColumnEdge, Edge, Place, Snapshot, Thing
from catalog.manifest.references import WrongReference, refer
from catalog.reports.contents.saying import some

LONGEST_LABEL = 120
PERSONAL, HEALTH = "pii", "phi"
"""Tags that say so, alone or before a slash."""


class Whereabouts(NamedTuple):
    """Where something is, by itself or by its source or environment; each None if nobody states it."""

    country: str | None = None
    jurisdiction: str | None = None
    region: str | None = None

    @property
    def in_eea(self) -> bool | None:
        """Whether the law of the EEA applies there; None if nothing tells."""
        return None if self.jurisdiction is None else self.jurisdiction == "EEA"


class Flow(NamedTuple):
    """A thing that data go to or come from, and the job that takes them; "" where none is known."""

    thing: str
    job: str


class View:
    """A snapshot with what follows for tags and levels, ready to be asked."""

    def __init__(self, snapshot: Snapshot, propagated: Propagated) -> None:
        self.snapshot = snapshot
        self.propagated = propagated
        self.known = Known(snapshot, propagated)

    def thing(self, id: str) -> Thing | None:
        """A thing by its id, if the snapshot has it."""
        return self.snapshot.things.get(id)

    def label(self, id: str) -> str:
        """What people call a thing: its name, with its namespace where two of a kind have that name.

        An id that is no thing's, such as a run's, stands for itself; the empty one for everything.
        """
        thing = self.snapshot.things.get(id)
        if thing is None:
            return id or "the whole catalog"
        name = _shortened(thing.key.name, id)
        if self._named[thing.key.kind, thing.key.name] > 1 and thing.key.namespace:
            return f"{name} ({_shortened(thing.key.namespace, id)})"
        return name

    def place(self, place: Place) -> str:
        """What people call a place: `orders`, or `orders.email` for a column."""
        return f"{self.label(place.thing)}.{place.column}" if place.column else self.label(place.thing)

    def kind(self, id: str) -> str:
        """The kind of a thing, in words."""
        thing = self.snapshot.things.get(id)
        return "unknown" if thing is None else kind_words(thing.key.kind)

    def of_kind(self, *kinds: str) -> list[Thing]:
        """The things of some kinds, by name."""
        found = [thing for thing in self.snapshot.things.values() if thing.key.kind in kinds]
        return sorted(found, key=lambda thing: (thing.key.kind, thing.key.name, thing.key.namespace, thing.id))

    def by_label(self, ids: Iterable[str]) -> list[str]:
        """Ids sorted as people read them."""
        return sorted(set(ids), key=lambda id: (self.label(id), id))

    def labels(self, ids: Iterable[str]) -> str:
        """Names of things in a cell, sorted."""
        return some(map(self.label, self.by_label(ids)))

    def referred(self, value: Any, *kinds: Kind) -> Thing | None:
        """The thing that a reference in a document means."""
        try:
            return self.known.by_key.get(refer(value, kinds))
        except WrongReference:
            return None

    # what flows

    def out(self, id: str) -> tuple[Edge, ...]:
        """Edges that begin at a thing."""
        return self._out.get(id, ())

    def into(self, id: str) -> tuple[Edge, ...]:
        """Edges that end at a thing."""
        return self._into.get(id, ())

    def columns_into(self, id: str) -> tuple[ColumnEdge, ...]:
        """Edges that end at a thing or at its columns."""
        return self._columns_into.get(id, ())

    def onward(self, id: str) -> list[Flow]:
        """Where data go from a thing that holds them: the next such things, with the job that takes them."""
        return self._flows(id, self.out, lambda edge: edge.target)

    def backward(self, id: str) -> list[Flow]:
        """Where the data of a thing come from: as `onward`, against the stream."""
        return self._flows(id, self.into, lambda edge: edge.source)

    def _flows(self, id: str, edges: Callable[[str], tuple[Edge, ...]], end: Callable[[Edge], str]) -> list[Flow]:
        found: set[Flow] = set()
        for edge in edges(id):
            if edge.kind == "DERIVES_FROM":
                found.add(Flow(end(edge), ""))
            elif edge.kind in ("READS", "WRITES"):
                job = end(edge)
                found |= {Flow(end(other), job) for other in edges(job) if other.kind in ("READS", "WRITES")}
        return sorted(flow for flow in found if flow.thing != id)

    def is_job(self, id: str) -> bool:
        """Whether it moves data rather than holds them."""
        thing = self.snapshot.things.get(id)
        return thing is not None and thing.key.kind == Kind.PIPELINE

    # what is said of things

    def said(self, thing: Thing, block: str) -> Mapping[str, Any]:
        """A block of attributes, such as `personalData`; {} if nobody states it."""
        value = thing.attributes.get(block)
        return value if isinstance(value, Mapping) else {}

    def owners(self, thing: Thing) -> str:
        """Who answers for a thing; those of nobody are an empty text."""
        return some(members(thing.attributes.get("owners")))

    def tags(self, place: Place) -> list[str]:
        """Tags of a thing or column, with those that reached it."""
        return list(self.propagated.of(place).tags)

    def personal_columns(self, thing: Thing) -> list[str]:
        """Columns with personal data, by name."""
        return personal_columns(self.propagated, thing)

    def personal(self, thing: Thing) -> bool:
        """Whether a thing holds personal data: it says so, a tag of it or of a column does, or it carries a key of
        somebody's from elsewhere: whose a row is can then be told.
        """
        if self.said(thing, "personalData").get("contains") is True or self.health(thing):
            return True
        return self._is(Place(thing.id), PERSONAL) or bool(self.personal_columns(thing)) or thing.id in self._keyed

    def health_columns(self, thing: Thing) -> list[str]:
        """Columns with protected health information, by name."""
        stated = {
            name
            for name, column in thing.columns.items()
            if isinstance(block := column.attributes.get("personalData"), Mapping) and block.get("phi") is True
        }
        return sorted(stated | {name for name in thing.columns if self._is(Place(thing.id, name), HEALTH)})

    def health(self, thing: Thing) -> bool:
        """Whether a thing holds protected health information."""
        if self.said(thing, "personalData").get("phi") is True:
            return True
        return self._is(Place(thing.id), HEALTH) or bool(self.health_columns(thing))

    def external(self, thing: Thing) -> bool:
        """Whether it belongs to a recipient outside."""
        return outside(thing)

    def recipient(self, thing: Thing) -> Mapping[str, Any]:
        """Who receives what is written to a thing; {} if nobody says."""
        found = thing.document.get("recipient")
        return found if isinstance(found, Mapping) else {}

    def recipient_name(self, thing: Thing) -> str:
        """The recipient behind a thing, by the thing's own name where nobody says who it is."""
        return str(self.recipient(thing).get("name") or self.label(thing.id))

    def whereabouts(self, thing: Thing) -> Whereabouts:
        """Where a thing is, as policies see it."""
        told = location(self.known, thing)
        return Whereabouts(told.get("country"), told.get("jurisdiction"), told.get("region"))

    @cached_property
    def _keyed(self) -> set[str]:
        """Things that a stated subject key reaches."""
        keys = [
            Place(thing.id, column)
            for thing in self.snapshot.things.values()
            for column in self.said(thing, "personalData").get("subjectKey") or ()
        ]
        return {place.thing for place in carried(self.propagated, keys)}

    def _is(self, place: Place, tag: str) -> bool:
        return any(name == tag or name.startswith(f"{tag}/") for name in self.propagated.of(place).tags)

    @cached_property
    def _named(self) -> dict[tuple[str, str], int]:
        found: dict[tuple[str, str], int] = {}
        for thing in self.snapshot.things.values():
            named = (thing.key.kind, thing.key.name)
            found[named] = found.get(named, 0) + 1
        return found

    @cached_property
    def _out(self) -> dict[str, tuple[Edge, ...]]:
        return _grouped(self.snapshot.edges, lambda edge: edge.source)

    @cached_property
    def _into(self) -> dict[str, tuple[Edge, ...]]:
        return _grouped(self.snapshot.edges, lambda edge: edge.target)

    @cached_property
    def _columns_into(self) -> dict[str, tuple[ColumnEdge, ...]]:
        return _grouped(self.snapshot.column_edges, lambda edge: edge.target.thing)


def members(value: Any) -> list[str]:
    """The names of a set's members: owners, terms, tags (a tag with its value), whatever form they have."""
    found = []
    for item in value if isinstance(value, list | tuple) else ():
        if isinstance(item, Mapping):
            name = next((str(item[key]) for key in ("name", "key", "tag", "url") if item.get(key) is not None), "")
            found.append(f"{name}={item['value']}" if item.get("value") is not None else name)
        else:
            found.append(str(item))
    return sorted(set(found))


def kind_words(kind: str) -> str:
    """`ModelVersion` is a model version."""
    return "".join(f" {char.lower()}" if char.isupper() and i else char for i, char in enumerate(kind))


def _shortened(text: str, id: str) -> str:
    return text if len(text) <= LONGEST_LABEL else f"{text[:LONGEST_LABEL]}… [{id[:8]}]"


def _grouped(edges: Iterable[Any], by: Any) -> dict[Any, tuple[Any, ...]]:
    found: dict[Any, list[Any]] = {}
    for edge in sorted(edges, key=repr):
        found.setdefault(by(edge), []).append(edge)
    return {key: tuple(some) for key, some in found.items()}
