"""Column lineage as flow policies walk along it: which of it carries something, and how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from catalog.checks.classification.categories import PII
from catalog.checks.classification.column_ends import ColumnEnds
from catalog.checks.classification.direct import stopped, stops
from catalog.checks.classification.masking import decide
from catalog.checks.classification.propagate import attributes_of
from catalog.checks.classification.ways import Gait, gait_of
from catalog.checks.flow_graph import NO_JOB
from catalog.checks.snapshot import ColumnEdge, Snapshot


class How(NamedTuple):
    """How a step is taken: all that a barrier may look at but its ends and its job; -1 is unknown, so hows compare."""

    type: str = ""
    subtype: str = ""
    masking: int = -1
    anonymized: int = -1


UNTOLD, USED = How(), How("DIRECT")


class Told(NamedTuple):
    """Column lineage that carries something.

    Attributes:
        edges: which of the snapshot's.
        jobs: by edge, as `carrying` was told to number them.
        hows: by edge, how, as a place in `known`.
        known: all hows, in order.
    """

    edges: list[int]
    jobs: list[int]
    hows: list[int]
    known: list[How]


def carrying(snapshot: Snapshot, lineage: ColumnEnds, jobs: Mapping[str, int]) -> Told:
    """The column lineage that carries something.

    Args:
        jobs: by id; of one that is not among them it is `NO_JOB`.
    """
    ended = set(lineage.targets)
    stopped_there = {
        at
        for at, place in enumerate(lineage.places)
        if at in ended and (words := stopped(attributes_of(snapshot, place))) and stops(PII, words)
    }
    plain = [_how(told) if carries(told) else None for told in lineage.told]
    known = sorted({UNTOLD, USED, *(end for how in plain if how for end in (how, how._replace(anonymized=1)))})
    number = {how: at for at, how in enumerate(known)}
    by_form = [-1 if how is None else number[how] for how in plain]
    if_stopped = [-1 if how is None else number[how._replace(anonymized=1)] for how in plain]
    edges, hows = list[int](), list[int]()
    for at, (source, target, form) in enumerate(zip(lineage.sources, lineage.targets, lineage.forms, strict=True)):
        how = by_form[form]
        if how >= 0 and source != target:
            edges.append(at)
            hows.append(if_stopped[form] if target in stopped_there else how)
    taken = [jobs.get(edge[2], NO_JOB) for edge in map(snapshot.column_edges.__getitem__, edges)]
    return Told(edges, taken, hows, known)


def carries(edge: ColumnEdge) -> bool:
    """Whether anything goes along it; what only decides about rows or values carries nothing."""
    return gait_of(edge) is not Gait.INFLUENCE


def _how(edge: ColumnEdge) -> How:
    masking = decide(edge)
    counts, anonymizes = masking is not None and masking.counts, masking is not None and masking.anonymizes
    return How(edge.type, edge.subtype, int(counts), int(anonymizes))
