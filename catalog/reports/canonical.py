"""Reports as JSON in its one spelling, and back: what is hashed, signed and compared.

Keys are sorted, numbers and texts are spelled as RFC 8785 has them, so that another program finds the same hash.

Source: RFC 8785 (JSON Canonicalization Scheme).
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from typing import Any

from catalog.errors import InvalidReport
from catalog.reports.document import Block, Cell, Facts, Lineage, Node, Prose, Report, Section, Table

FORMAT = "headwater-report/1"
SAFE = 2**53 - 1
"""Beyond it a whole number is spelled as a text: RFC 8785 has the numbers of JavaScript."""
_LONE = re.compile("[\ud800-\udfff]")
Json = dict[str, Any]


def canonical(value: Any) -> bytes:
    """The one spelling of a JSON value."""
    return _spell(value).encode()


def loads(text: bytes) -> Any:
    """A JSON value, whose `canonical` is the text again if it was canonical.

    Raises:
        InvalidReport: it is no JSON.
    """
    try:
        return json.loads(text, parse_constant=_refuse, parse_int=_read_whole)
    except (ValueError, RecursionError):
        raise InvalidReport("it cannot be read as JSON: it was changed, cut, or is no report") from None


def sha256(content: bytes) -> str:
    """In hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def content_of(report: Report) -> bytes:
    """What a report's hash is taken of."""
    return canonical(to_json(report))


def to_json(report: Report) -> Json:
    """A report as JSON."""
    return {
        "format": FORMAT,
        "name": report.name,
        "version": report.version,
        "title": report.title,
        "asOf": report.as_of,
        "knownAt": report.known_at,
        "scope": dict(report.scope),
        "generator": dict(report.generator),
        "graph": report.graph,
        "policies": [dict(zip(_POLICY, policy, strict=True)) for policy in report.policies],
        "populations": [list(row) for row in report.populations],
        "sections": [
            {"id": section.id, "title": section.title, "blocks": [_block(block) for block in section.blocks]}
            for section in report.sections
        ],
        "unknown": list(report.unknown),
        "disclaimer": report.disclaimer,
        "extra": dict(report.extra),
    }


def read_report(value: Any) -> Report:
    """A report out of its JSON.

    Raises:
        InvalidReport: it is none.
    """
    try:
        if value["format"] != FORMAT:
            raise InvalidReport(f"its format is {str(value['format'])[:60]!r}; this version reads {FORMAT}")
        return Report(
            name=_text(value["name"]),
            version=_whole(value["version"]),
            title=_text(value["title"]),
            as_of=_text(value["asOf"]),
            known_at=_whole(value["knownAt"]),
            scope=_cells(value["scope"]),
            generator={name: _text(text) for name, text in value["generator"].items()},
            graph=_text(value["graph"]),
            policies=tuple(_policy(policy) for policy in value["policies"]),
            populations=tuple(tuple(map(_cell, row)) for row in value["populations"]),
            sections=tuple(_section(section) for section in value["sections"]),
            unknown=tuple(map(_text, value["unknown"])),
            disclaimer=_text(value["disclaimer"]),
            extra=_cells(value["extra"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as e:
        raise InvalidReport(f"it is no report: {type(e).__name__} at {str(e)[:100]}") from None


_POLICY = ("name", "version", "pack", "sha256", "text")
_KINDS: dict[str, type[Prose] | type[Facts] | type[Table] | type[Lineage]] = {
    "prose": Prose,
    "facts": Facts,
    "table": Table,
    "lineage": Lineage,
}


def _block(block: Block) -> Json:
    if isinstance(block, Prose):
        return {"kind": "prose", "text": block.text, "tone": block.tone}
    if isinstance(block, Facts):
        return {"kind": "facts", "title": block.title, "rows": [list(row) for row in block.rows]}
    if isinstance(block, Table):
        return {
            **{"kind": "table", "title": block.title, "columns": list(block.columns)},
            **{"rows": [list(row) for row in block.rows], "tone": list(block.tone), "empty": block.empty},
        }
    return {
        **{"kind": "lineage", "title": block.title, "nodes": [node._asdict() for node in block.nodes]},
        **{"edges": [list(edge) for edge in block.edges], "leftOut": block.left_out},
    }


def _section(value: Json) -> Section:
    return Section(_text(value["id"]), _text(value["title"]), tuple(map(_read_block, value["blocks"])))


def _read_block(value: Json) -> Block:
    kind = _KINDS[value["kind"]]
    if kind is Prose:
        return Prose(_text(value["text"]), value["tone"])
    if kind is Facts:
        rows = tuple((_text(label), _cell(cell)) for label, cell in value["rows"])
        return Facts(rows, _text(value["title"]))
    if kind is Table:
        return Table(
            title=_text(value["title"]),
            columns=tuple(map(_text, value["columns"])),
            rows=tuple(tuple(map(_cell, row)) for row in value["rows"]),
            tone=tuple(value["tone"]),
            empty=_text(value["empty"]),
        )
    nodes = tuple(Node(**node) for node in value["nodes"])
    edges = tuple((_text(source), _text(target), tone) for source, target, tone in value["edges"])
    return Lineage(_text(value["title"]), nodes, edges, _whole(value["leftOut"]))


def _policy(value: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    name, version, pack, hash_, text = (_text(value[part]) for part in _POLICY)
    return name, version, pack, hash_, text


def _cells(value: Mapping[str, Any]) -> dict[str, Cell]:
    return {_text(name): _cell(cell) for name, cell in value.items()}


def _cell(value: Any) -> Cell:
    if value is not None and not isinstance(value, str | int | float | bool):
        raise TypeError(f"a cell that is a {type(value).__name__}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a {type(value).__name__} where a text belongs")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"a {type(value).__name__} where a whole number belongs")
    return value


def _read_whole(text: str) -> int | float:
    """As in JavaScript; a whole number beyond 2^53 that is no text was a fraction's neighbour."""
    if len(text.lstrip("-")) > 21:
        raise ValueError(text[:30])
    return number if abs(number := int(text)) <= SAFE else float(text)


def _refuse(word: str) -> None:
    raise ValueError(word)


def _spell(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, str):
        return json.dumps(_LONE.sub("\ufffd", value), ensure_ascii=False)
    if isinstance(value, int):
        return str(value) if abs(value) <= SAFE else f'"{value}"'
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Mapping):
        names = {_LONE.sub("\ufffd", str(name)): part for name, part in value.items()}
        ordered = sorted(names, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{_spell(name)}:{_spell(names[name])}" for name in ordered) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_spell, value)) + "]"
    raise TypeError(f"a {type(value).__name__} is no JSON")


def _number(value: float) -> str:
    """As JavaScript spells it: the fewest digits that read back as the same number.

    Source: ECMA-262, Number::toString; RFC 8785, section 3.2.2.3.
    """
    if not math.isfinite(value):
        return f'"{value}"'
    if value == 0:
        return "0"
    sign, digits, exponent = _parts(value)
    point = len(digits) + exponent
    if len(digits) <= point <= 21:
        text = digits + "0" * (point - len(digits))
    elif 0 < point <= 21:
        text = f"{digits[:point]}.{digits[point:]}"
    elif -6 < point <= 0:
        text = "0." + "0" * -point + digits
    else:
        rest = f".{digits[1:]}" if len(digits) > 1 else ""
        text = f"{digits[0]}{rest}e{point - 1:+d}"
    return sign + text


def _parts(value: float) -> tuple[str, str, int]:
    """Sign, digits without zeros at either end, and the power of ten that they are multiplied by."""
    mantissa, _, power = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits, exponent = (whole + fraction).lstrip("0"), int(power or 0) - len(fraction)
    bare = digits.rstrip("0")
    return "-" if value < 0 else "", bare, exponent + len(digits) - len(bare)
