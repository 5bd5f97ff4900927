"""Statements -> what they write: INSERT, CREATE … AS, MERGE, UPDATE, and a query alone."""

from __future__ import annotations

from typing import NamedTuple

from sqlglot import exp

from catalog.lineage.sql.query import Find, Queries, inside, path_of
from catalog.lineage.sql.relation import CONDITIONAL, FILTER, JOIN, Column, Relation, Source
from catalog.lineage.sql.scope import Path, Scope


class Written(NamedTuple):
    """What one statement writes.

    Attributes:
        path: the target's name as it is spelled, empty for a query that names none.
        names: the columns it lists, in order.
        by_position: its columns go to the target's by their places, whatever their names (`INSERT`).
    """

    path: Path
    rows: Relation
    names: tuple[str, ...] = ()
    by_position: bool = False


class Statements:
    """Reads the statements of one script, each knowing the tables that those before it made."""

    def __init__(self, find: Find) -> None:
        self._queries = Queries(find)
        self._values = self._queries.values

    def read(self, tree: exp.Expr) -> Written | None:
        """What a statement writes; None for one that takes nothing from a query.

        Raises:
            TooMuch: it is not worth looking at.
        """
        if isinstance(tree, exp.Query):
            return Written((), self._queries.rows(tree, Scope()))
        if isinstance(tree, exp.Insert | exp.Create) and isinstance(tree.expression, exp.Query):
            return self._filled(tree)
        if isinstance(tree, exp.Merge):
            return self._merged(tree)
        if isinstance(tree, exp.Update):
            return self._updated(tree)
        return None

    def _filled(self, tree: exp.Insert | exp.Create) -> Written:
        target, names = tree.this, ()
        if isinstance(target, exp.Schema):
            target, names = target.this, tuple(column.name for column in target.expressions)
        path = tuple(part.name for part in target.parts) if isinstance(target, exp.Table) else ()
        rows = self._queries.rows(tree.expression, Scope(named=self._queries.named(tree, {}, None)))
        if isinstance(tree, exp.Create):
            self._queries.made[path_of(target)] = rows.renamed(names)
        return Written(path, rows, names, isinstance(tree, exp.Insert) and not tree.args.get("by_name"))

    def _updated(self, tree: exp.Update) -> Written:
        scope, whole = self._scope(tree)
        start = tree.args.get("from_")
        for node in (tree.this, start.this if isinstance(start, exp.From) else None):
            if isinstance(node, exp.Expr):
                self._queries.enter(node, scope, whole)
                for join in node.args.get("joins") or []:
                    self._queries.join(join, scope, whole)
        whole |= self._values.deciding(inside(tree, "where"), scope, FILTER)
        return self._written(tree.this, self._assigned(tree, scope), scope, whole)

    def _merged(self, tree: exp.Merge) -> Written:
        scope, whole = self._scope(tree)
        self._queries.enter(tree.this, scope, whole)
        self._queries.enter(tree.args["using"], scope, whole)
        whole |= self._values.deciding([tree.args.get("on")], scope, JOIN)
        _, (_, source) = scope.tables
        columns: list[Column] = []
        for when in tree.args["whens"].expressions:
            whole |= self._values.deciding([when.args.get("condition")], scope, CONDITIONAL)
            then = when.args.get("then")
            if isinstance(then, exp.Update | exp.Insert) and _is_star(then):
                columns += source.columns
            elif isinstance(then, exp.Update):
                columns += self._assigned(then, scope)
            elif isinstance(then, exp.Insert):
                columns += self._inserted(then, scope)
        return self._written(tree.this, columns, scope, whole)

    def _scope(self, tree: exp.Expr) -> tuple[Scope, set[Source]]:
        return Scope(named=self._queries.named(tree, {}, None)), set()

    def _written(self, target: exp.Expr, columns: list[Column], scope: Scope, whole: set[Source]) -> Written:
        path = tuple(part.name for part in target.parts) if isinstance(target, exp.Table) else ()
        return Written(path, Relation(tuple(columns), whole=frozenset(whole | scope.whole)))

    def _assigned(self, tree: exp.Update, scope: Scope) -> list[Column]:
        """The columns of `SET a = …, b = …`."""
        set_ = [node for node in tree.expressions if isinstance(node, exp.EQ)]
        return [Column(node.this.name, self._values.of(node.expression, scope)) for node in set_]

    def _inserted(self, tree: exp.Insert, scope: Scope) -> list[Column]:
        """The columns of `INSERT (a, b) VALUES (…, …)`."""
        names, given = tree.this, tree.expression
        if not isinstance(names, exp.Tuple) or not isinstance(given, exp.Tuple):
            return []
        pairs = zip(names.expressions, given.expressions, strict=False)
        return [Column(name.name, self._values.of(value, scope)) for name, value in pairs]


def _is_star(node: exp.Expr) -> bool:
    return isinstance(node.this, exp.Star) or any(isinstance(n, exp.Star) for n in node.expressions)
