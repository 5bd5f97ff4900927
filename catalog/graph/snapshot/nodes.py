"""The nodes of a snapshot, whatever was known of them when: what counts at its moment is decided by what is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from catalog.assets.keys import NAMESPACED, Key, Kind
from catalog.graph.reader import Question, Reader
from catalog.graph.store import Row
from catalog.identity import Name
from catalog.lineage.steps import FOREVER

ROWS = 5_000
"""Of one answer, or about so many: the embedded store reads all nodes of a kind for each range of ids, so ranges are
few; and its limit of time holds until the last row is taken, which on a busy machine lasts."""
_DIGITS = 4
APART = sorted({*Kind} - NAMESPACED | {Kind.MODEL})
"""Kinds that data never flow through: teams, policies, waivers and the like; every snapshot has all of them."""
FAR = frozenset({Kind.PROCESSING_ACTIVITY, Kind.ERASURE_REQUEST})
"""Those about data wherever they are: more than what is upstream of them or tied to them decides about them."""
_AFTER_HEX = "g"


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
        {row["id"]: _heard(row) for row in _ranged(reader, "datasets", "number_of_datasets")},
        {row["id"]: _heard(row) for row in _ranged(reader, "jobs", "number_of_jobs")},
        {row["id"]: key_of_row(row) for row in _ranged(reader, "entities", "number_of_entities")},
    )


def some_nodes(q: Question, datasets: Iterable[str], jobs: Iterable[str], entities: Iterable[str]) -> Nodes:
    """Those of some ids; what is hidden or unknown is left out."""
    return Nodes(
        {row["id"]: _heard(row) for row in q.rows_by_id("snapshot", "datasets_by_id", sorted(set(datasets)))},
        {row["id"]: _heard(row) for row in q.rows_by_id("snapshot", "jobs_by_id", sorted(set(jobs)))},
        some_entities(q, entities),
    )


def apart(q: Question) -> dict[str, Key]:
    """All entities that data never flow through."""
    return {row["id"]: key_of_row(row) for row in q.rows("snapshot", "entities_of_kinds", kinds=list(map(str, APART)))}


def some_entities(q: Question, ids: Iterable[str]) -> dict[str, Key]:
    """Entities of some ids."""
    return {row["id"]: key_of_row(row) for row in q.rows_by_id("entities", "entities_by_id", sorted(set(ids)))}


def _ranged(reader: Reader, block: str, number: str) -> Iterator[Row]:
    """All of a kind, range by range: ids are hashes, so ranges of one length have about as many each."""
    ranges = 1 + reader.rows("snapshot", number)[0]["n"] // ROWS
    bounds = [f"{at * 16**_DIGITS // ranges:0{_DIGITS}x}" for at in range(ranges)]
    for low, high in pairwise(["", *bounds[1:], _AFTER_HEX]):
        yield from reader.rows("snapshot", block, low=low, high=high)


def _heard(row: Row) -> Heard:
    return Heard(Name(row["namespace"], row["name"]), row["lastT"] or -FOREVER, row["maxS"] or 0)


def key_of_row(row: Row) -> Key:
    """The key of an entity's row."""
    return Key(Kind(row["kind"]), row["namespace"], row["name"])
