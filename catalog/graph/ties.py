"""Ties between names of one thing: written in the transaction that applies the entries that speak of them.

A tie rests on what symlinks say (the first sequence that told so) and on what people decided (`Decision` nodes, the
log); both together are its Steps. Rare beside all else, so a decided pair is always put together anew from its log.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catalog.graph.cells import list_values
from catalog.graph.inbox import token
from catalog.graph.queries import blocks
from catalog.graph.shapes import get_rows, put_rows
from catalog.graph.store import Row, Tx
from catalog.identity import digest
from catalog.lineage.decisions import APART, SAME, Ruled, rests_on, tie
from catalog.lineage.observe import Record
from catalog.lineage.steps import FOREVER, OPEN

_Q = blocks("identity")


def put_ties(tx: Tx, records: Sequence[Record]) -> None:
    """Write what records say about names; the datasets exist."""
    told: dict[str, Row] = {}
    decisions: list[Row] = []
    for r in records:
        for key, (a, b) in r.same_as.items():
            row = told.setdefault(key, _untold(key, a, b))
            row["seen"] = min(row["seen"], r.sequence)
        for key, ruling in r.rulings.items():
            told.setdefault(key, _untold(key, ruling.a, ruling.b))["decided"] = True
            new = {"entry": r.key, "pair": key, "t": r.time, "s": r.sequence, "same": ruling.same}
            new.update({"who": ruling.by, "why": ruling.reason})
            decisions.append({"id": digest("decision", r.key, key), "new": new})
    if not told:
        return
    rows = sorted(told.values(), key=lambda row: str(row["key"]))
    locked = {min(row["source"], row["target"]): FOREVER for row in rows}
    for r in records:
        locked.update({id_: min(r.sequence, locked.get(id_, FOREVER)) for id_ in r.tables})
    put_rows(
        tx, _Q["lock_names"], [{"id": i, "table": s} for i, s in sorted(locked.items())], token=token(), never=FOREVER
    )
    known = {row["key"]: row for row in put_rows(tx, _Q["ties"], rows)}
    put_rows(tx, _Q["put_decisions"], sorted(decisions, key=lambda row: str(row["id"])))
    changed = [row for row in rows if _learn(row, known.get(row["key"]))]
    decided = sorted(row["key"] for row in changed if row["decided"])
    ruled: dict[str, list[Ruled]] = {}
    for d in get_rows(tx, _Q["decisions_of"], decided):
        ruled.setdefault(d["pair"], []).append(Ruled(d["t"], d["entry"], d["s"], d["same"]))
    put_rows(tx, _Q["put_same_as"], [_tie_row(row, ruled.get(row["key"], [])) for row in changed])


def _untold(key: str, a: str, b: str) -> Row:
    return {"key": key, "source": a, "target": b, "seen": FOREVER, "decided": False}


def _learn(row: Row, known: Row | None) -> bool:
    """Take in what the store knows of a pair; whether anything has to be written."""
    if known is None:
        return True
    news = bool(row["decided"]) or row["seen"] < known["seen"]
    row["seen"] = min(row["seen"], known["seen"])
    row["decided"] |= known["verdict"] is not None
    return news


def _tie_row(row: Row, ruled: list[Ruled]) -> Row:
    points = tie(row["seen"], ruled)
    newest = max(ruled, default=None)
    values: dict[str, Any] = {
        "origin": rests_on(points),
        "open": bool(points) and points[-1].v == OPEN,
        "s0": min((p.s for p in points), default=FOREVER),
        "seen": row["seen"],
        "verdict": None if newest is None else SAME if newest.same else APART,
    }
    if ruled:
        values.update({"n": len(points), **list_values(points)})
    return {"key": row["key"], "source": row["source"], "target": row["target"], "values": values}
