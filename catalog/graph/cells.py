"""Cells as properties: how Steps are written to edges and registers, and read back.

An edge keeps its two minima always (they decide most questions about the past), its lists only when it has more than
one point, and hands lists longer than SPILL to a register node of the same id.
"""

from __future__ import annotations

from typing import Any

from catalog.graph.store import Row
from catalog.lineage.fold import Cell
from catalog.lineage.steps import OPEN, Point, Points

SPILL = 16


def edge_values(points: Points, origin: str) -> dict[str, Any]:
    """The properties of an edge with these Steps."""
    listed = 1 < len(points) <= SPILL
    return {
        "origin": origin,
        "open": bool(points) and points[-1].v == OPEN,
        "n": len(points),
        "t0": min((p.t for p in points), default=2**62),
        "s0": min((p.s for p in points), default=2**62),
        "ts": [p.t for p in points] if listed else None,
        "ss": [p.s for p in points] if listed else None,
        "vs": [p.v for p in points] if listed else None,
    }


def list_values(points: Points) -> dict[str, Any]:
    """The lists of a register."""
    return {"ts": [p.t for p in points], "ss": [p.s for p in points], "vs": [p.v for p in points]}


def read_points(row: Row) -> Points:
    """The Steps of an edge or register row; a spilled edge gives its lists through its register row."""
    if row.get("ts"):
        return [Point(t, s, v) for t, s, v in zip(row["ts"], row["ss"], row["vs"], strict=True)]
    if row.get("n") == 1:
        return [Point(row["t0"], row["s0"], OPEN)]
    return []


def is_spilled(row: Row) -> bool:
    """Whether an edge's lists live in a register."""
    return bool(row["n"] > SPILL)


def register_cell(row: Row) -> Cell:
    """A register as a cell."""
    return Cell(read_points(row), mixed=bool(row["mixed"]))
