"""Which inputs made an output, as the graph keeps it: a register with its Steps, and on the edge that writes the output
the present value, and enough of the Steps to answer most questions about the past without looking further.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from catalog.graph.cells import read_points
from catalog.graph.reader import Question
from catalog.graph.shapes import load_bodies_for
from catalog.graph.store import Row
from catalog.lineage.assertions import Basis
from catalog.lineage.feeding import Made
from catalog.lineage.observe import MAP, WRITES, register_id
from catalog.lineage.steps import Points, value_at

if TYPE_CHECKING:
    from catalog.graph.walk import Moment


_BASES = {basis.value: basis for basis in Basis}
"""By look-up: calling the enumeration is a tenth of a walk."""


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


def read_maps(q: Question, rows: list[Row], moment: Moment) -> dict[str, Made]:
    """What made the outputs of these WRITES rows at a moment, by the edge's key; of those without a map, nothing.

    Rows of other kinds are passed over. The present is on the rows; the past, too, where a map never changed.
    """
    rows = [row for row in rows if row["kind"] == WRITES and not row["by"]]
    if not moment.past:
        return {row["key"]: _on_edge(row) for row in rows if row["basis"]}
    rows = [row for row in rows if row["mapN"]]
    asof, known = moment.bounds["asof"], moment.bounds["known"]
    once = [row for row in rows if row["mapN"] == 1]
    found = {row["key"]: _on_edge(row) for row in once if row["mapT"] <= asof and row["mapS"] <= known}
    if changed := {_register_of(row): row["key"] for row in rows if row["mapN"] > 1}:
        values = {
            row["id"]: value
            for row in q.rows_by_id("record", "load_registers", sorted(changed))
            if (value := value_at(read_points(row), asof, known))
        }
        bodies = load_bodies_for(q, set(values.values()))
        found.update((changed[id_], _of_body(bodies[value])) for id_, value in values.items())
    return found


def _register_of(row: Row) -> str:
    job, dataset = (row["other"], row["id"]) if row["isJob"] else (row["id"], row["other"])
    return register_id(job, MAP, row["origin"], dataset)


def _on_edge(row: Row) -> Made:
    return Made(_BASES[row["basis"]], frozenset(row["given"] or ()), frozenset(row["excluded"] or ()))


def _of_body(body: Any) -> Made:
    return Made(Basis(body["basis"]), frozenset([*body["from"], *body["jobs"]]), frozenset(body["not"]))
