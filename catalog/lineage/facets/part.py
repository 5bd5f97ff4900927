"""An object of a facet, its members read leniently: each complaint says where, and nothing is raised.

A null says what a missing member says: nothing. Numbers in strings are read, since clients in shells send them so.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from math import isfinite
from typing import Any, TypeVar

from catalog.clock import from_datetime
from catalog.lineage.assertions import Json
from catalog.lineage.wire import kind_of, parse_time

T = TypeVar("T")

_INT64 = 2**63
MOST = 5_000
"""Members of one array that are read; the facet itself is kept whole."""


class Part:
    """An object with a place.

    Attributes:
        members: the object itself.
        where: how a complaint names it, such as "output 'orders': outputStatistics".
        warnings: where complaints go.
    """

    __slots__ = ("members", "warnings", "where")

    def __init__(self, members: dict[str, Any], where: str, warnings: list[str]) -> None:
        self.members = members
        self.where = where
        self.warnings = warnings

    def complain(self, key: str, said: str) -> None:
        """Note what is wrong with a member."""
        self.warnings.append(f"{self.where}.{key[:80]}: {said}")

    def text(self, key: str) -> str | None:
        """A text; a number or boolean is spelled out."""
        value = self.members.get(key)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return str(value)
        self.complain(key, f"a JSON {kind_of(value)} instead of a string, left out")
        return None

    def needed(self, key: str) -> str | None:
        """A text without which its object says nothing."""
        value = self.text(key)
        if value is None and self.members.get(key) is None:
            self.complain(key, "missing")
        return value or None

    def number(self, key: str) -> float | int | None:
        """A number, of a string too."""
        value = self.members.get(key)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        if isinstance(value, str):
            read = _number(value)
            if read is None:
                self.complain(key, "a JSON string instead of a number, left out")
                return None
            self.complain(key, f"a JSON string instead of a number, read as {read}")
            return read
        self.complain(key, f"a JSON {kind_of(value)} instead of a number, left out")
        return None

    def count(self, key: str) -> int | None:
        """A whole number that is not negative, within 64 bits."""
        value = self.number(key)
        if value is None:
            return None
        if not 0 <= value < _INT64 or int(value) != value:
            self.complain(key, f"{str(value)[:80]} is no count, left out")
            return None
        return int(value)

    def flag(self, key: str) -> bool | None:
        """True or false, also as the words."""
        value = self.members.get(key)
        if value is None or isinstance(value, bool):
            return value
        word = value.lower() if isinstance(value, str) else ""
        if word in ("true", "false"):
            self.complain(key, f"a JSON string instead of a boolean, read as {word}")
            return word == "true"
        self.complain(key, f"a JSON {kind_of(value)} instead of a boolean, left out")
        return None

    def time(self, key: str) -> int | None:
        """Microseconds of an ISO-8601 time; without a zone it is read as UTC."""
        value = self.text(key)
        if not value:
            return None
        try:
            moment = parse_time(value)
            return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
        except (ValueError, OverflowError):
            self.complain(key, f"{value[:80]!r} is no ISO-8601 time, left out")
            return None

    def part(self, key: str) -> Part | None:
        """An object inside this one."""
        value = self.members.get(key)
        if isinstance(value, dict):
            return Part(value, f"{self.where}.{key}", self.warnings)
        if value is not None:
            self.complain(key, f"a JSON {kind_of(value)} instead of an object, left out")
        return None

    def listed(self, key: str) -> list[Any]:
        """The members of an array."""
        value = self.members.get(key)
        if isinstance(value, list):
            if len(value) > MOST:
                self.complain(key, f"{len(value):,} members, of which {MOST:,} are read")
            return value[:MOST]
        if value is not None:
            self.complain(key, f"a JSON {kind_of(value)} instead of an array, left out")
        return []

    def parts(self, key: str, read: Callable[[Part], T | None]) -> tuple[T, ...]:
        """What a reader makes of each object of an array; nulls say nothing."""
        found: list[T] = []
        for i, value in enumerate(self.listed(key)):
            if isinstance(value, dict):
                item = read(Part(value, f"{self.where}.{key}[{i}]", self.warnings))
                if item is not None:
                    found.append(item)
            elif value is not None:
                self.complain(f"{key}[{i}]", f"a JSON {kind_of(value)} instead of an object, left out")
        return tuple(found)

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts of an array."""
        found = []
        for i, value in enumerate(self.listed(key)):
            if isinstance(value, str):
                found.append(value)
            elif value is not None:
                self.complain(f"{key}[{i}]", f"a JSON {kind_of(value)} instead of a string, left out")
        return tuple(found)

    def mapping(self, key: str) -> dict[str, Json]:
        """An object whose members have names of their own."""
        inner = self.part(key)
        return {} if inner is None else inner.members


def _number(text: str) -> float | int | None:
    """The number that a text spells, as JSON would: finite, and beyond 64 bits a fraction."""
    try:
        whole = None if set(text) & set(".eE") else int(text)
        if whole is not None and -_INT64 <= whole < _INT64:
            return whole
        number = float(text)
    except (ValueError, OverflowError):
        return None
    return number if isfinite(number) else None
