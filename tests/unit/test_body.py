"""Bodies come plain or compressed, in any chunks, and never beyond the cap."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import Callable, Iterable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from catalog.api import body as reading
from catalog.api.body import bounded, read_body
from catalog.errors import CatalogError, InvalidEvent, Overloaded, TooLarge, UnsupportedEncoding

LIMIT = 1_000
BODY = '{"name": "Größe"}'.encode()
PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZIP": gzip.compress,
    "deflate": zlib.compress,
}


def read(chunks: Iterable[bytes], encoding: str = "", content_type: str = "", limit: int = LIMIT) -> bytes:
    """What is read of a request whose body comes in these chunks."""
    return asyncio.run(bounded(partial(read_body, limit=limit))(request(chunks, encoding, content_type)))


def request(chunks: Iterable[bytes], encoding: str = "", content_type: str = "") -> Request:
    coming = iter(chunks)
    named = {"content-encoding": encoding, "content-type": content_type}
    headers = [(name.encode(), value.encode("latin-1")) for name, value in named.items() if value]

    async def receive() -> Message:
        for chunk in coming:
            return {"type": "http.request", "body": chunk, "more_body": True}
        return {"type": "http.request", "body": b"", "more_body": False}

    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


def cut(body: bytes, size: int) -> list[bytes]:
    return [body[at : at + size] for at in range(0, len(body), size)]


@pytest.mark.parametrize("encoding", ["", "identity", "Identity", " ", *PACK, " gzip "])
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_every_encoding_in_every_chunk(encoding: str, size: int) -> None:
    """As OpenLineage's clients send it: plain, or gzip, whole or byte by byte."""
    packed = PACK.get(encoding.strip(), bytes)(BODY)

    assert BODY == read(cut(packed, size), encoding)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=LIMIT), st.integers(1, 50), st.sampled_from(["", *PACK]))
def test_whatever_fits_comes_through(body: bytes, size: int, encoding: str) -> None:
    """Byte for byte, but for a byte order mark, which is no part of JSON."""
    packed = PACK.get(encoding, bytes)(body)
    if len(packed) <= LIMIT:
        assert body.removeprefix(b"\xef\xbb\xbf") == read(cut(packed, size), encoding)


@pytest.mark.parametrize("encoding", ["", "gzip", "deflate"])
def test_the_cap_counts_what_was_unpacked(encoding: str) -> None:
    """One byte over it is refused, with the cap in the refusal."""
    pack = PACK.get(encoding, bytes)

    assert LIMIT == len(read([pack(b" " * LIMIT)], encoding))
    with pytest.raises(TooLarge, match="1,000 bytes") as refusal:
        read([pack(b" " * (LIMIT + 1))], encoding)
    assert LIMIT == refusal.value.limit


def test_a_bomb_is_put_out() -> None:
    """Reading stops at the cap, however much a small body would unpack to, and asks for no more of it."""
    bomb = gzip.compress(b"\0" * 50_000_000)
    chunks = iter(cut(bomb, 100))

    with pytest.raises(TooLarge):
        read(chunks, "gzip")
    assert len(list(chunks)) > 400


def test_a_bomb_in_one_piece_takes_no_memory() -> None:
    """No more is unpacked than may be read."""
    bomb = gzip.compress(b"\0" * 50_000_000)
    tracemalloc.start()
    with pytest.raises(TooLarge):
        read([bomb], "gzip", limit=len(bomb))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 10_000_000


def test_a_stream_that_unpacks_to_nothing_ends_too() -> None:
    """What comes is counted as well as what comes out: empty blocks could go on for ever."""
    pack = zlib.compressobj(wbits=31)
    head = pack.compress(b"x") + pack.flush(zlib.Z_FULL_FLUSH)
    empty = iter([head, *[pack.flush(zlib.Z_FULL_FLUSH) or b"\0\0\0\xff\xff"] * 10_000])

    with pytest.raises(TooLarge):
        read(empty, "gzip")
    assert len(list(empty)) > 9_000


def test_endless_chunks_end() -> None:
    """A body without a length is read no further than the cap."""
    chunks = iter([b"x" * 100] * 1_000)

    with pytest.raises(TooLarge):
        read(chunks)
    assert 1_000 - LIMIT // 100 - 1 == len(list(chunks))


@pytest.mark.parametrize(
    ("encoding", "body", "words"),
    [
        ("gzip", BODY, "cannot be unpacked"),
        ("deflate", BODY, "cannot be unpacked"),
        ("gzip", zlib.compress(BODY), "cannot be unpacked"),
        ("gzip", gzip.compress(BODY, mtime=0)[:-1], "the gzip body ends too early"),
        ("gzip", gzip.compress(BODY, mtime=0)[:15], "ends too early"),
        ("gzip", b"", "ends too early"),
        ("deflate", zlib.compress(BODY)[:-1], "the deflate body ends too early"),
        ("gzip", gzip.compress(BODY, mtime=0)[:-8] + bytes(8), "cannot be unpacked"),
        ("gzip", gzip.compress(BODY, mtime=0) + b"more", "something follows the end of the gzip body"),
        ("gzip", gzip.compress(BODY, mtime=0) + gzip.compress(BODY, mtime=0), "in one piece"),
    ],
)
@pytest.mark.parametrize("size", [3, 10_000])
def test_damaged_bodies_are_refused(encoding: str, body: bytes, words: str, size: int) -> None:
    """Half an event is none; what follows one is not silently dropped."""
    with pytest.raises(InvalidEvent, match=words):
        read(cut(body, size), encoding)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "gzip,identity", "\xff"])
def test_unknown_encodings_are_refused(encoding: str) -> None:
    """Before anything is read, with what to send instead."""
    chunks = iter([BODY])

    with pytest.raises(UnsupportedEncoding, match="send gzip, deflate, or none"):
        read(chunks, encoding)
    assert [BODY] == list(chunks)


@pytest.mark.parametrize(
    ("charset", "codec"),
    [
        ("utf-8", "utf-8"),
        ("UTF-8", "utf-8"),
        ('"utf-8"', "utf-8"),
        ("utf8", "utf-8-sig"),
        ("utf-8-sig", "utf-8-sig"),
        ("UTF-16", "utf-16"),
        ("utf-16le", "utf-16-le"),
        ("utf-16be", "utf-16-be"),
        ("utf-32", "utf-32"),
        ("ISO-8859-1", "latin-1"),
        ("windows-1252", "cp1252"),
        ("latin1; q=1", "latin-1"),
    ],
)
def test_charsets_become_utf8(charset: str, codec: str) -> None:
    """The entry does not depend on what it was sent in."""
    sent = BODY.decode().encode(codec)

    assert BODY == read([sent], content_type=f"application/json; charset={charset}")
    assert BODY == read([gzip.compress(sent, mtime=0)], "gzip", f"application/json;Charset={charset}")


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "application/json; charset=", "x; a=b; ;=", "text/plain"]
)
def test_without_a_charset_the_bytes_stay(content_type: str) -> None:
    """JSON is UTF-8 unless it says otherwise; the parser judges the rest."""
    assert b"\xff\xfe" == read([b"\xff\xfe"], content_type=content_type)


@pytest.mark.parametrize(
    "charset",
    [
        "utf-9",
        "punycode",
        "idna",
        "unicode_escape",
        "hex",
        "rot13",
        "zip",
        "undefined",
        "utf-7",
        "\xfc",
        "\0",
        "a" * 1_000,
    ],
)
def test_other_charsets_are_refused(charset: str) -> None:
    """Python knows codecs that are no charsets, and some that take quadratic time."""
    with pytest.raises(UnsupportedEncoding, match="cannot be read; send UTF-8"):
        read([b"a-" + b"9" * 100], content_type=f"application/json; charset={charset}")


@pytest.mark.parametrize(
    ("charset", "body"), [("utf-16", b"\x00\xd8"), ("utf-32", b"{}"), ("ascii", b"\xff"), ("utf-16-le", b"{")]
)
def test_a_body_that_is_not_its_charset_is_refused(charset: str, body: bytes) -> None:
    """The charset's name is in the refusal."""
    with pytest.raises(InvalidEvent, match=f"not {charset}"):
        read([body], content_type=f"application/json; charset={charset}")


def test_a_client_that_goes_away_is_told_so() -> None:
    """Half a body is no event."""

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    with pytest.raises(InvalidEvent, match="connection ended"):
        asyncio.run(
            bounded(partial(read_body, limit=LIMIT))(Request({"type": "http", "method": "POST", "headers": []}, gone))
        )


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.binary(max_size=30), max_size=5),
    st.sampled_from(["", "gzip", "deflate", "br"]),
    st.text(st.characters(max_codepoint=255, min_codepoint=32), max_size=20),
)
def test_any_request_is_read_or_refused(chunks: list[bytes], encoding: str, charset: str) -> None:
    """Whatever is sent, the door answers with a refusal of its own."""
    try:
        read(chunks, encoding, f"application/json; charset={charset}")
    except CatalogError as refusal:
        assert str(refusal)


def test_what_is_held_at_once_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bodies count from their first byte to their answer; what goes beyond is told to come again."""
    monkeypatch.setattr(reading, "MAX_HELD", 25)

    @bounded
    async def endpoint(got: Request) -> list[bytes]:
        first = await read_body(got, LIMIT)
        with pytest.raises(Overloaded):
            await another(b"x" * 16)
        return [first, await another(b"y" * 15)]

    async def another(body: bytes) -> bytes:
        return await bounded(partial(read_body, limit=LIMIT))(request([body]))

    for _ in range(2):
        assert [b"0123456789", b"y" * 15] == asyncio.run(endpoint(request([b"0123456789"])))
