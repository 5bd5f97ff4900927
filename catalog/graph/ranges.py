"""All nodes of a kind, in answers that stay short however many there are."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.errors import StoreTimeout
from catalog.graph.entries import newest
from catalog.graph.store import Row, Store

PAGE = 1_000
"""Rows of one answer: far fewer than a store reads in the seconds after which it ends a statement."""
WINDOW = 500
DIGITS = 8
"""Of a range of ids that is asked for by less though the store ended it: ranges of so many hold a node or none."""
_HEX = "0123456789abcdef"
_AFTER_HEX = "g"


def nodes(store: Store, text: str, prefix: str = "") -> Iterator[Row]:
    """The nodes whose ids begin so. Ids are hashes, so a range with too many is cut into sixteen of like size.

    A range is read from the index, in time that grows with its rows. (Pages in the order of the index would make the
    embedded store sort all that is left, for each of them.)

    Args:
        text: a block that takes `$low`, `$high` and `$limit`.
    """
    try:
        rows = store.rows(text, low=prefix, high=prefix + _AFTER_HEX, limit=PAGE + 1)
    except StoreTimeout:
        if len(prefix) >= DIGITS:
            raise
        rows = None
    if rows is not None and len(rows) <= PAGE:
        yield from rows
        return
    for digit in _HEX:
        yield from nodes(store, text, prefix + digit)


def runs(store: Store, text: str) -> Iterator[Row]:
    """All runs, by the sequences that told of them last.

    Such a sequence only rises: a run that is told of while this goes on is met again behind, never missed.

    Args:
        text: a block that takes `$sequences`.
    """
    low = 1
    while low <= newest(store):
        yield from _heard(store, text, list(range(low, low + WINDOW)))
        low += WINDOW


def _heard(store: Store, text: str, sequences: list[int]) -> Iterator[Row]:
    """The runs that these sequences told of last; by halves where the store takes too long."""
    try:
        yield from store.rows(text, sequences=sequences)
    except StoreTimeout:
        if len(sequences) == 1:
            raise
        half = len(sequences) // 2
        for some in (sequences[:half], sequences[half:]):
            yield from _heard(store, text, some)
