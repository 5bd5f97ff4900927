"""A script of SQL -> the column edges of the outputs it writes. The only module that runs the parser."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError

from catalog.identity import Name
from catalog.lineage.assertions import ColumnEdge, DatasetAssertion
from catalog.lineage.sql.relation import Column, Table
from catalog.lineage.sql.scope import Path
from catalog.lineage.sql.statement import Statements, Written
from catalog.lineage.sql.tables import Datasets
from catalog.lineage.sql.values import TooMuch

logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # it tells of every statement that it only half knows


def read_script(
    query: str,
    *,
    dialects: Sequence[str],
    inputs: Sequence[DatasetAssertion],
    outputs: Sequence[DatasetAssertion],
    aliases: dict[Name, set[str]],
) -> dict[Name, frozenset[ColumnEdge]]:
    """The edges of each output that a statement of the script writes; none where it is no SQL, or beyond all bounds."""
    fields = {d.name: _fields(d) for d in inputs}
    fields.update({d.name: fields.get(d.name) or _fields(d) for d in outputs})
    targets = Datasets({d.name: aliases[d.name] for d in outputs})
    tables = Datasets({d.name: aliases[d.name] for d in inputs}, otherwise=targets)

    def find(path: Path) -> Table:
        dataset = tables.find(path)
        return Table(dataset, fields[dataset] if dataset else {})

    alone = outputs[0].name if len({d.name for d in outputs}) == 1 else None
    statements = Statements(find)
    found: dict[Name, set[ColumnEdge]] = {}
    try:
        for tree in _parsed(query, dialects):
            written = statements.read(tree)
            target = (targets.find(written.path) if written.path else alone) if written else None
            if written and target:
                edges = found.setdefault(target, set())
                edges.update(_edges(written, list(fields[target].values())))
    except (TooMuch, RecursionError):
        return {}
    return {dataset: frozenset(edges) for dataset, edges in found.items()}


def _parsed(query: str, dialects: Sequence[str]) -> list[exp.Expr]:
    """The statements, in the first dialect that knows all of them."""
    for name in dialects:
        if Dialect.get(name) is None:
            continue
        try:
            return [tree for tree in sqlglot.parse(query, dialect=name) if isinstance(tree, exp.Expr)]
        except (SqlglotError, RecursionError):
            continue
    return []


def _fields(dataset: DatasetAssertion) -> dict[str, str]:
    return {field["name"].lower(): field["name"] for field in dataset.schema or ()}


def _edges(written: Written, schema: list[str]) -> Iterator[ColumnEdge]:
    for s in written.rows.whole:
        yield ColumnEdge("", s.dataset, s.field, s.type, s.subtype, s.masking, "")
    for name, sources in _columns(written, schema):
        for s in sources:
            yield ColumnEdge(name, s.dataset, s.field, s.type, s.subtype, s.masking, "")


def _columns(written: Written, schema: list[str]) -> Iterator[Column]:
    """The rows' columns under the names they have in the target.

    Args:
        schema: the target's columns as far as the event tells them.
    """
    rows, spelled = written.rows, {name.lower(): name for name in schema}
    places: Sequence[str] = written.names
    fits = bool(schema) and not rows.tables and len(schema) == len(rows.columns)
    if written.by_position and not places and fits:
        by_name = rows.starred and all(column.name.lower() in spelled for column in rows.columns)
        places = () if by_name else schema
    if places:
        if len(places) == len(rows.columns) and not rows.tables:  # else nobody knows what goes where
            yield from (column._replace(name=name) for name, column in zip(places, rows.columns, strict=True))
        return
    for i, column in enumerate(rows.columns):
        name = spelled.get(column.name.lower(), column.name) or (schema[i] if fits else "")
        if name:
            yield column._replace(name=name)
    for name in schema:
        if rows.known(name) is None:
            yield Column(name, rows.guess(name) or frozenset())
