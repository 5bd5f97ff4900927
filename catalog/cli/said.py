"""What manifests, people and events say of a thing, as a table: each value, who says it, and who is overruled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from catalog.cli.render import PLAIN, Cell, Screen, clean, count, moment, table

_TOLD = "origin by since verified reason agreeing { origin by } overruled { value origin by since verified reason }"
_SINGLE = ("description", "steward", "domain", "tier", "critical", "lifecycle", "classification")
_BLOCKS = ("location", "personalData", "retention", "quality", "protection", "custom")
_COMMENTS = "commentCount comments(first: 5) { text field by verified at entry }"
_SETS = {"owners": "name type", "tags": "key value", "terms": "name", "links": "name url"}
VALUES = " ".join(
    [
        *(f"{name} {{ value {_TOLD} }}" for name in (*_SINGLE, *_BLOCKS)),
        f"certified {{ value {_TOLD} }}",
        *(f"{name} {{ {parts} {_TOLD} }}" for name, parts in _SETS.items()),
        _COMMENTS,
    ]
)
"""The selection of all attributes, of an entity or of the `attributes` of a dataset or job."""
COLUMN_VALUES = "description { value origin by } classification { value origin by } tags { key value origin by } "
COLUMN_VALUES += "terms { name } personalData { value origin by }"
"""The selection of what is said of a column."""
Json = dict[str, Any]


def values_table(said: Json, screen: Screen = PLAIN) -> str:
    """All attributes that anybody speaks of, one voice a line; empty where nobody does."""
    rows = list(_rows(said))
    return table(("ATTRIBUTE", "VALUE", "SAID BY", "SINCE"), rows, screen) if rows else ""


def comments_table(said: Json, screen: Screen = PLAIN) -> str:
    """The newest comments, and how many there are more; empty where there is none."""
    if not (newest := said["comments"]):
        return ""
    rows = [
        (
            Cell(moment(one["at"]), whole=True),
            Cell(person(one)),
            Cell(clean((f"{one['field']}: " if one["field"] else "") + one["text"])),
        )
        for one in newest
    ]
    shown, more = table(("COMMENTED", "BY", "COMMENT"), rows, screen), said["commentCount"] - len(newest)
    return f"{shown}\n{count(more, 'older comment')}: `headwater words` has all" if more else shown


def person(voice: Json) -> str:
    """Who it was, as the client said, and whether that is known."""
    return clean(voice["by"] or "somebody") + ("" if voice["verified"] else " (unverified)")


def column_words(said: Json | None) -> str:
    """What is said of a column, in a line: level, tags, terms, personal data; its words stand elsewhere."""
    if not said:
        return ""
    parts = [clean(said["classification"]["value"])] if said["classification"] else []
    parts += [f"tag {_tag(tag)}" for tag in said["tags"]]
    parts += [clean(term["name"]) for term in said["terms"]]
    parts += ["personal data"] if (said["personalData"] or {}).get("value", {}).get("contains") else []
    return ", ".join(parts)


def owners_words(owners: list[Json]) -> str:
    """The names of owners."""
    return ", ".join(clean(owner["name"]) for owner in owners)


def _rows(said: Json) -> Iterator[tuple[Cell, ...]]:
    for name in ("description", "owners", "certified", *_SINGLE[1:], "tags", "terms", *_BLOCKS, "links"):
        found = said.get(name) or []
        for held in found if isinstance(found, list) else [found]:
            title = name.removesuffix("s") if name in _SETS else name
            more = f", and {count(len(held['agreeing']), 'other')}" if held["agreeing"] else ""
            since = Cell(moment(held["since"]), whole=True)
            yield Cell(title, whole=True), Cell(_value(name, held)), Cell(_by(held) + more), since
            for voice in held["overruled"]:
                value = Cell(_text(voice["value"]), "dim")
                yield Cell("  overruled", "dim", whole=True), value, Cell(_by(voice), "dim"), _since(voice)


def _since(voice: Json) -> Cell:
    return Cell(moment(voice["since"]), "dim", whole=True)


def _value(name: str, held: Json) -> str:
    if name == "owners":
        return clean(held["name"]) + (f" ({clean(held['type'])})" if held["type"] else "")
    if name == "tags":
        return _tag(held)
    if name == "links":
        return f"{clean(held['name'])}  {clean(held['url'])}" if held["name"] else clean(held["url"])
    return clean(held["name"]) if name in _SETS else _text(held["value"])


def _tag(tag: Json) -> str:
    return clean(tag["key"]) + (f"={clean(tag['value'])}" if tag["value"] else "")


def _text(value: Any) -> str:
    return clean(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


_WHO = {
    "DECLARED": "manifest",
    "PERSON": "person",
    "OBSERVED": "events of",
    "IMPORTED": "import",
    "INFERRED": "inferred",
}


def _by(voice: Json) -> str:
    name = person(voice) if voice["origin"] == "PERSON" else clean(voice["by"] or "-")
    who = f"{_WHO.get(voice['origin'], voice['origin'].lower())} {name}"
    return f"{who}: {clean(voice['reason'])}" if voice.get("reason") else who
