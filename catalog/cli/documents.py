"""Reads events out of files as people have them: an object, an array, one object a line, packed or not.

Nothing is understood here but where an event begins and ends: its text is sent as it stands in the file, so numbers
and unknown facets arrive as they were written.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, NamedTuple

STDIN = "-"
_BOM = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_SPACE = re.compile(r"[ \t\r\n]*")


class Found(NamedTuple):
    """An event, or why there is none: the line it begins on (from 1), its JSON text, what is wrong with it."""

    line: int
    raw: bytes = b""
    fault: str = ""


@contextmanager
def open_events(path: str) -> Iterator[Iterable[bytes]]:
    """The lines of a file, or standard input for `-`, unpacked if it is gzip, whatever it is called.

    Raises:
        OSError: it cannot be read.
    """
    file: IO[bytes] = sys.stdin.buffer if path == STDIN else open(path, "rb")  # noqa: SIM115
    try:
        stream = file if isinstance(file, io.BufferedReader) else io.BufferedReader(io.BytesIO(file.read()))
        if stream.peek(2)[:2] == _GZIP:
            with gzip.GzipFile(fileobj=stream) as unpacked:
                yield unpacked
        else:
            yield stream
    finally:
        if path != STDIN:
            file.close()


def read_events(lines: Iterable[bytes]) -> Iterator[Found]:
    """The events of a stream of lines, as they come; a fault costs its own event only.

    A document is complete when its braces are, so it may stand on one line or on many. If a line is cut off, the next
    one that is an event by itself begins anew.
    """
    document: list[bytes] = []
    begin = depth = number = 0
    try:
        for number, line in enumerate(lines, 1):
            text = line.removeprefix(_BOM) if number == 1 else line
            if document and document[0].startswith(b"{") and _is_event(text):
                yield from _events(b"".join(document), begin)
                document, depth = [], 0
            if not document:
                if not text.strip():
                    continue
                begin = number
            document.append(text)
            depth += _opened(text)
            if depth <= 0:
                yield from _events(b"".join(document), begin)
                document, depth = [], 0
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        yield Found(number + 1, fault=f"the packed data are damaged from here on: {error}")
    if document:
        yield from _events(b"".join(document), begin)


def _opened(text: bytes) -> int:
    """How many more braces and brackets a line opens than it closes."""
    bare = _TEXT.sub(b"", text)
    return bare.count(b"{") + bare.count(b"[") - bare.count(b"}") - bare.count(b"]")


def _is_event(line: bytes) -> bool:
    if not line.startswith(b"{") or b'"eventTime"' not in line:
        return False
    event = _event(line, 0)
    return not event.fault


def _events(document: bytes, line: int) -> Iterator[Found]:
    if document.lstrip()[:1] == b"[":
        yield from _elements(document, line)
    else:
        yield _event(document, line)


def _event(document: bytes, line: int) -> Found:
    import orjson

    raw = document.strip()
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return Found(line, fault=f"not JSON: {error.msg} (line {line + error.lineno - 1}, column {error.colno})")
    return Found(line, raw) if isinstance(value, dict) else Found(line, fault="not a JSON object")


def _elements(document: bytes, line: int) -> Iterator[Found]:
    """The elements of an array, up to the first place that is no JSON."""
    try:
        text = document.decode()
    except UnicodeDecodeError as error:
        yield Found(line + document[: error.start].count(b"\n"), fault="not UTF-8")
        return
    decoder = json.JSONDecoder()
    at, counted = text.index("[") + 1, 0
    while True:
        at = _skip(text, at)
        line, counted = line + text.count("\n", counted, at), at
        if text.startswith("]", at):
            if _skip(text, at + 1) < len(text):
                yield Found(line, fault="not JSON: something follows the array")
            return
        try:
            _, end = decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            yield Found(line, fault=f"not JSON from here on: {error.msg}")
            return
        except RecursionError:
            yield Found(line, fault="not readable from here on: nested too deeply")
            return
        yield _event(text[at:end].encode(), line)
        at = _skip(text, end)
        if text.startswith(",", at):
            at += 1
        elif not text.startswith("]", at):
            line += text.count("\n", counted, at)
            yield Found(line, fault="not JSON from here on: a comma or the array's end is missing")
            return


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
