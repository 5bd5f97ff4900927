"""Cuts the past of edges and registers at the horizon: of each one baseline stays, of what ended behind it nothing.

What follows from a register is worked out again from what is left of it, so a replay that is cut in the end is alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from catalog.graph.cells import SPILL, is_spilled, read_points, register_cell
from catalog.graph.following import Following
from catalog.graph.inbox import token
from catalog.graph.queries import blocks
from catalog.graph.retention import GUARDS, Step
from catalog.graph.shapes import get_rows, put_rows
from catalog.graph.store import Row, Store, Tx
from catalog.graph.write import Written, write_cells
from catalog.lineage.derived import (
    DATASET_FROM_DATASET,
    DATASET_FROM_FIELD,
    DATASET_WITHIN,
    ENTITY_REFERS,
    FIELD_FROM_FIELD,
)
from catalog.lineage.fold import Cell
from catalog.lineage.observe import WRITES, Link, Register
from catalog.lineage.retain import Horizon, cut
from catalog.lineage.steps import Points

CELLS = 200
"""How many are cut in one transaction."""
_Q = blocks("retention")
_RECORD = blocks("record")
_FORGET = {
    FIELD_FROM_FIELD: "forget_field_edges",
    DATASET_FROM_FIELD: "forget_dataset_edges",
    DATASET_FROM_DATASET: "forget_dataset_edges",
    DATASET_WITHIN: "forget_dataset_edges",
    ENTITY_REFERS: "forget_entity_edges",
}


def cut_edges(store: Store, horizon: Horizon, jobs: Sequence[str], *, act: bool) -> Step:
    """What jobs accumulate; counted in points.

    An edge that is closed goes, unless a run that spans the horizon could open it again by its end, or what made an
    output stands on it, which a later run may find unchanged.
    """
    found = store.read(partial(edges_of, jobs=jobs))
    going = {link.source for link, points in found.values() if cut(points, horizon) != points or not points}
    if act:
        for job in sorted(going):
            store.write(partial(_cut_edges, job=job, horizon=horizon))
    return _counted((points for _, points in found.values()), horizon)


def cut_registers(store: Store, horizon: Horizon, ids: Sequence[str], *, act: bool) -> Step:
    """What is said of jobs, datasets or entities, and all that follows from it; counted in points."""
    found = store.read(lambda tx: get_rows(tx, _Q["registers"], ids))
    if act:
        going = [row for row in found if cut(read_points(row), horizon) != read_points(row)]
        for at in range(0, len(going), CELLS):
            store.write(partial(_cut_registers, rows=going[at : at + CELLS], horizon=horizon))
    return _counted((read_points(row) for row in found), horizon)


def _counted(cells: Iterable[Points], horizon: Horizon) -> Step:
    going = seen = 0
    for points in cells:
        seen += len(points)
        going += len(points) - len(cut(points, horizon))
    return Step(going, seen)


def edges_of(tx: Tx, jobs: Sequence[str]) -> dict[str, tuple[Link, Points]]:
    """All that jobs accumulate, by edge key, wherever the lists are."""
    rows = get_rows(tx, _RECORD["load_edges"], jobs)
    lists = {r["id"]: r for r in get_rows(tx, _RECORD["load_registers"], (r["key"] for r in rows if is_spilled(r)))}
    return {
        row["key"]: (
            Link(row["key"], row["kind"], row["source"], row["target"]),
            read_points(lists.get(row["key"], row)),
        )
        for row in rows
    }


def _cut_edges(tx: Tx, job: str, horizon: Horizon) -> None:
    tx.run(_Q["guard_jobs"], ids=[job], token=token())
    out = Written([])
    closed: list[Row] = []
    fit: list[str] = []
    spans = bool(tx.run(_Q["spanning"], ids=[job], history=horizon.history))
    for key, (link, points) in edges_of(tx, [job]).items():
        left = cut(points, horizon)
        if not left and not spans and link.kind != WRITES:
            closed.append({"key": key, "source": link.source})
        elif left != points:
            out.edges[key] = (link, left)
        if len(points) > SPILL >= len(left):
            fit.append(key)
    write_cells(tx, out)
    put_rows(tx, _Q["forget_job_edges"], closed)
    tx.run(_Q["forget_registers"], ids=fit)


def _cut_registers(tx: Tx, rows: list[Row], horizon: Horizon) -> None:
    subjects = sorted({row["subject"] for row in rows})
    for guard in GUARDS.values():
        tx.run(_Q[guard], ids=subjects, token=token())
    out, following = Written([]), Following(tx, {})
    for row in get_rows(tx, _Q["registers_by_id"], (row["id"] for row in rows)):
        register = Register(row["id"], row["subject"], row["aspect"], row["name"], row["of"])
        cell = register_cell(row)
        left = cut(cell.points, horizon)
        out.registers[register.id] = (register, Cell(left, mixed=cell.mixed))
        following.move(register, cell.points, left, out)
    _forget_closed(tx, out)


def _forget_closed(tx: Tx, out: Written) -> None:
    """Write what is left, and take away what has nothing left."""
    empty = sorted(id_ for id_, (_, cell) in out.registers.items() if not cell.points and not cell.mixed)
    closed: dict[str, list[Row]] = {}
    fit: list[str] = []
    for key, edge in list(out.derived.items()):
        if len(edge.points) <= SPILL:
            fit.append(key)
        if not edge.points:
            block = _FORGET.get(edge.kind, "forget_job_edges")
            closed.setdefault(block, []).append({"key": key, "source": edge.source})
            del out.derived[key]
    for id_ in empty:
        del out.registers[id_]
    write_cells(tx, out)
    for block, rows in sorted(closed.items()):
        put_rows(tx, _Q[block], rows)
    tx.run(_Q["forget_registers"], ids=[*empty, *fit])
