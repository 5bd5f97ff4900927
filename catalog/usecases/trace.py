"""Answer "where did this come from, what does it feed": one question, one honest answer.

The walk is always over datasets and jobs (or columns); coarser granularities collapse its result, so every
granularity agrees with every other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog.errors import InvalidQuestion
from catalog.graph import entries
from catalog.graph.assets import datasets, jobs
from catalog.graph.columns import trace_columns
from catalog.graph.lineage import trace
from catalog.graph.reader import Reader
from catalog.graph.views import EVERYTHING, Told, View
from catalog.graph.walk import BY_EDGES, DATASET, FIELD, JOB, PRESENT, Caps, Edge, Moment, Node, Walk
from catalog.identity import Name, dataset_id, field_id, job_id
from catalog.usecases.things import once

MAX_DEPTH = 100
ALL = "ALL"
GRANULARITIES = (ALL, DATASET, JOB, FIELD)
DIRECTIONS = ("UPSTREAM", "DOWNSTREAM", "BOTH")


@dataclass(frozen=True, slots=True)
class LineageAnswer:
    """Nodes and edges, and what is missing from them.

    Attributes:
        complete: nothing was cut off; otherwise `truncated_by` says by what (DEPTH, NODES, EDGES, TIME) and
            `frontier` at which nodes to go on.
        hidden: nodes left out because the reader may not see them.
        sequence, applied_through: how far the inbox was; facts accepted behind `applied_through` may be missing.
        walked: the edges before they were collapsed to the granularity.
        told: the Steps behind them by key, where the view keeps them.
    """

    root: Node
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    truncated_by: tuple[str, ...]
    frontier: tuple[str, ...]
    hidden: int
    sequence: int
    applied_through: int
    moment: Moment = PRESENT
    walked: tuple[Edge, ...] = ()
    told: Mapping[str, Told] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether nothing was cut off."""
        return not self.truncated_by


def lineage(
    reader: Reader,
    *,
    kind: str,
    name: Name,
    field: str | None,
    direction: str,
    depth: int,
    granularity: str,
    caps: Caps = Caps(),  # noqa: B008
    moment: Moment = PRESENT,
    view: View = EVERYTHING,
) -> LineageAnswer | None:
    """The lineage of a dataset, job or column; None if there is no such thing (or the reader may not see it).

    A root with a field asks for column lineage, whatever the granularity says.

    Raises:
        InvalidQuestion: an argument is outside its range, a job has no field, or arguments exclude each other.
    """
    if not 0 < depth <= MAX_DEPTH:
        raise InvalidQuestion(f"depth must be between 1 and {MAX_DEPTH}, not {depth}")
    if kind == JOB and (field is not None or granularity == FIELD):
        raise InvalidQuestion("column lineage starts at a dataset; give kind DATASET")
    if view.since is not None and moment.past:
        raise InvalidQuestion("seenSince counts all that is known now; ask without asOf and knownAt")
    progress = entries.progress(reader.store, reader.shards)
    root = _root(reader, kind, name, field)
    if root is None:
        return None
    caps = caps._replace(depth=depth)
    if field is not None or granularity == FIELD:
        walk = trace_columns(reader, root, direction, caps, moment, view)
    else:
        walk = trace(reader, root, direction, caps, moment, view)
    edges = _collapsed(walk, granularity)
    if granularity in (DATASET, JOB):
        edges = once(edges, walk.edges.values(), root.id)
    shown = {root.id} | {end for edge in edges for end in (edge.source, edge.target)}
    if granularity in (ALL, FIELD) or field is not None:
        shown = set(walk.nodes)
    return LineageAnswer(
        root=root,
        nodes=tuple(walk.nodes[id_] for id_ in sorted(shown, key=lambda i: _order(walk.nodes[i]))),
        edges=tuple(sorted(edges)),
        truncated_by=tuple(sorted(walk.truncated_by)),
        frontier=tuple(sorted(walk.frontier)),
        hidden=len(walk.hidden),
        sequence=progress.sequence,
        applied_through=progress.applied_through,
        moment=moment,
        walked=tuple(walk.edges.values()),
        told=walk.sieve.told if walk.sieve else {},
    )


def _root(reader: Reader, kind: str, name: Name, field: str | None) -> Node | None:
    if kind == JOB:
        id_ = job_id(name)
        return Node(id_, JOB, *name) if id_ in jobs(reader, [id_]) else None
    id_ = dataset_id(name)
    if id_ not in datasets(reader, [id_]):
        return None
    return Node(id_, DATASET, *name) if field is None else Node(field_id(id_, field), FIELD, *name, field)


def _order(node: Node) -> tuple[str, str, str, str]:
    return (node.kind, node.namespace, node.name, node.field or "")


def _collapsed(walk: Walk, granularity: str) -> list[Edge]:
    edges = list(walk.edges.values())
    if granularity not in (DATASET, JOB):
        return edges
    middle = JOB if granularity == DATASET else DATASET
    into: dict[str, list[str]] = {}
    out_of: dict[str, list[str]] = {}
    kept: list[Edge] = []
    for edge in edges:
        if walk.nodes[edge.source].kind == walk.nodes[edge.target].kind:
            kept.append(edge)
        elif walk.nodes[edge.target].kind == middle:
            into.setdefault(edge.target, []).append(edge.source)
        else:
            out_of.setdefault(edge.source, []).append(edge.target)
    via: dict[tuple[str, str], set[str]] = {}
    if granularity == JOB:
        into, out_of = _through_aliases(kept, into, out_of)
        kept = []
    for between, sources in into.items():
        for source in sources:
            for target in out_of.get(between, ()):
                if source == target:
                    continue
                if len(via) >= walk.caps.edges and (source, target) not in via:
                    walk.truncated_by.add(BY_EDGES)
                    walk.frontier.add(source)
                    continue
                via.setdefault((source, target), set()).add(between)
    if walk.nodes[walk.root].kind == middle:
        kept += _around_root(walk.root, edges)
    kind = "DERIVES_FROM" if granularity == DATASET else "FEEDS"
    return kept + [Edge(s, t, kind, via=tuple(sorted(middles))) for (s, t), middles in sorted(via.items())]


def _around_root(root: str, edges: list[Edge]) -> list[Edge]:
    """The edges that tie a root of the collapsed kind to what is shown: its own, and those of its other names."""
    ties = [e for e in edges if e.kind in ("READS", "WRITES")]
    came: dict[str, Edge | None] = {root: None}
    todo = [root]
    for here in todo:
        for edge in edges:
            if edge in ties or here not in (edge.source, edge.target):
                continue
            other = edge.target if edge.source == here else edge.source
            if other not in came:
                came[other] = edge
                todo.append(other)
    found = {e for e in ties if e.source in came or e.target in came}
    for tie in list(found):
        here = tie.source if tie.source in came else tie.target
        while (back := came[here]) is not None:
            found.add(back)
            here = back.source if back.target == here else back.target
    return sorted(found)


def _through_aliases(
    same: list[Edge], into: dict[str, list[str]], out_of: dict[str, list[str]]
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Jobs meet at a thing, whichever of its names each uses, and through datasets derived without a job."""
    near: dict[str, set[str]] = {}
    for edge in same:
        near.setdefault(edge.source, set()).add(edge.target)
        if edge.kind == "SAME_AS":
            near.setdefault(edge.target, set()).add(edge.source)
    reached: dict[str, list[str]] = {}
    for start in {*into, *near}:
        seen, todo = {start}, [start]
        while todo:
            for other in near.get(todo.pop(), ()):
                if other not in seen:
                    seen.add(other)
                    todo.append(other)
        reached[start] = sorted({target for dataset in seen for target in out_of.get(dataset, ())})
    return into, reached
