"""What one run read and wrote, its columns, and the runs it started: from its own events, not from edges."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from catalog.graph.reader import Question, Reader
from catalog.graph.run_log import observations
from catalog.graph.runs import at, runs
from catalog.graph.shapes import load_bodies_for
from catalog.graph.store import Row
from catalog.graph.walk import DATASET, FIELD, JOB, Edge, Moment, Node
from catalog.lineage.derived import DATASET_FROM_DATASET, Derived, derived_edges
from catalog.lineage.observe import COLUMNS, READS, WRITES, Register, link
from catalog.lineage.steps import Point

MOST_CHILDREN = 500


@dataclass(slots=True)
class RunWalk:
    """What one run did.

    Attributes:
        run: its row as of the moment.
        hidden: datasets left out because the reader may not see them.
        more_children: there are more than MOST_CHILDREN.
    """

    run: Row
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    children: list[str] = field(default_factory=list)
    more_children: bool = False


def trace_run(reader: Reader, id_: str, moment: Moment) -> RunWalk | None:
    """The inputs, outputs, columns and children of a run as of a moment; None where it was not heard of by then.

    Of two column lineages for one output the later holds, as in the graph.

    Raises:
        InvalidQuestion: it has too many events to be read again.
    """

    def work(q: Question) -> RunWalk | None:
        found = q.rows_by_id("assets", "runs_by_id", [id_])
        run = at(found[0], moment) if found else None
        if run is None:
            return None
        walk = RunWalk(run)
        jobs = q.rows_by_id("assets", "jobs_by_id", [run["job"]])
        if not jobs:
            return None  # the reader may not see its job
        walk.nodes[run["job"]] = Node(run["job"], JOB, jobs[0]["namespace"], jobs[0]["name"])
        _edges(q, walk, observations(q, {id_: run}, moment) if run["lastT"] is not None else [])
        rows = q.rows("assets", "runs_of_parent", parent=id_, limit=MOST_CHILDREN + 1)
        walk.children = sorted(row["id"] for row in rows)[:MOST_CHILDREN]
        walk.more_children = len(rows) > MOST_CHILDREN
        return walk

    walk = reader.ask(work)
    if walk is not None:
        heard = runs(reader, walk.children, moment)
        walk.children = [child for child in walk.children if child in heard]
    return walk


def _edges(q: Question, walk: RunWalk, seen: list[Row]) -> None:
    uses = {row["id"]: row for row in q.rows_by_id("assets", "uses_by_id", sorted({row["use"] for row in seen}))}
    said: dict[str, str] = {}
    for row in seen:
        use = uses[row["use"]]
        said.update(zip(use["registers"], use["vals"], strict=True))
    registers = [
        Register(r["id"], r["subject"], r["aspect"], r["name"], r["of"])
        for r in q.rows_by_id("assets", "registers", sorted(said))
        if r["aspect"] == COLUMNS and said[r["id"]]
    ]
    sets = {use["io"] for use in uses.values() if use["io"]}
    bodies = load_bodies_for(q, sets.union(said[r.id] for r in registers))
    links = {link(kind, walk.run["job"], other) for io in sets for kind, other in bodies[io]["links"]}
    columns = [e for r in registers for e in derived_edges(r, [Point(0, 0, said[r.id])], bodies).values()]
    columns = [e for e in columns if e.kind != DATASET_FROM_DATASET]
    _datasets(q, walk, {k.target for k in links} | {end.dataset for e in columns for end in e.fields} | _whole(columns))
    for key, kind, job, dataset in sorted(links):
        if kind in (READS, WRITES) and dataset in walk.nodes:
            ends = (dataset, job) if kind == READS else (job, dataset)
            walk.edges.append(Edge(*ends, kind, key, "O", job))
    for edge in sorted(columns, key=lambda e: (e.source, e.target, e.key)):
        _column(walk, edge)


def _whole(columns: Iterable[Derived]) -> set[str]:
    """The datasets that depend on columns as a whole."""
    return {e.source for e in columns if len(e.fields) == 1}


def _datasets(q: Question, walk: RunWalk, ids: set[str]) -> None:
    for row in q.rows_by_id("lineage", "datasets", sorted(ids)):
        if row["visible"]:
            walk.nodes[row["id"]] = Node(row["id"], DATASET, row["namespace"], row["name"])
        else:
            walk.hidden.add(row["id"])


def _column(walk: RunWalk, edge: Derived) -> None:
    for end in edge.fields:
        if (of := walk.nodes.get(end.dataset)) is not None:
            walk.nodes.setdefault(end.id, Node(end.id, FIELD, of.namespace, of.name, end.path))
    if edge.source in walk.nodes and edge.target in walk.nodes:
        said = edge.values
        words = (said["job"], said["type"], said["subtype"], said["masking"], said["description"])
        ends, whole = (edge.target, edge.source), len(edge.fields) == 1
        walk.edges.append(Edge(*ends, "DERIVES_FROM", edge.key, edge.origin, *words, whole=whole))
