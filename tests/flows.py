"""What flows where, by definition: an exhaustive walk over the oracle's facts, one state after the other.

A state is a dataset, or a job together with the end it was entered from; what an input feeds is decided anew for each.
Nothing here knows levels, statements, caps or ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from catalog.identity import Name
from tests.oracle import Facts

DATASET, JOB = "DATASET", "JOB"
UPSTREAM, DOWNSTREAM = "UPSTREAM", "DOWNSTREAM"
_BASES = ("EXPLICIT", "COLUMN", "PRODUCT")


class Thing(NamedTuple):
    """A dataset or a job."""

    kind: str
    name: Name


class Edge(NamedTuple):
    """An edge, pointing the way data flows; of two names of one thing, who says so is left out."""

    kind: str
    source: Thing
    target: Thing
    origin: str


class State(NamedTuple):
    """Where a walk is; a job remembers the end it was entered from (None: it is the root, or all of it counts)."""

    here: Thing
    end: Thing | None = None


class Flows:
    """All flows at one moment.

    Args:
        renames: (new name, old name, origin): the new one goes on where the old one ended.
    """

    def __init__(self, facts: Facts, renames: Iterable[tuple[Name, Name, str]] = ()) -> None:
        self._facts = facts
        self._edges = set(_edges(facts))
        for new, old, origin in renames:
            self._edges.add(Edge("DERIVES_FROM", Thing(DATASET, old), Thing(DATASET, new), origin))
        self._names: dict[Name, frozenset[Name]] = {}
        for start in {name for pair in facts.same_as for name in pair}:
            seen = {start}
            while more := {b for pair in facts.same_as for a, b in (pair, pair[::-1]) if a in seen} - seen:
                seen |= more
            self._names[start] = frozenset(seen)

    def around(self, root: Thing, direction: str) -> set[Edge]:
        """Every edge that a walk from a root meets, however far."""
        found: set[Edge] = set()
        seen: set[State] = set()
        todo = [State(root)]
        while todo:
            state = todo.pop()
            if state in seen:
                continue
            seen.add(state)
            for edge, following in self._steps(state, direction):
                found.add(edge)
                todo.append(following)
        return found

    def derivations(self, root: Name, direction: str) -> dict[tuple[Name, Name], str]:
        """Datasets that feed datasets through jobs, as far as the walk from a root goes, each by the best known."""
        met = self.around(Thing(DATASET, root), direction)
        feeders = {(e.source, e.target) for e in met if e.kind == "FEEDS"}
        best: dict[tuple[Name, Name], str] = {}
        for written in (e for e in met if e.kind == "WRITES"):
            job, output = written.source, written.target
            ends = {e.source for e in met if e.kind in ("READS", "FEEDS") and e.target == job}
            for end in ends:
                basis = self._basis(job, output, end)
                if basis is None:
                    continue
                sources = {end}
                if end.kind == JOB:
                    jobs = {end}
                    while more := {a for a, b in feeders if b in jobs} - jobs:
                        jobs |= more
                    sources = {e.source for e in met if e.kind == "READS" and e.target in jobs}
                for source in sources - {output}:
                    pair = source.name, output.name
                    best[pair] = min(basis, best.get(pair, "PRODUCT"), key=_BASES.index)
        return best

    def once(self, derived: dict[tuple[Name, Name], str]) -> dict[tuple[Name, Name], str]:
        """The same between things, each by the first of its names; what is between two names of one thing is none."""
        best: dict[tuple[Name, Name], str] = {}
        for ends, basis in derived.items():
            source, target = (min(self._names.get(end, {end})) for end in ends)
            if source != target:
                best[source, target] = min(basis, best.get((source, target), "PRODUCT"), key=_BASES.index)
        return best

    def _steps(self, state: State, direction: str) -> Iterator[tuple[Edge, State]]:
        here = state.here
        for edge in self._edges:
            if edge.kind == "SAME_AS":
                if here in (edge.source, edge.target):
                    yield edge, State(edge.target if edge.source == here else edge.source)
                continue
            ours, other = (edge.target, edge.source) if direction == UPSTREAM else (edge.source, edge.target)
            if ours != here:
                continue
            if here.kind == DATASET:
                yield edge, State(other, here if other.kind == JOB else None)
            elif direction == UPSTREAM:
                if state.end is None or self._basis(here, state.end, other):
                    yield edge, State(other)
            elif other.kind == JOB:
                yield edge, State(other, here)
            elif state.end is None or self._basis(here, other, state.end):
                yield edge, State(other)

    def _basis(self, job: Thing, output: Thing, source: Thing) -> str | None:
        """By what an input feeds an output: the lineage facet if anybody sent one, else columns, else it may."""
        told = [self._facts.maps.get((job.name, output.name, origin)) for origin in "OD"]
        said = [sources for sources in told if sources]
        facet = [s for s in said if s.basis in ("EXPLICIT", "DANGLING")]
        if source.kind == JOB:
            if any(source.name in s.jobs for s in said):
                return "EXPLICIT"
            return None if facet else "PRODUCT"
        names = self._names.get(source.name, {source.name})
        if facet:
            return "EXPLICIT" if any(names & set(s.datasets) for s in facet) else None
        if any(names & set(s.datasets) for s in said):
            return "COLUMN"
        return None if any(names & set(s.excluded) for s in said) else "PRODUCT"


def _edges(facts: Facts) -> Iterator[Edge]:
    for job, dataset, origin in facts.reads:
        yield Edge("READS", Thing(DATASET, dataset), Thing(JOB, job), origin)
    for job, dataset, origin in facts.writes:
        yield Edge("WRITES", Thing(JOB, job), Thing(DATASET, dataset), origin)
    for job, feeder, origin in facts.fed_by:
        yield Edge("FEEDS", Thing(JOB, feeder), Thing(JOB, job), origin)
    for _, flow, origin in facts.others:
        kind, label = ("FEEDS", JOB) if flow.by_job else ("READS", DATASET)
        yield Edge(kind, Thing(label, flow.source), Thing(JOB, flow.job), origin)
    for (speaker, output, origin), sources in facts.maps.items():
        if speaker is None:
            for name in set(sources.datasets) - {output}:
                yield Edge("DERIVES_FROM", Thing(DATASET, name), Thing(DATASET, output), origin)
            for job in sources.jobs:
                yield Edge("WRITES", Thing(JOB, job), Thing(DATASET, output), origin)
    for _, declared in facts.entities.flows:
        source, target = Thing(DATASET, declared.target), Thing(JOB, declared.source)
        if declared.kind == "DERIVES_FROM":
            target = Thing(DATASET, declared.source)
        if declared.kind == "WRITES":
            source, target = target, source
        yield Edge(declared.kind, source, target, "D")
    for pair in facts.same_as:
        a, b = sorted(pair)
        yield Edge("SAME_AS", Thing(DATASET, a), Thing(DATASET, b), "")
