"""Documents with their places in files, and what is wrong at a place."""

from __future__ import annotations

from typing import Any, NamedTuple

from catalog.assets.keys import Key


class Place(NamedTuple):
    """A position in a file as people count it: line and column from 1, 0 where a whole file is meant."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class Document(NamedTuple):
    """One entity as a manifest declares it: its key, its canonical JSON, and where it stands."""

    key: Key
    body: dict[str, Any]
    place: Place


class Problem(NamedTuple):
    """One fault of a document: where, what is wrong, what was expected instead, and the nearest known word.

    Problems sort by file, line and column. `str` is the line that people read.
    """

    file: str
    line: int
    column: int
    message: str
    expected: str = ""
    nearest: str = ""

    def __str__(self) -> str:
        return f"{Place(self.file, self.line, self.column)}: {self.text}"

    @property
    def text(self) -> str:
        """What is wrong, without the place."""
        parts = [self.message]
        if self.expected:
            parts.append(f"; expected {self.expected}")
        if self.nearest:
            parts.append(f"; did you mean {self.nearest}?")
        return "".join(parts)

    def to_json(self) -> dict[str, Any]:
        """As programs read it; `text` is the whole message."""
        return {**self._asdict(), "text": self.text}
