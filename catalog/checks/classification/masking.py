"""Whether what was told of a transformation hides values: by the algorithm it names, never by a flag alone (T5)."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from catalog.checks.snapshot import ColumnEdge

WAYS = Path(__file__).with_name("masking.yaml")
_WORD = re.compile(r"[a-z]+[0-9]*")


class Masking(NamedTuple):
    """What became of a producer's word that values are masked.

    Attributes:
        counts: whether the level of what is made is lowered by one.
        anonymizes: whether no value is left, so that tags do not go on.
        algorithm: the way that was recognised, of `masking.yaml`; "" if none.
        reason: the same in words for people.
    """

    counts: bool
    anonymizes: bool
    algorithm: str
    reason: str


class Way(NamedTuple):
    """A way to mask that counts: one word of each set must be there."""

    name: str
    words: tuple[frozenset[str], ...]
    anonymizes: bool


def decide(edge: ColumnEdge) -> Masking | None:
    """What a masking flag comes to; None where nobody says that anything is masked."""
    return _decide(edge.subtype, edge.description) if edge.masking else None


@lru_cache(maxsize=4_096)
def _decide(subtype: str, description: str) -> Masking:
    told = set(_WORD.findall(f"{subtype} {description}".lower()))
    refused, ways = _data()
    if against := sorted(told & refused):
        return Masking(False, False, "", f"told to be masked, but the description says “{against[0]}”: does not count")
    for way in ways:
        if all(told & words for words in way.words):
            what = "no value is left" if way.anonymizes else "lowers the level by one"
            return Masking(True, way.anonymizes, way.name, f"masked by {way.name}: {what}")
    return Masking(False, False, "", "told to be masked, but by no algorithm that counts")


@cache
def _data() -> tuple[frozenset[str], tuple[Way, ...]]:
    told: dict[str, Any] = yaml.safe_load(WAYS.read_text("utf-8"))
    refused = frozenset(told["refused"])
    ways = tuple(
        Way(way["name"], tuple(frozenset(words) for words in way["words"]), bool(way.get("anonymizes")))
        for way in told["ways"]
    )
    return refused, ways
