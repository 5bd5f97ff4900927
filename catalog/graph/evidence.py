"""The evidence of edges: how often, when first and last, by which run and producer they were asserted.

Read from the Uses of the jobs in an answer; asked only when a client selects it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from catalog.graph.reader import Question, Reader
from catalog.graph.shapes import load_bodies_for
from catalog.graph.store import Row
from catalog.lineage.derived import DERIVING, derived_edges
from catalog.lineage.observe import CHILD_OF, FOLLOWS, PRECEDES, Register, link
from catalog.lineage.steps import Point


@dataclass(slots=True)
class Evidence:
    """Who says so: number of events, first and last event time (µs), the last run's id, producers."""

    count: int = 0
    first: int | None = None
    last: int | None = None
    last_run: str = ""
    producers: set[str] = field(default_factory=set)

    def add(self, use: Row) -> None:
        """Count one bundle in."""
        self.count += use["n"]
        self.first = use["first"] if self.first is None else min(self.first, use["first"])
        if self.last is None or (use["last"], use["lastRun"]) > (self.last, self.last_run):
            self.last, self.last_run = use["last"], use["lastRun"]
        if use["producer"]:
            self.producers.add(use["producer"])


def evidence(reader: Reader, subjects: Iterable[str]) -> dict[str, Evidence]:
    """The evidence of every edge that these jobs (or datasets, for lineage without a job) assert, by edge key."""
    wanted = sorted(set(subjects))

    def work(q: Question) -> dict[str, Evidence]:
        uses = q.rows_by_id("assets", "uses_of", wanted)
        found: dict[str, Evidence] = {}
        for use, keys in zip(uses, edge_keys(q, uses), strict=True):
            for key in keys:
                found.setdefault(key, Evidence()).add(use)
        return found

    return reader.ask(work)


def edge_keys(q: Question, uses: list[Row]) -> list[set[str]]:
    """The keys of the edges that each bundle asserts."""
    ids = sorted({register for use in uses for register in use["registers"]})
    registers = {
        r["id"]: Register(r["id"], r["subject"], r["aspect"], r["name"], r["of"])
        for r in q.rows_by_id("assets", "registers", ids)
        if r["aspect"] in DERIVING
    }
    shapes = {use["io"] for use in uses if use["io"]}
    for use in uses:
        shapes.update(v for r, v in zip(use["registers"], use["vals"], strict=True) if r in registers and v)
    bodies = load_bodies_for(q, shapes)
    found = []
    for use in uses:
        links = bodies[use["io"]]["links"] if use["io"] else ()
        keys = {link(kind, use["subject"], target).key for kind, target in links}
        for kind, jobs in ((CHILD_OF, "parents"), (FOLLOWS, "follows"), (PRECEDES, "precedes")):
            keys.update(link(kind, use["subject"], job).key for job in use[jobs] or ())
        for register, value in zip(use["registers"], use["vals"], strict=True):
            if register in registers and value:
                keys.update(derived_edges(registers[register], [Point(0, 0, value)], bodies))
        found.append(keys)
    return found
