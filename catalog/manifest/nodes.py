"""Nodes of a text: values that know where they stand.

YAML and JSON are composed into the same nodes; the value of a node is made here, not by a schema of YAML 1.1: an
unquoted scalar stays the text it is (`Plain`) until the field it stands in says what it should be. So `no`, `on`,
`012`, `1:30` and `2026-03-01` are texts where texts are wanted.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from catalog.manifest.documents.shape import NULLS, Plain
from catalog.manifest.problems import Problem

MAX_DEPTH = 64
"""Of values within values."""
MAX_VALUES = 200_000
"""Of a file with aliases, counted as if each alias were written out."""

Path = tuple[str | int, ...]
"""Keys and positions in lists, from a document's top to a value."""

_SPECIAL = frozenset("-+0123456789tTfFnN~")
"""What a scalar begins with that may be something else than a text."""


class Fault(Exception):
    """Something that cannot be read, with its place (both from 1)."""

    def __init__(self, message: str, line: int, column: int, expected: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.expected = expected

    def problem(self, file: str) -> Problem:
        """As it is reported."""
        return Problem(file, self.line, self.column, str(self), self.expected)


class Piece(NamedTuple):
    """One document of a file: its value, its node, and how many lines of the file came before the node's text."""

    value: Any
    node: Node
    skipped: int = 0

    @property
    def place(self) -> tuple[int, int]:
        """Line and column where it begins, from 1."""
        return position(self.node, self.skipped)

    def find(self, path: Path, *, key: bool = False) -> tuple[int, int]:
        """Line and column of the value at a path (or of its key); of the nearest one around it that is there.

        Members of a path that name no key are passed over: they tell variants of a type apart.
        """
        node, found = self.node, self.node
        for part in path:
            if isinstance(node, MappingNode):
                pair = next((pair for pair in node.value if pair[0].value == part), None)
                if pair is not None:
                    found, node = (pair[0] if key else pair[1]), pair[1]
            elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
                found = node = node.value[part]
        return position(found, self.skipped)


def position(node: Node, skipped: int = 0) -> tuple[int, int]:
    """Line and column of a node, from 1."""
    return node.start_mark.line + 1 + skipped, node.start_mark.column + 1


class Values:
    """Makes the values of a file's nodes and collects what is wrong with them."""

    def __init__(self, faults: list[Fault], *, aliases: bool) -> None:
        self._faults = faults
        self._left = MAX_VALUES if aliases else None

    def piece(self, node: Node, skipped: int) -> Piece:
        """A document; with faults it has the rest of its values."""
        self._skipped = skipped
        value = self._value(node) if self._left is None else self._counted(node, 0)
        return Piece(value, node, skipped)

    def _value(self, node: Node) -> Any:
        if node.__class__ is ScalarNode:
            text = node.value
            if node.tag:
                self._tagged(node)
            if node.style:
                return text
            if not text or text[0] in _SPECIAL:
                return None if text in NULLS else Plain(text)
            return text
        if node.tag:
            self._tagged(node)
        if node.__class__ is SequenceNode:
            return [self._value(item) for item in node.value]
        found: dict[str, Any] = {}
        for name, item in node.value:
            key = self._key(name, found, node)
            if key is not None:
                value = self._value(item)
                if value is not None:
                    found[key] = value
        return found

    def _counted(self, node: Node, depth: int) -> Any:
        """The same where nodes may stand in several places: what they add up to is bounded."""
        assert self._left is not None
        self._left -= 1
        if self._left < 0:
            raise self._fault(node, f"aliases that add up to more than {MAX_VALUES:,} values")
        if depth > MAX_DEPTH:
            raise self._fault(node, "an anchor that contains an alias to itself")
        if isinstance(node, ScalarNode):
            return self._value(node)
        if node.tag:
            self._tagged(node)
        if isinstance(node, SequenceNode):
            return [self._counted(item, depth + 1) for item in node.value]
        found: dict[str, Any] = {}
        for name, item in node.value:
            key = self._key(name, found, node)
            if key is not None and (value := self._counted(item, depth + 1)) is not None:
                found[key] = value
        return found

    def _key(self, node: Node, found: dict[str, Any], mapping: Node) -> str | None:
        """The key, if it is one and the only one of its name."""
        if not isinstance(node, ScalarNode):
            self._faults.append(self._fault(node, "a key that is no text"))
            return None
        key: str = node.value
        if key == "<<" and not node.style:
            message = "merge keys (`<<`) are not part of documents; write the fields out, or use `defaults` of the head"
            self._faults.append(self._fault(node, message))
            return None
        if key in found:
            first = next(name for name, _ in mapping.value if name.value == key)
            line = position(first, self._skipped)[0]
            self._faults.append(self._fault(node, f"the key {key[:80]!r} stands twice, first on line {line}"))
            return None
        if not key:
            self._faults.append(self._fault(node, "a key without a name"))
            return None
        return key

    def _tagged(self, node: Node) -> None:
        tag = node.tag.replace("tag:yaml.org,2002:", "!!")
        message = f"the YAML tag {tag[:80]} means nothing here; put a text in quotes to keep it one"
        self._faults.append(self._fault(node, message))

    def _fault(self, node: Node, message: str) -> Fault:
        return Fault(message, *position(node, self._skipped))
