"""Shared facets with who says so: each of a dataset's or job's facets, since when it holds, and by whom."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from catalog.graph.assets import AllNames, all_names, facet_registers, newest_last
from catalog.graph.reader import Question, Reader
from catalog.graph.shapes import load_bodies_for
from catalog.graph.store import Row
from catalog.graph.walk import PRESENT, Moment
from catalog.lineage.assertions import Origin
from catalog.lineage.observe import FACET, FORWARDED, register_id


class Told(NamedTuple):
    """A facet that holds.

    Attributes:
        since: event time from which on it holds, microseconds.
        origin: whether the newest to say so is a run or a declaration.
        producer: who that was, as its events name it.
        entry: the key of the entry that began it; "" where nobody asked for it.
    """

    value: Any
    since: int | None
    origin: Origin
    producer: str
    entry: str = ""


def told(
    reader: Reader, ids: Iterable[str], moment: Moment = PRESENT, names: AllNames | None = None
) -> dict[str, dict[str, Told]]:
    """The shared facets of datasets or jobs that hold at a moment, by id and facet key; the newest of all names."""
    asked = all_names(ids, names)

    def work(q: Question) -> dict[str, dict[str, Told]]:
        rows = facet_registers(q, sorted({name for all_ in asked.values() for name in all_}), moment)
        bodies = load_bodies_for(q, {row["cur"] for row in rows})
        by = _newest_uses(q, sorted({row["subject"] for row in rows}), moment)

        def one(row: Row) -> Told:
            aspect = FACET if row["subject"] == row["of"] else FORWARDED
            use = by.get((register_id(row["subject"], aspect, row["name"], row["of"]), row["cur"]))
            origin = Origin.DECLARED if use and not use["lastRun"] else Origin.OBSERVED
            return Told(bodies[row["cur"]], row["since"], origin, str(use["producer"] or "") if use else "")

        return {id_: {row["name"]: one(row) for row in said} for id_, said in newest_last(asked, rows).items()}

    return reader.ask(work)


def _newest_uses(q: Question, subjects: list[str], moment: Moment) -> dict[tuple[str, str], Row]:
    """Of each value of a register, the bundle that said it last."""
    found: dict[tuple[str, str], Row] = {}
    for use in q.rows_by_id("assets", "uses_of", subjects):
        if use["first"] > moment.bounds["asof"]:
            continue
        place = (use["last"], use["lastRun"], use["producer"] or "")
        for said in zip(use["registers"], use["vals"], strict=True):
            before = found.get(said)
            if before is None or place > (before["last"], before["lastRun"], before["producer"] or ""):
                found[said] = use
    return found
