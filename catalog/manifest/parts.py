"""Reads the parts of entries that people's tools send: what is wrong is said with the place of it."""

from __future__ import annotations

from typing import Any

from catalog.assets.keys import NAMESPACED, Key, Kind
from catalog.errors import InvalidEvent
from catalog.lineage.wire import MAX_TEXT, kind_of, read_time

MAX_WORDS = 2_000
"""Characters of a short text: who says so, why, what it is about."""


def read_key(part: Any, where: str) -> Key:
    """The key of an entity: `{kind, namespace, name}`.

    Raises:
        InvalidEvent: it is none.
    """
    if not isinstance(part, dict):
        raise InvalidEvent(f"`{where}` must be an object with kind, namespace and name", where)
    kind = part.get("kind")
    if kind not in list(Kind):
        raise InvalidEvent(f"{str(kind)[:80]!r} is no kind of entity this version knows", f"{where}.kind")
    namespace, name = (_text(part, label, where) for label in ("namespace", "name"))
    if not name.strip():
        raise InvalidEvent(f"`{where}.name` is empty", f"{where}.name")
    found = Kind(kind)
    if bool(namespace.strip()) != (found in NAMESPACED):
        what = "needs a namespace" if found in NAMESPACED else "has no namespace"
        raise InvalidEvent(f"a {found} {what}", f"{where}.namespace")
    return Key(found, namespace, name)


def _text(part: dict[str, Any], label: str, where: str) -> str:
    text = part.get(label, "")
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise InvalidEvent(f"`{where}.{label}` must be a text of at most {MAX_TEXT:,} characters", f"{where}.{label}")
    return text


def read_moment(entry: dict[str, Any], field: str, warnings: list[str]) -> int:
    """A time, microseconds.

    Raises:
        InvalidEvent: it is none.
    """
    text = entry.get(field)
    if not isinstance(text, str):
        raise InvalidEvent(f"`{field}` must be a time such as 2026-03-01T12:00:00Z", field)
    try:
        return read_time(text, warnings)
    except InvalidEvent as e:
        raise InvalidEvent(str(e), field) from e


def read_words(entry: dict[str, Any], field: str, *, needed: bool = False) -> str:
    """A short text; "" where there is none.

    Raises:
        InvalidEvent: it is something else, too long, or needed and empty.
    """
    words = entry.get(field)
    words = "" if words is None else words
    if not isinstance(words, str):
        raise InvalidEvent(f"`{field}` is a JSON {kind_of(words)} instead of a text", field)
    if len(words) > MAX_WORDS:
        raise InvalidEvent(f"`{field}` has {len(words):,} characters; it may have {MAX_WORDS:,}", field)
    if needed and not words.strip():
        raise InvalidEvent(f"`{field}` is missing or empty", field)
    return words


def read_list(entry: dict[str, Any], field: str) -> list[Any]:
    """A list; an empty one where there is none.

    Raises:
        InvalidEvent: it is something else.
    """
    listed = entry.get(field)
    if listed is None:
        return []
    if not isinstance(listed, list):
        raise InvalidEvent(f"`{field}` is a JSON {kind_of(listed)} instead of an array", field)
    return listed
