"""Content-addressed values in the store: small ones as readable JSON text, large ones in compressed chunks."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson

from catalog.graph.inbox import CHUNK_BYTES
from catalog.graph.queries import blocks
from catalog.graph.reader import Question, Reader
from catalog.graph.store import Row, Tx
from catalog.lineage.observe import Shape

INLINE_BYTES = 64_000
_Q = blocks("record")


def put_shapes(tx: Tx, shapes: Mapping[str, Shape]) -> None:
    """Write the shapes that are not there yet."""
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
    put_rows(tx, _Q["put_shapes"], rows)


def load_bodies(tx: Tx, ids: Iterable[str]) -> dict[str, Any]:
    """Parsed bodies by shape id; ids that are not stored are left out."""
    rows = tx.run(_Q["load_shapes"], ids=sorted(set(ids)))
    return _bodies(rows, lambda parts: tx.run(blocks("inbox")["chunks"], ids=parts))


def bodies(reader: Reader, ids: Iterable[str]) -> dict[str, Any]:
    """Parsed bodies by shape id, in a read of their own."""
    return reader.ask(lambda q: load_bodies_for(q, ids))


def put_rows(tx: Tx, text: str, rows: list[Row], batch: int = 500, size: int = 4_000_000) -> None:
    """Run a writing block over rows in bounded messages (stores.md, rule 16)."""
    chunk: list[Row] = []
    weight = 0
    for row in rows:
        heavy = len(orjson.dumps(row))  # a fair measure of its size in a message, and the quickest
        if chunk and (len(chunk) >= batch or weight + heavy > size):
            tx.run(text, rows=chunk)
            chunk, weight = [], 0
        chunk.append(row)
        weight += heavy
    if chunk:
        tx.run(text, rows=chunk)


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
