"""Which inputs made an output, as the graph keeps it: a register with its Steps, and on the edge that writes the output
the present value, and enough of the Steps to answer most questions about the past without looking further.
"""

from __future__ import annotations

from typing import Any

from catalog.graph.store import Row
from catalog.lineage.steps import Points


def map_values(body: Any, points: Points) -> Row:
    """The properties of a WRITES edge whose map has these Steps and this present value (None: it has none)."""
    return {
        "basis": body["basis"] if body else None,
        "given": [*body["from"], *body["jobs"]] or None if body else None,
        "excluded": body["not"] or None if body else None,
        "mapN": len(points),
        "mapT": min((p.t for p in points), default=None),
        "mapS": min((p.s for p in points), default=None),
    }
