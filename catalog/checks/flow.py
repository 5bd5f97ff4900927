"""Flow policies: what reaches where it must not, over a graph in memory.

CEL says which nodes are sources and sinks, which edges stop the taint and what excuses a breach; the walk is ours,
breadth first and level by level, so that every witness is a shortest path. A node is judged by the members that an
expression reads, and once for each combination of their values: a large graph has few.

A failing predicate makes the whole an ERROR, and the walk goes on as if it had not been there: a failing `barrier` is
no barrier, a failing `unless` excuses nothing, so what hangs on them is reported. Of a node for which `from` failed it
is not known whether it is a source: what it leads to is in doubt, and nothing else is, so that a part of a graph that
has all that leads to a thing tells of it what the whole does.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from catalog.checks.engine import Failed
from catalog.checks.flow_graph import Graph, Step
from catalog.checks.flow_predicates import Predicates, all_members
from catalog.checks.flow_verdict import FlowVerdict, Violation
from catalog.checks.judge import Outcome, bind, message_of
from catalog.checks.law import not_yet
from catalog.checks.policy import CompiledPolicy, expressions, members
from catalog.checks.rows import Wrong
from catalog.checks.subjects import SHAPES, WrongSubject, member

MAX_DEPTH = 50
"""Edges, where the policy does not say."""
MAX_WALKS = 2_000
"""Kinds of sources that `unless` may tell apart: each needs a walk of its own."""


_BEGIN = -1
"""Instead of the node that one was reached from."""
Way = tuple[tuple[int, ...], tuple[Step, ...]]
"""The nodes of a way, and the steps between them."""


def judge_flow(
    compiled: CompiledPolicy, graph: Graph, now: datetime, asked: Sequence[int] | None = None
) -> FlowVerdict:
    """Judge a policy of type flow.

    Args:
        asked: the things that the verdict is wanted of; of the others it says what it has to find out anyway. There is
            no walk where `to` holds for none of them.

    A sink is reported with the nearest of the sources that no other source reaches: where the data begin, not the last
    copy that counts as a source, too. Where `unless` looks at the source, each kind of source is walked from by itself,
    since what excuses one does not excuse another; where it looks at the path, each source.
    """
    if not_yet(compiled.policy, now):
        return FlowVerdict(Outcome.NOT_APPLICABLE, (), (), 0, True)
    predicates = Predicates(compiled, graph, now)
    if asked is not None:
        predicates.held_at("from", [node for whole in asked for node in graph.of_whole(whole)])
        if not any(predicates.held_at("to", asked)):
            outcome = Outcome.ERROR if predicates.errors else Outcome.NOT_APPLICABLE
            return FlowVerdict(outcome, (), tuple(predicates.errors), 0, True, failed=predicates.failed)
        predicates = Predicates(compiled, graph, now)  # what failed counts in the order of all nodes
    walk = _Walk(compiled, graph, now, predicates)
    sources = walk.sources()
    unless = expressions(compiled.policy).get("unless", "")
    if members(unless, "source") == frozenset() and members(unless, "path") == frozenset():
        ways: Iterable[Way] = walk.from_origins(sources)
    else:
        ways = walk.from_kinds(sources, members(unless, "source"), each=members(unless, "path") != frozenset())
    violations = [told for way in ways if (told := walk.violation(way)) is not None]
    sinks, doubtful = walk.sinks(), walk.led_to(predicates.doubtful)
    outcome = Outcome.PASS if sources else Outcome.NOT_APPLICABLE
    if predicates.errors:
        outcome = Outcome.ERROR
    elif violations:
        outcome = Outcome.FAIL
    violations.sort(key=lambda found: (found.sink, found.source))
    return FlowVerdict(
        outcome,
        tuple(violations),
        tuple(predicates.errors),
        len(sources),
        walk.complete,
        sinks,
        predicates.failed,
        doubtful,
    )


class _Walk:
    def __init__(self, compiled: CompiledPolicy, graph: Graph, now: datetime, predicates: Predicates) -> None:
        self.complete = True
        self._compiled = compiled
        self._graph = graph
        self._now = now
        self._depth = compiled.policy.max_depth or MAX_DEPTH
        self._predicates = predicates
        self._texts = predicates.texts
        self._values = graph.values
        self._stops: dict[Any, bool] = {}
        self._by_take: dict[int, bool] = {}
        self._unstopped = "barrier" not in self._texts
        self._takes = graph.takes
        size = len(graph.whole)
        self._open: list[Sequence[int] | None] = [None] * size
        self._came, self._seen = [_BEGIN] * size, bytearray(size)
        texts = (self._texts.get("unless", ""), compiled.policy.message or "")
        self._shown = {
            variable: sorted(
                frozenset().union(*(all_members(members(text, variable), SHAPES[variable]) for text in texts))
            )
            for variable in ("source", "sink", "path")
        }

    def sources(self) -> list[int]:
        """Where the walk begins: of a thing the columns for which `from` holds; the whole if it holds of none.

        What is said of a whole dataset is no statement about each column where some of them say it themselves.
        """
        held, found = self._predicates.held("from"), list[int]()
        for whole, columns in self._graph.parts:
            if columns and (own := [column for column in columns if held[column]]):
                found += own
            elif held[whole]:
                found.append(whole)
        return found

    def sinks(self) -> tuple[int, ...]:
        """The things for which `to` holds."""
        held = self._predicates.held("to")
        return tuple(whole for whole, _ in self._graph.parts if held[whole])

    def from_origins(self, sources: list[int]) -> Iterator[Way]:
        """Every sink that is reached, with its nearest origin: a source that no other one reaches.

        In a circle of sources the first is the origin.
        """
        origins, begun, told = self._origins(sources), list[int](), set[int]()
        yield from self._reached(origins, sources, begun, told)
        yield from self._between([*origins, *(one for one in begun if self._graph.whole[one] not in told)], sources)

    def from_kinds(self, sources: list[int], read: frozenset[str] | None, *, each: bool) -> Iterator[Way]:
        """The same for each kind of source that `unless` can tell apart; `each`: for every one."""
        names = sorted(all_members(read, SHAPES["source"]))
        kinds: dict[Any, list[int]] = {}
        for source in sources:
            kinds.setdefault(self._kind(source, names) if not each else self._graph.whole[source], []).append(source)
        for count, some in enumerate(kinds.values()):
            if count >= MAX_WALKS:
                reason = f"it tells more than {MAX_WALKS:,} sources apart"
                self._predicates.doubt("unless", some, reason)
                continue
            yield from self._reached(some, [], [], set())
            yield from self._between(some, some)

    def _kind(self, source: int, names: Sequence[str]) -> Any:
        return tuple(self._graph.vector(name)[source] for name in names)

    def _origins(self, sources: list[int]) -> list[int]:
        """Sources that are not reached from another one, as far as the nearest sources of all nodes tell."""
        size, opened = len(self._graph.whole), self._open
        origin, seen, begun = [0] * size, bytearray(size), bytearray(size)
        for source in sources:
            origin[source], seen[source], begun[source] = source, 1, 1
        later, level = set[int](), sources
        for _ in range(self._depth):
            following: list[int] = []
            for start in level:
                nearest = origin[start]
                for end in opened[start] or self._ends(start):
                    if not seen[end]:
                        seen[end], origin[end] = 1, nearest
                        following.append(end)
                    elif begun[end] and nearest != end:
                        later.add(end)
            level = following
        return [source for source in sources if source not in later]

    def _ends(self, node: int) -> Sequence[int]:
        """Where the steps from a node on lead that no barrier stops, in order."""
        found = self._open[node]
        if found is None:
            found, takes = self._graph.steps(node), self._takes
            if not self._unstopped:
                known, told = self._by_take, self._stopped
                found = [s for s in found if not (known[take] if (take := s % takes) in known else told(node, s))]
            found = self._open[node] = found if takes == 1 else [step // takes for step in found]
        return found

    def _reached(
        self, origins: Sequence[int], sources: Sequence[int], begun: list[int], told: set[int]
    ) -> Iterator[Way]:
        """Every sink once, with the nearest origin and the way there; sources that none reaches begin after them.

        Where walks began and which sinks were told is added to `begun` and `told`.
        """
        seen, reached, known = self._seen, list[int](), set(origins)
        waiting = [*origins, *(source for source in sources if source not in known)]
        begin, at = waiting[: len(origins) or 1], len(origins)
        while begin:
            for start in begin:
                seen[start], self._came[start] = 1, _BEGIN
            begun += begin
            yield from self._walked(begin, told, reached)
            while at < len(waiting) and seen[waiting[at]]:
                at += 1
            begin = waiting[at : at + 1]
        for node in reached:
            seen[node] = 0

    def _walked(self, begin: Sequence[int], told: set[int], reached: list[int]) -> Iterator[Way]:
        whole, came, seen, opened = self._graph.whole, self._came, self._seen, self._open
        level, depth, held = begin, 0, None
        while level:
            reached += level
            following: list[int] = []
            for start in level:
                for end in opened[start] or self._ends(start):
                    if seen[end]:
                        continue
                    if depth == self._depth:
                        self.complete = False
                        continue
                    seen[end], came[end] = 1, start
                    following.append(end)
                    if held is None:
                        held = self._predicates.held("to")
                    if held[sink := whole[end]] and sink not in told:
                        way = self._way(end)
                        if whole[way[0][0]] != sink:
                            told.add(sink)
                            yield way
            level, depth = following, depth + 1

    def led_to(self, doubtful: Mapping[int, str]) -> dict[int, str]:
        """The things that some nodes lead to, each with what is said of the nearest of these."""
        why, level, whole = dict(doubtful), list(doubtful), self._graph.whole
        found: dict[int, str] = {}
        for depth in range(self._depth + 1 if level else 0):
            following: list[int] = []
            for start in level:
                for end in self._ends(start):
                    if depth < self._depth:
                        found.setdefault(whole[end], why[start])
                    if end not in why:
                        why[end] = why[start]
                        following.append(end)
            level = following
        self.complete = self.complete and not level
        return found

    def _between(self, origins: Sequence[int], sources: Sequence[int]) -> Iterator[Way]:
        """Origins that are sinks, too, with the nearest other source that reaches them: a walk comes by no start."""
        whole, starts = self._graph.whole, set(sources)
        for sink in sorted({whole[origin] for origin in origins}):
            if self._predicates.held("to")[sink]:
                way = self._back(sink, {start for start in starts if whole[start] != sink})
                if way:
                    yield way

    def violation(self, way: Way) -> Violation | None:
        """What was found, if nothing excuses it."""
        nodes, steps = way
        sink = self._graph.whole[nodes[-1]]
        names, jobs = tuple(self._graph.ids[node] for node in nodes), tuple(map(self._graph.job, steps))
        place = f"{names[0]} -> {names[-1]}"
        try:
            given = self._given(nodes, steps, sink)
        except WrongSubject as wrong:
            self._predicates.error("unless", place, str(wrong))
            self._predicates.failed.setdefault(sink, f"`unless`: {wrong}")
            return Violation(nodes[0], sink, nodes, jobs, names, str(wrong))
        ready = bind(self._compiled.engine, self._compiled.policy.parameters, self._now, given)
        if unless := self._compiled.programs.get("unless"):
            excused = unless.evaluate(ready)
            if not isinstance(excused, bool):
                reason = excused.reason if isinstance(excused, Failed) else "gave a text"
                self._predicates.error("unless", place, reason)
                self._predicates.failed.setdefault(sink, f"`unless`: {reason}")
            elif excused:
                return None
        return Violation(nodes[0], sink, nodes, jobs, names, message_of(self._compiled, ready))

    def _given(self, nodes: Sequence[int], steps: Sequence[Step], sink: int) -> dict[str, Any]:
        """What `unless` and the message are shown: the members that they read."""
        graph = self._graph
        given: dict[str, Any] = {
            variable: {name: graph.node(node, name) for name in self._shown[variable]}
            for variable, node in (("source", nodes[0]), ("sink", sink))
        }
        given["path"] = {name: self._of_path(name, nodes, steps) for name in self._shown["path"]}
        return given

    def _of_path(self, name: str, nodes: Sequence[int], steps: Sequence[Step]) -> Any:
        if name == "length":
            return len(steps)
        if name == "nodes":
            return [self._graph.ids[node] for node in nodes]
        shape, edge = SHAPES["edge"].items(), self._graph.edge
        return [
            {member_: member(form, edge(step, member_), f"edge.{member_}") for member_, form in shape} for step in steps
        ]

    def _way(self, end: int) -> Way:
        nodes, steps = [end], []
        while (before := self._came[nodes[-1]]) != _BEGIN:
            steps.append(self._step(before, nodes[-1]))
            nodes.append(before)
        return tuple(reversed(nodes)), tuple(reversed(steps))

    def _step(self, start: int, end: int) -> Step:
        """The first step from one node to another that no barrier stops."""
        if self._takes == 1:
            return end
        steps, least = self._graph.steps(start), end * self._takes
        at = bisect_left(steps, least)
        return next(step for step in steps[at:] if not self._stopped(start, step))

    def _back(self, sink: int, starts: set[int]) -> Way | None:
        """The way from the nearest of several nodes to a thing, looked for from its end."""
        level = self._graph.of_whole(sink)
        onward: dict[int, tuple[int, Step] | None] = dict.fromkeys(level)
        for _ in range(self._depth if starts else 0):
            following: list[int] = []
            for end in level:
                for start, step in self._graph.back(end):
                    if start in onward or self._stopped(start, step):
                        continue
                    onward[start] = end, step
                    following.append(start)
                    if start in starts:
                        return self._onward(onward, start)
            level = following
        self.complete = self.complete and not (starts and level)
        return None

    def _onward(self, onward: Mapping[int, tuple[int, Step] | None], at: int) -> Way:
        nodes, steps = [at], []
        while (after := onward[nodes[-1]]) is not None:
            nodes.append(after[0])
            steps.append(after[1])
        return tuple(nodes), tuple(steps)

    def _stopped(self, start: int, step: Step) -> bool:
        if "barrier" not in self._texts:
            return False
        key = self._graph.same(step, self._predicates.read["barrier"])
        held = self._stops.get(key)
        if held is None:
            held = self._stops[key] = self._barrier(start, step)
        if type(key) is int:  # it hangs on nothing else
            self._by_take[step % self._takes] = held
            self._unstopped = len(self._by_take) == self._takes and not any(self._by_take.values())
        return held

    def _barrier(self, start: int, step: Step) -> bool:
        numbers = tuple(self._values.number(self._edge(step, name)) for name in self._predicates.read["barrier"])
        held = self._predicates.ask("barrier", "edge", numbers)
        if isinstance(held, Failed):
            self._predicates.error(
                "barrier", f"{self._graph.ids[start]} -> {self._graph.ids[step // self._takes]}", held.reason
            )
            return False
        return held

    def _edge(self, step: Step, name: str) -> Any:
        try:
            return member(SHAPES["edge"][name], self._graph.edge(step, name), f"edge.{name}")
        except WrongSubject as wrong:
            return Wrong(str(wrong))
