"""Lineage of whole pipelines: each job replaced by the topmost job above it, and edges that became one united."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from catalog.graph.walk import Edge, Node


def rolled_up(edges: Iterable[Edge], tops: Mapping[str, Node]) -> list[Edge]:
    """The edges between what is left when each job stands for itself and all below it.

    What flows inside of one pipeline from job to job goes; a dataset it both writes and reads stays tied to it. An
    edge that stands for others has no key and no evidence of its own; `via` names the jobs replaced.
    """
    united: dict[tuple[str, str, str], list[Edge]] = {}
    for edge in edges:
        source, target = _top(edge.source, tops), _top(edge.target, tops)
        if source != target:
            united.setdefault((source, target, edge.kind), []).append(edge)
    found: list[Edge] = []
    for ends, members in sorted(united.items()):
        if all(edge[:3] == ends for edge in members):
            found += [edge._replace(via=_via([edge], tops)) for edge in members]
        else:
            found.append(_united(ends, members, tops))
    return found


def _united(ends: tuple[str, str, str], members: list[Edge], tops: Mapping[str, Node]) -> Edge:
    inside = {end for edge in members for end in (edge.source, edge.target) if end in tops} - set(ends[:2])
    origins, bases = ({getattr(edge, part) for edge in members} for part in ("origin", "basis"))
    jobs = {_top(edge.job, tops) for edge in members if edge.job}
    return Edge(
        *ends,
        origin=origins.pop() if len(origins) == 1 else "",
        job=jobs.pop() if len(jobs) == 1 else "",
        via=tuple(sorted({*inside, *_via(members, tops)})),
        basis=bases.pop() if len(bases) == 1 else "",
    )


def _via(members: list[Edge], tops: Mapping[str, Node]) -> tuple[str, ...]:
    return tuple(sorted({_top(via, tops) for edge in members for via in edge.via}))


def _top(id_: str, tops: Mapping[str, Node]) -> str:
    return tops[id_].id if id_ in tops else id_
