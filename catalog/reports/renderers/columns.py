"""How wide the columns of a table are, in points: by what stands in them, and never wider than the page."""

from __future__ import annotations

import re
from typing import NamedTuple

from catalog.reports.document import Table
from catalog.reports.renderers.letters import STRONG, width
from catalog.reports.renderers.pages import shown

LOOKED_AT = 200
"""Rows; a long table is alike all the way."""
WIDEST = 260.0
WORDS = (96.0, 76.0, 60.0, 50.0, 40.0, 30.0)
"""Longer words are broken: the widest of these that fits the page is taken, so that dates and numbers stay whole."""
READABLE = 110.0
"""A column of sentences is not made narrower than this, as long as the words of others can be broken instead."""
_WORD = re.compile(r"\S+")


class _Column(NamedTuple):
    """What a column would like: `word` is its longest word, `head` that of its heading; `prose` if it has sentences."""

    wanted: float
    word: float
    head: float
    prose: bool

    def least(self, longest: float) -> float:
        """Its width where words over a length are broken."""
        least = min(max(self.word, self.head), longest)
        return max(least, READABLE) if self.prose else least


def fit(table: Table, room: float, size: float, padding: float) -> list[float]:
    """A width for each column."""
    columns = [_column(table, at, size) for at in range(len(table.columns))]
    extra = padding + 1
    wanted = [max(column.wanted, column.least(WORDS[0])) + extra for column in columns]
    if sum(wanted) <= room:
        return [one * room / sum(wanted) for one in wanted]
    for longest in WORDS:
        least = [column.least(longest) + extra for column in columns]
        if sum(least) <= room:
            break
    else:
        return [one * room / sum(least) for one in least]
    share = (room - sum(least)) / (sum(wanted) - sum(least))
    return [low + (high - low) * share for low, high in zip(least, wanted, strict=True)]


def is_cramped(table: Table, room: float, size: float, padding: float) -> bool:
    """Whether words have to be broken that would stand whole on a wider page."""
    columns = [_column(table, at, size) for at in range(len(table.columns))]
    return sum(column.least(WORDS[1]) + padding + 1 for column in columns) > room


def _column(table: Table, at: int, size: float) -> _Column:
    texts = [shown(row[at])[:400] for row in table.rows[:LOOKED_AT]]
    head = [width(word, size, STRONG) for word in _WORD.findall(table.columns[at])] or [0.0]
    longest = max((width(text, size) for text in texts), default=0.0)
    word = max((width(part, size) for text in texts for part in _WORD.findall(text)), default=0.0)
    prose = longest > WIDEST > 2 * word
    return _Column(min(max(longest, sum(head) / 2), WIDEST), word, max(head), prose)
