"""Values as cells: lists, durations, moments and facts in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from catalog.clock import from_datetime, to_iso
from catalog.manifest.durations import DURATION
from catalog.reports.document import Cell

_UNITS = ("year", "month", "week", "day", "hour", "minute", "second")
LONGEST = 600
"""Characters of a cell that lists things; more rows follow where there are more."""


def listed(values: Iterable[Any] | None) -> Cell:
    """The members of a set in words: not stated stays None, a stated "none" is an empty text."""
    if values is None or isinstance(values, str | Mapping):
        return None
    return ", ".join(sorted({str(value) for value in values}))


def some(values: Iterable[str]) -> str:
    """Members in their order, each once."""
    return ", ".join(dict.fromkeys(values))


def stated(value: Any) -> Cell:
    """A value of a document as a cell."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list | tuple) and all(isinstance(item, str | int | float) for item in value):
        return listed(value)
    return compact(value)


def words(value: Any) -> Cell:
    """A word of a document's vocabulary, for people: `legal_obligation` is a legal obligation."""
    return value.replace("_", " ") if isinstance(value, str) else stated(value)


def compact(value: Any) -> str:
    """Any value as JSON in one line, the same for equal values."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(", ", ": "), default=str)


def duration(text: Any) -> Cell:
    """`P2Y` is 2 years; what is no duration is shown as it is."""
    found = DURATION.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return stated(text)
    told = [(float(number), unit) for number, unit in zip(found.groups(), _UNITS, strict=True) if number is not None]
    return " ".join(f"{number:.15g} {unit}{'' if number == 1 else 's'}" for number, unit in told)


def moment(micros: int | None) -> str | None:
    """A moment for people, to the second; None stays None."""
    told = to_iso(micros)
    return None if told is None else told[:19].replace("T", " ") + " UTC"


def day(micros: int | None) -> str | None:
    """The day of a moment, UTC; None stays None."""
    told = to_iso(micros)
    return None if told is None else told[:10]


def micros(text: Any) -> int | None:
    """A moment of a document in microseconds; None if it is none."""
    try:
        return from_datetime(datetime.fromisoformat(text))
    except (TypeError, ValueError):
        return None


def percent(part: int, whole: int) -> str:
    """A share in whole percent, rounded down so that 100 % means all; of nothing there is no share."""
    return f"{100 * part // whole} %" if whole else "–"


def chunks(names: Iterable[str]) -> list[list[str]]:
    """Names in groups that make cells of at most `LONGEST` characters, so that no row grows over a page."""
    found: list[list[str]] = []
    for name in names:
        if not found or sum(map(len, found[-1])) + 2 * len(found[-1]) + len(name) > LONGEST:
            found.append([])
        found[-1].append(name)
    return found
