"""Small readings of what documents state for the law: blocks with what is stated, days as moments, spans as numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from catalog.checks.filling.entity import block, shaped
from catalog.checks.subjects import Shape
from catalog.checks.subjects_in_law import ASSESSMENT, PERSONAL, RECIPIENT, RETENTION
from catalog.manifest.durations import days

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SNAKE = re.compile(r"(?<=[a-z0-9])([A-Z])")


def moment(day: Any) -> Any:
    """The first instant of a day; anything else as it is."""
    return f"{day}T00:00:00Z" if isinstance(day, str) and _DAY.fullmatch(day) else day


def moments(value: Any) -> Any:
    """A value whose days are moments."""
    if isinstance(value, Mapping):
        return {key: moments(item) for key, item in value.items()}
    return [moments(item) for item in value] if isinstance(value, list | tuple) else moment(value)


def word(name: Any) -> str:
    """A name as it is compared: without case, and with single spaces."""
    return " ".join(str(name or "").casefold().split())


def stated(told: Any) -> list[str]:
    """The members that a block has, spelled as policies do; an empty list is stated, too."""
    return sorted(_SNAKE.sub(r"_\1", str(key)).lower() for key, value in block(told).items() if value is not None)


def personal_data(told: Any) -> Any:
    """A block `personalData`."""
    if not isinstance(told, Mapping):
        return told
    found = _law(PERSONAL, told)
    found["stated"] = stated(told)
    if isinstance(told.get("ccpa"), Mapping):
        found["ccpa"]["stated"] = stated(told["ccpa"])
    return found


def retention(told: Any) -> Any:
    """A block `retention` with its duration as a number."""
    return {**_law(RETENTION, told), "days": days(told.get("duration"))} if isinstance(told, Mapping) else told


def recipient(told: Any) -> Any:
    """A block `recipient`."""
    return _law(RECIPIENT, told) if isinstance(told, Mapping) else told


def assessment(told: Any) -> Any:
    """A block `riskAssessment`."""
    return _law(ASSESSMENT, told) if isinstance(told, Mapping) else told


def _law(form: Shape, told: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = shaped(form, moments(told))
    return found
