"""Cells as properties: how Steps are written to edges and registers, and read back.

An edge keeps its two minima always (they decide most questions about the past), its lists only when it has more than
one point, and hands lists longer than SPILL to a register node of the same id. Lists longer than PACKED are one text.
"""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from catalog.graph.packing import pack, unpack
from catalog.graph.store import Row
from catalog.lineage.fold import Cell
from catalog.lineage.steps import OPEN, Point, Points

SPILL = 16
PACKED = 256
"""A register with more points keeps them as one text in place of its times."""
_T, _S = itemgetter(0), itemgetter(1)


def edge_values(points: Points, origin: str) -> dict[str, Any]:
    """The properties of an edge with these Steps."""
    listed = 1 < len(points) <= SPILL
    return {
        "origin": origin,
        "open": bool(points) and points[-1].v == OPEN,
        "n": len(points),
        "t0": min(map(_T, points), default=2**62),
        "s0": min(map(_S, points), default=2**62),
        "ts": [p.t for p in points] if listed else None,
        "ss": [p.s for p in points] if listed else None,
        "vs": [p.v for p in points] if listed else None,
    }


def list_values(points: Points) -> dict[str, Any]:
    """The lists of a tie, or of a register that is not long."""
    return {"ts": [p.t for p in points], "ss": [p.s for p in points], "vs": [p.v for p in points]}


def register_values(points: Points) -> dict[str, Any]:
    """The lists of a register; of a long one they are packed (`catalog.graph.packing`)."""
    if len(points) <= PACKED:
        return list_values(points)
    return {"ts": pack(points), "ss": None, "vs": None}


def read_points(row: Row) -> Points:
    """The Steps of an edge or register row; a spilled edge gives its lists through its register row."""
    if listed := row.get("ts"):
        if isinstance(listed, str):
            return unpack(listed)
        return list(map(Point._make, zip(listed, row["ss"], row["vs"], strict=True)))
    if row.get("n") == 1:
        return [Point(row["t0"], row["s0"], OPEN)]
    return []


def is_spilled(row: Row) -> bool:
    """Whether an edge's lists live in a register."""
    return bool(row["n"] > SPILL)


def register_cell(row: Row) -> Cell:
    """A register as a cell."""
    return Cell(read_points(row), mixed=bool(row["mixed"]))
