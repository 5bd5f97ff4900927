"""Takes away shapes that nobody refers to any more: what only runs and samples said that retention has taken.

Shapes know nothing of who refers to them, so all that can is read: bundles, registers, samples, runs. A worker may be
about to refer to one meanwhile. It does so only in a transaction that puts the shape (`put_shapes`) or finds it where
it is referred to already, and it writes its shard before anything else. Hence, in this order:

1. Those without a referrer are marked, while no worker is at work: whoever puts one from now on takes its mark away.
2. All referrers are read again, since some may have come between the first reading and the mark.
3. Those that still have none, and still have the mark, go, while no worker is at work.

Whatever was not known when it was marked is seen in 2, whatever came later took the mark away. It may be killed at any
point: a mark alone does no harm, and the next collection makes its own.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice

from catalog.graph.cells import read_points
from catalog.graph.inbox import token
from catalog.graph.payloads import chunk_ids
from catalog.graph.queries import blocks
from catalog.graph.ranges import nodes, runs
from catalog.graph.retention import Step
from catalog.graph.runs import SHAPE_REF, spilled
from catalog.graph.shapes import spare_shapes
from catalog.graph.store import Store, Tx

MOST = 500_000
"""Ids held in memory at a time; for each further so many all referrers are read again."""
BATCH = 500
"""Workers wait while so many go."""
GRACE = 3.0
"""Seconds from the mark on for which an answer that has begun still finds them."""
_Q = blocks("collecting")


def collect(
    store: Store, *, act: bool, grace: float = GRACE, found: Callable[[], object] = lambda: None
) -> Iterator[Step]:
    """Count shapes that nobody refers to, and with `act` take them.

    Args:
        found: called when those are found that are to go, and none is gone yet.
    """
    rows = nodes(store, _Q["shapes"])
    while some := {row["id"]: row["unused"] for row in islice(rows, MOST)}:
        left = _unused(store, set(some))
        if act:
            _spare(store, {id_ for id_, mark in some.items() if mark is not None} - left)
            left = _take(store, left, grace, found) if left else left
        yield Step(len(left), len(some))


def _take(store: Store, ids: set[str], grace: float, found: Callable[[], object]) -> set[str]:
    mark = secrets.token_hex(8)
    for batch in _batches(ids):
        store.write(partial(_mark, ids=batch, mark=mark))
    time.sleep(grace)
    left = _unused(store, set(ids))
    found()
    _spare(store, ids - left)
    return {id_ for batch in _batches(left) for id_ in store.write(partial(_forget, ids=batch, mark=mark))}


def _unused(store: Store, left: set[str]) -> set[str]:
    """Those that nobody refers to; `left` is used up."""
    for row in nodes(store, _Q["uses"]):
        left.difference_update(row["vals"] or ())
        left.discard(row["io"])
    for row in nodes(store, _Q["registers"]):
        left.difference_update(point.v for point in read_points(row))
    for row in nodes(store, _Q["samples"]):
        left.discard(row["shape"])
    for row in runs(store, _Q["runs"]):
        left.difference_update(row["ios"] or ())
        if SHAPE_REF in (row["facets"] or ""):
            left.difference_update(spilled(row))
    return left


def _mark(tx: Tx, ids: list[str], mark: str) -> None:
    tx.run(_Q["stop_appliers"], token=token())
    tx.run(_Q["mark_unused"], ids=ids, mark=mark)


def _spare(store: Store, ids: set[str]) -> None:
    for batch in _batches(ids):
        store.write(partial(spare_shapes, ids=batch))


def _forget(tx: Tx, ids: list[str], mark: str) -> list[str]:
    tx.run(_Q["stop_appliers"], token=token())
    gone = tx.run(_Q["forget_shapes"], ids=ids, mark=mark)
    parts = [id_ for row in gone for id_ in chunk_ids(row["id"], row["chunks"])]
    if parts:
        tx.run(blocks("inbox")["drop_chunks"], ids=parts)
    return [row["id"] for row in gone]


def _batches(ids: set[str]) -> Iterator[list[str]]:
    wanted = sorted(ids)
    for at in range(0, len(wanted), BATCH):
        yield wanted[at : at + BATCH]
