"""What follows from registers that moved: derived edges, and what made an output on the edge that writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from catalog.graph.maps import map_values
from catalog.graph.shapes import load_bodies
from catalog.graph.store import Tx
from catalog.graph.write import Written
from catalog.lineage.derived import DERIVING, derived_edges
from catalog.lineage.observe import MAP, Register, Shape
from catalog.lineage.steps import ABSENT, Points


class Following:
    """Works out, in one transaction, what else has to be written.

    Args:
        shapes: values that the transaction brings itself, by id; others are loaded.
    """

    def __init__(self, tx: Tx, shapes: Mapping[str, Shape]) -> None:
        self.bodies: dict[str, Any] = {}
        self._tx = tx
        self._shapes = shapes

    def need(self, ids: set[str]) -> None:
        """Have the bodies of these shapes."""
        missing = ids - self.bodies.keys() - {""}
        own = missing & self._shapes.keys()
        self.bodies.update((id_, orjson.loads(self._shapes[id_].body)) for id_ in own)
        if missing - own:
            self.bodies.update(load_bodies(self._tx, missing - own))

    def move(self, register: Register, old: Points, new: Points, out: Written) -> None:
        """Note what follows from a register whose points were `old` and are `new`."""
        if register.aspect in DERIVING:
            self.need({p.v for p in [*old, *new]})
            was, now = derived_edges(register, old, self.bodies), derived_edges(register, new, self.bodies)
            for key in sorted({*was, *now}):
                edge = now.get(key) or was[key]._replace(points=[])
                if key not in was or was[key].points != edge.points:
                    out.derived[key] = edge
        if register.aspect == MAP and register.subject != register.of:
            present = new[-1].v if new else ABSENT
            self.need({present})
            out.maps[register.id] = (register, map_values(self.bodies.get(present), new))
