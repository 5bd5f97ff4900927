"""Cursors are opaque, versioned, and belong to one kind of list."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.api.graphql.paging import MAX_PAGE, check_first, connect, decode, encode
from catalog.errors import InvalidQuestion

texts = st.text(st.characters(codec="utf-8"), max_size=30)
keys = st.lists(texts | st.integers(-(2**53), 2**53), max_size=3)


def packed(value: Any) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(value)).decode().rstrip("=")


@settings(max_examples=150, deadline=None)
@given(texts, keys)
def test_a_cursor_gives_its_key_back(kind: str, key: list[Any]) -> None:
    """Every part as it was, of the type it was; the text is fit for a URL."""
    cursor = encode(kind, *key)

    assert key == decode(kind, cursor, *map(type, key))
    assert cursor.replace("-", "").replace("_", "").isalnum()


def test_no_cursor_is_the_beginning() -> None:
    """Null asks for the first page."""
    assert decode("assets", None, str) is None


@pytest.mark.parametrize(
    "cursor",
    [
        encode("runs", "a"),
        encode("assets"),
        encode("assets", 1),
        encode("assets", "a", "b"),
        encode("assets", True),
        encode("assets", None),
        encode("assets", ["a"]),
        packed([2, "assets", "a"]),
        packed(["1", "assets", "a"]),
        packed({"1": 1, "assets": 2, "a": 3}),
        packed("assets"),
    ],
)
def test_a_cursor_of_another_list_is_refused(cursor: str) -> None:
    """Another kind, another version, or a key of other types: it would page through the wrong place."""
    with pytest.raises(InvalidQuestion, match=r"belongs to another list|is no cursor of"):
        decode("assets", cursor, str)


@pytest.mark.parametrize(
    "cursor", ["", " ", "x", "====", "é", "\ud800", "null", packed(1), packed([]), packed([1]), "A" * 100_000]
)
def test_garbage_is_refused(cursor: str) -> None:
    """With what to use instead."""
    with pytest.raises(InvalidQuestion, match="is no cursor; use endCursor") as refusal:
        decode("assets", cursor, str)

    assert len(str(refusal.value)) < 400


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40) | st.binary(max_size=40).map(lambda b: base64.urlsafe_b64encode(b).decode()))
def test_any_text_is_a_cursor_or_refused(cursor: str) -> None:
    """Nothing a client sends gives anything else."""
    try:
        key = decode("assets", cursor, str)
    except InvalidQuestion:
        return

    assert key == decode("assets", encode("assets", *key or ()), str)


@pytest.mark.parametrize("first", [1, MAX_PAGE])
def test_page_sizes(first: int) -> None:
    """From one to the most."""
    assert first == check_first(first)


@pytest.mark.parametrize("first", [0, -1, MAX_PAGE + 1])
def test_other_page_sizes_are_refused(first: int) -> None:
    """The refusal says what may be asked for."""
    with pytest.raises(InvalidQuestion, match=f"between 1 and {MAX_PAGE}, not {first}"):
        check_first(first)


@pytest.mark.parametrize(
    ("found", "shown", "more", "end"),
    [(0, [], False, None), (1, ["0"], False, "0"), (2, ["0", "1"], False, "1"), (3, ["0", "1"], True, "1")],
)
def test_one_more_than_asked_for_means_another_page(found: int, shown: list[str], more: bool, end: str | None) -> None:
    """Whoever fills a page asks for one item more than fits."""
    page = connect([(str(i), i) for i in range(found)], 2)

    assert shown == [edge.cursor for edge in page.edges]
    assert (more, end) == (page.page_info.has_next_page, page.page_info.end_cursor)


def test_totals_are_counted_only_where_somebody_counts() -> None:
    """Null is not zero."""

    async def seven() -> int:
        return 7

    async def totals() -> list[int | None]:
        pages = (connect([("a", 1)], 1, seven), connect([("a", 1)], 1))
        return [await page.total_count() for page in pages]

    assert [7, None] == asyncio.run(totals())
