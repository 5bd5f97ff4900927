"""What entries carry: canonical JSON, compressed, in immutable chunks apart from the small entry (stores.md, rule 16b).

A payload may be purged once nobody will apply it any more; the entry stays, says so, and sequences keep having no gaps.
"""

from __future__ import annotations

import secrets
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from catalog.graph.queries import blocks
from catalog.graph.store import Row, Store, Tx

CHUNK_BYTES = 4_000_000

_Q = blocks("inbox")


def cut(key: str, payload: bytes) -> list[Row]:
    """The chunks of a payload."""
    packed = zlib.compress(payload, 1)
    cuts = range(0, len(packed), CHUNK_BYTES)
    return [{"id": f"{key}.{i}", "data": packed[at : at + CHUNK_BYTES]} for i, at in enumerate(cuts)]


def chunk_ids(key: str, chunks: int) -> list[str]:
    """The ids of a payload's chunks, in their order."""
    return [f"{key}.{i}" for i in range(chunks)]


def by_size(chunks: Iterable[Row]) -> Iterator[list[Row]]:
    """Lists of chunks that fit one message each."""
    batch: list[Row] = []
    size = 0
    for chunk in chunks:
        if batch and size + len(chunk["data"]) > CHUNK_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(chunk)
        size += len(chunk["data"])
    if batch:
        yield batch


def payloads(store: Store, chunks: Mapping[str, int]) -> dict[str, bytes]:
    """The canonical bytes of entries, by key; those that were purged are left out.

    Args:
        chunks: how many chunks each entry has, by key.
    """
    ids = {id_: key for key, n in chunks.items() for id_ in chunk_ids(key, n)}
    rows = {row["id"]: row["data"] for row in store.rows(_Q["chunks"], ids=sorted(ids))}
    joined: dict[str, bytes] = {}
    for key, n in chunks.items():
        parts = [rows.get(id_) for id_ in chunk_ids(key, n)]
        if parts and all(parts):
            joined[key] = zlib.decompress(b"".join(part for part in parts if part))
    return joined


def restore(tx: Tx, payloads: Mapping[str, bytes]) -> None:
    """Give purged entries their payload back: somebody sent them again."""
    for batch in by_size(chunk for key in sorted(payloads) for chunk in cut(key, payloads[key])):
        tx.run(_Q["insert_chunks"], rows=batch)
    tx.run(_Q["restore"], keys=sorted(payloads))


def purge(store: Store, keys: Iterable[str], *, before: int, now: int) -> list[Row]:
    """Take the payloads of rejected and dead entries that were settled before a time (µs); `key` and `size` of each.

    One transaction: whoever sends an entry back at this moment either keeps its payload or is told that it is gone.
    """
    wanted = sorted(keys)

    def work(tx: Tx) -> list[Row]:
        gone = tx.run(_Q["purge"], ids=wanted, before=before, now=now, token=secrets.randbits(62))
        ids: list[Any] = [id_ for row in gone for id_ in chunk_ids(row["key"], row["chunks"])]
        tx.run(_Q["drop_chunks"], ids=ids)
        return gone

    return store.write(work)
