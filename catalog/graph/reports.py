"""Sealed reports, kept whole: the seals as one chain, the renderings as chunks named by their own hash.

The chain is made longer under a guard, in the transaction that keeps the report and ends its order: two workers cannot
fork it, and one that dies in the middle leaves either nothing or all. A report that is sealed already keeps its seal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from catalog.graph import orders
from catalog.graph.inbox import SHORT, token
from catalog.graph.numbered import WINDOW, newest_first
from catalog.graph.orders import Order
from catalog.graph.payloads import by_size, cut, payloads
from catalog.graph.queries import blocks
from catalog.graph.store import Row, Store, Tx
from catalog.reports.canonical import loads, sha256
from catalog.reports.document import Report
from catalog.reports.keys import PublicKey
from catalog.reports.seal import Seal, read_seal, sealed

_Q = blocks("reports")


@dataclass(frozen=True, slots=True)
class Kept:
    """A report that was sealed.

    Attributes:
        id: the hash of its content.
        at: when it was sealed, µs.
        order: the id of the order that it came of first.
        chunks: by format, in how many chunks its rendering is kept.
        sizes: by format, the bytes of the rendering without its seal.
    """

    id: str
    number: int
    name: str
    title: str
    as_of: str
    known_at: int
    at: int
    order: str
    seal: Seal
    chunks: Mapping[str, int]
    sizes: Mapping[str, int]


def keep(
    store: Store,
    report: Report,
    bodies: Mapping[str, bytes],
    seal: Callable[[int, str], Seal],
    key: PublicKey,
    *,
    order: Order | None,
    now: int,
) -> Kept:
    """Seal a report and keep it, or find it sealed already; its order is DONE with it.

    Args:
        bodies: its renderings by format, the canonical JSON among them.
        seal: makes the signed seal for a number and the hash of the one before; it may be called more than once.

    Raises:
        LeaseLost: the order is another worker's by now.
    """
    id_ = sha256(bodies["json"])
    if not store.rows(_Q["reports_by_id"], ids=[id_]):
        _keep_bodies(store, bodies)

    def work(tx: Tx) -> Row:
        if order is not None:
            orders.hold(tx, order)
        (book,) = tx.run(_Q["guard_reports"], token=token())
        rows = tx.run(_Q["reports_by_id"], ids=[id_])
        row: Row = rows[0]["report"] if rows else {}
        if not row:
            made = seal(book["number"] + 1, book["hash"])
            row = _row(report, bodies, made, now, order)
            tx.run(_Q["keep_key"], id=key.id, pem=key.pem, now=now)
            tx.run(_Q["keep_report"], id=id_, number=made.number, hash=made.hash, values=row)
            row = {"id": id_, **row}
        if order is not None:
            orders.end(tx, order, now, result=id_)
        return row

    return _kept(store.write(work))


def find(store: Store, reference: str) -> Kept | None:
    """A report by its number, its id, or at least SHORT characters of that."""
    if reference.isascii() and reference.isdigit() and len(reference) < SHORT:
        found = store.rows(_Q["reports_by_number"], numbers=[int(reference)])
    else:
        rows = store.rows(_Q["reports_by_beginning"], short=reference[:SHORT])
        found = [row for row in rows if row["report"]["id"].startswith(reference)]
    return _kept(found[0]["report"]) if len(found) == 1 else None


def page(store: Store, *, name: str | None = None, before: int | None = None, limit: int = 50) -> list[Kept]:
    """Reports, the newest first, below a number."""

    def fits(kept: Kept) -> bool:
        return name in (None, kept.name)

    return newest_first(count(store), partial(_numbered, store), before=before, limit=limit, fits=fits)


def chain(store: Store, first: int, last: int) -> list[Kept]:
    """Reports by number, both ends included."""
    numbers = list(range(first, last + 1))
    parts = (numbers[at : at + WINDOW] for at in range(0, len(numbers), WINDOW))
    return sorted((kept for part in parts for kept in _numbered(store, part)), key=lambda kept: kept.number)


def _numbered(store: Store, numbers: list[int]) -> list[Kept]:
    return [_kept(row["report"]) for row in store.rows(_Q["reports_by_number"], numbers=numbers)]


def count(store: Store) -> int:
    """How many there are."""
    rows = store.rows(_Q["newest_report"])
    return int(rows[0]["number"]) if rows else 0


def file(store: Store, kept: Kept, format_: str) -> bytes | None:
    """A report as a sealed file; None if it was not kept in this format."""
    if format_ not in kept.chunks:
        return None
    key = _chunk_key(kept.id if format_ == "json" else kept.seal.renderings[format_])
    body = payloads(store, {key: kept.chunks[format_]}).get(key)
    return None if body is None else sealed(format_, body, kept.seal)


def public_keys(store: Store) -> list[tuple[str, str]]:
    """Id and PEM of every key that has sealed, the oldest first."""
    return [(row["id"], row["pem"]) for row in store.rows(_Q["seal_keys"])]


def _keep_bodies(store: Store, bodies: Mapping[str, bytes]) -> None:
    parts = [part for body in bodies.values() for part in cut(_chunk_key(sha256(body)), body)]
    for batch in by_size(parts):
        store.write(partial(_keep_chunks, batch=batch))


def _keep_chunks(tx: Tx, batch: Sequence[Row]) -> None:
    tx.run(_Q["keep_report_chunks"], rows=batch)


def _chunk_key(hash_: str) -> str:
    return f"report.{hash_}"


def _row(report: Report, bodies: Mapping[str, bytes], seal: Seal, now: int, order: Order | None) -> Row:
    formats = sorted(bodies)
    return {
        **{"short": seal.content[:SHORT], "number": seal.number, "name": report.name, "title": report.title},
        **{"asOf": report.as_of, "knownAt": report.known_at, "at": now, "order": order.id if order else ""},
        **{"seal": seal.spelled().decode(), "formats": formats},
        "chunks": [len(cut("", bodies[format_])) for format_ in formats],
        "sizes": [len(bodies[format_]) for format_ in formats],
    }


def _kept(row: Row) -> Kept:
    return Kept(
        id=row["id"],
        number=row["number"],
        name=row["name"],
        title=row["title"],
        as_of=row["asOf"],
        known_at=row["knownAt"],
        at=row["at"],
        order=row["order"],
        seal=read_seal(loads(row["seal"].encode())),
        chunks=dict(zip(row["formats"], row["chunks"], strict=True)),
        sizes=dict(zip(row["formats"], row["sizes"], strict=True)),
    )
