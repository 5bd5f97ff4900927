"""One thing's edges once, whichever of its names they speak of: for answers that collapse what lies between."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.graph.walk import Edge
from catalog.lineage.assertions import Basis

SAME_AS = "SAME_AS"
_BASES = (*Basis, "")


def once(edges: Iterable[Edge], walked: Iterable[Edge], root: str) -> list[Edge]:
    """The edges without those that say of other names what one says already; ties between names stay.

    Of several the one that touches the root is kept, else the first; it takes over what the others go through, the best
    that is known of them, and that one is a rename. An edge from a thing to itself is none.

    Args:
        walked: the edges that were collapsed, with the ties between names.
    """
    thing = things(edge for edge in walked if edge.kind == SAME_AS)
    kept: dict[tuple[str, str, str, str], Edge] = {}
    for edge in sorted(edges, key=lambda e: (root not in (e.source, e.target), e)):
        source, target = thing.get(edge.source, edge.source), thing.get(edge.target, edge.target)
        if edge.kind == SAME_AS:
            kept[edge.source, edge.target, SAME_AS, edge.key] = edge
        elif source != target:
            place = (source, target, edge.kind, edge.origin)
            first = kept.setdefault(place, edge)
            basis = min(first.basis, edge.basis, key=_BASES.index)
            via, type_ = _each_once({*first.via, *edge.via}, thing), first.type or edge.type
            kept[place] = first._replace(type=type_, via=via, basis=basis)
    return list(kept.values())


def things(ties: Iterable[Edge]) -> dict[str, str]:
    """One id for all names of a thing, by each of them."""
    thing: dict[str, str] = {}
    for tie in ties:
        ends = {thing.get(end, end) for end in (tie.source, tie.target)}
        first = min(ends)
        thing.update({name: first for name, of in thing.items() if of in ends})
        thing.update(dict.fromkeys((*ends, tie.source, tie.target), first))
    return thing


def _each_once(ids: Iterable[str], thing: dict[str, str]) -> tuple[str, ...]:
    """Of the names of each thing, the first of those that are there."""
    found: dict[str, str] = {}
    for id_ in sorted(ids):
        found.setdefault(thing.get(id_, id_), id_)
    return tuple(sorted(found.values()))
