"""Small catalogs written down: what is said of columns, and what is made of what."""

from __future__ import annotations

from typing import Any

from catalog.assets.attributes import SCALE
from catalog.assets.keys import Key, Kind
from catalog.checks.classification.propagate import Effective, propagate
from catalog.checks.snapshot import Column, ColumnEdge, Edge, Place, Snapshot, Thing

Json = dict[str, Any]
EMAIL, PHONE = "pii/email", "pii/phone"


def place(text: str) -> Place:
    """`a.x` is column x of dataset a."""
    return Place(*text.split(".", 1))


def said(*tags: str, level: str | None = None, stop: tuple[str, ...] = ()) -> Json:
    """What is said of a place."""
    found: Json = {}
    if tags:
        found["tags"] = [{"key": tag} for tag in tags]
    if level is not None:
        found["classification"] = level
    if stop:
        found["propagation"] = [{"name": what, "value": "STOP"} for what in stop]
    return found


def edge(ends: str, job: str = "job", type: str = "DIRECT", *, hidden_by: str | None = None) -> ColumnEdge:
    """`a.x > b.y`; `hidden_by` is what a transformation that says that it masks is called."""
    source, target = ends.split(" > ")
    return ColumnEdge(place(source), place(target), job, type, "", hidden_by is not None, hidden_by or "")


def catalog(
    about: dict[str, Json], *edges: ColumnEdge, flows: tuple[Edge, ...] = (), tags: Json | None = None
) -> Snapshot:
    """A snapshot of what is said of places, and of tags by documents."""
    columns: dict[str, dict[str, Column]] = {}
    whole: dict[str, Json] = {}
    for text, attributes in about.items():
        thing, _, column = text.partition(".")
        columns.setdefault(thing, {})
        if column:
            columns[thing][column] = Column(column, "text", attributes)
        else:
            whole[thing] = attributes
    things = {
        id_: Thing(id_, Key(Kind.DATASET, "n", id_), attributes=whole.get(id_, {}), columns=columns[id_])
        for id_ in sorted(columns)
    }
    for name, document in (tags or {}).items():
        key = SCALE if name == SCALE.name else Key(Kind.TAG, "", name)
        things[f"tag {name}"] = Thing(f"tag {name}", key, declared=True, document=document)
    return Snapshot(0, None, 0, things, flows, tuple(sorted(edges)))


def of(snapshot: Snapshot, text: str) -> Effective:
    """What holds of a place."""
    return propagate(snapshot).of(place(text))
