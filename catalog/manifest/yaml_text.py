"""YAML as nodes, composed by libyaml within bounds.

After a fault of syntax reading goes on at the next `---`, so that one look finds the faults of all documents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml
from yaml._yaml import CParser
from yaml.nodes import Node, ScalarNode

from catalog.manifest.nodes import MAX_DEPTH, Fault, Piece, Values, position

MAX_DOCUMENTS = 100_000
"""Of one file."""

_NEXT = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_TAB = "a tab; YAML is indented with spaces"
_OPENING = (
    "did not find expected ',' or",
    "could not find expected ':'",
    "found unexpected end of stream",
    "found unexpected document indicator",
)
"""Faults that are seen late: the place that people look for is where it began."""
_WORDS = (
    (
        "mapping values are not allowed",
        "a colon where no key can be: too far indented, or a text with `: ` in it that needs quotes",
    ),
    ("could not find expected ':'", "a line that is neither `key: value` nor an item of a list"),
    ("did not find expected key", "a line that fits neither the keys above nor their indentation"),
    ("did not find expected '-' indicator", "a line that fits no item of the list above"),
    ("found unexpected end of stream", "a quote that is never closed"),
    ("found unexpected document indicator", "a quote that is not closed before the next document"),
    ("did not find expected ',' or ']'", "a list in brackets that is not closed, or lacks a comma"),
    ("did not find expected ',' or '}'", "an object in braces that is not closed, or lacks a comma"),
    ("found undefined alias", "an alias to an anchor that is not above it"),
    ("second occurrence", "an anchor that stands twice"),
    ("block sequence entries are not allowed", "an item of a list where none can be"),
    ("unknown escape character", "an unknown escape; between double quotes a backslash is written twice"),
    ("undefined tag handle", "a tag; documents have none"),
    ("incompatible YAML document", "a %YAML directive of another version than 1.1 or 1.2"),
    ("did not find expected comment or line break", "something behind `|` or `>`; the text begins on the next line"),
    ("found a tab character", _TAB),
    ("did not find expected <document start>", "something between two documents; a document begins with `---`"),
)


class _Composer(CParser):
    """Nodes of a text; nothing is resolved, and depth is bounded (libyaml's own recursion would end the process)."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def resolve(self, kind: object, value: object, implicit: object) -> str:
        return ""

    def descend_resolver(self, parent: Node | None, index: object) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH and parent is not None:
            raise Fault(f"values within values, more than {MAX_DEPTH} deep", *position(parent))

    def ascend_resolver(self) -> None:
        self._depth -= 1


def yaml_pieces(text: str, faults: list[Fault]) -> Iterator[Piece]:
    """The documents of a text, in their order; what cannot be read goes to `faults`, empty ones are passed over."""
    values = Values(faults, aliases="*" in text)
    start, skipped, count = 0, 0, 0
    while True:
        composer = _Composer(text[start:] if start else text)
        try:
            while composer.check_node():
                node = composer.get_node()
                count += 1
                assert node is not None  # there was one
                if count > MAX_DOCUMENTS:
                    raise _TooMany(f"more than {MAX_DOCUMENTS:,} documents", *position(node))
                if not (isinstance(node, ScalarNode) and not node.value and not node.style):
                    yield values.piece(node, skipped)
            return
        except yaml.MarkedYAMLError as error:
            fault = _fault(error, text[start:], skipped)
        except _TooMany as many:
            faults.append(Fault(str(many), many.line + skipped, many.column))
            return
        except Fault as deep:
            fault = Fault(str(deep), deep.line + skipped, deep.column)
        faults.append(fault)
        following = _NEXT.search(text, _end_of_line(text, fault.line))
        if following is None:
            return
        start = following.start()
        skipped = text.count("\n", 0, start)


class _TooMany(Fault):
    """Nothing more of the file is read."""


def _end_of_line(text: str, line: int) -> int:
    """Where the line (from 1) ends."""
    at = -1
    for _ in range(line):
        at = text.find("\n", at + 1)
        if at < 0:
            return len(text)
    return at


def _fault(error: yaml.MarkedYAMLError, text: str, skipped: int) -> Fault:
    """An error of libyaml in our words; one we have no words for keeps its own."""
    problem = error.problem or error.context or "not YAML"
    mark = error.problem_mark or error.context_mark
    if error.context_mark is not None and problem.startswith(_OPENING):
        mark = error.context_mark
    line, column = (mark.line, mark.column) if mark is not None else (0, 0)
    message = next((words for part, words in _WORDS if part in problem), problem)
    if "cannot start any token" in problem:
        character = text.splitlines()[line][column : column + 1] if mark is not None else ""
        message = _TAB if character == "\t" else f"{character!r} cannot begin a value; put the text in quotes"
    return Fault(message, line + 1 + skipped, column + 1)
