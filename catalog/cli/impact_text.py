"""What follows from a change, as text."""

from __future__ import annotations

from typing import Any

from catalog.cli.kinds import words
from catalog.cli.render import PLAIN, Cell, Screen, clean, count, moment, paint, table

MOST_STARTS = 10
_STYLES = {"CERTAIN": "bad", "PERHAPS": "busy", "UNLIKELY": "dim"}
Json = dict[str, Any]


def impact_text(change: Json, found: Json, screen: Screen = PLAIN) -> str:
    """Where it begins, each thing that is reached with the way to it, and what is not known."""
    lines = [_title(change), *_starts(found, screen), ""]
    things, total = found["reached"], sum(one["count"] for one in found["counts"])
    if things:
        lines += [_table(things, screen), "", *_ways(things), ""]
    lines.append(f"{count(total, 'thing')} reached" + (f": {_counts(found['counts'])}" if total else ""))
    if found["owners"]:
        lines.append(f"to be told: {', '.join(map(clean, found['owners']))}")
    lines += sorted({f"until {_day(one)}: {clean(one['because'])}" for one in things if one["deadline"]})
    return "\n".join([*lines, *_honest(found, total, screen)])


def _title(change: Json) -> str:
    entity = change.get("entity")
    named = f"{words(entity['kind'])} {clean(entity.get('namespace') or '')} {clean(entity['name'])}" if entity else ""
    named = " ".join(named.split())
    return {
        "DROP_COLUMN": f"column {clean(change.get('field'))} of {named} is dropped",
        "ERASE_SUBJECTS": f"data of {clean(change.get('subjects'))} are erased",
        "RETENTION_EXPIRY": f"retention of {named} ends",
        "SOURCE_GONE": f"{named} goes away",
    }[change["what"]]


def _starts(found: Json, screen: Screen) -> list[str]:
    shown = found["starts"][:MOST_STARTS]
    lines = [
        f"  begins at {_name(one['entity'])}"
        + (f" ({', '.join(map(clean, one['columns']))})" if one["columns"] else "")
        + (f", {', '.join(map(clean, one['owners']))}" if one["owners"] else "")
        for one in shown
    ]
    more = found["startCount"] - len(shown)
    return [*lines, *([paint(f"  and at {count(more, 'more thing')}", "dim", screen.color)] if more > 0 else [])]


def _table(things: list[Json], screen: Screen) -> str:
    rows = [
        [
            Cell(one["sureness"], _STYLES[one["sureness"]], whole=True),
            Cell(words(one["entity"]["kind"]), "dim", whole=True),
            Cell(_name(one["entity"], kind=False)),
            Cell(", ".join(map(clean, one["columns"])) or "-"),
            Cell(", ".join(map(clean, one["owners"])) or "nobody", "" if one["owners"] else "busy"),
            Cell(_day(one), whole=True),
        ]
        for one in things
    ]
    return table(["HOW SURE", "KIND", "THING", "COLUMNS", "WHO ANSWERS", "UNTIL"], rows, screen)


def _ways(things: list[Json]) -> list[str]:
    """Each way once: one that goes on in another is left out."""
    ways = {tuple(_step(step) for step in one["path"]) for one in things}
    begun = {way[:n] for way in ways for n in range(1, len(way))}
    return ["ways", *(f"  {' -> '.join(way)}" for way in sorted(ways - begun))]


def _step(step: Json) -> str:
    name = clean(step["entity"]["name"]) + (f".{clean(step['field'])}" if step["field"] else "")
    return f"[{clean(step['job']['name'])}] {name}" if step["job"] else name


def _counts(counts: list[Json]) -> str:
    by_kind: dict[str, int] = {}
    by_sureness = dict.fromkeys(_STYLES, 0)
    for one in counts:
        by_kind[one["kind"]] = by_kind.get(one["kind"], 0) + one["count"]
        by_sureness[one["sureness"]] += one["count"]
    kinds = ", ".join(count(n, words(kind)) for kind, n in by_kind.items())
    return f"{kinds}; " + ", ".join(f"{n:,} {sureness.lower()}" for sureness, n in by_sureness.items() if n)


def _honest(found: Json, total: int, screen: Screen) -> list[str]:
    lines = [f"not known: {clean(said)}" for said in found["unknown"]]
    if found["shown"] < total:
        lines.append(f"the first {found['shown']:,} of {total:,}; --limit shows more")
    if found["stale"]:
        lines.append("entries that should count are not applied yet; the answer may change")
    at = f" as of {moment(found['asOf'])}" if found["asOf"] else ""
    said = "complete" if found["complete"] else "not complete"
    told = f"{said}{at}, by what was known through entry {found['knownThrough']:,}; no legal advice"
    return [*lines, paint(told, "dim", screen.color)]


def _day(one: Json) -> str:
    return moment(one["deadline"])[:10] if one["deadline"] else "-"


def _name(entity: Json, *, kind: bool = True) -> str:
    parts = [words(entity["kind"]) if kind else "", clean(entity["namespace"] or ""), clean(entity["name"])]
    return " ".join(part for part in parts if part)
