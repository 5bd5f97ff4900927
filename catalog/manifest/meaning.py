"""What follows from a document: the entities it names, and the lineage it declares."""

from __future__ import annotations

from typing import Any, NamedTuple

from catalog.assets.keys import Key
from catalog.identity import Name
from catalog.lineage.assertions import ColumnEdge, DeclaredFlow


class Meaning(NamedTuple):
    """The parts of `assertions.Declared` that follow from a document."""

    refs: tuple[tuple[str, Key], ...] = ()
    flows: tuple[DeclaredFlow, ...] = ()
    columns: tuple[tuple[Name, ColumnEdge], ...] = ()


def meaning(key: Key, document: dict[str, Any]) -> Meaning:
    """What a canonical document says of other entities and of lineage; `key` is its own."""
    return Meaning()
