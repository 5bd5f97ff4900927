"""Models as text, for people."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from catalog.cli.render import PLAIN, Cell, Screen, clean, moment, named, paint, state, table

Json = dict[str, Any]
_NOT_TOLD = {"SCHEMA": " (all: nobody tells which)", "UNKNOWN": "nobody tells which columns"}


def versions_text(found: Json, screen: Screen = PLAIN) -> str:
    """The versions of a model and its aliases."""
    pointing: dict[str, list[str]] = {}
    for alias in found["aliases"]:
        if alias["stint"]["to"] is None:
            pointing.setdefault(alias["stint"]["modelVersion"]["version"], []).append(alias["name"])
    rows = [
        (
            Cell(clean(one["version"]), "bold"),
            Cell(moment(one["since"])),
            Cell(", ".join(sorted(map(clean, pointing.get(one["version"], ())))) or "-"),
            Cell(", ".join(one["origins"]).lower(), "dim"),
        )
        for one in found["versions"]
    ]
    return table(("VERSION", "SINCE", "ALIASES", "ORIGIN"), rows, screen)


def version_text(found: Json, screen: Screen = PLAIN) -> str:
    """A version, a paragraph for each thing that is said of it."""
    head = f"{clean(found['registry'])} {clean(found['model'])} {clean(found['version'])}"
    lines = [f"{paint(head, 'bold', screen.color)}  {', '.join(found['origins']).lower()}"]
    about = [f"{name} {clean(found[key])}" for name, key in _ABOUT if found[key]]
    lines += ["  " + ", ".join(about)] if about else []
    for training in found["trainings"]:
        run, job = training["run"], training["job"]
        lines.append(
            f"  trained by {named(job)}, run {clean(run['runId'])} {state(run['state']).text} {moment(run['endedAt'])}"
        )
        for failed in training["failedChecks"]:
            lines.append(f"    checks failed on {named(failed['dataset'])}: {clean(', '.join(failed['checks']))}")
        if training["hiddenCount"]:
            lines.append(f"    {training['hiddenCount']} inputs you may not see")
    if not found["allTrainings"]:
        lines.append("  there are more training runs")
    lines += [f"  trained on {_data(data)}" for data in found["data"]]
    lines += [f"  evaluated on {_data(data)}" for data in found["evaluatedOn"]]
    for title, key in (("parameters", "parameters"), ("metrics", "metrics")):
        if found[key]:
            lines.append(f"  {title} " + ", ".join(f"{clean(v['name'])}={_json(v['value'])}" for v in found[key]))
    lines += [f"  alias {clean(alias['name'])} {_span(alias['stint'])}" for alias in found["aliases"]]
    lines += [
        f"  deployed {clean(one['environment'])} {clean(one['name'])} {_span(one['stint'])}"
        for one in found["deployments"]
    ]
    lines += [
        f"  file {clean(a['name'])} {clean(a['uri'] or '')} {clean(a['digest'] or '')}" for a in found["artifacts"]
    ]
    return "\n".join(line.rstrip() for line in lines)


_ABOUT = (("framework", "framework"), ("code", "codeVersion"), ("stage", "stage"), ("flavor", "flavor"))


def changes_text(found: Json, screen: Screen = PLAIN) -> str:
    """What changed between two versions; a line for each difference."""
    lines = []
    for title in ("about", "parameters", "metrics", "artifacts"):
        for one in found[title]:
            what = f"{title.removesuffix('s')} " if title != "about" else ""
            lines.append(f"{what}{clean(one['name'])}: {_json(one['before'])} -> {_json(one['after'])}")
    for title, key in (("trained on", "data"), ("evaluated on", "evaluatedOn")):
        for one in found[key]:
            said = f"{title} {named(one['dataset'])}: {_versions(one['before'])} -> {_versions(one['after'])}"
            columns = [f"+{clean(c)}" for c in one["columnsAdded"]] + [f"-{clean(c)}" for c in one["columnsRemoved"]]
            lines.append(" ".join([said, *columns]))
    if found["aliasesBefore"] != found["aliasesAfter"]:
        lines.append(f"aliases: {_listed(found['aliasesBefore'])} -> {_listed(found['aliasesAfter'])}")
    lines = [paint("~ ", "busy", screen.color) + line for line in lines] or ["no difference"]
    return "\n".join([*lines, *(f"? {clean(said)}" for said in found["unknown"]), *extent_lines(found["extent"])])


def rollback_text(found: Json, screen: Screen = PLAIN) -> str:
    """The candidates of a rollback with their reasons."""
    serves = _listed([key_text(stint["modelVersion"]) for stint in found["current"]])
    lines = [f"{clean(found['environment'])} {clean(found['deployment'])} serves {serves} at {moment(found['on'])}"]
    for one in found["candidates"]:
        word, style = ("go back to", "good") if one["eligible"] else ("not", "bad")
        lines.append(f"{paint(word, style, screen.color)} {key_text(one['modelVersion'])}")
        lines += [f"  + {clean(reason)}" for reason in one["reasonsFor"]]
        lines += [f"  - {clean(reason)}" for reason in one["reasonsAgainst"]]
    if not found["candidates"]:
        lines.append("it served nothing else before")
    return "\n".join([*lines, *(f"? {clean(said)}" for said in found["unknown"]), *extent_lines(found["extent"])])


def deployments_text(found: Json, screen: Screen = PLAIN) -> str:
    """What each deployment serves."""
    rows = []
    for one in found["deployments"]:
        serving: dict[str, list[str]] = {}
        for stint in one["now"]:
            serving.setdefault(key_text(stint["modelVersion"]), []).append(stint["origin"].lower())
        since = min((stint["from"] for stint in one["now"]), default=None)
        told = sorted({word for words in serving.values() for word in words})
        rows.append(
            (
                Cell(clean(one["environment"])),
                Cell(clean(one["name"]), "bold"),
                Cell(", ".join(sorted(serving)) or "-"),
                Cell(moment(since)),
                Cell(", ".join(told) or "-", "dim"),
            )
        )
    lines = [table(("ENVIRONMENT", "DEPLOYMENT", "SERVES", "SINCE", "ORIGIN"), rows, screen)] if rows else []
    return "\n".join([*(lines or ["no deployments"]), *extent_lines(found["extent"])])


def key_text(key: Json) -> str:
    """A version in one line."""
    return f"{clean(key['model'])}/{clean(key['version'])}"


def extent_lines(extent: Json) -> list[str]:
    """What an answer leaves out."""
    lines = [] if extent["complete"] else [f"not complete: cut off by {', '.join(extent['truncatedBy'])}"]
    lines += [f"{extent['hiddenCount']} nodes you may not see"] if extent["hiddenCount"] else []
    return [*lines, *(["entries are still waiting: ask again"] if extent["stale"] else [])]


def _span(stint: Json) -> str:
    said = f"{moment(stint['from'])} to {moment(stint['to']) if stint['to'] else 'now'}"
    by = f", manifest {clean(stint['manifest'])}" if stint["manifest"] else ""
    return f"{said} ({stint['origin'].lower()}{by}{', ' + stint['health'] if stint['health'] else ''})"


def _data(data: Json) -> str:
    columns, basis = ", ".join(map(clean, data["columns"])), _NOT_TOLD.get(data["columnsBasis"], "")
    by = f", says manifest {clean(data['manifest'])}" if data["manifest"] else ""
    return f"{named(data['dataset'])} {_versions(data['versions'])}: {columns}{basis}{by}"


def _versions(versions: list[str] | None) -> str:
    if versions is None:
        return "not used"
    return "version " + ", ".join(map(clean, versions)) if versions else "no version told"


def _listed(words: Iterable[str]) -> str:
    return ", ".join(map(clean, words)) or "nothing"


def _json(value: Any) -> str:
    return "nothing" if value is None else clean(json.dumps(value, ensure_ascii=False))
