"""Listings of things that have numbers without gaps (orders, reports, evaluations): the newest first, by equality."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

WINDOW = 200
"""Numbers that are looked up at once."""


class Numbered(Protocol):
    """Something that has a number."""

    @property
    def number(self) -> int:
        """Its place among all of its kind, from 1 on."""
        ...


T = TypeVar("T", bound=Numbered)


def newest_first(
    newest: int,
    look_up: Callable[[list[int]], Iterable[T]],
    *,
    before: int | None,
    limit: int,
    fits: Callable[[T], bool] = lambda _: True,
) -> list[T]:
    """Those that fit, below the number `before` (None: from the newest on).

    Args:
        newest: the largest number there is.
        look_up: gives what has these numbers, in any order; some may be gone.
    """
    high = newest + 1 if before is None else min(newest + 1, before)
    found: list[T] = []
    while high > 1 and len(found) < limit:
        low = max(1, high - WINDOW)
        found += sorted(filter(fits, look_up(list(range(low, high)))), key=lambda one: -one.number)
        high = low
    return found[:limit]
