"""Names inside a query: which table a name means, and what a column of that name is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from catalog.lineage.sql.relation import NOTHING, Relation, Sources

Path = tuple[str, ...]
"""The parts of a name, in lower case, such as ("shop", "public", "orders")."""


@dataclass(slots=True)
class Scope:
    """The tables of one SELECT, and what is around it.

    Attributes:
        tables: what FROM and JOIN name, by alias or path.
        shared: columns of `USING`, in lower case: both sides have them, and the first counts.
        aliases: columns of the SELECT list so far, in lower case, for the clauses that may name them.
        windows: what the named windows depend on.
        parent: the query around it, which a subquery may refer to.
        named: common table expressions, resolved when they are used.
    """

    tables: list[tuple[Path, Relation]] = field(default_factory=list)
    shared: set[str] = field(default_factory=set)
    aliases: dict[str, Sources] = field(default_factory=dict)
    windows: dict[str, Sources] = field(default_factory=dict)
    parent: Scope | None = None
    named: Mapping[str, Callable[[], Relation]] = field(default_factory=dict)
    whole: Sources = NOTHING

    def relation(self, path: Path) -> Relation | None:
        """The table that a qualifier means: by its last parts, here or around."""
        for known, relation in self.tables:
            size = min(len(known), len(path))
            if known[-size:] == path[-size:]:
                return relation
        return self.parent.relation(path) if self.parent else None

    def column(self, path: Path, name: str) -> Sources:
        """What a column is; nothing where that cannot be said.

        Args:
            path: its qualifiers, if any.
            name: its name as it is spelled.
        """
        if path:
            relation = self.relation(path)
            if relation is not None:
                return _first(relation.known(name), relation.guess(name))
            return self.column(path[:-1], path[-1])  # a field of a structure
        return _first(self._unqualified(name))

    def _unqualified(self, name: str) -> Sources | None:
        low = name.lower()
        known = [found for _, r in self.tables if (found := r.known(name)) is not None]
        if known:
            return known[0] if len(known) == 1 or low in self.shared else NOTHING
        whole = [r.every for path, r in self.tables if path == (low,) and r.every is not None]
        if whole:
            return whole[0]
        may = [found for _, r in self.tables if (found := r.guess(name)) is not None]
        if may:
            return may[0] if len(may) == 1 or low in self.shared else NOTHING
        if low in self.aliases:
            return self.aliases[low]
        return self.parent._unqualified(name) if self.parent else None


def _first(*found: Sources | None) -> Sources:
    return next((sources for sources in found if sources is not None), NOTHING)
