"""What contains a dataset: the levels of its `hierarchy` facet (spec HierarchyDatasetFacet 1-0-0), as a tree.

Names are never split for it: a dataset without the facet is in no container.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from catalog.identity import SORT_LENGTH, Name, digest
from catalog.lineage.facets.dataset import Container

Level = tuple[str, str]
"""Type and name, such as ("SCHEMA", "public")."""


class Place(NamedTuple):
    """A container: its id, the id of what contains it, and what it is."""

    id: str
    parent: str
    namespace: str
    type: str
    name: str

    @property
    def ord(self) -> str:
        """What listings sort by: readable order, bounded length, unique."""
        return f"{self.name}\n{self.type}"[:SORT_LENGTH] + "\n" + self.id


def levels(name: Name, listed: Iterable[Container]) -> tuple[Level, ...]:
    """The levels above a dataset, outermost first: a last level that is the dataset itself is none of them."""
    found = [(level.type, level.name) for level in listed]
    if found and _is_last_part(found[-1][1], name.name):
        found.pop()
    return tuple(found)


def top(namespace: str) -> str:
    """The id that stands for a namespace where a container's is asked for."""
    return digest("containers", namespace)


def places(namespace: str, above: Iterable[Level]) -> list[Place]:
    """The containers of these levels, outermost first."""
    found: list[Place] = []
    parent = top(namespace)
    for type_, name in above:
        found.append(Place(digest("container", parent, type_, name), parent, namespace, type_, name))
        parent = found[-1].id
    return found


def _is_last_part(level: str, name: str) -> bool:
    before = name[: -len(level)]
    return name.endswith(level) and (not before or not before[-1].isalnum())
