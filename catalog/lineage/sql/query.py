"""Queries -> relations: what each column of a SELECT depends on, and what all of its rows do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from catalog.lineage.sql.relation import (
    FILTER,
    GROUP_BY,
    JOIN,
    NOTHING,
    SORT,
    TRANSFORMATION,
    WINDOW,
    Column,
    Relation,
    Source,
    Sources,
    Table,
    indirect,
    read_table,
)
from catalog.lineage.sql.scope import Path, Scope
from catalog.lineage.sql.values import Values

MAX_WORK = 100_000

Find = Callable[[Path], Table]
Named = Mapping[str, Callable[[], Relation]]


@dataclass(frozen=True, slots=True)
class _Once:
    """A common table expression: resolved when it is first used."""

    make: Callable[[], Relation]
    made: list[Relation]

    def __call__(self) -> Relation:
        if not self.made:
            self.made.append(self.make())
        return self.made[0]


class Queries:
    """Reads queries.

    Args:
        find: the table of a name, as the event knows it.

    Attributes:
        made: tables that earlier statements of the same script have made.
    """

    def __init__(self, find: Find) -> None:
        self._find = find
        self.values = Values(self.rows, MAX_WORK)
        self.made: dict[Path, Relation] = {}

    def rows(self, tree: exp.Expr, scope: Scope) -> Relation:
        """The rows of a query.

        Args:
            scope: gives what is around it: its parent and the common table expressions it may name.
        """
        if isinstance(tree, exp.Subquery):
            named = self.named(tree, scope.named, scope.parent)
            return self.rows(tree.this, Scope(parent=scope.parent, named=named)).renamed(_columns_of(tree))
        if isinstance(tree, exp.SetOperation):
            return self._set_operation(tree, scope)
        if isinstance(tree, exp.Select):
            return self._select(tree, scope)
        if isinstance(tree, exp.Table):
            return self._table(tree, scope)
        return Relation(tables=(Table(None, {}),))

    def named(self, tree: exp.Expr, named: Named, parent: Scope | None) -> Named:
        """The common table expressions that a query may name: those around it, and its own."""
        clause = tree.args.get("with_")
        if not isinstance(clause, exp.With):
            return named
        found: dict[str, Callable[[], Relation]] = dict(named)
        for cte in clause.expressions:
            name, around = cte.alias.lower(), dict(found)
            found[name] = _Once(self._maker(cte, name, around, parent), [])
        return found

    def _maker(self, cte: exp.CTE, name: str, around: Named, parent: Scope | None) -> Callable[[], Relation]:
        columns = _columns_of(cte)

        def make() -> Relation:
            body, named = cte.this, around
            if isinstance(body, exp.Union) and any(t.name.lower() == name for t in body.find_all(exp.Table)):
                inner = self.named(body, around, parent)
                first = self.rows(body.left, Scope(parent=parent, named=inner)).renamed(columns)
                named = {**around, name: lambda: first}  # it names itself: what it begins with, then once around
            return self.rows(body, Scope(parent=parent, named=named)).renamed(columns)

        return make

    def _set_operation(self, tree: exp.SetOperation, scope: Scope) -> Relation:
        named = self.named(tree, scope.named, scope.parent)
        parts: list[Relation] = []
        branches: list[exp.Expr] = []
        node: exp.Expr = tree
        while isinstance(node, exp.SetOperation) and type(node) is type(tree) and not (node is not tree and _own(node)):
            branches.append(node.right)
            node = node.left
        branches.append(node)
        for branch in reversed(branches):
            parts.append(self.rows(branch, Scope(parent=scope.parent, named=named)))
        first, *rest = parts
        whole = frozenset(s for part in parts for s in part.whole)
        if not isinstance(tree, exp.Union):
            whole |= frozenset(s for part in rest for s in indirect(part.all_sources(), FILTER))
            return replace(first, whole=whole)
        by_name = bool(tree.args.get("by_name"))
        columns = [
            Column(column.name, frozenset(column.sources.union(*(_in(r, column.name, i, by_name) for r in rest))))
            for i, column in enumerate(first.columns)
        ]
        self.values.spend(sum(len(column.sources) for column in columns))
        tables = tuple(table for part in parts for table in part.tables) if _all_open(parts) else ()
        return replace(first, columns=tuple(columns), tables=tables, whole=whole, united=True)

    def _select(self, tree: exp.Select, around: Scope) -> Relation:
        read = self.values
        scope = Scope(parent=around.parent, named=self.named(tree, around.named, around.parent))
        start = tree.args.get("from_")
        whole: set[Source] = set()
        listed = [start.this] if isinstance(start, exp.From) else []
        for node in [*listed, *(tree.args.get("laterals") or [])]:
            self.enter(node, scope, whole)
        for join in [*(j for n in listed for j in n.args.get("joins") or []), *(tree.args.get("joins") or [])]:
            self.join(join, scope, whole)
        whole |= read.deciding(inside(tree, "where"), scope, FILTER)
        for window in tree.args.get("windows") or []:
            over = [*(window.args.get("partition_by") or []), window.args.get("order")]
            scope.windows[window.name.lower()] = read.deciding(over, scope, WINDOW)
        rows = self._projections(tree, scope)
        scope.aliases = {c.name.lower(): c.sources for c in rows.columns if c.name}
        for key, subtype in (("having", FILTER), ("qualify", FILTER), ("group", GROUP_BY), ("order", SORT)):
            node = tree.args.get(key)
            if isinstance(node, exp.Expr):
                whole |= indirect(self._clause(node, scope, rows, first_alias=key == "order"), subtype)
        distinct = tree.args.get("distinct")
        if isinstance(distinct, exp.Distinct) and distinct.args.get("on"):
            whole |= read.deciding([distinct.args["on"]], scope, GROUP_BY)
        return replace(rows, whole=frozenset(whole | scope.whole))

    def _clause(self, node: exp.Expr, scope: Scope, rows: Relation, *, first_alias: bool) -> Sources:
        """What GROUP BY, HAVING or ORDER BY names: expressions, columns of the list by name or by place."""
        found: set[Source] = set()
        for part in node.iter_expressions():
            named = part.this if isinstance(part, exp.Ordered) else part
            if isinstance(named, exp.Literal) and named.is_int and 0 < int(named.this) <= len(rows.columns):
                found |= rows.columns[int(named.this) - 1].sources
            elif first_alias and isinstance(named, exp.Column) and not named.table and rows.known(named.name):
                found |= rows.known(named.name) or NOTHING
            else:
                found |= self.values.of(named, scope, TRANSFORMATION)
        return frozenset(found)

    def _projections(self, tree: exp.Select, scope: Scope) -> Relation:
        columns: list[Column] = []
        tables: list[Table] = []
        hidden: set[str] = set()
        starred = False
        for node in tree.expressions:
            star = node.this if isinstance(node, exp.Column) else node
            if isinstance(star, exp.Star):
                path = tuple(p.name.lower() for p in node.parts[:-1]) if isinstance(node, exp.Column) else ()
                found = self._star(star, path, scope)
                columns += found.columns
                tables += found.tables
                hidden |= found.hidden
                starred |= found.starred
                self.values.spend(sum(1 + len(c.sources) for c in found.columns))
                continue
            sources = self.values.of(node, scope)
            columns.append(Column(node.alias_or_name or node.output_name, sources))
            scope.aliases.setdefault(columns[-1].name.lower(), sources)
        return Relation(tuple(columns), tuple(tables), frozenset(hidden), starred=starred)

    def _star(self, star: exp.Star, path: Path, scope: Scope) -> Relation:
        given = [scope.relation(path)] if path else [relation for _, relation in scope.tables]
        replaced = {n.alias.lower(): self.values.of(n.this, scope) for n in star.args.get("replace") or []}
        renamed = {n.this.name.lower(): n.alias for n in star.args.get("rename") or []}
        gone = {n.name.lower() for n in star.args.get("except_") or []}
        columns: dict[str, Column] = {}
        tables: list[Table] = []
        hidden = set(gone)
        starred = False
        for i, relation in enumerate(relation or Relation(tables=(Table(None, {}),)) for relation in given):
            if relation.every is not None and not relation.columns:
                tables.append(Table(None, {}))
                continue
            hidden |= relation.hidden
            known_table = bool(relation.columns) and any(table.fields for table in relation.tables)
            starred |= relation.starred or known_table
            tables += [] if known_table else relation.tables
            for column in relation.columns:
                low = column.name.lower()
                if low not in gone and not (low in scope.shared and low in columns):
                    shown = Column(renamed.get(low, column.name), replaced.get(low, column.sources))
                    columns[low if low in scope.shared else f"{i}.{len(columns)}"] = shown
        return Relation(tuple(columns.values()), tuple(tables), frozenset(hidden), starred=starred)

    def enter(self, node: exp.Expr, scope: Scope, whole: set[Source]) -> None:
        """Put what FROM or JOIN names into the scope; what all its rows depend on, all of ours depend on too."""
        relation = self._source(node, scope)
        whole |= relation.whole
        path = (node.alias.lower(),) if node.alias else path_of(node)
        if isinstance(node, exp.Unnest) and not node.alias and _columns_of(node):
            path = (_columns_of(node)[0].lower(),)
        scope.tables.append((path, relation))
        for join in (node.args.get("joins") or []) if isinstance(node, exp.Paren) else []:
            self.join(join, scope, whole)
        for lateral in node.args.get("laterals") or []:
            self.enter(lateral, scope, whole)

    def _source(self, node: exp.Expr, scope: Scope) -> Relation:
        columns = _columns_of(node)
        if isinstance(node, exp.Table) and not isinstance(node.this, exp.Func):
            found = self._table(node, scope)
        elif isinstance(node, exp.Subquery):
            inside = Scope(parent=scope, named=scope.named)
            return self._pivoted(node, self.rows(node, inside))
        elif isinstance(node, exp.Lateral) and isinstance(node.this, exp.Query):
            found = self.rows(node.this, Scope(parent=scope, named=scope.named))
        elif isinstance(node, exp.Values):
            found = Relation(tuple(Column("", NOTHING) for _ in columns), every=NOTHING)
        else:
            found = Relation(every=self.values.of_all(node.iter_expressions(), scope))
        return self._pivoted(node, found.renamed(columns))

    def _pivoted(self, node: exp.Expr, relation: Relation) -> Relation:
        """A pivot makes columns out of values: nothing is said of them."""
        return Relation(tables=(Table(None, {}),), whole=relation.whole) if node.args.get("pivots") else relation

    def _table(self, node: exp.Table, scope: Scope) -> Relation:
        path = path_of(node)
        if len(path) == 1 and path[0] in scope.named:
            return scope.named[path[0]]()
        if path in self.made:
            return self.made[path]
        return read_table(self._find(tuple(part.name for part in node.parts)))

    def join(self, join: exp.Join, scope: Scope, whole: set[Source]) -> None:
        """Put what is joined into the scope; its condition decides about all rows."""
        self.enter(join.this, scope, whole)
        whole |= self.values.deciding([join.args.get("on")], scope, JOIN)
        for column in join.args.get("using") or []:
            scope.shared.add(column.name.lower())
            for _, relation in scope.tables:
                whole |= indirect(relation.known(column.name) or relation.guess(column.name) or NOTHING, JOIN)


def _own(node: exp.Expr) -> bool:
    return bool(node.args.get("with_"))


def _all_open(parts: list[Relation]) -> bool:
    return all(part.tables and not part.columns for part in parts)


def _in(relation: Relation, name: str, place: int, by_name: bool) -> Sources:
    """The column of another branch of a union that goes with the first one's."""
    if by_name or (relation.tables and not relation.columns):
        return relation.known(name) or relation.guess(name) or NOTHING
    return relation.columns[place].sources if place < len(relation.columns) else NOTHING


def inside(tree: exp.Expr, key: str) -> list[object]:
    """What a clause holds, such as the condition of WHERE."""
    node = tree.args.get(key)
    return [node.this] if isinstance(node, exp.Expr) else []


def _columns_of(node: exp.Expr) -> list[str]:
    alias = node.args.get("alias")
    return [c.name for c in alias.args.get("columns") or []] if isinstance(alias, exp.TableAlias) else []


def path_of(node: exp.Expr) -> Path:
    """A table's name, to find it by inside the script."""
    return tuple(part.name.lower() for part in node.parts) if isinstance(node, exp.Table) else ()
