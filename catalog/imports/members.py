"""Members of JSON objects that may be anything: each reader gives its type, or nothing where the file has another."""

from __future__ import annotations

from typing import Any

from catalog.lineage.wire import parse_time

Json = dict[str, Any]


def member(value: Any, *path: str) -> Any:
    """What is found by going down the path; None where it ends early."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def text(value: Any, *path: str) -> str:
    """A text; numbers and booleans are spelled out, anything else is ""."""
    found = member(value, *path)
    if isinstance(found, bool):
        return str(found).lower()
    return found if isinstance(found, str) else str(found) if isinstance(found, int | float) else ""


def moment(value: Any, *path: str) -> str:
    """A time as it is written, "" where it is none: an event with it would be rejected."""
    found = text(value, *path)
    try:
        parse_time(found)
    except (ValueError, OverflowError):
        return ""
    return found


def whole(value: Any, *path: str) -> int | None:
    """A whole number, none where it is anything else (a boolean too)."""
    found = member(value, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def mapping(value: Any, *path: str) -> Json:
    """An object, {} where it is anything else."""
    found = member(value, *path)
    return found if isinstance(found, dict) else {}


def objects(value: Any, *path: str) -> list[Json]:
    """The objects of a list, what else is in it left out."""
    found = member(value, *path)
    return [part for part in found if isinstance(part, dict)] if isinstance(found, list) else []


def texts(value: Any, *path: str) -> tuple[str, ...]:
    """The texts of a list; one text alone is a list of one."""
    found = member(value, *path)
    if isinstance(found, str):
        found = [found]
    return tuple(part for part in found if isinstance(part, str) and part) if isinstance(found, list) else ()
