"""How wide the columns of a table are, in points: by what stands in them, and never wider than the page."""

from __future__ import annotations

import re

from catalog.reports.document import Table
from catalog.reports.renderers.letters import STRONG, width
from catalog.reports.renderers.pages import shown

LOOKED_AT = 200
"""Rows; a long table is alike all the way."""
WIDEST = 260.0
WORD = 84.0
"""A longer word may be broken."""
_WORDS = re.compile(r"\S+")


def fit(table: Table, room: float, size: float, padding: float) -> list[float]:
    """A width for each column; without bounds (`inf`) what they would like."""
    wanted, least = [], []
    for at, name in enumerate(table.columns):
        texts = [shown(row[at])[:400] for row in table.rows[:LOOKED_AT]]
        head = [width(word, size, STRONG) for word in _WORDS.findall(name)] or [0.0]
        longest = max((width(text, size) for text in texts), default=0.0)
        word = max((width(part, size) for text in texts for part in _WORDS.findall(text)), default=0.0)
        least.append(max(min(max(head), WIDEST), min(word, WORD)) + padding + 1)
        wanted.append(max(least[-1], min(max(longest, sum(head) / 2), WIDEST) + padding + 1))
    if room == float("inf"):
        return wanted
    if sum(wanted) <= room:
        spare = (room - sum(wanted)) / max(1, sum(wanted))
        return [one * (1 + spare) for one in wanted]
    if sum(least) >= room:
        return [one * room / sum(least) for one in least]
    share = (room - sum(least)) / (sum(wanted) - sum(least))
    return [low + (high - low) * share for low, high in zip(least, wanted, strict=True)]
