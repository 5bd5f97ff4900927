"""Walks lineage level by level: one statement per kind of node and level, visited set and caps here.

A variable-length path would enumerate trails, exponentially many in a diamond-shaped graph; this is linear in the
edges it returns, and can stop at any cap with a frontier to go on from (stores.md, rule 10).

A job is walked through only as far as its inputs feed the outputs that the walk came from, or goes to: what is known
of that comes with the edges that write the outputs. So a job may be entered again, from another of its outputs.
"""

from __future__ import annotations

from collections.abc import Iterable

from catalog.graph.maps import read_maps
from catalog.graph.reader import Question, Reader
from catalog.graph.store import Row
from catalog.graph.views import EVERYTHING, Sieve, View
from catalog.graph.walk import (
    BOTH,
    BY_DEPTH,
    BY_EDGES,
    BY_TIME,
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
from catalog.lineage.assertions import Basis
from catalog.lineage.feeding import feeds_any, is_open
from catalog.lineage.observe import FED_BY, READS, WRITES

FEEDS = "FEEDS"
"""The kind of an edge from a job to a job that takes its data."""
ANYTHING = ""
"""The end of a job that all of its inputs feed, or that feeds all of its outputs."""

_FROM_DATASETS = {UPSTREAM: "upstream_of_datasets", DOWNSTREAM: "downstream_of_datasets"}
_FROM_JOBS = {UPSTREAM: "upstream_of_jobs", DOWNSTREAM: "downstream_of_jobs"}

Ends = dict[str, set[str]]
"""Jobs to walk through, each with the datasets or jobs that it is entered from."""


def trace(
    reader: Reader,
    root: Node,
    direction: str,
    caps: Caps,
    moment: Moment,
    view: View = EVERYTHING,
    below: Iterable[Node] = (),
) -> Walk:
    """Datasets and jobs up- or downstream of a dataset or job, or of a job and those below it.

    Depth counts datasets: a job costs nothing, and neither do other names of one thing.

    Raises:
        StoreUnavailable, StoreTimeout.
    """
    walk = Walk(root.id, caps, moment)

    def work(q: Question) -> None:
        walk.start()
        walk.sieve = Sieve(view, moment) if view != EVERYTHING else None
        for node in (asked := [root, *below]):
            walk.add_node(node, root.id)
        roots = [node for node in asked if node.id in walk.nodes]
        for way in (UPSTREAM, DOWNSTREAM) if direction == BOTH else (direction,):
            _Way(q, walk, way).go(roots)
        if BY_TIME not in walk.truncated_by:
            walk.learn_names(q, _unnamed(walk))

    reader.ask(work)
    return walk


class _Way:
    """One direction of a walk.

    Attributes:
        seen: datasets met; a set per direction, since BOTH may meet a node twice.
        entered: jobs met, and from where.
        behind: what is behind each job that was walked through; asked for once.
    """

    def __init__(self, q: Question, walk: Walk, way: str) -> None:
        self.q = q
        self.walk = walk
        self.way = way
        self.seen: set[str] = set()
        self.entered: Ends = {}
        self.behind: dict[str, list[Row]] = {}

    def go(self, roots: list[Node]) -> None:
        """Breadth first, one dataset hop per round."""
        walk = self.walk
        datasets = [root.id for root in roots if root.kind == DATASET]
        jobs: Ends = {root.id: {ANYTHING} for root in roots if root.kind == JOB}
        self.seen.update(datasets)
        for _ in range(walk.caps.depth):
            if walk.exhausted():
                break
            near = self._datasets(datasets, jobs)
            datasets, jobs = [*near, *self._jobs(jobs)], {}
            if not datasets:
                return
        if walk.truncated_by:
            walk.frontier.update(datasets, jobs)
        else:
            self._peek(datasets)

    def _datasets(self, ids: list[str], jobs: Ends) -> list[str]:
        """One level of datasets and their other names: adds jobs (free), returns datasets derived without one."""
        derived: list[str] = []
        while ids:
            aliases: list[str] = []
            for row in self._around(_FROM_DATASETS[self.way], ids):
                step = self._from_dataset(row)
                if step is None or not self._enter(row):
                    continue
                self.walk.add_edge(step, row["id"])
                if row["isJob"]:
                    jobs.setdefault(row["other"], set()).add(row["id"])
                elif row["other"] not in self.seen:
                    self.seen.add(row["other"])
                    (aliases if row["kind"] == "SAME_AS" else derived).append(row["other"])
            ids = aliases
        return derived

    def _jobs(self, jobs: Ends) -> list[str]:
        """The datasets behind jobs, and behind the jobs that those take from, or give to, directly."""
        found: list[str] = []
        while jobs and not self.walk.exhausted():
            jobs = {job: new for job, ends in jobs.items() if (new := self._new_ends(job, ends))}
            for job in (fresh := [job for job in jobs if job not in self.behind]):
                self.behind[job] = []
            for row in self._around(_FROM_JOBS[self.way], fresh):
                self.behind[row["id"]].append(row)
            self._name(jobs)
            further: Ends = {}
            for job, ends in sorted(jobs.items()):
                self.entered.setdefault(job, set()).update(ends)
                for row in self.behind[job]:
                    step = self._from_job(row)
                    if step is None or not self._flows(row, ends) or not self._enter(row):
                        continue
                    self.walk.add_edge(step, job)
                    if row["isJob"]:
                        further.setdefault(row["other"], set()).add(ANYTHING if self.way == UPSTREAM else job)
                    elif row["other"] not in self.seen:
                        self.seen.add(row["other"])
                        found.append(row["other"])
            jobs = further
        return found

    def _new_ends(self, job: str, ends: set[str]) -> set[str]:
        """Those a job was not entered from; upstream, one of which nothing is known is as good as anything."""
        entered = self.entered.get(job, set())
        if self.way == UPSTREAM and any(end == ANYTHING or (job, end) not in self.walk.maps for end in ends):
            ends = {ANYTHING}
        return set() if ANYTHING in entered else ends - entered

    def _around(self, block: str, ids: list[str]) -> list[Row]:
        """The rows around nodes, sorted; what they tell of maps and names is noted."""
        rows = self.walk.around(self.q, block, sorted(ids))
        rows.sort(key=lambda row: (row["id"], row["other"], row["key"]))
        maps = read_maps(self.q, rows, self.walk.moment)
        for row in (row for row in rows if row["kind"] == WRITES):
            made = maps.get(row["key"])
            row["basis"] = made and made.basis
            if made:
                place = (row["other"], row["id"]) if row["isJob"] else (row["id"], row["other"])
                self.walk.maps.setdefault(place, {})[row["key"]] = made
        if block == _FROM_DATASETS[self.way] and BY_EDGES not in self.walk.truncated_by:
            self.walk.aliases.told(ids, rows)
        return rows

    def _name(self, jobs: Ends) -> None:
        """Ask for other names where they may decide what feeds what; nothing is asked where the ids alone do."""
        wanted: set[str] = set()
        for job, ends in jobs.items():
            for row in self.behind[job]:
                if self.way == UPSTREAM and not row["isJob"]:
                    others = (self.walk.made(job, end) for end in ends if end != ANYTHING)
                    if any(is_open(made, row["other"]) for made in others):
                        wanted.add(row["other"])
                elif self.way == DOWNSTREAM and row["kind"] == WRITES:
                    made = self.walk.made(job, row["other"])
                    wanted.update(end for end in ends if end in self.seen and is_open(made, end))
        self.walk.learn_names(self.q, wanted)

    def _flows(self, row: Row, ends: set[str]) -> bool:
        """Whether data flow between what is behind a job and one of the ends it was entered from."""
        if ANYTHING in ends or (self.way == DOWNSTREAM and row["isJob"]):
            return True
        names = self.walk.aliases
        if self.way == UPSTREAM:
            own = [names.of(row["other"])]
            return any(feeds_any(self.walk.made(row["id"], end), own) for end in ends)
        return feeds_any(self.walk.made(row["id"], row["other"]), [names.of(end) for end in ends])

    def _enter(self, row: Row) -> bool:
        walk = self.walk
        if not row["visible"]:
            walk.hidden.add(row["other"])
            return False
        kind = JOB if row["isJob"] else DATASET
        known = row["other"] in walk.nodes
        return known or walk.add_node(Node(row["other"], kind, row["namespace"], row["name"]), row["id"])

    def _peek(self, ids: list[str]) -> None:
        """One look behind the last level: which nodes go on? Without it nobody could tell if the answer is whole."""
        for row in self._around(_FROM_DATASETS[self.way], ids):
            if self._from_dataset(row) and self._is_news(row):
                self.walk.frontier.add(row["id"])
        if self.walk.frontier:
            self.walk.truncated_by.add(BY_DEPTH)

    def _is_news(self, row: Row) -> bool:
        other = row["other"]
        if not row["isJob"]:
            return other not in self.seen
        if other not in self.entered:
            return True
        ends = self._new_ends(other, {row["id"]})
        return bool(ends) and any(
            behind["other"] not in (self.entered if behind["isJob"] else self.seen)
            for behind in self.behind[other]
            if self._flows(behind, ends)
        )

    def _from_dataset(self, row: Row) -> Edge | None:
        here, other, kind = row["id"], row["other"], row["kind"]
        if kind == "SAME_AS":
            return Edge(min(here, other), max(here, other), kind, row["key"], row["origin"])
        if kind == "DERIVES_FROM":
            upstream, edge = row["out"], (other, here) if row["out"] else (here, other)
            if upstream != (self.way == UPSTREAM):
                return None
            found = Edge(*edge, kind, row["key"], row["origin"], type=row["change"] or "", basis=row["basis"] or "")
            return found._replace(manifest=row["manifest"] or "")
        if kind == WRITES and self.way == UPSTREAM:
            return _told(Edge(other, here, kind, row["key"], row["origin"], other), row)
        if kind == READS and self.way == DOWNSTREAM:
            return _told(Edge(here, other, kind, row["key"], row["origin"], other), row)
        return None

    def _from_job(self, row: Row) -> Edge | None:
        here, other, kind = row["id"], row["other"], row["kind"]
        if kind == READS and self.way == UPSTREAM:
            return _told(Edge(other, here, kind, row["key"], row["origin"], here), row)
        if kind == WRITES and self.way == DOWNSTREAM:
            return _told(Edge(here, other, kind, row["key"], row["origin"], here), row)
        if kind == FED_BY and row["out"] == (self.way == UPSTREAM):
            ends = (other, here) if row["out"] else (here, other)
            return _told(Edge(*ends, FEEDS, row["key"], row["origin"], ends[1]), row)
        return None


def _told(edge: Edge, row: Row) -> Edge:
    """With who says so, if not its own job, and what is known of what made an output."""
    if row["manifest"]:
        return edge._replace(manifest=row["manifest"])
    return edge._replace(job=row["by"] or edge.job, basis=(row["basis"] or "") if edge.kind == WRITES else "")


def _unnamed(walk: Walk) -> set[str]:
    """Inputs that column lineage may name otherwise: whether it does says how sure it is that they feed an output."""
    shown: dict[str, list[frozenset[str]]] = {}
    for (job, _), made in walk.maps.items():
        shown.setdefault(job, []).extend(m.given for m in made.values() if m.basis is Basis.COLUMN)
    return {
        edge.source
        for edge in walk.edges.values()
        if edge.kind == READS and any(edge.source not in given for given in shown.get(edge.target, ()))
    }
