"""What a walk through the graph collects, and the caps it stops at (never silently)."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from catalog.graph.aliases import Aliases
from catalog.graph.cells import SPILL, read_points
from catalog.graph.reader import Question
from catalog.graph.store import Row
from catalog.lineage.feeding import Made
from catalog.lineage.steps import FOREVER, OPEN, value_at

if TYPE_CHECKING:
    from catalog.graph.views import Sieve

DATASET, JOB, FIELD = "DATASET", "JOB", "FIELD"
UPSTREAM, DOWNSTREAM, BOTH = "UPSTREAM", "DOWNSTREAM", "BOTH"
BY_DEPTH, BY_NODES, BY_EDGES, BY_TIME = "DEPTH", "NODES", "EDGES", "TIME"


class Node(NamedTuple):
    """A node of an answer; `field` names a column of the dataset."""

    id: str
    kind: str
    namespace: str
    name: str
    field: str | None = None


class Edge(NamedTuple):
    """An edge of an answer, pointing the way data flows from `source` to `target`.

    `key` names the stored edge (its evidence); `job` the job it belongs to; `type` how a column depends on another, or
    RENAME from a dataset's old name to its new one; `via` what was collapsed into it; `basis` what is known of which
    inputs made the output (of edges to an output); `whole` that a dataset as a whole depends on the column;
    `manifest` the name of the one that declares it.
    """

    source: str
    target: str
    kind: str
    key: str = ""
    origin: str = ""
    job: str = ""
    type: str = ""
    subtype: str = ""
    masking: bool = False
    description: str = ""
    via: tuple[str, ...] = ()
    basis: str = ""
    whole: bool = False
    manifest: str = ""


class Caps(NamedTuple):
    """Where a walk stops: dataset hops, nodes, edges, seconds."""

    depth: int = 10
    nodes: int = 5_000
    edges: int = 20_000
    seconds: float = 8.0


class Moment(NamedTuple):
    """A question's two times: event time T (µs) and sequence K; both None for the present."""

    as_of: int | None = None
    known_at: int | None = None

    @property
    def past(self) -> bool:
        """Whether the answer needs more than what is open now."""
        return self.as_of is not None or self.known_at is not None

    @property
    def bounds(self) -> dict[str, int]:
        """The parameters of a `_past` block."""
        return {
            "asof": FOREVER if self.as_of is None else self.as_of,
            "known": FOREVER if self.known_at is None else self.known_at,
        }


PRESENT = Moment()


@dataclass(slots=True)
class Walk:
    """The subgraph found so far, and why it is no larger.

    Attributes:
        maps: what is known of what made an output, by (job, output) and the key of the edge that writes it.
        aliases: which of the datasets met are one.
    """

    root: str
    caps: Caps
    moment: Moment
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: dict[tuple[str, str, str, str], Edge] = field(default_factory=dict)
    frontier: set[str] = field(default_factory=set)
    truncated_by: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    sieve: Sieve | None = None
    maps: dict[tuple[str, str], dict[str, Made]] = field(default_factory=dict)
    aliases: Aliases = field(default_factory=Aliases)
    deadline: float = 0.0

    def start(self) -> None:
        """Begin again (a read transaction's body may run twice)."""
        self.nodes.clear()
        self.edges.clear()
        self.frontier.clear()
        self.truncated_by.clear()
        self.hidden.clear()
        self.maps.clear()
        self.aliases = Aliases()
        self.deadline = time.monotonic() + self.caps.seconds

    def add_node(self, node: Node, found_from: str = "") -> bool:
        """Take a node in; False if it is known, or does not fit: then the node it was found from has more behind it."""
        if node.id in self.nodes:
            return False
        if len(self.nodes) >= self.caps.nodes:
            self.truncated_by.add(BY_NODES)
            if found_from in self.nodes:
                self.frontier.add(found_from)
            return False
        self.nodes[node.id] = node
        return True

    def add_edge(self, edge: Edge, found_from: str = "") -> None:
        """Take an edge in if both ends are there and it fits; else the node it was found from has more behind it."""
        place = (edge.source, edge.target, edge.kind, edge.key)
        if place in self.edges or edge.source not in self.nodes or edge.target not in self.nodes:
            return
        if len(self.edges) >= self.caps.edges:
            self.truncated_by.add(BY_EDGES)
            self.frontier.add(found_from or edge.source)
            return
        self.edges[place] = edge

    def made(self, job: str, output: str) -> list[Made]:
        """What is known, at the walk's moment, of what a job made an output of."""
        return list(self.maps.get((job, output), {}).values())

    def learn_names(self, q: Question, ids: Iterable[str]) -> None:
        """Ask for all names of datasets, as far as they are not known."""
        self.aliases.learn(ids, lambda missing: self.around(q, "aliases", missing))

    def exhausted(self) -> bool:
        """Whether to stop before the next statement."""
        if time.monotonic() > self.deadline:
            self.truncated_by.add(BY_TIME)
        return bool(self.truncated_by & {BY_TIME, BY_NODES, BY_EDGES})

    def around(self, q: Question, block: str, ids: list[str]) -> list[Row]:
        """The edges of one level that hold at the walk's moment; says so when they are more than fit."""
        limit = self.caps.edges + 1
        if not ids:
            return []
        if not self.moment.past:
            rows = q.rows_by_id("lineage", block, ids, limit=limit)
        else:
            rows = q.rows_by_id("lineage", f"{block}_past", ids, limit=limit, **self.moment.bounds)
        if len(rows) >= limit:
            self.truncated_by.add(BY_EDGES)
            self.frontier.update(id_ for id_ in ids if id_ in self.nodes)
        if self.moment.past:
            rows = holding(q, rows, self.moment)
        return self.sieve.sift(q, block, rows, self.nodes) if self.sieve else rows


def holding(q: Question, rows: list[Row], moment: Moment) -> list[Row]:
    """The edges among those of a `_past` block that hold at the moment, by their Steps (beside them as `points`).

    Ties between names have no time of their own (`t0`): they hold at every one.
    """
    asof, known = moment.bounds["asof"], moment.bounds["known"]
    return [
        row
        for row in with_points(q, rows)
        if row["n"] is None or value_at(row["points"], FOREVER if row["t0"] is None else asof, known) == OPEN
    ]


def with_points(q: Question, rows: list[Row]) -> list[Row]:
    """The edges of a `_past` block with their Steps beside them as `points`, wherever those are kept."""
    spilled = sorted({row["key"] for row in rows if (row["n"] or 0) > SPILL})
    lists = {row["id"]: row for row in q.rows_by_id("record", "load_registers", spilled)} if spilled else {}
    for row in rows:
        if row["n"] is not None:
            row["points"] = read_points(lists.get(row["key"], row))
    return rows
