"""What an expression depends on, and how: the transformations of the spec, read from the syntax tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from sqlglot import exp

from catalog.lineage.sql.relation import (
    AGGREGATION,
    CONDITIONAL,
    FILTER,
    IDENTITY,
    NOTHING,
    TRANSFORMATION,
    WINDOW,
    Relation,
    Source,
    Sources,
    indirect,
    through,
)
from catalog.lineage.sql.scope import Scope

_HASHES = (exp.MD5, exp.MD5Digest, exp.SHA, exp.SHA2, exp.SHA1Digest, exp.SHA2Digest, exp.FarmFingerprint)
_HASHING = re.compile(r"(?i)hash|md5|^sha\d|^digest|checksum|fingerprint|^hmac")
"""Names of the hash functions that the parser has no node for."""
_UNITS = re.compile(r"(?i)(?:micro|milli)?seconds?|minutes?|hours?|days?|do[wy]|weeks?|months?|quarters?|years?")
_OF_TIME = re.compile(r"(?i)date|time|trunc|extract")
_PICKED = (exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue)
"""Of these the value of one row is left, so they are no aggregates, whatever the parser calls them."""
_COUNTS = (exp.Count, exp.CountIf, exp.ApproxDistinct)


class TooMuch(Exception):
    """A query beyond what is worth looking at."""


class Values:
    """Reads expressions within a bound that depends on nothing but the query.

    Args:
        resolve: gives the rows of a query inside an expression, within a scope.
        limit: of nodes read and sources joined together.
    """

    def __init__(self, resolve: Callable[[exp.Expr, Scope], Relation], limit: int) -> None:
        self._resolve = resolve
        self._left = limit

    def spend(self, amount: int) -> None:
        """Count work done.

        Raises:
            TooMuch: the bound is reached.
        """
        self._left -= amount
        if self._left < 0:
            raise TooMuch

    def of(self, node: object, scope: Scope, subtype: str = IDENTITY) -> Sources:
        """What a value depends on; `subtype` is what its surroundings do to it."""
        if not isinstance(node, exp.Expr):
            return NOTHING
        found = through(self._read(node, scope), subtype)
        self.spend(1 + len(found))
        return found

    def of_all(self, nodes: Iterable[object], scope: Scope, subtype: str = TRANSFORMATION) -> Sources:
        """What a value made of all of these depends on."""
        found: set[Source] = set()
        for node in nodes:
            found |= self.of(node, scope, subtype)
        return frozenset(found)

    def deciding(self, nodes: Iterable[object], scope: Scope, subtype: str) -> Sources:
        """The same columns as they decide about rows or values."""
        return indirect(self.of_all(nodes, scope), subtype)

    def _read(self, node: exp.Expr, scope: Scope) -> Sources:
        if isinstance(node, exp.Column):
            if isinstance(node.this, exp.Star) or _is_unit(node):
                return NOTHING
            *path, name = (part.name for part in node.parts)
            return scope.column(tuple(part.lower() for part in path), name)
        if isinstance(node, exp.Alias | exp.Paren):
            return self.of(node.this, scope)
        if isinstance(node, exp.Query):
            return self._subquery(node, scope)
        if isinstance(node, exp.Exists):
            return indirect(self._subquery(node.this, scope), FILTER)
        if isinstance(node, exp.Case | exp.If):
            return self._case(node, scope)
        if isinstance(node, exp.Window):
            return self._window(node, scope)
        if isinstance(node, exp.Filter):
            return self.of(node.this, scope) | self.deciding([node.expression.this], scope, CONDITIONAL)
        inner = self.of_all(node.iter_expressions(), scope, AGGREGATION if _aggregates(node) else TRANSFORMATION)
        return through(inner, TRANSFORMATION, masking=True) if _hides(node) else inner

    def _subquery(self, node: object, scope: Scope) -> Sources:
        if not isinstance(node, exp.Query):
            return NOTHING
        rows = self._resolve(node, Scope(parent=scope, named=scope.named))
        scope.whole |= rows.whole
        return through(rows.all_sources(), TRANSFORMATION)

    def _case(self, node: exp.Expr, scope: Scope) -> Sources:
        """Its conditions decide, its branches give the value."""
        ifs = [node] if isinstance(node, exp.If) else node.args.get("ifs") or []
        asked = [i.this for i in ifs] + ([node.this] if isinstance(node, exp.Case) else [])
        given = [branch for i in ifs for branch in (i.args.get("true"), i.args.get("false"))]
        values = self.of_all([*given, node.args.get("default")], scope)
        return values | self.deciding(asked, scope, CONDITIONAL)

    def _window(self, node: exp.Window, scope: Scope) -> Sources:
        over = [*(node.args.get("partition_by") or []), node.args.get("order")]
        name = node.args.get("alias")
        named = scope.windows.get(name.name.lower(), NOTHING) if isinstance(name, exp.Expr) else NOTHING
        return self.of(node.this, scope, TRANSFORMATION) | self.deciding(over, scope, WINDOW) | named


def _is_unit(node: exp.Column) -> bool:
    """Whether it is a word such as `minute` in `DATEDIFF(minute, a, b)`, which SQL in general takes for a column."""
    if not _UNITS.fullmatch(node.name) or node.table or not isinstance(node.parent, exp.Func):
        return False
    function = node.parent.name if isinstance(node.parent, exp.Anonymous) else node.parent.key
    return bool(_OF_TIME.search(function))


def _aggregates(node: exp.Expr) -> bool:
    return isinstance(node, exp.AggFunc) and not isinstance(node, _PICKED)


def _hides(node: exp.Expr) -> bool:
    """Whether the value cannot be read from the result: the spec's own examples are `hash` and `count`."""
    if isinstance(node, exp.Anonymous):
        return bool(_HASHING.search(node.name))
    return isinstance(node, (*_HASHES, *_COUNTS))
