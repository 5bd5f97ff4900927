"""The evidence of edges: how often, when first and last, by which runs, producers and entries they were asserted.

Counts are read from the Uses of the jobs in an answer, entries from the log; asked only when a client selects them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from catalog.clock import DAY
from catalog.graph.reader import Question, Reader
from catalog.graph.shapes import load_bodies_for
from catalog.graph.store import Row
from catalog.graph.walk import PRESENT, Moment
from catalog.lineage.derived import DERIVING, derived_edges
from catalog.lineage.observe import CHILD_OF, FOLLOWS, PRECEDES, Register, link
from catalog.lineage.steps import FOREVER, Point

DAYS, MOST_DAYS = 31, 1_860
"""Of the log that one statement, and one page, looks at."""


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


class Behind(NamedTuple):
    """A place in the entries of an edge, newest first: event time (µs) and entry key of the last one seen."""

    time: int = FOREVER
    key: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """Entries that assert an edge, newest first.

    Attributes:
        entries: `key`, `sequence`, `time` (µs) and `run` (its id, or "") of each.
        following: where to go on; None: these were all. There may be none left behind it.
    """

    entries: list[Row]
    following: Behind | None


def entries_of(
    reader: Reader, subject: str, key: str, *, behind: Behind | None, limit: int, moment: Moment = PRESENT
) -> Told:
    """A page of the entries by which a job (or dataset) asserts an edge, read from the log day by day, backwards.

    A page may be short where nothing was said for years: the days of one page are bounded.
    """
    after = behind or Behind()
    bounds = moment.bounds

    def work(q: Question) -> Told:
        said = q.rows_by_id("assets", "uses_of", [subject])
        uses = [use for use, keys in zip(said, edge_keys(q, said), strict=True) if key in keys]
        days = list(islice(_days(uses, min(after.time, bounds["asof"])), MOST_DAYS + 1))
        found: list[Row] = []
        for at in range(0, min(len(days), MOST_DAYS), DAYS):
            some = days[at : at + DAYS]
            found += q.rows(
                "assets",
                "told_on",
                buckets=[f"{subject}|{day}" for day in some],
                uses=[use["id"] for use in uses],
                time=after.time,
                behind=after.key,
                asof=bounds["asof"],
                known=bounds["known"],
                limit=limit + 1 - len(found),
            )
            if len(found) > limit:
                last = found[limit - 1]
                return Told(found[:limit], Behind(last["time"], last["key"]))
        if len(days) > MOST_DAYS:
            return Told(found, Behind(days[MOST_DAYS - 1] * DAY))
        return Told(found, None)

    return reader.ask(work)


def _days(uses: Iterable[Row], before: int) -> Iterator[int]:
    """The days on which one of the bundles may have been asserted, newest first."""
    spans = sorted(((use["last"] // DAY, use["first"] // DAY) for use in uses), reverse=True)
    day = min(before // DAY, spans[0][0]) if spans else 0
    for last, first in spans:
        day = min(day, last)
        while day >= first:
            yield day
            day -= 1


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
