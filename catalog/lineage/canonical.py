"""Bytes from the wire -> JSON value -> the one spelling that names an entry.

`orjson` reads almost everything. What it refuses but real producers send (lone surrogates, NaN, UTF-16) is read by the
standard library and put into a form every store can keep. Both read a number alike: beyond 64 bits it is a float.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from typing import Any

import orjson

from catalog.errors import InvalidEvent

MAX_DEPTH = 200
PIECE = 2_047
"""Bytes hashed at once: for more, hashlib gives up the interpreter's lock, and waits longer for it than it hashes."""
_LONE = re.compile("[\ud800-\udfff]")
_INT64 = range(-(2**63), 2**64)


def parse(body: bytes) -> Any:
    """The JSON value of a body.

    Raises:
        InvalidEvent: not JSON, or nested deeper than MAX_DEPTH levels.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as e:
        value = _tolerant(body, e)
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH and _deeper_than(value, MAX_DEPTH):
        raise InvalidEvent(f"the JSON is nested deeper than {MAX_DEPTH} levels; flatten the part that does so")
    return value


def canonical(value: Any) -> bytes:
    """The one spelling of a JSON value: sorted keys, no spaces, UTF-8."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def content_key(payload: bytes) -> str:
    """The key of an entry: SHA-256 of its canonical JSON, in hexadecimal."""
    sha, rest = hashlib.sha256(), memoryview(payload)
    for at in range(0, len(rest), PIECE):
        sha.update(rest[at : at + PIECE])
    return sha.hexdigest()


def _tolerant(body: bytes, first: orjson.JSONDecodeError) -> Any:
    try:
        text = body.decode(json.detect_encoding(body))
        return _storable(json.loads(text, parse_constant=lambda _: None, parse_int=_whole, parse_float=_fraction))
    except RecursionError as e:
        raise InvalidEvent(f"the JSON is nested deeper than {MAX_DEPTH} levels; flatten the part that does so") from e
    except ValueError as e:
        if not body.strip():
            raise InvalidEvent("the body is empty; send one OpenLineage event as a JSON object") from e
        if "depth" in str(first).lower() or "recursion" in str(first).lower():
            raise InvalidEvent(f"the JSON is nested deeper than {MAX_DEPTH} levels") from e
        raise InvalidEvent(f"the body is not JSON: {first}") from e


def _whole(text: str) -> int | float | str:
    if len(text) < 22 and int(text) in _INT64:
        return int(text)
    number = float(text)
    return number if math.isfinite(number) else text


def _fraction(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return _LONE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_storable(v) for v in value]
    if isinstance(value, dict):
        return {_LONE.sub("\ufffd", k): _storable(v) for k, v in value.items()}
    return value


def _deeper_than(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit + 1):
        level = [
            child
            for parent in level
            if isinstance(parent, dict | list)
            for child in (parent.values() if isinstance(parent, dict) else parent)
        ]
        if not level:
            return False
    return True
