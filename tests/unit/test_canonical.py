"""One value has one spelling, whatever spelling it came in; and what was read can always be spelled."""

from __future__ import annotations

import json
import random
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from catalog.errors import InvalidEvent
from catalog.lineage.canonical import MAX_DEPTH, canonical, content_key, parse
from tests import corpus

MANY = settings(max_examples=100, deadline=None)

# Lone surrogates and NaN are on purpose: json writes them, so clients send them.
texts = st.text(st.characters(exclude_categories=()), max_size=8)
numbers = st.integers(-(10**40), 10**40) | st.floats()
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
well_formed = st.text(st.characters(codec="utf-8"))
exact_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | well_formed,
    lambda inner: st.lists(inner) | st.dictionaries(well_formed, inner),
    max_leaves=12,
)


def spelled(value: Any, rng: random.Random) -> bytes:
    """One of the many spellings of a value."""
    if isinstance(value, dict):
        members = [spelled(k, rng) + b":" + spelled(v, rng) for k, v in value.items()]
        rng.shuffle(members)
        return _gap(rng) + b"{" + b",".join(members) + b"}" + _gap(rng)
    if isinstance(value, list):
        return _gap(rng) + b"[" + b",".join(spelled(v, rng) for v in value) + b"]" + _gap(rng)
    text = '"' + "".join(_letter(c, rng) for c in value) + '"' if isinstance(value, str) else json.dumps(value)
    return _gap(rng) + text.encode() + _gap(rng)


def _letter(letter: str, rng: random.Random) -> str:
    units = letter.encode("utf-16-be").hex()
    plain = json.dumps(letter, ensure_ascii=False)[1:-1]
    escaped = "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
    return rng.choice([plain, escaped, "\\/" if letter == "/" else plain])


def _gap(rng: random.Random) -> bytes:
    return b"".join(rng.choices([b"", b" ", b"\n", b"\t", b"\r\n"], k=2))


@MANY
@given(exact_values, st.randoms(use_true_random=False))
@example({"a/a": "a\\a/a\\u0061", "é": ["\U0001f600"]}, random.Random(3))
def test_every_spelling_of_a_value_gives_the_same_bytes(value: Any, rng: random.Random) -> None:
    """Order of keys, white space and escapes are no part of a value."""
    assert canonical(value) == canonical(parse(spelled(value, rng))) == canonical(parse(spelled(value, rng)))


@MANY
@given(values)
@example("\ud800")
@example({"\ud800": 1, "n": 10**30})
@example([float("nan"), float("inf"), -float("inf"), -0.0, 10**400, -(10**400), 1e308])
def test_whatever_parses_has_a_spelling(value: Any) -> None:
    """What Python's own writer sends is read, spelled, and read again as the same value."""
    body = json.dumps(value).encode()

    read = parse(body)

    assert read == parse(canonical(read))
    assert canonical(read) == canonical(parse(canonical(read)))


@MANY
@given(st.binary(max_size=40) | st.text('{}[]",:0eE.-+ntf\\ud8', max_size=30).map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """Nothing but a value or InvalidEvent ever comes out."""
    try:
        value = parse(body)
    except InvalidEvent:
        return

    assert canonical(value) == canonical(parse(canonical(value)))


@pytest.mark.parametrize("event", [pytest.param(e, id=f"{i}") for i, (_, e) in enumerate(corpus.all_events())])
def test_recorded_events_survive(event: corpus.Event) -> None:
    """Real events come back as they are, and indented they are the same entry."""
    compact, indented = json.dumps(event).encode(), json.dumps(event, indent=2, ensure_ascii=False).encode()

    assert event == orjson.loads(canonical(parse(compact)))
    assert content_key(canonical(parse(compact))) == content_key(canonical(parse(indented)))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"b":1,"a":2}', b'{"a":2,"b":1}'),
        (b' { "a" : [ 1 , 2 ] } ', b'{"a":[1,2]}'),
        (rb'"\u00e9\/\ud83d\ude00"', '"é/😀"'.encode()),
        (b'{"a":1,"a":2}', b'{"a":2}'),
        (b'\xef\xbb\xbf{"a":1}', b'{"a":1}'),
        (b'["\\ud800 and \\udfff"]', '["\ufffd and \ufffd"]'.encode()),
        (b'{"\\ud800":1}', '{"\ufffd":1}'.encode()),
        (b"[NaN,Infinity,-Infinity,1e999]", b"[null,null,null,null]"),
        (b"18446744073709551615", b"18446744073709551615"),
        (b"18446744073709551616", b"1.8446744073709552e+19"),
        (b"-9223372036854775808", b"-9223372036854775808"),
        (b"[1, 1.0, 1e2]", b"[1,1.0,100.0]"),
    ],
)
def test_spellings(body: bytes, expected: bytes) -> None:
    """Keys sorted, the last of two wins, surrogates replaced, no number that is none."""
    assert expected == canonical(parse(body))


@MANY
@given(exact_values | st.integers(-(10**40), 10**40))
@example(0.1 + 0.2)
@example(5e-324)
@example(-(2**63) - 1)
def test_both_readers_read_alike(value: Any) -> None:
    """A NaN beside it sends a value through the tolerant reader: it comes out the same."""
    body = json.dumps(value).encode()

    assert canonical([parse(body), None]) == canonical(parse(b"[" + body + b", NaN]"))


def test_a_number_does_not_depend_on_what_stands_beside_it() -> None:
    """Whichever reader has to take the body, 30 digits are one and the same value."""
    digits = b"123456789012345678901234567890"

    alone, beside = parse(b"[" + digits + b"]"), parse(b"[" + digits + b', "\\ud800"]')

    assert alone[0] == beside[0] == 1.2345678901234568e29
    assert canonical(alone[0]) == canonical(beside[0])


def test_an_infinite_number_is_none() -> None:
    """However it is written: no store could hold it, and no answer could show it."""
    assert [None, None, None, "x"] == parse(b'[1e999, -1e999, Infinity, "x"]')


def test_a_number_beyond_all_floats_stays_text() -> None:
    """400 digits are kept as they came: no number of any store could hold them."""
    assert "1" * 400 == parse(b"1" * 400) == parse(b"[" + b"1" * 400 + b', "\\ud800"]')[0]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-16", "utf-8-sig"])
def test_unicode_in_any_width_is_the_same_value(encoding: str) -> None:
    """RFC 4627 let JSON come in UTF-16 and UTF-32, with or without a byte order mark."""
    text = '{"name": "Größe 😀", "n": [1, 2.5]}'

    assert canonical(parse(text.encode())) == canonical(parse(text.encode(encoding)))


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
@pytest.mark.parametrize("closed", [True, False])
def test_ten_thousand_levels_are_refused(opening: bytes, closed: bool) -> None:
    """Deep nesting is refused by name, and never ends the process."""
    closing = {b"[": b"]", b'{"a":': b"}", b'[{"a":': b"}]"}[opening]
    body = opening * 10_000 + b"1" + (closing * 10_000 if closed else b"")

    with pytest.raises(InvalidEvent, match=f"deeper than {MAX_DEPTH} levels"):
        parse(body)


@pytest.mark.parametrize("beside", [b"1", b"NaN", b'"\\ud800"'])
def test_the_depth_that_is_read_is_spelled(beside: bytes) -> None:
    """The limit lies below that of the writer, for either reader."""
    deepest, deeper = (b"[" * n + beside + b"]" * n for n in (MAX_DEPTH, MAX_DEPTH + 1))

    assert MAX_DEPTH == canonical(parse(deepest)).count(b"[")
    with pytest.raises(InvalidEvent, match="deeper"):
        parse(deeper)


def test_width_is_not_depth() -> None:
    """Thousands of brackets side by side are no nesting."""
    assert 5_000 == len(parse(b"[" + b",".join([b"[]"] * 5_000) + b"]"))


@pytest.mark.parametrize("body", [b"", b" \n\t "])
def test_an_empty_body_is_told_so(body: bytes) -> None:
    """The most common mistake has its own words."""
    with pytest.raises(InvalidEvent, match="the body is empty"):
        parse(body)


@pytest.mark.parametrize(
    "body", [b"{'a': 1}", b'{"a":1} x', b'{"a":', b"\xff\xfe\x00", b'"\xed\xa0\x80"', b"undefined"]
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    """Refused with the reader's reason, not with a stack trace."""
    with pytest.raises(InvalidEvent, match="not JSON"):
        parse(body)


def test_the_key_is_the_hash_of_the_bytes() -> None:
    """Anyone can compute it: SHA-256 in hexadecimal."""
    assert "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" == content_key(b"{}")
