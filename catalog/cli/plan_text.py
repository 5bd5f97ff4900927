"""Plans and drifts as people read them: pure functions of what the service answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from catalog.assets.keys import Key, Kind
from catalog.cli.render import PLAIN, Screen, clean, count, moment, named, paint
from catalog.manifest.changes import Action, Change

Json = dict[str, Any]
VALUE = 100
"""Columns of a value that is shown."""
MOST_EFFECTS = 50
"""Edges that are listed; the summary counts all."""
_SIGNS = {Action.CREATE: ("+", "good"), Action.UPDATE: ("~", "busy"), Action.REMOVE: ("-", "bad")}


def plan_text(plan: Json, places: Mapping[Key, object] | None = None, screen: Screen = PLAIN) -> str:
    """A plan: a line for each entity, the fields of those that change, the edges that come and go, a summary.

    Args:
        places: where documents stand in files.
    """
    lines = list(_heading(plan, screen))
    for change in changes_of(plan):
        lines += _change(change, places or {}, screen)
    lines += _effects(plan, screen)
    lines += [f"{paint('!', 'bad', screen.color)} {clean(o['message'], 2_000)}" for o in plan.get("obstacles", [])]
    if lines:
        lines.append("")
    lines.append(summary(plan, screen))
    return "\n".join(lines)


def summary(plan: Json, screen: Screen = PLAIN) -> str:
    """`shop: 3 to create, 1 to update, 0 to remove, 12 unchanged; 4 edges of lineage come, 1 goes`."""
    name, told = clean(plan["manifest"]), plan["summary"]
    if not plan["changes"] and not plan.get("heading"):
        return f"{name}: nothing to change, {count(told['unchanged'], 'entity', 'entities')} as declared"
    parts = [f"{told[verb]:,} to {verb}" for verb in ("create", "update", "remove")]
    edges = ""
    if told["edgesAdded"] or told["edgesRemoved"]:
        edges = f"; edges of declared lineage: {told['edgesAdded']:,} come, {told['edgesRemoved']:,} go"
    stopped = plan.get("obstacles")
    end = f"; {paint('it cannot be applied', 'bad', screen.color)}" if stopped else ""
    return f"{name}: {', '.join(parts)}, {told['unchanged']:,} unchanged{edges}{end}"


def _heading(plan: Json, screen: Screen) -> Iterator[str]:
    """What changes of that which the manifest says of itself."""
    if said := plan.get("heading"):
        before, after = said["before"], said["after"]
        sign, style = _SIGNS[Action.UPDATE]
        yield paint(f"{sign} the manifest's head", style, screen.color)
        for name in sorted(before.keys() | after.keys()):
            if before.get(name) != after.get(name):
                yield f"    {clean(name)}: {_value(before.get(name))} -> {_value(after.get(name))}"


def changes_of(plan: Json) -> Iterator[Change]:
    """The changes of a plan as the service told it."""
    for said in plan["changes"]:
        yield Change(Key(Kind(said["kind"]), said["namespace"], said["name"]), said["before"], said["after"])


def drift_text(drift: Json, screen: Screen = PLAIN) -> str:
    """The differences, grouped by type, and what could not be compared."""
    lines: list[str] = []
    before = ""
    for item in drift["items"]:
        if item["type"] != before:
            lines.append(paint(item["type"], "bold", screen.color))
            before = item["type"]
        named = " ".join(clean(part) for part in (item["kind"], item["namespace"], item["name"]) if part)
        lines.append(f"  {named}{_difference(item)}")
        since = f"since {moment(item['since'])}" if item["since"] else "since when is not known"
        entry = f", entry {item['entry'][:12]}" if item["entry"] else ""
        lines.append(paint(f"    {since}{entry}; {item['mend']}", "dim", screen.color))
    if lines:
        lines.append("")
    told = f"{clean(drift['manifest'])}: {count(drift['total'], 'difference')} in {drift['compared']:,} entities"
    if drift["total"] > len(drift["items"]):
        told += f", the first {len(drift['items']):,} shown"
    if drift["unseenSchemas"]:
        told += f"; the columns of {count(drift['unseenSchemas'], 'dataset')} were never observed"
    if drift["unseenColumnLineage"]:
        told += f"; the column lineage of {count(drift['unseenColumnLineage'], 'dataset')} was never observed"
    return "\n".join([*lines, told])


def _difference(item: Json) -> str:
    if item["type"] in ("MISSING", "UNDECLARED"):
        return ""
    if item["type"] in ("LINEAGE", "COLUMN_LINEAGE") and None in (item["declared"], item["observed"]):
        return f": {clean(item['path'], 400)}"
    return f": {clean(item['path'])}: declared {_value(item['declared'])}, observed {_value(item['observed'])}"


def _change(change: Change, places: Mapping[Key, object], screen: Screen) -> Iterator[str]:
    sign, style = _SIGNS[change.action]
    named = " ".join(clean(part) for part in change.key if part)
    place = f"  {paint(clean(str(places[change.key])), 'dim', screen.color)}" if change.key in places else ""
    yield f"{paint(f'{sign} {named}', style, screen.color)}{place}"
    if change.action is Action.UPDATE:
        for field in change.fields:
            yield f"    {clean(field.path)}: {_value(field.before)} -> {_value(field.after)}"


def _effects(plan: Json, screen: Screen) -> Iterator[str]:
    effects = plan.get("effects", [])
    for effect in effects[:MOST_EFFECTS]:
        sign, style = ("+", "good") if effect["added"] else ("-", "bad")
        word = {"READS": "reads", "WRITES": "writes"}.get(effect["kind"], "derives from")
        edge = f"{sign} {_end(effect['source'])} {word} {_end(effect['target'])}"
        yield f"  {paint(edge, style, screen.color)}"
    if len(effects) > MOST_EFFECTS:
        yield f"  and {len(effects) - MOST_EFFECTS:,} more edges"


def _end(end: Json) -> str:
    field = f" [{clean(end['field'])}]" if end["field"] else ""
    return f"{named(end)}{field}"


def _value(value: Any) -> str:
    if value is None:
        return "nothing"
    return clean(value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False), VALUE)
