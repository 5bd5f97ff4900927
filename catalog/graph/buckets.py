"""Gives datasets of old stores their bucket, which only the naming rules can work out: once, by a migration."""

from __future__ import annotations

from functools import partial

from catalog.graph.queries import blocks
from catalog.graph.store import Row, Store, Tx
from catalog.identity import Name
from catalog.lineage.naming import bucket

AT_ONCE = 500
RANGES = 256
_Q = blocks("identity")


def fill_buckets(store: Store) -> None:
    """Give every dataset without a bucket its own; safe to be cut off and begun again.

    Ids are hashes, so ranges of their beginnings are portions of like size.
    """
    for i in range(RANGES):
        rows = store.rows(_Q["without_bucket"], low=f"{i:02x}", high=f"{i:02x}g")
        put = [{"id": row["id"], "near": bucket(Name(row["namespace"], row["name"]))} for row in rows]
        for at in range(0, len(put), AT_ONCE):
            store.write(partial(_put, rows=put[at : at + AT_ONCE]))


def _put(tx: Tx, rows: list[Row]) -> None:
    tx.run(_Q["put_buckets"], rows=rows)
