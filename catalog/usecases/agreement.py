"""Which edges of lineage are declared, which were seen, and which are both: the two stand side by side (law 4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from catalog.graph.views import View
from catalog.graph.walk import BY_EDGES, JOB, Edge, Node
from catalog.lineage.assertions import Origin
from catalog.usecases.things import SAME_AS, things

DERIVES_FROM, READS, WRITES = "DERIVES_FROM", "READS", "WRITES"
_SEEN = frozenset({Origin.OBSERVED, Origin.INFERRED})
Place = tuple[str, str, str]
"""What an edge goes from and to, whichever of its names that is told by, and the kind of edge."""


class Agreement(StrEnum):
    """Whether what is declared was seen, and what was seen is declared.

    An edge that is read out of a run's SQL counts as seen.
    """

    BOTH = "BOTH"
    DECLARED_ONLY = "DECLARED_ONLY"
    OBSERVED_ONLY = "OBSERVED_ONLY"


def told_apart(view: View, truncated_by: Iterable[str]) -> bool:
    """Whether an answer can say what is declared only: not where edges were left out by who says so, or when."""
    chosen = view.origins is not None or view.since is not None or view.latest
    return not chosen and BY_EDGES not in truncated_by


def agreements(edges: Iterable[Edge], nodes: Iterable[Node]) -> dict[Edge, Agreement]:
    """What is known of each edge that somebody asserts; collapsed edges and ties between names are left out.

    Lineage that is declared from dataset to dataset is seen where a job was seen to read the one and to write the
    other; and what such a job was seen to do is declared by it.
    """
    given = list(edges)
    if not any(edge.origin == Origin.DECLARED for edge in given):  # nearly always
        return dict.fromkeys((edge for edge in given if edge.origin and edge.kind != SAME_AS), Agreement.OBSERVED_ONLY)
    jobs = {node.id for node in nodes if node.kind == JOB}
    thing = things(edge for edge in given if edge.kind == SAME_AS)
    told: dict[Place, set[str]] = {}
    asserted = [edge for edge in given if edge.origin and edge.kind != SAME_AS]
    for edge in asserted:
        told.setdefault(_place(edge, thing), set()).add(edge.origin)
    for whole, parts in _through_jobs(told, jobs):
        both = set.intersection(*(told[part] for part in parts))
        declared = told[whole] & {Origin.DECLARED}
        told[whole] |= both & _SEEN
        for part in parts:
            told[part] |= declared
    return {edge: _agreement(told[_place(edge, thing)]) for edge in asserted}


def _place(edge: Edge, thing: dict[str, str]) -> Place:
    return thing.get(edge.source, edge.source), thing.get(edge.target, edge.target), edge.kind


def _through_jobs(told: dict[Place, set[str]], jobs: set[str]) -> Iterator[tuple[Place, tuple[Place, Place]]]:
    """Edges from dataset to dataset, each with the two edges of a job that goes the same way."""
    derived = {place[:2]: place for place in told if place[2] == DERIVES_FROM}
    if not derived:
        return
    read: dict[str, list[str]] = {}
    for source, target, kind in told:
        if kind == READS and target in jobs:
            read.setdefault(target, []).append(source)
    for job, output, kind in list(told):
        if kind == WRITES:
            for source in read.get(job, ()):
                if whole := derived.get((source, output)):
                    yield whole, ((source, job, READS), (job, output, WRITES))


def _agreement(origins: set[str]) -> Agreement:
    if Origin.DECLARED not in origins:
        return Agreement.OBSERVED_ONLY
    return Agreement.BOTH if origins & _SEEN else Agreement.DECLARED_ONLY
