"""Findings as people read them on a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from catalog.cli.kinds import words
from catalog.cli.render import PLAIN, Cell, Screen, clean, count, moment, paint, table

STYLES = {"critical": "bad", "high": "bad", "medium": "busy", "low": "dim", "info": "dim"}
SHORT = 12
"""Characters of an id that find a finding which is not resolved."""
Json = Mapping[str, Any]


def place_text(entity: Json | None, column: str | None) -> str:
    """A thing and its column."""
    if entity is None:
        return "something that is not known any more"
    named = f"{entity['namespace']} {entity['name']}" if entity.get("namespace") else entity["name"]
    return clean(f"{named} · {column}" if column else named)


def list_text(found: Sequence[Json], screen: Screen = PLAIN) -> str:
    """A table, one line each."""
    if not found:
        return ""
    rows = [
        [
            Cell(one["severity"].lower(), STYLES[one["severity"].lower()], whole=True),
            Cell(one["state"].lower() + (" (error)" if one["outcome"] == "ERROR" else ""), "dim", whole=True),
            Cell(clean(one["policyName"])),
            Cell(place_text(one["entity"], one["field"])),
            Cell((one["dueAt"] or "-")[:10], whole=True),
            Cell(clean(", ".join(one["owners"])) or "-"),
            Cell(one["id"] if one["state"] == "RESOLVED" else one["id"][:SHORT], "dim", whole=True),
        ]
        for one in found
    ]
    return table(["severity", "state", "policy", "about", "due", "owners", "id"], rows, screen)


def standing_text(found: Json) -> Iterator[str]:
    """What the list may not say."""
    standing, shown = found["standing"], len(found["findings"])
    yield from map(clean, found["notices"])
    if shown < found["total"]:
        yield f"{shown:,} of {found['total']:,}; use --limit"
    if found["hidden"]:
        yield f"{count(found['hidden'], 'finding')} about what you may not see"
    if standing["evaluatedAt"] is None:
        if standing["broken"]:
            yield broken_text(standing)
        yield "nothing was evaluated yet: is a worker running? See `headwater doctor`, or run `headwater evaluate`"
        return
    behind = standing["appliedThrough"] - standing["evaluatedThrough"]
    late = f"; {count(behind, 'entry', 'entries')} in the graph not judged yet" if standing["stale"] else ""
    yield f"as of {moment(standing['evaluatedAt'])}, by {', '.join(standing['packs'])}{late}"
    if standing["broken"]:
        yield broken_text(standing)
    if standing["failingPolicies"]:
        yield f"could not be evaluated for something: {clean(', '.join(standing['failingPolicies']))}"
    for line in standing["unknown"]:
        yield f"unknown: {clean(line)}"


def broken_text(standing: Json) -> str:
    """That what is due could not be judged, since when and why."""
    return f"not judged since {moment(standing['brokenSince'])}: {clean(standing['broken'])}"


def finding_text(found: Json, screen: Screen = PLAIN) -> str:
    """One finding, whole."""
    severity, policy = found["severity"].lower(), found["policy"]
    head = paint(f"{severity} {found['state'].lower()}", STYLES[severity], screen.color)
    lines = [f"{head}  {clean(found['message'])}", ""]
    lines += [f"{name:<9} {text}" for name, text in _facts(found, policy) if text]
    for title, key in (("What breaks", "breaks"), ("Why it matters", "description"), ("What to do", "remedy")):
        if policy[key]:
            lines += ["", paint(title, "bold", screen.color), f"  {clean(policy[key], 4_000)}"]
    lines += ["", paint("Rests on", "bold", screen.color), *_witness(found["witness"])]
    lines += ["", paint("History", "bold", screen.color)]
    for event in found["history"]:
        reason = f": {clean(event['reason'])}" if event["reason"] else ""
        lines.append(f"  {moment(event['at'])}  {event['kind'].lower()} by evaluation {event['evaluation']}{reason}")
    return "\n".join(lines)


def _facts(found: Json, policy: Json) -> Iterator[tuple[str, str]]:
    entity = found["entity"]
    yield "about", (f"{words(entity['kind'])} " if entity else "") + place_text(entity, found["field"])
    if found["source"]:
        yield "source", f"{words(found['source']['kind'])} {place_text(found['source'], found['sourceField'])}"
    controls = ", ".join(f"{one['framework']} {one['ref']}" for one in policy["controls"])
    yield "policy", clean(f"{policy['name']} version {policy['version']}, {policy['pack']}")
    yield "controls", clean(controls)
    yield "owners", clean(", ".join(found["owners"])) or "nobody"
    yield "waiver", clean(found["waiver"] or "")
    yield "due", moment(found["dueAt"]) if found["dueAt"] else ""
    yield "first", f"{moment(found['firstSeen'])}, last {moment(found['lastSeen'])}"
    yield "id", found["id"]


def _witness(witness: Json) -> Iterator[str]:
    for name, value in sorted(witness["facts"].items()):
        yield f"  {clean(name)} = {clean(json.dumps(value, ensure_ascii=False))}"
    if path := witness["path"]:
        nodes = {node["id"]: place_text(node["entity"], node["field"]) for node in path["nodes"]}
        yield f"  {nodes[path['nodes'][0]['id']]}"
        for edge in path["edges"]:
            by = f" by {place_text(edge['job'], None)}" if edge["job"] else ""
            yield f"    → {nodes[edge['target']]}{by}"
    if witness["entries"]:
        some = ", ".join(key[:12] for key in witness["entries"][:5])
        more = f" and {len(witness['entries']) - 5} more" if len(witness["entries"]) > 5 else ""
        yield f"  told by {some}{more}: `headwater inbox show KEY`"
    if witness["cut"]:
        yield "  too long to be kept whole"
