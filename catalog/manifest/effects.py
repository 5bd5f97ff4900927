"""What a plan does to lineage: the declared edges that it brings and takes away.

An edge that another document of the manifest declares, too, neither comes nor goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from catalog.assets.keys import Key
from catalog.identity import Name
from catalog.manifest.changes import Change, Document
from catalog.manifest.meaning import meaning


class Edge(NamedTuple):
    """A declared edge: READS and WRITES from a job, DERIVES_FROM from what is made to what it is made of.

    The fields are empty but for edges between columns.
    """

    kind: str
    source: Name
    source_field: str
    target: Name
    target_field: str


class Effect(NamedTuple):
    """An edge that comes (`added`) or goes."""

    added: bool
    edge: Edge


def edges_of(key: Key, document: Document) -> Iterator[Edge]:
    """The edges that a document declares."""
    said = meaning(key, dict(document))
    for kind, source, target, *_ in said.flows:
        yield Edge(kind, source, "", target, "")
    for made, column in said.columns:
        yield Edge("DERIVES_FROM", made, column.out, column.dataset, column.field)


def effects(desired: Mapping[Key, Document], changes: Sequence[Change]) -> tuple[Effect, ...]:
    """What comes and goes by these changes, which made a manifest what is desired; sorted."""
    before = {edge for change in changes if change.before is not None for edge in edges_of(change.key, change.before)}
    after = {edge for change in changes if change.after is not None for edge in edges_of(change.key, change.after)}
    differing = before ^ after
    if differing:
        changed = {change.key for change in changes}
        for key, document in desired.items():
            if key not in changed:
                differing.difference_update(edges_of(key, document))
    return tuple(sorted(Effect(edge in after, edge) for edge in differing))
