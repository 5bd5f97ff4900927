"""Flow policies: what reaches where it must not, over a graph in memory.

CEL says which nodes are sources and sinks, which edges stop the taint and what excuses a breach; the walk is ours,
breadth first and level by level, so that every witness is a shortest path. A node is judged by the members that an
expression reads, and once for each combination of their values: a large graph has few.

A failing predicate makes the whole an ERROR, and the walk goes on as if it had not been there: a failing `barrier` is
no barrier, a failing `unless` excuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from catalog.checks.engine import Failed
from catalog.checks.judge import Outcome, bind, message_of
from catalog.checks.law import not_yet
from catalog.checks.policy import CompiledPolicy, expressions, members
from catalog.checks.subjects import SHAPES, WrongSubject, complete

MAX_DEPTH = 50
"""Edges, where the policy does not say."""
MAX_ERRORS = 20
"""Errors that a result names."""
Facts = Mapping[str, Any]


class Edge(NamedTuple):
    """Data going from one node to another, and how."""

    start: str
    end: str
    facts: Facts


class Graph:
    """Nodes with their facts, and edges in the direction of the data."""

    def __init__(self, nodes: Mapping[str, Facts], edges: Iterable[Edge]) -> None:
        self.nodes = nodes
        self.out: dict[str, list[Edge]] = {}
        self.into: dict[str, list[Edge]] = {}
        for edge in sorted(edges, key=lambda edge: (edge.start, edge.end)):
            self.out.setdefault(edge.start, []).append(edge)
            self.into.setdefault(edge.end, []).append(edge)


class Violation(NamedTuple):
    """A sink that a source reaches, with the shortest way between them."""

    source: str
    sink: str
    path: tuple[Edge, ...]
    message: str = ""

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes of the way, both ends included."""
        return (self.source, *(edge.end for edge in self.path))


class FlowVerdict(NamedTuple):
    """What a walk found.

    Attributes:
        outcome: ERROR if any predicate failed, even where there are violations.
        violations: sorted by sink and source.
        errors: which predicate failed where, and why; the first of them.
        sources: how many nodes the walk began from.
        complete: False if `maxDepth` ended it while there was more to follow.
    """

    outcome: Outcome
    violations: tuple[Violation, ...]
    errors: tuple[str, ...]
    sources: int
    complete: bool


def judge_flow(compiled: CompiledPolicy, graph: Graph, now: datetime) -> FlowVerdict:
    """Judge a policy of type flow.

    A sink is reported with its nearest source. Where `unless` looks at the source or at the path, every pair of a
    source and a sink is reported, since what excuses one source does not excuse another.
    """
    if not_yet(compiled.policy, now):
        return FlowVerdict(Outcome.NOT_APPLICABLE, (), (), 0, True)
    walk = _Walk(compiled, graph, now)
    sources = [id for id in sorted(graph.nodes) if walk.node("from", id)]
    read = expressions(compiled.policy).get("unless", "")
    if members(read, "source") == set() and members(read, "path") == set():
        found = [*walk.reached(sources), *walk.between(sources)]
    else:
        found = [pair for source in sources for pair in walk.reached([source])]
    violations = [told for pair in found if (told := walk.violation(pair)) is not None]
    outcome = Outcome.PASS if sources else Outcome.NOT_APPLICABLE
    if walk.errors:
        outcome = Outcome.ERROR
    elif violations:
        outcome = Outcome.FAIL
    violations.sort(key=lambda found: (found.sink, found.source))
    return FlowVerdict(outcome, tuple(violations), tuple(walk.errors), len(sources), walk.complete)


class _Walk:
    def __init__(self, compiled: CompiledPolicy, graph: Graph, now: datetime) -> None:
        self.errors: list[str] = []
        self.complete = True
        self._compiled = compiled
        self._graph = graph
        self._now = now
        self._depth = compiled.policy.max_depth or MAX_DEPTH
        self._texts = expressions(compiled.policy)
        self._known: dict[tuple[str, str], bool | Failed] = {}
        self._read: dict[str, set[str] | None] = {
            field: members(self._texts[field], "edge" if field == "barrier" else "node")
            for field in ("from", "to", "barrier")
            if field in self._texts
        }

    def node(self, field: str, id: str) -> bool:
        """Whether a predicate holds of a node; one that fails does not."""
        return self._holds(field, "node", {"id": id, **self._graph.nodes.get(id, {})}, id)

    def reached(self, sources: list[str]) -> Iterable[tuple[str, tuple[Edge, ...]]]:
        """Every sink that is reached, with its nearest source and the way there."""
        origin: dict[str, Edge | None] = dict.fromkeys(sources)
        level, depth = sources, 0
        while level:
            following = []
            for start in level:
                for edge in self._graph.out.get(start, ()):
                    if edge.end in origin or self._stopped(edge):
                        continue
                    if depth == self._depth:
                        self.complete = False
                        continue
                    origin[edge.end] = edge
                    following.append(edge.end)
                    if self.node("to", edge.end):
                        yield self._way(origin, edge.end)
            level, depth = following, depth + 1

    def between(self, sources: list[str]) -> Iterable[tuple[str, tuple[Edge, ...]]]:
        """Sources that are sinks too, with the nearest other source that reaches them."""
        starts = set(sources)
        for sink in sources:
            if sink in self._graph.into and self.node("to", sink):
                path = self._back(sink, starts - {sink})
                if path:
                    yield path[0].start, path

    def violation(self, found: tuple[str, tuple[Edge, ...]]) -> Violation | None:
        """What was found, if nothing excuses it."""
        source, path = found
        sink = path[-1].end
        try:
            given = {
                "source": complete(SHAPES["source"], {"id": source, **self._graph.nodes.get(source, {})}, source),
                "sink": complete(SHAPES["sink"], {"id": sink, **self._graph.nodes.get(sink, {})}, sink),
                "path": {
                    "length": len(path),
                    "nodes": [source, *(edge.end for edge in path)],
                    "edges": [complete(SHAPES["edge"], edge.facts, f"{edge.start} -> {edge.end}") for edge in path],
                },
            }
        except WrongSubject as wrong:
            self._error("unless", f"{source} -> {sink}", str(wrong))
            return Violation(source, sink, path, str(wrong))
        ready = bind(self._compiled.engine, self._compiled.policy.parameters, self._now, given)
        if unless := self._compiled.programs.get("unless"):
            excused = unless.evaluate(ready)
            if isinstance(excused, Failed):
                self._error("unless", f"{source} -> {sink}", excused.reason)
            elif excused:
                return None
        return Violation(source, sink, path, message_of(self._compiled, ready))

    def _way(self, origin: Mapping[str, Edge | None], end: str) -> tuple[str, tuple[Edge, ...]]:
        path, at = [], end
        while (edge := origin[at]) is not None:
            path.append(edge)
            at = edge.start
        return at, tuple(reversed(path))

    def _back(self, sink: str, starts: set[str]) -> tuple[Edge, ...]:
        """The way from the nearest of several nodes to a sink, looked for from its end."""
        onward: dict[str, Edge | None] = {sink: None}
        level = [sink]
        for _ in range(self._depth):
            following = []
            for end in level:
                for edge in self._graph.into.get(end, ()):
                    if edge.start in onward or self._stopped(edge):
                        continue
                    onward[edge.start] = edge
                    following.append(edge.start)
                    if edge.start in starts:
                        return self._onward(onward, edge.start)
            level = following
        self.complete = self.complete and not level
        return ()

    def _onward(self, onward: Mapping[str, Edge | None], at: str) -> tuple[Edge, ...]:
        path = []
        while (edge := onward[at]) is not None:
            path.append(edge)
            at = edge.end
        return tuple(path)

    def _stopped(self, edge: Edge) -> bool:
        return "barrier" in self._texts and self._holds("barrier", "edge", edge.facts, f"{edge.start} -> {edge.end}")

    def _holds(self, field: str, variable: str, facts: Facts, place: str) -> bool:
        read = self._read[field]
        seen = facts if read is None else {name: facts[name] for name in read if name in facts}
        key = field, repr([facts.get(name) for name in read] if read is not None else sorted(facts.items()))
        held = self._known.get(key)
        if held is None:
            held = self._known[key] = self._evaluate(field, variable, seen)
        if isinstance(held, Failed):
            self._error(field, place, held.reason)
            return False
        return held

    def _evaluate(self, field: str, variable: str, facts: Facts) -> bool | Failed:
        try:
            given = {variable: complete(SHAPES[variable], facts, variable)}
        except WrongSubject as wrong:
            return Failed(str(wrong))
        engine, params = self._compiled.engine, self._compiled.policy.parameters
        held = self._compiled.programs[field].evaluate(bind(engine, params, self._now, given))
        return held if isinstance(held, bool | Failed) else Failed("gave a text")

    def _error(self, field: str, place: str, reason: str) -> None:
        told = f"`{field}` of {place}: {reason}"
        if len(self.errors) < MAX_ERRORS and told not in self.errors:
            self.errors.append(told)
