"""What entries of the inbox touched: the things whose judgement may be another one since."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from catalog.errors import InvalidEvent
from catalog.graph import entries
from catalog.graph.inbox import APPLIED
from catalog.graph.payloads import payloads
from catalog.graph.reader import Reader
from catalog.graph.snapshot import beside, downstream_of
from catalog.graph.store import Row
from catalog.lineage.understand import Understanding
from catalog.manifest.entry import MANIFEST

MOST_ENTRIES = 2_000
"""Of more entries than these all is judged: that is quicker."""
MOST_THINGS = 20_000
BYTES = 16_000_000


def touched(reader: Reader, understanding: Understanding, after: int, through: int) -> frozenset[str] | None:
    """Ids of what the entries behind `after` touched, and of all that is downstream of it; None for everything.

    An entry touches what it names, whose edges it may have ended included. An applied manifest touches everything:
    policies, waivers and owners are in it, and what it declares no more is not.
    """
    if through - after > MOST_ENTRIES:
        return None
    told = [row for row in entries.by_sequence(reader.store, range(after + 1, through + 1)) if row["state"] == APPLIED]
    if any(row["kind"] == MANIFEST for row in told) or sum(row["size"] for row in told) > BYTES:
        return None
    ids = _named(reader, understanding, told)
    if ids is None:
        return None
    found = downstream_of(reader, beside(reader, ids), MOST_THINGS) if ids else set()
    return None if found is None else frozenset(found)


def _named(reader: Reader, understanding: Understanding, told: Sequence[Row]) -> set[str] | None:
    found = payloads(reader.store, {row["id"]: row["chunks"] for row in told})
    ids: set[str] = set()
    for row in told:
        if row["id"] not in found:
            return None
        try:
            record = understanding.record(orjson.loads(found[row["id"]]), row["id"], row["sequence"])
        except InvalidEvent:  # understood otherwise than when it was applied, by another version
            return None
        ids.update(record.names, record.entities)
    return ids
