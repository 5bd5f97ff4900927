"""Who refers to shapes, read from a whole small store without knowing where: any text that has a shape's id in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from catalog.graph.store import Store

_ID = re.compile(r"[0-9a-f]{32,64}")


def shapes(store: Store) -> set[str]:
    """The ids of all shapes."""
    return {row["id"] for row in store.rows("MATCH (s:Shape) RETURN s.id AS id")}


def referred(store: Store) -> set[str]:
    """Whatever looks like an id in any property of any node that is neither a shape nor a chunk, and of any edge."""
    nodes = store.rows("MATCH (n) WHERE NOT n:Shape AND NOT n:Chunk RETURN properties(n) AS kept")
    edges = store.rows("MATCH (:Job)-[r]->() RETURN properties(r) AS kept")
    return {id_ for row in [*nodes, *edges] for text in _texts(row["kept"]) for id_ in _ID.findall(text)}


def parts(store: Store) -> set[str]:
    """The ids of chunks that belong to no entry's payload."""
    payloads = {row["id"] for row in store.rows("MATCH (e:Entry) RETURN e.id AS id")}
    found = {row["id"] for row in store.rows("MATCH (c:Chunk) RETURN c.id AS id")}
    return {id_ for id_ in found if id_.rpartition(".")[0] not in payloads}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
