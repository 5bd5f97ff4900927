"""Reads a request's body as clients send it: plain or compressed, chunked or not, never beyond the cap.

Neither Starlette nor its servers decompress requests; OpenLineage's clients do compress them.
"""

from __future__ import annotations

import zlib

from starlette.requests import ClientDisconnect, Request

from catalog.errors import InvalidEvent, TooLarge, UnsupportedEncoding

_GZIP, _ZLIB = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS
_ENCODINGS = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB}
_UTF8 = {"", "utf-8", "utf8", "us-ascii"}


async def read_body(request: Request, limit: int) -> bytes:
    """The decompressed body as UTF-8.

    Raises:
        TooLarge: more than `limit` bytes, compressed or not; reading stops there.
        UnsupportedEncoding: a content encoding or charset that cannot be read.
        InvalidEvent: the compressed data are damaged, or the client went away.
    """
    encoding = request.headers.get("content-encoding", "identity").strip().lower() or "identity"
    if encoding not in _ENCODINGS and encoding != "identity":
        raise UnsupportedEncoding(f"Content-Encoding {encoding!r} cannot be read; send gzip, deflate, or none")
    unpack = zlib.decompressobj(_ENCODINGS[encoding]) if encoding != "identity" else None
    parts: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            data = unpack.decompress(chunk, limit + 1 - size) if unpack else chunk
            size += len(data)
            if size > limit:
                raise TooLarge(f"the body is larger than {limit:,} bytes (unpacked); send a smaller event", limit)
            parts.append(data)
        if unpack:
            parts.append(unpack.flush())
            if not unpack.eof:
                raise InvalidEvent("the gzip body ends too early")
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
            return body.decode(charset).encode()
        except LookupError as e:
            raise UnsupportedEncoding(f"charset {charset!r} is unknown; send UTF-8") from e
        except UnicodeError as e:
            raise InvalidEvent(f"the body is not {charset}: {e}") from e
    return body.removeprefix(b"\xef\xbb\xbf")
