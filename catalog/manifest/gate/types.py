"""Whether every value of one column type fits into another, by the names that stores give their types.

Only what is sure counts as wider: a name that two stores use for different sizes (`int8` has 8 bits in one and 8 bytes
in another) fits only itself, and so does a name nobody knows here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

_CALL = re.compile(r"\s*([a-z][\w .]*?)\s*(?:[(\[]\s*(\w+)\s*(?:,\s*(-?\d+)\s*)?[)\]])?\s*", re.ASCII)
_NESTED = re.compile(r"\s*(array|list)\s*<(.*)>\s*", re.ASCII | re.DOTALL)
_UNBOUNDED = 1 << 31
_LONGEST = 500
"""Characters of a type that is read; a longer one fits only itself."""
_INTEGERS = {
    **dict.fromkeys(("tinyint", "byte"), 8),
    **dict.fromkeys(("smallint", "int2", "short", "int16", "smallserial"), 16),
    **dict.fromkeys(("int", "integer", "int4", "int32", "serial"), 32),
    **dict.fromkeys(("bigint", "long", "int64", "bigserial"), 64),
}
_FLOATS = {
    **dict.fromkeys(("real", "float4", "float32"), 24),
    "float": 24,
    **dict.fromkeys(("double", "double precision", "float8", "float64"), 53),
}
_DECIMALS = {"decimal", "numeric", "number", "dec", "bignumeric"}
_TEXTS = {"varchar", "character varying", "nvarchar", "varchar2", "char varying", "string", "text"}
_FIXED_TEXTS = {"char", "character", "nchar", "bpchar"}
_SAME = {"bool": "boolean", "timestamp without time zone": "timestamp", "timestamp with time zone": "timestamptz"}

_LOGICAL = {
    "string": {"text"},
    "integer": {"integer", "decimal"},
    "number": {"integer", "float", "decimal"},
    **{word: set[str]() for word in ("boolean", "date", "timestamp", "time", "object")},
}


class Fit(StrEnum):
    """How a type compares with the one it takes the place of."""

    SAME = "same"
    WIDER = "wider"
    NARROWER = "narrower"
    OTHER = "other"


class _Type(NamedTuple):
    """A type by family: integers and floats by bits, decimals by digits before and behind the point, texts by length.

    `exact` spells what has no size.
    """

    family: str
    size: int = 0
    scale: int = 0
    exact: str = ""


def compare(before: str, after: str) -> Fit:
    """How the type `after` compares with the type `before`."""
    old, new = _parse(before), _parse(after)
    if old == new:
        return Fit.SAME
    holds, held = _fits(old, new), _fits(new, old)
    if holds and held:
        return Fit.SAME
    return Fit.WIDER if holds else Fit.NARROWER if held else Fit.OTHER


def is_a(type_: str, logical: str) -> bool:
    """Whether a store's type is of a logical type; true also where nobody knows.

    Source: Open Data Contract Standard 3.1, logicalType.
    """
    families = _LOGICAL.get(logical.strip().lower())
    family = _parse(type_).family
    return families is None or family == "other" or family in families


def _parse(text: str) -> _Type:
    words = text.strip().lower()
    nested = _NESTED.fullmatch(words[:_LONGEST])
    if nested and len(words) <= _LONGEST:
        inner = _parse(nested[2])
        return inner._replace(family=f"array of {inner.family}")
    call = _CALL.fullmatch(words[:_LONGEST])
    if call is None or len(words) > _LONGEST:
        return _Type("other", exact=" ".join(words.split()))
    name, first, second = " ".join(call[1].split()), call[2], call[3]
    size = int(first) if first and first.isdigit() and len(first) < 10 else None
    if first and size is None and first != "max":
        return _Type("other", exact=f"{name}({first},{second})")
    if name in _INTEGERS:
        return _Type("integer", _INTEGERS[name])  # a width in brackets is how MySQL shows it
    if name in _FLOATS and size is None:
        return _Type("float", _FLOATS[name])
    if name in _DECIMALS:
        if size is None:
            return _Type("decimal", _UNBOUNDED, _UNBOUNDED)
        scale = int(second or 0)
        return _Type("decimal", size - scale, scale)
    if name in _TEXTS:
        return _Type("text", _UNBOUNDED if size is None else size)
    if name in _FIXED_TEXTS:
        return _Type("text", 1 if size is None else size, exact="fixed")
    sized = "" if first is None else f"({first})" if second is None else f"({first},{second})"
    return _Type("other", exact=_SAME.get(name, name) + sized)


def _fits(a: _Type, b: _Type) -> bool:
    """Whether every value of `a` is one of `b`."""
    nested = "array of "
    if a.family.startswith(nested) or b.family.startswith(nested):
        if not (a.family.startswith(nested) and b.family.startswith(nested)):
            return False
        return _fits(a._replace(family=a.family.removeprefix(nested)), b._replace(family=b.family.removeprefix(nested)))
    rule = _RULES.get((a.family, b.family))
    return a == b if rule is None else rule(a, b)


def _decimal_holds_integer(a: _Type, b: _Type) -> bool:
    return b.size >= len(str(1 << (a.size - 1)))


def _text(a: _Type, b: _Type) -> bool:
    return (b.exact != "fixed" and a.size <= b.size) or a == b


_RULES: dict[tuple[str, str], Callable[[_Type, _Type], bool]] = {
    ("integer", "integer"): lambda a, b: a.size <= b.size,
    ("float", "float"): lambda a, b: a.size <= b.size,
    ("integer", "float"): lambda a, b: a.size <= b.size,
    ("integer", "decimal"): _decimal_holds_integer,
    ("decimal", "decimal"): lambda a, b: a.size <= b.size and a.scale <= b.scale,
    ("text", "text"): _text,
}
