"""What is said of things and columns themselves, before anything goes on along the lineage.

A tag is a word; one with a value counts by its key (`pii` with the value `true`), and `pii` with a category for its
value is that category. What a block `personalData` states counts as the tags that say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from catalog.assets.attributes import CLASSIFICATION, PROPAGATION, SCALE, STOP, Strictness, levels_of, strictness
from catalog.assets.keys import Kind
from catalog.checks.classification.categories import CATEGORIES, PII, category_tag, is_category
from catalog.checks.snapshot import Snapshot

EVERYTHING = "*"
"""The item of a word that stops every tag and the level."""
NONE, COLUMNS, DATASETS = "none", "columns", "datasets"
SPEAKING = frozenset({"tags", "personalData", CLASSIFICATION, PROPAGATION})
"""The attributes that say any of it."""
_FALSE = frozenset({"false", "no", "0", "none", "off"})
_DEEP = 50
"""Names of tags with more slashes than this are not looked up further."""


class Scale(NamedTuple):
    """The levels of classification, from the mildest on, and how strict a level is."""

    levels: tuple[str, ...]
    rank: Strictness

    def lowered(self, rank: int) -> int:
        """One level milder, but never the mildest of all: what was hidden is not public for that."""
        return max(1, rank - 1) if rank > 1 else rank

    def name(self, rank: int) -> str:
        """A level; of one that is not on the scale, which counts as stricter than all, the strictest."""
        return self.levels[min(rank, len(self.levels) - 1)]


def scale_of(snapshot: Snapshot) -> Scale:
    """The levels that the tag `classification` declares, or the usual ones."""
    document = next((thing.document for thing in snapshot.things.values() if thing.key == SCALE), None)
    levels = levels_of(document, ())
    return Scale(levels, strictness(levels))


def tags_of(attributes: Mapping[str, Any]) -> tuple[str, ...]:
    """The tags that somebody gives, sorted; a suggestion that a person accepted is among them."""
    found = {spelled for member in attributes.get("tags") or () if (spelled := _spelled(member))}
    return tuple(sorted(found | _of_block(attributes.get("personalData"))))


def level_of(attributes: Mapping[str, Any]) -> str | None:
    """The level that somebody gives."""
    told = attributes.get(CLASSIFICATION)
    return str(told) if told is not None else None


def decisions(attributes: Mapping[str, Any], attribute: str) -> dict[str, str]:
    """What people decided, by tag: of `SUGGESTIONS` accepted or rejected, of `PROPAGATION` where it stops."""
    found = {}
    for member in attributes.get(attribute) or ():
        if isinstance(member, Mapping) and member.get("name"):
            found[str(member["name"]).removeprefix("tag:")] = str(member.get("value"))
    return found


def stopped(attributes: Mapping[str, Any]) -> frozenset[str]:
    """What a steward lets come no further: tags, `classification`, or `EVERYTHING`."""
    return frozenset(tag for tag, word in decisions(attributes, PROPAGATION).items() if word == STOP)


def stops(tag: str, given: Iterable[str]) -> bool:
    """Whether words of stewards stop a tag; the word about a wider tag does."""
    return any(word in (EVERYTHING, tag) or tag.startswith(f"{word}/") for word in given)


def how_it_goes_on(snapshot: Snapshot) -> dict[str, str]:
    """By tag what its document says of `propagates`; of `CLASSIFICATION` what that of the scale says."""
    return {
        thing.key.name: str(thing.document["propagates"])
        for thing in snapshot.things.values()
        if thing.key.kind is Kind.TAG and thing.document.get("propagates")
    }


def goes_on(tag: str, told: Mapping[str, str]) -> str:
    """How a tag follows the lineage: as it or the nearest wider tag declares; else categories by columns alone."""
    name = tag
    for _ in range(_DEEP):
        if name in told:
            return told[name]
        name = name.rpartition("/")[0]
        if not name:
            break
    return COLUMNS if is_category(tag) or tag == CLASSIFICATION else NONE


def _spelled(member: Any) -> str:
    if not isinstance(member, Mapping):
        return str(member).removeprefix("tag:")
    key, value = str(member.get("key") or "").removeprefix("tag:"), str(member.get("value") or "").strip().lower()
    if value in _FALSE:
        return ""
    return category_tag(value) if key.lower() == PII and value in CATEGORIES else key


def _of_block(block: Any) -> set[str]:
    if not isinstance(block, Mapping):
        return set()
    named = [*(block.get("categories") or ()), *(block.get("specialCategories") or ())]
    known = {category_tag(name) for told in named if (name := str(told).lower().replace(" ", "_")) in CATEGORIES}
    return known | ({PII} if block.get("contains") is True or named else set())
