"""Edges between datasets and jobs as they hold at a moment, and when events first told of their ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from catalog.checks.snapshot import Edge
from catalog.graph.reader import Question
from catalog.graph.store import Row
from catalog.graph.walk import Moment, with_points
from catalog.lineage.observe import FED_BY, READS, WRITES
from catalog.lineage.steps import OPEN, told

ORIGINS = {"O": "OBSERVED", "D": "DECLARED", "I": "INFERRED"}
DERIVES_FROM = "DERIVES_FROM"
_FLOWING = frozenset({READS, WRITES, FED_BY, DERIVES_FROM})


class Flow(NamedTuple):
    """An edge by the ids of its nodes, the way data flow; those that do not hold at the moment tell of `first` alone.

    Attributes:
        origin: OBSERVED, DECLARED, INFERRED.
        first: when it was first told, by the moment (µs); None where a manifest, whose word is no sight, tells it.
        since: the event time (µs) from which on it holds, and
        sequence: the entry by which it does; 0 where it does not.
    """

    source: str
    target: str
    kind: str
    origin: str
    holds: bool
    first: int | None
    since: int = 0
    sequence: int = 0


class Flows(NamedTuple):
    """What is known of flows; `hidden`: edges whose other end the reader may not see."""

    all: list[Flow]
    hidden: int

    def first_sights(self) -> dict[str, int]:
        """When each node was first told of as the end of an edge."""
        found: dict[str, int] = {}
        for flow in self.all:
            if flow.first is not None:
                for end in (flow.source, flow.target):
                    found[end] = min(found.get(end, flow.first), flow.first)
        return found


def flows(q: Question, jobs: Iterable[str], datasets: Iterable[str], moment: Moment) -> Flows:
    """The edges of jobs, and of datasets that are made of others without a job."""
    of_jobs, of_datasets = "flows_of_jobs", "flows_of_datasets"
    rows = q.rows_by_id("snapshot", f"{of_jobs}_past", sorted(jobs), **moment.bounds)
    rows += q.rows_by_id("snapshot", f"{of_datasets}_past", sorted(datasets), **moment.bounds)
    hidden = sum(not row["visible"] for row in rows)
    return Flows([_flow(row, moment) for row in with_points(q, rows) if row["visible"]], hidden)


def _flow(row: Row, moment: Moment) -> Flow:
    here, other = row["id"], row["other"]
    ends = (here, other) if row["kind"] == WRITES else (other, here)
    t, k = moment.bounds["asof"], moment.bounds["known"]
    points = told(row["points"], t, k)
    holds = row["kind"] in _FLOWING and bool(points) and points[-1].v == OPEN
    first = None if row["manifest"] or not points else points[0].t
    since, sequence = points[-1][:2] if holds else (0, 0)
    return Flow(*ends, row["kind"], ORIGINS[row["origin"]], holds, first, since, sequence)


def edges(
    all_: Iterable[Flow],
    thing: Mapping[str, str],
    heard: Mapping[tuple[str, str, str], int],
    entries: Mapping[int, str],
) -> tuple[Edge, ...]:
    """The edges that hold, between things, each once with all who say so.

    Args:
        thing: the id of the thing that each dataset or job is; edges of others are left out.
        heard: when a job said last that it reads or writes something (`times.Hearing.edges`).
        entries: keys of entries by sequence.
    """
    found: dict[tuple[str, str, str], list[Flow]] = {}
    for flow in all_:
        if flow.holds and flow.source in thing and flow.target in thing:
            source, target = thing[flow.source], thing[flow.target]
            if source != target:
                found.setdefault((source, target, flow.kind), []).append(flow)
    return tuple(_edge(place, some, heard, entries) for place, some in sorted(found.items()))


def _edge(
    place: tuple[str, str, str],
    told_by: list[Flow],
    heard: Mapping[tuple[str, str, str], int],
    entries: Mapping[int, str],
) -> Edge:
    first = min(told_by, key=lambda flow: (flow.since, entries.get(flow.sequence, "")))
    times = [flow.since for flow in told_by]
    for flow in told_by:
        ends = (flow.source, flow.target) if flow.kind == WRITES else (flow.target, flow.source)
        if (last := heard.get((ends[0], flow.kind, ends[1]))) is not None:
            times.append(last)
    return Edge(
        *place,
        origins=tuple(sorted({flow.origin for flow in told_by})),
        since=first.since,
        last=max(times),
        entry=entries.get(first.sequence, ""),
    )
