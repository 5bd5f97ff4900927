"""What no expression may be, said before an engine sees it, so that both engines refuse the same.

CEL always ends, but it can be slow and it can grow: a macro repeats its body for every member of a list, and a body
that adds its variable to itself doubles a text with every macro around it. Neither engine bounds memory, so the number
of macros and of additions within an expression is bounded here; the worst growth is then known (`GROWTH`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from catalog.checks.engine import InvalidExpression

MAX_SOURCE = 4_096
"""Bytes of an expression."""
MAX_NESTING = 24
"""Brackets within brackets; cel-cpp gives up at 32 levels of its grammar."""
MAX_MACROS = 4
"""`all`, `exists`, `exists_one`, `filter` and `map` in one expression, nested or in a row."""
MAX_ADDITIONS = 16
"""`+` in an expression that has macros."""
GROWTH = (1 + MAX_ADDITIONS // MAX_MACROS) ** MAX_MACROS
"""How many times larger than its input a value can become within an expression: each macro adds up to five copies."""
MAX_STEPS = 10_000
"""Members of lists that the macros of one evaluation look at; the budget that is built into cel-cpp."""
MAX_TEXT = 100_000
"""Characters of a text that is given to an expression: the longest description a document may have."""
NO_MEMORY = "it needs more memory than is left for a policy's expression (HEADWATER_CHECK_MEMORY)"
"""Why an expression has no value whose evaluation the process had no memory for."""
MAX_VALUES = 100_000
"""Values within one variable."""
MAX_TEXTS = 4_000_000
"""Characters of all texts within one variable."""

_TEXT = re.compile(
    r"""(?i:[rb]|rb|br)?('''|\"\"\")|(?i:([rb]|rb|br)?)('|")|//[^\n]*""",
)
_MACRO = re.compile(r"\.\s*(?:all|exists|exists_one|filter|map)\s*\(")


class Bare(NamedTuple):
    """An expression with the insides of its texts and comments blanked, so that positions stay."""

    code: str

    def at(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1."""
        return self.code.count("\n", 0, offset) + 1, offset - self.code.rfind("\n", 0, offset)


def bare(expression: str) -> Bare:
    """The code of an expression alone."""
    parts, at = [], 0
    for start, end in _texts(expression):
        parts += [expression[at:start], re.sub(r"[^\n]", " ", expression[start:end])]
        at = end
    return Bare("".join([*parts, expression[at:]]))


def _texts(expression: str) -> Iterator[tuple[int, int]]:
    """Where texts and comments begin and end."""
    at = 0
    while found := _TEXT.search(expression, at):
        opening = found.group()
        if opening.startswith("//"):
            at = found.end()
        else:
            quote = opening.lstrip("rRbB")
            raw = "r" in opening[: len(opening) - len(quote)].lower()
            at = _end(expression, found.end(), quote, raw)
        yield found.start(), at


def _end(expression: str, at: int, quote: str, raw: bool) -> int:
    while at < len(expression):
        if expression[at] == "\\" and not raw:
            at += 2
        elif expression.startswith(quote, at):
            return at + len(quote)
        else:
            at += 1
    return len(expression)


def check(expression: str) -> Bare:
    """Refuse an expression that is over a limit.

    Raises:
        InvalidExpression: over which.
    """
    size = len(expression.encode("utf-8", "replace"))
    if size > MAX_SOURCE:
        raise InvalidExpression(f"the expression has {size:,} bytes, at most {MAX_SOURCE:,} are allowed")
    code = bare(expression)
    depth = 0
    for offset, char in enumerate(code.code):
        depth += (char in "([{") - (char in ")]}")
        if depth > MAX_NESTING:
            raise InvalidExpression(f"brackets are nested more than {MAX_NESTING} deep", *code.at(offset))
    macros = list(_MACRO.finditer(code.code))
    if len(macros) > MAX_MACROS:
        place = code.at(macros[MAX_MACROS].start())
        raise InvalidExpression(f"more than {MAX_MACROS} macros (all, exists, filter, map) in one expression", *place)
    if macros and code.code.count("+") > MAX_ADDITIONS:
        raise InvalidExpression(f"more than {MAX_ADDITIONS} additions in an expression with macros")
    return code


def oversized(value: Any) -> str:
    """Why a value is too large, or of no type of JSON, to be given to an expression; empty if it is well.

    Integers beyond 64 bits, sets and decimals are no values of CEL, so they are told here, not by one engine only.
    """
    left, letters, waiting = MAX_VALUES, MAX_TEXTS, [value]
    while waiting:
        item = waiting.pop()
        left -= 1
        if left < 0:
            return f"more than {MAX_VALUES:,} values"
        kind = type(item)
        if kind is dict:
            if any(type(key) is not str for key in item):
                return "a key that is no text"
            waiting.extend(item.values())
        elif kind is list:
            waiting.extend(item)
        elif kind is str:
            if len(item) > MAX_TEXT:
                return f"a text of {len(item):,} characters, at most {MAX_TEXT:,} are judged"
            letters -= len(item)
            if letters < 0:
                return f"texts of more than {MAX_TEXTS:,} characters"
        elif kind is int:
            if not -(2**63) <= item < 2**63:
                return f"the number {item!r:.40} has more than 64 bits"
        elif kind not in _SCALARS:
            return f"a value of type {kind.__name__}"
    return ""


_SCALARS = frozenset({bool, float, type(None)})
