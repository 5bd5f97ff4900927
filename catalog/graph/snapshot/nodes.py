"""The nodes of a snapshot, whatever was known of them when: what counts at its moment is decided by what is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from catalog.assets.keys import NAMESPACED, Key, Kind
from catalog.graph.queries import blocks
from catalog.graph.reader import Question, Reader
from catalog.graph.store import Row
from catalog.identity import Name
from catalog.lineage.steps import FOREVER

MOST = 20_000
"""Of one answer: the embedded store reads all nodes of a kind for each range of ids, so ranges are few."""
APART = sorted({*Kind} - NAMESPACED | {Kind.MODEL})
"""Kinds that data never flow through: teams, policies, waivers and the like; every snapshot has all of them."""
_HEX = "0123456789abcdef"
_AFTER_HEX = "g"
_Q = blocks("snapshot")


class Heard(NamedTuple):
    """A dataset or job, with the newest event time (µs) and sequence of what it said itself; 0: nothing."""

    name: Name
    time: int = 0
    sequence: int = 0


class Nodes(NamedTuple):
    """Nodes by id."""

    datasets: dict[str, Heard]
    jobs: dict[str, Heard]
    entities: dict[str, Key]


def all_nodes(reader: Reader) -> Nodes:
    """All that a reader may see."""
    return Nodes(
        {row["id"]: _heard(row) for row in _ranged(reader, "datasets")},
        {row["id"]: _heard(row) for row in _ranged(reader, "jobs")},
        {row["id"]: _key(row) for row in _ranged(reader, "entities")},
    )


def some_nodes(q: Question, datasets: Iterable[str], jobs: Iterable[str], entities: Iterable[str]) -> Nodes:
    """Those of some ids, and all entities that data never flow through; what is hidden or unknown is left out."""
    apart = q.rows("snapshot", "entities_of_kinds", kinds=[str(kind) for kind in APART])
    return Nodes(
        {row["id"]: _heard(row) for row in q.rows_by_id("snapshot", "datasets_by_id", sorted(set(datasets)))},
        {row["id"]: _heard(row) for row in q.rows_by_id("snapshot", "jobs_by_id", sorted(set(jobs)))},
        some_entities(q, entities) | {row["id"]: _key(row) for row in apart},
    )


def some_entities(q: Question, ids: Iterable[str]) -> dict[str, Key]:
    """Entities of some ids."""
    return {row["id"]: _key(row) for row in q.rows_by_id("entities", "entities_by_id", sorted(set(ids)))}


def _ranged(reader: Reader, block: str, prefix: str = "") -> Iterator[Row]:
    """Ids are hashes, so a range with too many is cut into sixteen of like size (see `graph.fingerprint`)."""
    rows = reader.rows("snapshot", block, low=prefix, high=prefix + _AFTER_HEX, limit=MOST + 1)
    if len(rows) <= MOST:
        yield from rows
        return
    for digit in _HEX:
        yield from _ranged(reader, block, prefix + digit)


def _heard(row: Row) -> Heard:
    return Heard(Name(row["namespace"], row["name"]), row["lastT"] or -FOREVER, row["maxS"] or 0)


def _key(row: Row) -> Key:
    return Key(Kind(row["kind"]), row["namespace"], row["name"])
