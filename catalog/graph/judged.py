"""Takes away orders and evaluations that are not kept any more; findings, and what became of them, stay.

They are judgements and work, not facts: nothing that can be asked of the graph changes, and no horizon has to rise.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from catalog.graph import orders
from catalog.graph.payloads import chunk_ids
from catalog.graph.queries import blocks
from catalog.graph.retention import Step
from catalog.graph.store import Row, Store, Tx
from catalog.graph.watch import watch

WINDOW = 500
_Q = blocks("retention")


def forget_orders(store: Store, until: int, *, act: bool) -> Iterator[Step]:
    """Those that ended by a time (µs), with what came of them; a sealed report stays."""
    rows = store.rows(blocks("orders")["newest_order"])
    for numbers in _windows(rows[0]["number"] if rows else 0):
        found = store.rows(_Q["orders_of"], numbers=numbers)
        going = [row for row in found if row["ended"] is not None and row["ended"] <= until]
        if act and going:
            store.write(partial(_forget_orders, going=going))
        yield Step(len(going), len(found))


def forget_evaluations(store: Store, until: int, *, act: bool) -> Iterator[Step]:
    """Those that began by a time (µs), but for the newest one."""
    newest = watch(store).number
    for numbers in _windows(newest):
        found = store.rows(_Q["evaluations_of"], numbers=numbers)
        going = [row["id"] for row in found if row["started"] <= until and row["number"] != newest]
        if act and going:
            store.write(partial(_forget_evaluations, ids=going))
        yield Step(len(going), len(found))


def _forget_orders(tx: Tx, going: list[Row]) -> None:
    tx.run(_Q["forget_orders"], ids=[row["id"] for row in going])
    chunks = [id_ for row in going for id_ in chunk_ids(orders.payload_key(row["id"]), row["chunks"])]
    tx.run(blocks("inbox")["drop_chunks"], ids=chunks)


def _forget_evaluations(tx: Tx, ids: list[str]) -> None:
    tx.run(_Q["forget_evaluations"], ids=ids)


def _windows(newest: int) -> Iterator[list[int]]:
    for low in range(1, newest + 1, WINDOW):
        yield list(range(low, min(low + WINDOW, newest + 1)))
