"""What one run read and wrote, its columns, and the runs it started: from its own events, not from edges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from catalog.graph.reader import Question, Reader
from catalog.graph.run_log import observations
from catalog.graph.runs import at, runs
from catalog.graph.shapes import load_bodies_for
from catalog.graph.store import Row
from catalog.graph.walk import DATASET, FIELD, JOB, Edge, Moment, Node
from catalog.lineage.derived import DATASET_FROM_DATASET, Derived, derived_edges
from catalog.lineage.observe import COLUMNS, READS, WRITES, Link, Register, link
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
    walk = trace_runs(reader, [id_], moment).get(id_)
    if walk is not None:
        rows = reader.rows("assets", "runs_of_parent", parent=id_, limit=MOST_CHILDREN + 1)
        children = sorted(row["id"] for row in rows)[:MOST_CHILDREN]
        heard = runs(reader, children, moment)
        walk.children = [child for child in children if child in heard]
        walk.more_children = len(rows) > MOST_CHILDREN
    return walk


def trace_runs(reader: Reader, ids: Iterable[str], moment: Moment) -> dict[str, RunWalk]:
    """The same of several runs, but for the runs they started; those that were not heard of are left out.

    Raises:
        InvalidQuestion: they have too many events to be read again.
    """
    wanted = sorted(set(ids))

    def work(q: Question) -> dict[str, RunWalk]:
        then = {row["id"]: run for row in q.rows_by_id("assets", "runs_by_id", wanted) if (run := at(row, moment))}
        jobs = {
            row["id"]: row for row in q.rows_by_id("assets", "jobs_by_id", sorted({r["job"] for r in then.values()}))
        }
        walks = {id_: RunWalk(run) for id_, run in then.items() if run["job"] in jobs}  # else its job is hidden
        for walk in walks.values():
            job = jobs[walk.run["job"]]
            walk.nodes[job["id"]] = Node(job["id"], JOB, job["namespace"], job["name"])
        heard = {id_: walk.run for id_, walk in walks.items() if walk.run["lastT"] is not None}
        _edges(q, walks, observations(q, heard, moment) if heard else [])
        return walks

    return reader.ask(work)


class _Told(NamedTuple):
    """What a run said: its input and output sets, and the values of registers, both by their shapes."""

    sets: set[str]
    values: dict[str, str]


def _edges(q: Question, walks: Mapping[str, RunWalk], seen: list[Row]) -> None:
    uses = {row["id"]: row for row in q.rows_by_id("assets", "uses_by_id", sorted({row["use"] for row in seen}))}
    said = {id_: _Told(set(), {}) for id_ in walks}
    for row in seen:
        use, told = uses[row["use"]], said[row["run"]]
        told.values.update(zip(use["registers"], use["vals"], strict=True))
        if use["io"]:
            told.sets.add(use["io"])
    known = {
        r["id"]: Register(r["id"], r["subject"], r["aspect"], r["name"], r["of"])
        for r in q.rows_by_id("assets", "registers", sorted({id_ for told in said.values() for id_ in told.values}))
        if r["aspect"] == COLUMNS
    }
    shapes = {value for told in said.values() for id_, value in told.values.items() if id_ in known and value}
    bodies = load_bodies_for(q, shapes.union(*(told.sets for told in said.values())))
    found = {id_: _flows(walks[id_], told, known, bodies) for id_, told in said.items()}
    ends = {id_ for links, columns in found.values() for id_ in _datasets_of(links, columns)}
    datasets = {row["id"]: row for row in q.rows_by_id("lineage", "datasets", sorted(ends))}
    for id_, (links, columns) in found.items():
        _draw(walks[id_], links, columns, datasets)


def _flows(
    walk: RunWalk, told: _Told, known: Mapping[str, Register], bodies: Mapping[str, Any]
) -> tuple[list[Link], list[Derived]]:
    """The edges of one run: what it read and wrote, and its columns."""
    links = {link(kind, walk.run["job"], other) for io in told.sets for kind, other in bodies[io]["links"]}
    registers = [known[id_] for id_, value in sorted(told.values.items()) if id_ in known and value]
    columns = [e for r in registers for e in derived_edges(r, [Point(0, 0, told.values[r.id])], bodies).values()]
    return sorted(links), [e for e in columns if e.kind != DATASET_FROM_DATASET]


def _datasets_of(links: Iterable[Link], columns: Iterable[Derived]) -> set[str]:
    return {k.target for k in links} | {end.dataset for e in columns for end in e.fields} | _whole(columns)


def _draw(walk: RunWalk, links: list[Link], columns: list[Derived], datasets: Mapping[str, Row]) -> None:
    for id_ in sorted(_datasets_of(links, columns) & datasets.keys()):
        row = datasets[id_]
        if row["visible"]:
            walk.nodes[id_] = Node(id_, DATASET, row["namespace"], row["name"])
        else:
            walk.hidden.add(id_)
    for key, kind, job, dataset in links:
        if kind in (READS, WRITES) and dataset in walk.nodes:
            ends = (dataset, job) if kind == READS else (job, dataset)
            walk.edges.append(Edge(*ends, kind, key, "O", job))
    for edge in sorted(columns, key=lambda e: (e.source, e.target, e.key)):
        _column(walk, edge)


def _whole(columns: Iterable[Derived]) -> set[str]:
    """The datasets that depend on columns as a whole."""
    return {e.source for e in columns if len(e.fields) == 1}


def _column(walk: RunWalk, edge: Derived) -> None:
    for end in edge.fields:
        if (of := walk.nodes.get(end.dataset)) is not None:
            walk.nodes.setdefault(end.id, Node(end.id, FIELD, of.namespace, of.name, end.path))
    if edge.source in walk.nodes and edge.target in walk.nodes:
        said = edge.values
        words = (said["job"], said["type"], said["subtype"], said["masking"], said["description"])
        ends, whole = (edge.target, edge.source), len(edge.fields) == 1
        walk.edges.append(Edge(*ends, "DERIVES_FROM", edge.key, edge.origin, *words, whole=whole))
