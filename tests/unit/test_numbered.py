"""Listings of what has numbers: page by page the same as all at once, whatever is gone."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from catalog.graph.numbered import WINDOW, newest_first


class Thing(NamedTuple):
    """Something with a number."""

    number: int


@given(st.integers(0, 3 * WINDOW), st.sets(st.integers(1, 3 * WINDOW), max_size=40), st.integers(1, 30))
def test_pages_are_the_whole_newest_first(newest: int, there: set[int], limit: int) -> None:
    """Each thing is on one page, those that do not fit on none; never more than `WINDOW` are looked up at once."""
    asked = []

    def look_up(numbers: list[int]) -> list[Thing]:
        asked.append(len(numbers))
        return [Thing(number) for number in numbers if number in there]

    found, before = list[int](), None
    while page := newest_first(newest, look_up, before=before, limit=limit, fits=lambda one: one.number % 2 == 0):
        found += [one.number for one in page]
        before = found[-1]

    assert sorted((n for n in there if n <= newest and n % 2 == 0), reverse=True) == found
    assert all(count <= WINDOW for count in asked)
