"""Reads a request's body as clients send it: plain or compressed, chunked or not, never beyond the cap.

Neither Starlette nor its servers decompress requests; OpenLineage's clients do compress them.
"""

from __future__ import annotations

import codecs
import zlib
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

from catalog.errors import InvalidEvent, Overloaded, TooLarge, UnsupportedEncoding

T = TypeVar("T")

MAX_HELD = 128_000_000
"""Bytes of bodies that one process holds at once, from their first byte to their answer."""

_GZIP, _ZLIB = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS
_ENCODINGS = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB}
_UTF8 = {"", "utf-8", "utf8", "us-ascii"}
# Not every codec Python knows: some take quadratic time over what a stranger sends (punycode: a minute for 0.5 MB).
_CHARSETS = frozenset({"utf-8", "utf-8-sig", "ascii", "iso8859-1", "iso8859-15", "cp1252"}) | {
    f"utf-{width}{order}" for width in (16, 32) for order in ("", "-le", "-be")
}


class _Held:
    """What is held now; everything here runs on the event loop, so no lock is needed."""

    def __init__(self) -> None:
        self.held = 0

    def take(self, request: Request, size: int) -> None:
        if self.held + size > MAX_HELD:
            raise Overloaded(f"{self.held:,} bytes of other requests are being read; send this one again")
        self.held += size
        request.state.held += size


_HELD = _Held()


def bounded(endpoint: Callable[[Request], Awaitable[T]]) -> Callable[[Request], Coroutine[None, None, T]]:
    """An endpoint that reads bodies: what it held counts until it has answered."""

    @wraps(endpoint)
    async def answer(request: Request) -> T:
        request.state.held = 0
        try:
            return await endpoint(request)
        finally:
            _HELD.held -= request.state.held

    return answer


async def read_body(request: Request, limit: int) -> bytes:
    """The decompressed body as UTF-8, inside an endpoint that is `bounded`.

    Raises:
        Overloaded: this process holds as many bytes of bodies as it may.
        TooLarge: more than `limit` bytes, compressed or not; reading stops there.
        UnsupportedEncoding: a content encoding or charset that cannot be read.
        InvalidEvent: the compressed data are damaged, or the client went away.
    """
    encoding = request.headers.get("content-encoding", "identity").strip().lower() or "identity"
    if encoding not in _ENCODINGS and encoding != "identity":
        raise UnsupportedEncoding(f"Content-Encoding {encoding!r} cannot be read; send gzip, deflate, or none")
    unpack = zlib.decompressobj(_ENCODINGS[encoding]) if encoding != "identity" else None
    parts: list[bytes] = []
    received = size = 0
    try:
        async for chunk in request.stream():
            data = unpack.decompress(chunk, limit + 1 - size) if unpack else chunk
            received += len(chunk)
            size += len(data)
            if max(size, received) > limit:
                raise TooLarge(f"the body is larger than {limit:,} bytes (unpacked); send less at once", limit)
            if unpack and unpack.unused_data:
                raise InvalidEvent(f"something follows the end of the {encoding} body; compress it in one piece")
            _HELD.take(request, len(data))
            parts.append(data)
        if unpack and not unpack.eof:
            raise InvalidEvent(f"the {encoding} body ends too early")
    except zlib.error as e:
        raise InvalidEvent(f"the body says {encoding} but cannot be unpacked: {e}") from e
    except ClientDisconnect as e:
        raise InvalidEvent("the connection ended before the body did") from e
    return _as_utf8(b"".join(parts), request.headers.get("content-type", ""))


def _as_utf8(body: bytes, content_type: str) -> bytes:
    charset = ""
    for parameter in content_type.split(";")[1:]:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "charset":
            charset = value.strip().strip('"').lower()
    if charset not in _UTF8:
        try:
            known = codecs.lookup(charset).name in _CHARSETS
        except (LookupError, ValueError):
            known = False
        if not known:
            raise UnsupportedEncoding(f"charset {charset!r} cannot be read; send UTF-8")
        try:
            body = body.decode(charset).encode()
        except UnicodeError as e:
            raise InvalidEvent(f"the body is not {charset}: {e}") from e
    return body.removeprefix(b"\xef\xbb\xbf")
