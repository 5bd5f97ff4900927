"""JSON as the same nodes as YAML: a file holds one document, or an array of them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder

from yaml.error import Mark
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from catalog.manifest.nodes import MAX_DEPTH, Fault, Piece, Values

_SPACE = re.compile(r"[ \t\r\n]*")
_LITERAL = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null")
_STRINGS = JSONDecoder()


def json_pieces(text: str, faults: list[Fault]) -> Iterator[Piece]:
    """The documents of a text; what cannot be read goes to `faults`."""
    values = Values(faults, aliases=False)
    try:
        node = _Composer(text).whole()
    except Fault as fault:
        faults.append(fault)
        return
    for part in node.value if isinstance(node, SequenceNode) else [node]:
        yield values.piece(part, 0)


class _Composer:
    """Reads one JSON value, with the place of each part."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = [0, *(found.end() for found in re.finditer("\n", text))]

    def whole(self) -> Node:
        """The only value of the text."""
        node, at = self._value(self._skip(0), 0)
        if self._skip(at) < len(self._text):
            raise self._fault("something behind the end of the JSON value", self._skip(at))
        return node

    def _value(self, at: int, depth: int) -> tuple[Node, int]:
        if depth > MAX_DEPTH:
            raise self._fault(f"values within values, more than {MAX_DEPTH} deep", at)
        mark = self._mark(at)
        first = self._text[at : at + 1]
        if first == '"':
            text, end = self._string(at)
            return ScalarNode("", text, mark, mark, style='"'), end
        if first == "[":
            items, end = self._items(at, depth)
            return SequenceNode("", items, mark, mark), end
        if first == "{":
            pairs, end = self._pairs(at, depth)
            return MappingNode("", pairs, mark, mark), end
        found = _LITERAL.match(self._text, at)
        if found is None:
            raise self._fault(f"{first!r} begins no JSON value" if first else "the file ends too early", at)
        return ScalarNode("", found[0], mark, mark), found.end()

    def _items(self, at: int, depth: int) -> tuple[list[Node], int]:
        items: list[Node] = []
        at = self._skip(at + 1)
        while self._text[at : at + 1] != "]":
            if items:
                at = self._expect(",", at, "an array that is not closed, or lacks a comma")
            node, end = self._value(at, depth + 1)
            items.append(node)
            at = self._skip(end)
        return items, at + 1

    def _pairs(self, at: int, depth: int) -> tuple[list[tuple[Node, Node]], int]:
        pairs: list[tuple[Node, Node]] = []
        at = self._skip(at + 1)
        while self._text[at : at + 1] != "}":
            if pairs:
                at = self._expect(",", at, "an object that is not closed, or lacks a comma")
            if self._text[at : at + 1] != '"':
                raise self._fault("a key that is no text in double quotes", at)
            key, end = self._string(at)
            mark = self._mark(at)
            value_at = self._expect(":", self._skip(end), f"the key {key[:80]!r} has no colon behind it")
            node, end = self._value(value_at, depth + 1)
            pairs.append((ScalarNode("", key, mark, mark, style='"'), node))
            at = self._skip(end)
        return pairs, at + 1

    def _string(self, at: int) -> tuple[str, int]:
        try:
            text, end = _STRINGS.raw_decode(self._text, at)
            text.encode()
        except JSONDecodeError as wrong:
            raise self._fault(wrong.msg[:1].lower() + wrong.msg[1:], wrong.pos) from None
        except UnicodeEncodeError:
            raise self._fault("half of a surrogate pair", at) from None
        return text, end

    def _expect(self, character: str, at: int, message: str) -> int:
        if self._text[at : at + 1] != character:
            raise self._fault(message, at)
        return self._skip(at + 1)

    def _skip(self, at: int) -> int:
        found = _SPACE.match(self._text, at)
        return found.end() if found else at

    def _mark(self, at: int) -> Mark:
        line = bisect_right(self._lines, at) - 1
        return Mark("", at, line, at - self._lines[line], None, 0)

    def _fault(self, message: str, at: int) -> Fault:
        mark = self._mark(at)
        return Fault(message, mark.line + 1, mark.column + 1)
