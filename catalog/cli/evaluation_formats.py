"""What an evaluation found, as people and CI systems read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

from catalog import __version__
from catalog.cli.finding_text import STYLES, place_text
from catalog.cli.render import PLAIN, Cell, Screen, clean, count, duration, moment, table

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
"""Of SARIF, and of the annotations of GitHub (which calls a note a notice)."""
OF_A_POLICY = 20
IN_ALL = 100
"""Findings that a screen is shown."""
_TITLES = ("severity", "outcome", "policy", "about", "message")
Json = dict[str, Any]


def as_text(outcome: Json, screen: Screen | None = None) -> str:
    """A table of findings, and what the answer rests on.

    Args:
        screen: for which only the first of each policy are shown, with the numbers of the others; a file has them all.
    """
    found: list[Json] = outcome["findings"]
    shown = found if screen is None else _first(found)
    rows = [
        [
            Cell(one["severity"], STYLES[one["severity"]], whole=True),
            Cell(one["outcome"].lower(), "dim", whole=True),
            Cell(clean(one["policy"])),
            Cell(_about(one)),
            Cell(clean(one["message"])),
        ]
        for one in shown
    ]
    lines = [table(_TITLES, rows, screen or PLAIN), ""] if rows else []
    if len(shown) < len(found):
        lines += [*_more(found, shown, kept=outcome["reconciled"]), ""]
    return "\n".join([*lines, *summary(outcome)]) + "\n"


def _first(found: Sequence[Json]) -> list[Json]:
    seen: Counter[str] = Counter()
    shown: list[Json] = []
    for one in found:
        seen[one["policy"]] += 1
        if seen[one["policy"]] <= OF_A_POLICY and len(shown) < IN_ALL:
            shown.append(one)
    return shown


def _more(found: Sequence[Json], shown: Sequence[Json], *, kept: bool) -> list[str]:
    """How many of which policy are not shown, and where they are."""
    left = Counter(one["policy"] for one in found)
    left.subtract(one["policy"] for one in shown)
    lines = [
        f"and {number:,} more" + (f": headwater findings --policy {clean(name)}" if kept else f" of {clean(name)}")
        for name, number in left.items()
        if number
    ]
    return lines if kept else [*lines, "--json has them all, and so has --report text=FILE"]


def summary(outcome: Json) -> list[str]:
    """How much was judged, what came out, and what is not known."""
    outcomes: Counter[str] = Counter()
    for policy in outcome["policies"]:
        outcomes.update(policy["outcomes"])
    open_ = sum(outcome["open"].values())
    by = ", ".join(f"{number:,} {severity}" for severity, number in outcome["open"].items() if number)
    told = ", ".join(f"{number:,} {name.lower().replace('_', ' ')}" for name, number in sorted(outcomes.items()))
    judged = count(len(outcome["policies"]), "policy", "policies")
    lines = [
        f"{count(open_, 'finding')} open{f' ({by})' if by else ''}, {outcome['waived']:,} waived",
        f"{judged} of {', '.join(outcome['packs'])}: {told or 'nothing'}",
        f"as of {moment(outcome['at'])}, entries up to {outcome['knownAt']:,}; {duration(outcome['seconds'])}",
    ]
    if outcome["shown"] < open_ + outcome["waived"]:
        lines.append(f"the worst {outcome['shown']:,} are shown; `headwater findings` has all that are reconciled")
    if outcome["hidden"]:
        lines.append(f"{count(outcome['hidden'], 'finding')} about what you may not see")
    if outcome["notReconciled"]:
        lines.append(f"stored findings stay as they are: {outcome['notReconciled']}")
    lines += [f"{clean(policy['name'])}: {_cut(policy)}" for policy in outcome["policies"] if not policy["complete"]]
    return lines + [f"unknown: {clean(line)}" for line in outcome["unknown"]]


def as_junit(outcome: Json) -> str:
    """A suite with a case for each finding, and one for each policy without any; an ERROR is an error.

    Source: the schema that Jenkins' xUnit plugin checks with (junit-10.xsd).
    """
    broken = {one["policy"] for one in outcome["findings"]}
    suite = ET.Element("testsuite", name="policies")
    for policy in outcome["policies"]:
        if policy["name"] not in broken:
            ET.SubElement(suite, "testcase", classname=_xml(policy["name"]), name="holds")
    for one in outcome["findings"]:
        case = ET.SubElement(suite, "testcase", classname=_xml(one["policy"]), name=_xml(_about(one)))
        if one["outcome"] == "WAIVED":
            ET.SubElement(case, "skipped", message=_xml(f"waived by {one['waiver']}"))
        else:
            kind = "error" if one["outcome"] == "ERROR" else "failure"
            ET.SubElement(case, kind, type=one["severity"], message=_xml(one["message"])).text = _xml(_owners(one))
    for part, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(part, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("tests", str(len(suite.findall("testcase"))))
    ET.SubElement(suite, "system-out").text = _xml("\n".join(summary(outcome)))
    root = ET.Element("testsuites", name="headwater evaluate")
    root.append(suite)
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text.decode() + "\n"


def as_sarif(outcome: Json) -> Json:
    """A log of one run; what findings are about has no file, so it is a logical location.

    Source: OASIS SARIF 2.1.0, sections 3.13 (log), 3.27 (result), 3.33 (logical location), 3.35 (suppression).
    """
    rules = {policy["name"]: at for at, policy in enumerate(outcome["policies"])}
    notices = [{"level": "warning", "message": {"text": clean(line)}} for line in outcome["unknown"]]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "headwater evaluate",
                        "semanticVersion": __version__,
                        "rules": [{"id": name} for name in rules],
                    }
                },
                "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notices}],
                "results": [_result(one, rules[one["policy"]]) for one in outcome["findings"]],
            }
        ],
    }


def as_github(outcome: Json) -> str:
    """Annotations of a workflow's run, then the summary.

    Source: GitHub Actions, workflow commands.
    """
    lines = []
    for one in outcome["findings"]:
        if one["outcome"] != "WAIVED":
            level = LEVELS[one["severity"]].replace("note", "notice")
            title = _escaped(f"{one['policy']}: {_about(one)}").replace(":", "%3A").replace(",", "%2C")
            lines.append(f"::{level} title={title}::{_escaped(clean(one['message'], 4_000))}")
    return "\n".join([*lines, *summary(outcome)]) + "\n"


def _result(one: Json, rule: int) -> Json:
    suppressed = [{"kind": "external", "justification": one["waiver"] or ""}] if one["outcome"] == "WAIVED" else []
    return {
        "ruleId": one["policy"],
        "ruleIndex": rule,
        "level": LEVELS[one["severity"]],
        "message": {"text": clean(f"{_about(one)}: {one['message']}", 4_000)},
        "locations": [{"logicalLocations": [{"fullyQualifiedName": _about(one), "kind": "resource"}]}],
        "partialFingerprints": {"finding/v1": one["id"]},
        "suppressions": suppressed,
    }


def _about(one: Json) -> str:
    return place_text(one["entity"], one["field"])


def _owners(one: Json) -> str:
    return f"answered for by {', '.join(one['owners']) or 'nobody'}"


def _cut(policy: Json) -> str:
    """Why a policy was not judged of everything: a change needs a state before it, an aggregate the whole catalog."""
    if policy["outcomes"]:
        return "not walked to the end"
    return "not judged: it needs an earlier state to compare with, or the whole catalog"


def _xml(text: str) -> str:
    """XML 1.0 has no control characters, not even escaped."""
    return "\n".join(clean(line, 4_000) for line in text.split("\n"))


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
