"""The hash of what a snapshot says: equal for two snapshots that say the same, however their entries came.

Left out is what depends on the order of acceptance or on the clock: sequences, the keys of the entries that told
something (of two that told the same at once the first accepted is named), and the moment itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import orjson

from catalog.checks.snapshot import Edge, Observed, Snapshot, Thing

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS


def state_hash(snapshot: Snapshot) -> str:
    """The SHA-256 of the facts of a snapshot, in hexadecimal: each thing and edge a line of canonical JSON."""
    found = hashlib.sha256()
    for fact in _facts(snapshot):
        found.update(orjson.dumps(fact, default=list, option=_OPTIONS))  # named tuples are lists
        found.update(b"\n")
    return found.hexdigest()


def _facts(snapshot: Snapshot) -> Iterator[list[Any]]:
    for id_ in sorted(snapshot.things):
        yield ["thing", *_thing(snapshot.things[id_])]
    yield from (["edge", *edge] for edge in sorted(map(_edge, snapshot.edges)))
    yield from (["column edge", *edge] for edge in sorted(snapshot.column_edges))


def _thing(thing: Thing) -> list[Any]:
    columns = [[c.name, c.type, c.attributes] for _, c in sorted(thing.columns.items())]
    said = [thing.attributes, thing.document, thing.manifest, columns]
    return [thing.id, thing.key, thing.names, thing.declared, thing.seen, *said, _observed(thing.observed)]


def _observed(observed: Observed) -> list[Any]:
    told = {name: getattr(observed, name) for name in Observed.__slots__}
    told["checks"] = [check._replace(entry="") for check in observed.checks]
    return [told[name] for name in sorted(told)]


def _edge(edge: Edge) -> tuple[Any, ...]:
    plain = edge._replace(entry="")
    return tuple("" if part is None else part for part in plain)
