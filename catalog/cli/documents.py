"""Reads events out of files as people have them: an object, an array, one object a line, packed or not.

Nothing is understood here but where an event begins and ends: its text is sent as it stands in the file, so numbers
and unknown facets arrive as they were written.
"""

from __future__ import annotations

import codecs
import gzip
import io
import json
import re
import sys
import zlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import IO, NamedTuple

STDIN = "-"
PIECE = 1_000_000
LONGEST = 100_000_000
"""Characters of an element of an array; the service takes fewer."""

_BOM = b"\xef\xbb\xbf"
_GZIP = b"\x1f\x8b"
_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_SPACE = re.compile(r"[ \t\r\n]*")
_JSON = json.JSONDecoder()
_DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile)


class Found(NamedTuple):
    """An event, or why there is none: the line it begins on (from 1), its JSON text, what is wrong with it."""

    line: int
    raw: bytes = b""
    fault: str = ""


class Pieces:
    """A file's lines as they come, unpacked; very long ones in several pieces, so that none has to fit into memory."""

    def __init__(self, stream: IO[bytes] | gzip.GzipFile, file: IO[bytes]) -> None:
        self._stream = stream
        self._file = file

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self._stream.readline(PIECE), b"")

    def position(self) -> int:
        """Bytes of the file, as it is stored, that were read until now; 0 for a pipe, which does not tell."""
        return self._file.tell() if self._file.seekable() else 0


@contextmanager
def open_events(path: str) -> Iterator[Pieces]:
    """The pieces of a file, or of standard input for `-`, unpacked if it is gzip, whatever it is called.

    Raises:
        OSError: it cannot be read.
    """
    file: IO[bytes] = sys.stdin.buffer if path == STDIN else open(path, "rb")  # noqa: SIM115
    try:
        stream = file if isinstance(file, io.BufferedReader) else io.BufferedReader(io.BytesIO(file.read()))
        if stream.peek(2)[:2] == _GZIP:
            with gzip.GzipFile(fileobj=stream) as unpacked:
                yield Pieces(unpacked, stream)
        else:
            yield Pieces(stream, stream)
    finally:
        if path != STDIN:
            file.close()


def read_events(pieces: Iterable[bytes]) -> Iterator[Found]:
    """The events of a stream of lines (or pieces of them), as they come; a fault costs its own event only.

    A document is complete when its braces are, so it may stand on one line or on many. If a line is cut off, the next
    one that is an event by itself begins anew. Of an array that the stream begins with, no more than one element has to
    fit into memory.
    """
    stream = _Stream(pieces)
    try:
        while stream.begins_array():
            if not (yield from _elements(stream)):
                return
        yield from _documents(stream)
    except _DAMAGED as error:
        yield Found(stream.line + 1, fault=f"the packed data are damaged from here on: {error}")


class _Stream:
    """Pieces with a head to look at; `line` is the line that the head begins on."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self.head = next(self._pieces, b"").removeprefix(_BOM)
        self.line = 1

    def begins_array(self) -> bool:
        """Whether the next thing is an array; blank lines before it are passed over."""
        while not self.head.strip() and (piece := next(self._pieces, None)) is not None:
            self.line += self.head.count(b"\n")
            self.head = piece
        return self.head.lstrip()[:1] == b"["

    def read(self, least: int) -> bytes:
        """So many bytes at least, in whole pieces, unless it ends; `line` stays."""
        parts, size = [self.head], len(self.head)
        self.head = b""
        try:
            while size < least and (piece := next(self._pieces, None)) is not None:
                parts.append(piece)
                size += len(piece)
        except _DAMAGED:
            if not size:  # what came before it is given first; asked again, it is damaged still
                raise
        return b"".join(parts)

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Whole lines, each with its number."""
        head, self.head = io.BytesIO(self.head), b""
        parts: list[bytes] = []
        for piece in chain(head, self._pieces):
            parts.append(piece)
            if piece.endswith(b"\n"):
                yield self.line, b"".join(parts)
                parts, self.line = [], self.line + 1
        if parts:
            yield self.line, b"".join(parts)


def _documents(stream: _Stream) -> Iterator[Found]:
    document: list[bytes] = []
    begin = depth = 0
    try:
        for number, text in stream.lines():
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
    except _DAMAGED as error:
        yield Found(stream.line, fault=f"the packed data are damaged from here on: {error}")
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
    if document.lstrip()[:1] != b"[":
        yield _event(document, line)
        return
    stream = _Stream([document])
    stream.line = line
    if (yield from _elements(stream)) and stream.head.strip():
        yield Found(stream.line, fault="not JSON: something follows the array")


def _event(document: bytes, line: int) -> Found:
    import orjson

    raw = document.strip()
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        return Found(line, fault=f"not JSON: {error.msg} (line {line + error.lineno - 1}, column {error.colno})")
    return Found(line, raw) if isinstance(value, dict) else Found(line, fault="not a JSON object")


def _elements(stream: _Stream) -> Generator[Found, None, bool]:
    """The elements of the array that a stream begins with, up to the first place that is no JSON.

    Returns whether the array was whole; what follows it is the stream's head then.
    """
    text = _Text(stream)
    text.skip("[")
    while True:
        if text.skip("]"):
            text.give_back()
            return True
        end, fault = text.value_end()
        if fault:
            yield Found(text.line, fault=fault)
            return False
        yield _event(text.take(end), text.begin)
        if not text.skip(",") and not text.sees("]"):
            yield Found(text.line, fault="not JSON from here on: a comma or the array's end is missing")
            return False


class _Text:
    """A stream's text, read on as it is needed and forgotten as it is taken.

    Attributes:
        line: the line of the place looked at.
        begin: the line on which what was taken last began.
    """

    def __init__(self, stream: _Stream) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._text, self._at, self._fault = "", 0, ""
        self.line = self.begin = stream.line

    def sees(self, char: str) -> bool:
        """Whether this is the next character that is no space."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._move(found.end() if found else self._at)
            if self._at < len(self._text) or not self._more():
                return self._text.startswith(char, self._at)

    def skip(self, char: str) -> bool:
        """Whether this was the next character that is no space; it is passed over."""
        seen = self.sees(char)
        self._at += seen
        return seen

    def value_end(self) -> tuple[int, str]:
        """Where the value that begins behind the spaces ends, or why nowhere."""
        self.sees("")
        while True:
            try:
                return _JSON.raw_decode(self._text, self._at)[1], ""
            except RecursionError:
                return 0, "not readable from here on: nested too deeply"
            except json.JSONDecodeError as error:
                if len(self._text) - self._at > LONGEST:
                    return 0, f"not JSON, or an event of more than {LONGEST:,} characters, from here on"
                if not self._more():
                    self._move(self._at)
                    return 0, self._fault or f"not JSON from here on: {error.msg}"

    def take(self, end: int) -> bytes:
        """The text up to a place."""
        self.begin, taken = self.line, self._text[self._at : end]
        self._move(end)
        return taken.encode()

    def give_back(self) -> None:
        """Let the stream go on behind what was taken."""
        rest = self._text[self._at :].encode() + self._decoder.getstate()[0]
        self._stream.head, self._stream.line = rest, self.line

    def _move(self, at: int) -> None:
        self.line += self._text.count("\n", self._at, at)
        self._at = at

    def _more(self) -> bool:
        """Read as much again as there is, so that what is long is not copied often."""
        data = b"" if self._fault else self._stream.read(max(PIECE, 2 * (len(self._text) - self._at)))
        try:
            new = self._decoder.decode(data, final=not data)
        except UnicodeDecodeError:
            self._fault, new = "not UTF-8 from here on", ""
        self._text, self._at = self._text[self._at :] + new, 0
        return bool(data) and not self._fault
