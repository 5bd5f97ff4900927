"""Chooses what of a graph is drawn: the things that matter first, at most as many as a page can show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from catalog.assets.keys import Kind
from catalog.reports.contents.view import View
from catalog.reports.document import Lineage, Node, Tone

MOST = 40
"""Nodes of a drawing."""


def draw(
    view: View,
    title: str,
    ids: Iterable[str],
    tones: Mapping[str, Tone] | None = None,
    notes: Mapping[str, str] | None = None,
    edge_tones: Mapping[tuple[str, str], Tone] | None = None,
) -> Lineage:
    """Draw things and what flows between them; a job is drawn only if it is among them.

    Args:
        ids: the most important first; those after the first `MOST` are counted as left out.
    """
    wanted = list(dict.fromkeys(ids))
    kept = set(wanted[:MOST])
    edges: set[tuple[str, str]] = set()
    for id in kept:
        edges |= {(id, flow.thing) for flow in view.onward(id) if flow.thing in kept and flow.job not in kept}
        edges |= {(id, edge.target) for edge in view.out(id) if edge.target in kept}
    nodes = [
        Node(id, view.label(id), view.kind(id), (tones or {}).get(id, ""), (notes or {}).get(id) or where(view, id))
        for id in view.by_label(kept)
    ]
    drawn = tuple((start, end, (edge_tones or {}).get((start, end), "")) for start, end in sorted(edges))
    return Lineage(title, tuple(nodes), drawn, len(wanted) - len(kept))


def where(view: View, id: str) -> str:
    """Where a thing is, as a note: its country, or its jurisdiction; empty if nobody states it."""
    thing = view.thing(id)
    if thing is None or thing.key.kind is Kind.PIPELINE:
        return ""
    place = view.whereabouts(thing)
    return place.country or place.jurisdiction or ""
