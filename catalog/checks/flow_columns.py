"""Column lineage as flow policies walk along it: which of it carries something, and how."""

from __future__ import annotations

from typing import NamedTuple

from catalog.checks.classification.categories import PII
from catalog.checks.classification.direct import stopped, stops
from catalog.checks.classification.masking import decide
from catalog.checks.classification.propagate import attributes_of
from catalog.checks.classification.ways import Gait, gait_of
from catalog.checks.snapshot import ColumnEdge, Snapshot


class How(NamedTuple):
    """How a step is taken: all that a barrier may look at but its ends and its job; -1 is unknown, so hows compare."""

    type: str = ""
    subtype: str = ""
    masking: int = -1
    anonymized: int = -1


UNTOLD, USED = How(), How("DIRECT")
Told = tuple[ColumnEdge, int]
"""Column lineage that carries something, and how, by number."""


def carrying(snapshot: Snapshot) -> tuple[list[Told], list[How]]:
    """The column lineage that carries something, how by number, and all hows in order."""
    stopped_there = {
        place
        for place in {edge.target for edge in snapshot.column_edges}
        if (words := stopped(attributes_of(snapshot, place))) and stops(PII, words)
    }
    found, known = list[tuple[ColumnEdge, How]](), dict[tuple[str, ...], How | None]()
    for edge in snapshot.column_edges:
        source, target, _, type_, subtype, masking, description, _ = edge
        told = (type_, subtype, description) if masking else (type_, subtype)
        if told not in known:
            known[told] = _how(edge) if carries(edge) else None
        how = known[told]
        if how is not None and source != target:
            found.append((edge, how._replace(anonymized=1) if target in stopped_there else how))
    hows = sorted({UNTOLD, USED, *(how for _, how in found)})
    number = {how: at for at, how in enumerate(hows)}
    return [(edge, number[how]) for edge, how in found], hows


def carries(edge: ColumnEdge) -> bool:
    """Whether anything goes along it; what only decides about rows or values carries nothing."""
    return gait_of(edge) is not Gait.INFLUENCE


def _how(edge: ColumnEdge) -> How:
    masking = decide(edge)
    counts, anonymizes = masking is not None and masking.counts, masking is not None and masking.anonymizes
    return How(edge.type, edge.subtype, int(counts), int(anonymizes))
