"""Answer "where did this come from, what does it feed": one question, one honest answer.

The walk is always over datasets and jobs (or columns); coarser granularities collapse its result, so every
granularity agrees with every other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from catalog.errors import InvalidQuestion
from catalog.graph import entries
from catalog.graph.assets import datasets, jobs
from catalog.graph.columns import trace_columns
from catalog.graph.hierarchy import descendants, tops
from catalog.graph.lineage import trace
from catalog.graph.reader import Reader
from catalog.graph.views import EVERYTHING, Told, View
from catalog.graph.walk import BY_EDGES, DATASET, FIELD, JOB, PRESENT, Caps, Edge, Moment, Node, Walk
from catalog.identity import Name, dataset_id, field_id, job_id
from catalog.lineage.assertions import Basis
from catalog.lineage.feeding import basis_of
from catalog.usecases.rollup import rolled_up
from catalog.usecases.things import once

MAX_DEPTH = 100
ALL = "ALL"
_RANKS = tuple(Basis)
_ONE_THING = ("SAME_AS", "DERIVES_FROM")
Pair = tuple[str, str, tuple[str, ...], Basis | None]
"""Source, target, what lies between, and by what it is known."""


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
    caps: Caps = Caps(),
    moment: Moment = PRESENT,
    view: View = EVERYTHING,
    roll_up: bool = False,
) -> LineageAnswer | None:
    """The lineage of a dataset, job or column; None if there is no such thing (or the reader may not see it).

    A root with a field asks for column lineage, whatever the granularity says. With `roll_up` each job stands for all
    jobs below it: the root, too, and the answer shows its topmost parent in its place.

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
    below: list[Node] = []
    if field is not None or granularity == FIELD:
        walk = trace_columns(reader, root, direction, caps, moment, view)
    else:
        if roll_up and kind == JOB:
            below = descendants(reader, root, moment, caps.nodes)
        walk = trace(reader, root, direction, caps, moment, view, below)
    edges = _collapsed(walk, granularity, [node.id for node in below])
    if granularity in (DATASET, JOB):
        edges = once(edges, walk.edges.values(), root.id)
    nodes = dict(walk.nodes)
    above: dict[str, Node] = {}
    if roll_up:
        above = tops(reader, (node for node in nodes.values() if node.kind == JOB), moment)
        edges = rolled_up(edges, above)
        nodes = {top.id: top for top in (above.get(id_, node) for id_, node in nodes.items())}
        root = above.get(root.id, root)
    shown = {root.id} | {end for edge in edges for end in (edge.source, edge.target)}
    if granularity in (ALL, FIELD) or field is not None:
        shown = set(nodes)
    return LineageAnswer(
        root=root,
        nodes=tuple(sorted((nodes[id_] for id_ in shown), key=_order)),
        edges=tuple(sorted(edges)),
        truncated_by=tuple(sorted(walk.truncated_by)),
        frontier=tuple(sorted({above[id_].id if id_ in above else id_ for id_ in walk.frontier})),
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


def _collapsed(walk: Walk, granularity: str, below: Iterable[str] = ()) -> list[Edge]:
    edges = list(walk.edges.values())
    if granularity not in (DATASET, JOB):
        return edges
    middle = JOB if granularity == DATASET else DATASET
    kept: list[Edge] = []
    into: dict[str, list[str]] = {}
    out_of: dict[str, list[str]] = {}
    for edge in edges:
        source, target = walk.nodes[edge.source].kind, walk.nodes[edge.target].kind
        if source == target != middle:
            kept.append(edge)
        if target == middle and edge.kind not in _ONE_THING:
            into.setdefault(edge.target, []).append(edge.source)
        if source == middle and edge.kind not in _ONE_THING:
            out_of.setdefault(edge.source, []).append(edge.target)
    through = _through_datasets if granularity == JOB else _through_jobs
    via: dict[tuple[str, str], set[str]] = {}
    best: dict[tuple[str, str], Basis | None] = {}
    for source, target, between, basis in through(walk, into, out_of):
        if source == target:
            continue
        if len(via) >= walk.caps.edges and (source, target) not in via:
            walk.truncated_by.add(BY_EDGES)
            walk.frontier.add(source)
            continue
        via.setdefault((source, target), set()).update(between)
        best[source, target] = min(filter(None, (basis, best.get((source, target)))), key=_RANKS.index, default=None)
    if walk.nodes[walk.root].kind == middle:
        kept += _around_roots([walk.root, *below], edges)
    kind = "DERIVES_FROM" if granularity == DATASET else "FEEDS"
    return kept + [
        Edge(*ends, kind, via=tuple(sorted(middles)), basis=best[ends] or "") for ends, middles in sorted(via.items())
    ]


def _through_jobs(walk: Walk, into: dict[str, list[str]], out_of: dict[str, list[str]]) -> Iterator[Pair]:
    """Datasets derive from datasets through the jobs between, by what is known of what made each output."""
    feeders: dict[str, list[tuple[str, str]]] = {}
    for job, targets in out_of.items():
        for target in targets:
            if walk.nodes[target].kind == JOB:
                continue
            made = walk.made(job, target)
            for source in into.get(job, ()):
                basis = basis_of(made, walk.aliases.of(source))
                if basis is None:
                    continue
                if walk.nodes[source].kind == DATASET:
                    yield source, target, (job,), basis
                    continue
                for dataset, feeder in feeders.setdefault(source, _behind(walk, source, into)):
                    yield dataset, target, (feeder, job), basis


def _behind(walk: Walk, job: str, into: dict[str, list[str]]) -> list[tuple[str, str]]:
    """The inputs of a job and of the jobs whose data it takes, each with the job that reads it."""
    found: list[tuple[str, str]] = []
    seen, todo = {job}, [job]
    for here in todo:
        for source in into.get(here, ()):
            if walk.nodes[source].kind == DATASET:
                found.append((source, here))
            elif source not in seen:
                seen.add(source)
                todo.append(source)
    return found


def _through_datasets(walk: Walk, into: dict[str, list[str]], out_of: dict[str, list[str]]) -> Iterator[Pair]:
    """Jobs meet at a thing, whichever of its names each uses, and through datasets derived without a job."""
    same = [edge for edge in walk.edges.values() if edge.kind in _ONE_THING]
    reached = _through_aliases(same, into, out_of)
    for between, sources in into.items():
        for source in sources:
            if walk.nodes[source].kind == JOB:
                for target in reached.get(between, ()):
                    yield source, target, (between,), None


def _around_roots(roots: list[str], edges: list[Edge]) -> list[Edge]:
    """The edges that tie roots of the collapsed kind to what is shown: their own, and those of their other names."""
    ties = [e for e in edges if e.kind in ("READS", "WRITES")]
    came: dict[str, Edge | None] = dict.fromkeys(roots)
    todo = list(roots)
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
) -> dict[str, list[str]]:
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
    return reached
