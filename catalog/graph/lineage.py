"""Walks lineage level by level: one statement per kind of node and level, visited set and caps here.

A variable-length path would enumerate trails, exponentially many in a diamond-shaped graph; this is linear in the
edges it returns, and can stop at any cap with a frontier to go on from (stores.md, rule 10).
"""

from __future__ import annotations

from catalog.graph.reader import Question, Reader
from catalog.graph.store import Row
from catalog.graph.views import EVERYTHING, Sieve, View
from catalog.graph.walk import (
    BOTH,
    BY_DEPTH,
    DATASET,
    DOWNSTREAM,
    JOB,
    UPSTREAM,
    Caps,
    Edge,
    Moment,
    Node,
    Walk,
)

_FROM_DATASETS = {UPSTREAM: "upstream_of_datasets", DOWNSTREAM: "downstream_of_datasets"}
_FROM_JOBS = {UPSTREAM: "upstream_of_jobs", DOWNSTREAM: "downstream_of_jobs"}


def trace(reader: Reader, root: Node, direction: str, caps: Caps, moment: Moment, view: View = EVERYTHING) -> Walk:
    """Datasets and jobs up- or downstream of a dataset or job.

    Depth counts datasets: a job costs nothing, and neither do other names of one thing.

    Raises:
        StoreUnavailable, StoreTimeout.
    """
    walk = Walk(root.id, caps, moment)

    def work(q: Question) -> None:
        walk.start()
        walk.sieve = Sieve(view, moment) if view != EVERYTHING else None
        walk.add_node(root)
        for way in (UPSTREAM, DOWNSTREAM) if direction == BOTH else (direction,):
            _walk(q, walk, root, way)

    reader.ask(work)
    return walk


def _walk(q: Question, walk: Walk, root: Node, way: str) -> None:
    """Breadth first, one dataset hop per round; a visited set per direction, since BOTH may meet a node twice."""
    datasets = [root.id] if root.kind == DATASET else []
    jobs = [root.id] if root.kind == JOB else []
    seen = {root.id}
    for _ in range(walk.caps.depth):
        if walk.exhausted():
            break
        near = _level_datasets(q, walk, datasets, way, seen)
        jobs += near.jobs
        far = _level_jobs(q, walk, jobs, way, seen)
        datasets, jobs = near.datasets + far, []
        if not datasets:
            return
    if walk.truncated_by:
        walk.frontier.update(datasets, jobs)
    else:
        _peek(q, walk, datasets, way, seen)


class _Near:
    """What one level of datasets leads to: jobs (free) and datasets derived without a job (one hop)."""

    def __init__(self) -> None:
        self.jobs: list[str] = []
        self.datasets: list[str] = []


def _level_datasets(q: Question, walk: Walk, ids: list[str], way: str, seen: set[str]) -> _Near:
    near = _Near()
    while ids:
        aliases: list[str] = []
        for row in _sorted(walk.around(q, _FROM_DATASETS[way], sorted(ids))):
            step = _from_dataset(row, way)
            if step is None or not _enter(walk, row, seen):
                continue
            walk.add_edge(step, row["id"])
            if row["other"] not in seen:
                seen.add(row["other"])
                found = aliases if row["kind"] == "SAME_AS" else near.jobs if row["isJob"] else near.datasets
                found.append(row["other"])
        ids = aliases
    return near


def _level_jobs(q: Question, walk: Walk, ids: list[str], way: str, seen: set[str]) -> list[str]:
    found: list[str] = []
    for row in _sorted(walk.around(q, _FROM_JOBS[way], sorted(ids))):
        step = _from_job(row, way)
        if step is None or not _enter(walk, row, seen):
            continue
        walk.add_edge(step, row["id"])
        if row["other"] not in seen:
            seen.add(row["other"])
            found.append(row["other"])
    return found


def _enter(walk: Walk, row: Row, seen: set[str]) -> bool:
    if not row["visible"]:
        walk.hidden.add(row["other"])
        return False
    kind = JOB if row["isJob"] else DATASET
    known = row["other"] in walk.nodes
    return known or walk.add_node(Node(row["other"], kind, row["namespace"], row["name"]), row["id"])


def _peek(q: Question, walk: Walk, ids: list[str], way: str, seen: set[str]) -> None:
    """One look behind the last level: which of its nodes go on? Without it nobody could tell if the answer is whole."""
    for row in walk.around(q, _FROM_DATASETS[way], sorted(ids)):
        if _from_dataset(row, way) and row["other"] not in seen:
            walk.frontier.add(row["id"])
    if walk.frontier:
        walk.truncated_by.add(BY_DEPTH)


def _from_dataset(row: Row, way: str) -> Edge | None:
    here, other, kind = row["id"], row["other"], row["kind"]
    if kind == "SAME_AS":
        return Edge(min(here, other), max(here, other), kind, row["key"], row["origin"])
    if kind == "DERIVES_FROM":
        upstream, edge = row["out"], (other, here) if row["out"] else (here, other)
        return Edge(*edge, kind, row["key"], row["origin"]) if upstream == (way == UPSTREAM) else None
    if kind == "WRITES" and way == UPSTREAM:
        return Edge(other, here, kind, row["key"], row["origin"], other)
    if kind == "READS" and way == DOWNSTREAM:
        return Edge(here, other, kind, row["key"], row["origin"], other)
    return None


def _from_job(row: Row, way: str) -> Edge | None:
    here, other, kind = row["id"], row["other"], row["kind"]
    if kind == "READS" and way == UPSTREAM:
        return Edge(other, here, kind, row["key"], row["origin"], here)
    if kind == "WRITES" and way == DOWNSTREAM:
        return Edge(here, other, kind, row["key"], row["origin"], here)
    return None


def _sorted(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["id"], row["other"], row["key"]))
