"""What a query gives: columns with what they depend on, and what all of its rows depend on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from catalog.identity import Name
from catalog.lineage.columns import DIRECT, INDIRECT

IDENTITY, TRANSFORMATION, AGGREGATION = "IDENTITY", "TRANSFORMATION", "AGGREGATION"
FILTER, JOIN, GROUP_BY, SORT = "FILTER", "JOIN", "GROUP_BY", "SORT"
WINDOW, CONDITIONAL = "WINDOW", "CONDITIONAL"
_STRENGTH = {IDENTITY: 0, TRANSFORMATION: 1, AGGREGATION: 2}


class Source(NamedTuple):
    """A column of a dataset that something depends on, and how (spec ColumnLineageDatasetFacet 1-2-0)."""

    dataset: Name
    field: str
    type: str
    subtype: str
    masking: bool = False


Sources = frozenset[Source]
NOTHING: Sources = frozenset()


class Column(NamedTuple):
    """A column of a query; its name is "" where the query gives none."""

    name: str
    sources: Sources


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table whose columns are not known, or not all of them.

    Attributes:
        dataset: what it is, None for a table that the event does not name.
        fields: its known columns as its schema spells them, by their names in lower case.
    """

    dataset: Name | None
    fields: dict[str, str]

    def column(self, name: str) -> Sources:
        """What a column of it is."""
        if self.dataset is None:
            return NOTHING
        return frozenset({Source(self.dataset, self.fields.get(name.lower(), name), DIRECT, IDENTITY)})


@dataclass(frozen=True, slots=True)
class Relation:
    """The rows of a table, a subquery or a whole query.

    Attributes:
        columns: those known by name, in order.
        tables: tables that all other columns pass through from (`*`).
        hidden: columns, in lower case, that do not (`* EXCEPT`).
        whole: what all of it depends on: filters, joins, groups, order.
        every: what any other column depends on (an unnested array, a table function); None where there is none.
        united: they are branches of one union, and another column passes through from all of them.
        starred: some columns come from a `*` over a schema, which may lack some.
    """

    columns: tuple[Column, ...] = ()
    tables: tuple[Table, ...] = ()
    hidden: frozenset[str] = frozenset()
    whole: Sources = NOTHING
    every: Sources | None = None
    united: bool = False
    starred: bool = False

    def known(self, name: str) -> Sources | None:
        """What a column known by this name depends on."""
        low = name.lower()
        return next((c.sources for c in self.columns if c.name.lower() == low), None)

    def guess(self, name: str) -> Sources | None:
        """What an unknown column may be: one that passes through, if only one table can have it."""
        if self.every is not None:
            return self.every
        if not self.tables or name.lower() in self.hidden:
            return None
        if len(self.tables) == 1 or self.united:
            return frozenset(source for table in self.tables for source in table.column(name))
        return NOTHING

    def all_sources(self) -> Sources:
        """What its values depend on, however."""
        return frozenset(s for column in self.columns for s in column.sources) | (self.every or NOTHING)

    def renamed(self, names: Iterable[str]) -> Relation:
        """The same with other names for its first columns (`AS t(a, b)`)."""
        given = list(names)
        if not given:
            return self
        if self.every is not None:
            return Relation(tuple(Column(name, self.every) for name in given), whole=self.whole, every=self.every)
        named = [column._replace(name=name) for column, name in zip(self.columns, given, strict=False)]
        return replace(self, columns=(*named, *self.columns[len(named) :]))


def read_table(table: Table) -> Relation:
    """A table as a query reads it: its known columns, and any other one it may have."""
    columns = tuple(Column(name, table.column(name)) for name in table.fields.values())
    return Relation(columns, (table,))


def through(sources: Iterable[Source], subtype: str, masking: bool = False) -> Sources:
    """The sources of a value made of values that have these: the stronger transformation counts."""
    return frozenset(
        s._replace(
            subtype=max(s.subtype, subtype, key=_STRENGTH.__getitem__) if s.type == DIRECT else s.subtype,
            masking=s.masking or masking,
        )
        for s in sources
    )


def indirect(sources: Iterable[Source], subtype: str) -> Sources:
    """The same columns as a dependency that decides, but gives no value."""
    return frozenset(s._replace(type=INDIRECT, subtype=subtype) for s in sources)
