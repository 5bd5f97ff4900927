"""Shared facets with who says so: each of a dataset's or job's facets, since when it holds, and by whom."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from catalog.graph.assets import registers_at
from catalog.graph.reader import Question, Reader
from catalog.graph.shapes import load_bodies_for
from catalog.graph.store import Row
from catalog.graph.walk import PRESENT, Moment
from catalog.lineage.assertions import Origin
from catalog.lineage.observe import FACET, register_id


class Told(NamedTuple):
    """A facet that holds.

    Attributes:
        since: event time from which on it holds, microseconds.
        origin: whether the newest to say so is a run or a declaration.
        producer: who that was, as its events name it.
    """

    value: Any
    since: int | None
    origin: Origin
    producer: str


def told(reader: Reader, ids: Iterable[str], moment: Moment = PRESENT) -> dict[str, dict[str, Told]]:
    """The shared facets of datasets or jobs that hold at a moment, by id and facet key."""
    wanted = sorted(set(ids))

    def work(q: Question) -> dict[str, dict[str, Told]]:
        rows = registers_at(q, wanted, FACET, moment)
        bodies = load_bodies_for(q, {row["cur"] for row in rows})
        by = _newest_uses(q, sorted({row["of"] for row in rows}), moment)
        found: dict[str, dict[str, Told]] = {id_: {} for id_ in wanted}
        for row in sorted(rows, key=lambda r: str(r["name"])):
            use = by.get((register_id(row["subject"], FACET, row["name"], row["of"]), row["cur"]))
            origin = Origin.DECLARED if use and not use["lastRun"] else Origin.OBSERVED
            found[row["of"]][row["name"]] = Told(
                bodies[row["cur"]], row["since"], origin, str(use["producer"] or "") if use else ""
            )
        return found

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
