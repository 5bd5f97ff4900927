"""Content-addressed values in the store: small ones as readable JSON text, large ones in compressed chunks."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson

from catalog.errors import InvalidEvent
from catalog.graph.payloads import CHUNK_BYTES
from catalog.graph.queries import blocks
from catalog.graph.reader import Question, Reader
from catalog.graph.store import Row, Tx
from catalog.lineage.observe import Shape

INLINE_BYTES = 64_000
MAX_ROW = 8_000_000
"""Bytes of one row: with the 4 MB of others before it, far below the 16 MiB at which the embedded store hangs."""
_Q = blocks("record")


def put_shapes(tx: Tx, shapes: Mapping[str, Shape]) -> None:
    """Write the shapes that are not there yet; those that are stay, though retention was about to collect them."""
    rows: list[Row] = []
    chunks: list[Row] = []
    for id_ in sorted(shapes):
        body = shapes[id_].body
        if len(body) <= INLINE_BYTES:
            rows.append({"id": id_, "new": {"body": body.decode(), "chunks": 0}})
            continue
        packed = zlib.compress(body, 1)
        cuts = range(0, len(packed), CHUNK_BYTES)
        chunks += [{"id": f"{id_}.{i}", "data": packed[at : at + CHUNK_BYTES]} for i, at in enumerate(cuts)]
        rows.append({"id": id_, "new": {"body": "", "chunks": len(cuts)}})
    for chunk in chunks:
        tx.run(_Q["put_chunks"], rows=[chunk])
    unused = [row["id"] for row in put_rows(tx, _Q["put_shapes"], rows)]
    if unused:
        spare_shapes(tx, unused)


def spare_shapes(tx: Tx, ids: list[str]) -> None:
    """Somebody refers to them, so retention is not to collect them."""
    tx.run(_Q["spare_shapes"], ids=ids)


def load_bodies(tx: Tx, ids: Iterable[str]) -> dict[str, Any]:
    """Parsed bodies by shape id; ids that are not stored are left out."""
    rows = get_rows(tx, _Q["load_shapes"], ids)
    return _bodies(rows, lambda parts: tx.run(blocks("inbox")["chunks"], ids=parts))


def bodies(reader: Reader, ids: Iterable[str]) -> dict[str, Any]:
    """Parsed bodies by shape id, in a read of their own."""
    return reader.ask(lambda q: load_bodies_for(q, ids))


def put_rows(
    tx: Tx, text: str, rows: list[Row], batch: int = 500, size: int = 4_000_000, **parameters: Any
) -> list[Row]:
    """Run a writing block over rows in bounded messages (stores.md, rule 16); what all of them returned.

    Raises:
        InvalidEvent: one row alone is too large for any message.
    """
    told: list[Row] = []
    chunk: list[Row] = []
    weight = 0
    for row in rows:
        heavy = len(orjson.dumps(row))  # a fair measure of its size in a message, and the quickest
        if heavy > MAX_ROW:
            raise InvalidEvent(f"it makes a record of {heavy:,} bytes; the graph takes {MAX_ROW:,}: say less at once")
        if chunk and (len(chunk) >= batch or weight + heavy > size):
            told += tx.run(text, rows=chunk, **parameters)
            chunk, weight = [], 0
        chunk.append(row)
        weight += heavy
    return told + (tx.run(text, rows=chunk, **parameters) if chunk else [])


def get_rows(tx: Tx, text: str, ids: Iterable[str], batch: int = 1_000) -> list[Row]:
    """All rows of a reading block over `$ids`, each once and sorted, in statements of bounded length."""
    wanted = sorted(set(ids))
    return [row for at in range(0, len(wanted), batch) for row in tx.run(text, ids=wanted[at : at + batch])]


def _bodies(rows: list[Row], chunks: Callable[[list[str]], list[Row]]) -> dict[str, Any]:
    bodies: dict[str, Any] = {}
    for row in rows:
        if row["chunks"]:
            parts = [f"{row['id']}.{i}" for i in range(row["chunks"])]
            data = {r["id"]: r["data"] for r in chunks(parts)}
            bodies[row["id"]] = orjson.loads(zlib.decompress(b"".join(data[part] for part in parts)))
        else:
            bodies[row["id"]] = orjson.loads(row["body"])
    return bodies


def load_bodies_for(q: Question, ids: Iterable[str]) -> dict[str, Any]:
    """`load_bodies` for readers."""
    return _bodies(
        q.rows_by_id("assets", "shapes", sorted(set(ids))), lambda parts: q.rows("assets", "chunks", ids=parts)
    )
