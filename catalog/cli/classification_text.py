"""Suggestions and derivations as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catalog.cli.render import PLAIN, Cell, Screen, clean, moment, named, table
from catalog.cli.said import person

Json = dict[str, Any]


def suggestions_table(found: Sequence[Json], screen: Screen = PLAIN) -> str:
    """One suggestion a line."""
    rows = [
        [
            Cell(named(one["entity"])),
            Cell(clean(one["field"]) + (f" ({clean(one['type'])})" if one.get("type") else "")),
            Cell(clean(one["tag"]), whole=True),
            Cell(one["evidence"], whole=True),
            Cell("; ".join(map(clean, one["reasons"])) + ("" if one["lookedUpstream"] else "; upstream not read")),
        ]
        for one in found
    ]
    return table(["DATASET", "COLUMN", "TAG", "EVIDENCE", "WHY"], rows, screen)


def guesses_table(found: Sequence[tuple[str, str, str]]) -> str:
    """What each name suggests, and by which of its words."""
    rows = [[Cell(clean(name)), Cell(tag or "-"), Cell(clean(words))] for name, tag, words in found]
    return table(["COLUMN", "TAG", "BECAUSE OF"], rows, PLAIN)


def why_text(tag: str, found: Json, screen: Screen = PLAIN) -> str:
    """Whether a place has a tag, the shortest way, and the tree of all of them."""
    what = "the level " + clean(found["level"] or "") if tag == "classification" and found["level"] else clean(tag)
    lines = [f"{_place(found['place'])}: " + (f"{what}, {found['how']}" if found["how"] else f"not {clean(tag)}")]
    if found["shortest"] and found["shortest"]["path"]:
        way = found["shortest"]
        lines += ["", f"shortest way, depth {way['depth']}, from {_place(way['origin'])}"]
        lines += [f"  -> {_place(step['target'])}{_how(step)}" for step in way["path"]]
    if found["branches"]:
        lines += ["", *_tree(found["branches"])]
    if found["originUnknown"]:
        lines.append("nobody told what this column is made of: there may be more")
    if not found["complete"]:
        lines.append("not complete: there are more places, use --most")
    if found["stale"]:
        lines.append("entries are still waiting: ask again")
    return "\n".join(lines)


def _tree(branches: Sequence[Json]) -> list[str]:
    """The first place, who says it there, and below it where it came from; a place shown above is only named again."""
    by_place = {_key(branch["place"]): branch for branch in branches}
    lines: list[str] = []
    shown: set[tuple[str | None, ...]] = set()
    stack: list[tuple[Json, str, int]] = [(branches[0]["place"], "", 0)]
    while stack:
        place, how, level = stack.pop()
        key = _key(place)
        branch, indent, again = by_place.get(key), "  " * level, key in shown
        state = f"  {branch['how']}" if branch else "  …"
        above = " (see above)" if again else ""
        lines.append(f"{indent}{'<- ' if level else ''}{_place(place)}{how}{state}{above}")
        if branch is None or again:
            continue
        shown.add(key)
        lines += [f"{indent}     {_voice(voice)}" for voice in branch["saidBy"]]
        steps = {(_key(step["source"]), _how(step)): step["source"] for step in branch["steps"]}
        stack += [(source, told, level + 1) for (_, told), source in reversed(steps.items())]
    return lines


def _voice(voice: Json) -> str:
    said = person(voice) if voice["origin"] == "PERSON" else f"{voice['origin'].lower()} {clean(voice['by'])}"
    since = f" since {moment(voice['since'])}" if voice["since"] else ""
    entry = f" (entry {voice['entry'][:12]})" if voice["entry"] else ""
    return f"by {said}{since}{entry}" + (f": {clean(voice['reason'])}" if voice["reason"] else "")


def _key(place: Json) -> tuple[str | None, ...]:
    entity = place["entity"]
    return entity["kind"], entity["namespace"], entity["name"], place["field"]


def _place(place: Json) -> str:
    entity = place["entity"]
    name = clean(entity["name"])
    return f"{name}.{clean(place['field'])}" if place["field"] else name


def _how(step: Json) -> str:
    parts = [
        f"by {clean(step['job']['name'])}" if step["job"] else "",
        "/".join(clean(step[key]) for key in ("type", "subtype") if step[key]),
        clean(step["description"] or ""),
        clean(step["masking"] or ""),
    ]
    told = ", ".join(part for part in parts if part)
    return f"  [{told}]" if told else ""
