"""What a finding rests on: facts, entries, and the way that data took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import strawberry
from strawberry.scalars import JSON

from catalog.api.graphql.entities import Entity, to_entity
from catalog.assets.keys import Key, Kind
from catalog.checks.snapshot import Place
from catalog.graph.findings import places_of


@strawberry.type(description="A thing or a column on the way.")
class WitnessNode:
    """A node of the way."""

    id: strawberry.ID = strawberry.field(description="Unique within the witness.")
    entity: Entity | None = strawberry.field(description="The thing; null where it is not known any more.")
    field: str | None = strawberry.field(description="Its column; null for the whole.")


@strawberry.type(description="A step of the way, as the data flow.")
class WitnessEdge:
    """An edge of the way."""

    source: strawberry.ID = strawberry.field(description="The node it leaves.")
    target: strawberry.ID = strawberry.field(description="The node it reaches.")
    job: Entity | None = strawberry.field(description="The pipeline that does it, where one is told.")


@strawberry.type(description="The shortest way from the source to the sink, as a part of the lineage graph.")
class WitnessPath:
    """The way."""

    nodes: list[WitnessNode] = strawberry.field(description="From the source to the sink.")
    edges: list[WitnessEdge] = strawberry.field(description="In the order of the way.")


@strawberry.type(description="What a finding rests on.")
class Witness:
    """A witness."""

    facts: JSON = strawberry.field(description="What the policy read, as it was evaluated, by dotted name.")
    path: WitnessPath | None = strawberry.field(description="Of a flow policy the way of the data; else null.")
    entries: list[str] = strawberry.field(description="Keys of the inbox's entries that told those facts: `event`.")
    cut: bool = strawberry.field(description="Whether facts and entries were too long to be kept whole.")


def to_witness(stored: Mapping[str, Any]) -> Witness:
    """A stored witness as the API shows it."""
    things = stored["things"]
    hops = list(places_of(stored["path"]))
    nodes = {place: _node(place, things) for source, target, _ in hops for place in (source, target)}
    edges = [
        WitnessEdge(source=nodes[source].id, target=nodes[target].id, job=entity_of(things.get(job)))
        for source, target, job in hops
    ]
    return Witness(
        facts=cast(JSON, stored["facts"]),
        path=WitnessPath(nodes=list(nodes.values()), edges=edges) if hops else None,
        entries=list(stored["entries"]),
        cut=bool(stored.get("cut")),
    )


def entity_of(named: Any) -> Entity | None:
    """The entity of a kind, a namespace and a name; None where the kind is not known."""
    if not named or not named[0]:
        return None
    kind, namespace, name = named
    return to_entity(Key(Kind(kind), namespace, name))


def _node(place: Place, things: Mapping[str, Any]) -> WitnessNode:
    id_ = strawberry.ID("|".join(filter(None, place)))
    return WitnessNode(id=id_, entity=entity_of(things.get(place.thing)), field=place.column or None)
