"""What people decided about names, newest first: every merge and every split, those that were taken back, too."""

from __future__ import annotations

from typing import NamedTuple

import orjson

from catalog.graph.payloads import payloads
from catalog.graph.reader import Reader
from catalog.identity import Name
from catalog.lineage.decisions import read_entry
from catalog.lineage.steps import FOREVER


class Decision(NamedTuple):
    """One decision.

    Attributes:
        a, b: the names it is about, sorted.
        same: whether they are one thing.
        holds: no newer decision is about the same pair.
        at: when it was made, µs.
        sequence, entry: the entry that tells it.
    """

    a: Name
    b: Name
    same: bool
    holds: bool
    by: str
    reason: str
    at: int
    sequence: int
    entry: str


def page(reader: Reader, *, before: int | None = None, limit: int) -> list[Decision]:
    """Decisions behind a sequence (None: from the newest on), newest first; those about hidden names are left out.

    A page is short only at the end, so what is left out is made up for.
    """
    found: list[Decision] = []
    behind = FOREVER if before is None else before
    while len(found) < limit:
        rows = reader.rows("identity", "page_decisions", before=behind, limit=limit)
        newest = _newest(reader, sorted({row["pair"] for row in rows}))
        names = _names(reader, sorted({row["entry"] for row in rows}))
        for row in rows:
            pair = names.get(row["entry"])
            if pair is not None and reader.may_see([pair[0].namespace, pair[1].namespace]):
                holds, said = newest[row["pair"]] == row["entry"], (row["who"] or "", row["why"] or "")
                found.append(Decision(*pair, row["same"], holds, *said, row["t"], row["s"], row["entry"]))
        if len(rows) < limit:
            break
        behind = rows[-1]["s"]
    return found[:limit]


def _newest(reader: Reader, pairs: list[str]) -> dict[str, str]:
    """The entry that decides each pair: by time, then by its key."""
    found: dict[str, tuple[int, str]] = {}
    for row in reader.ask(lambda q: q.rows_by_id("identity", "decisions_of", pairs)):
        found[row["pair"]] = max(found.get(row["pair"], (row["t"], row["entry"])), (row["t"], row["entry"]))
    return {pair: entry for pair, (_, entry) in found.items()}


def _names(reader: Reader, keys: list[str]) -> dict[str, tuple[Name, Name]]:
    """The names that entries decide about; retention never empties such entries."""
    rows = reader.rows("assets", "entries_by_key", keys=keys)
    said = payloads(reader.store, {row["key"]: row["chunks"] for row in rows})
    found = {}
    for key, payload in said.items():
        for verdict in read_entry(orjson.loads(payload)).verdicts:
            found[key] = min(verdict.a, verdict.b), max(verdict.a, verdict.b)
    return found
