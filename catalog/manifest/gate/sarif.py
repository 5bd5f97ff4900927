"""A verdict as SARIF 2.1.0, which code hosts show at the lines of the manifest.

Source: OASIS SARIF 2.1.0, sections 3.13 (log), 3.27 (result), 3.29 (location).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from catalog import __version__
from catalog.identity import digest
from catalog.manifest.gate.findings import IMPACT, RULES, At, Finding, Impact, Verdict
from catalog.manifest.gate.text import MOST_REACHED, one_line, summary

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_INDEX = {rule.id: index for index, rule in enumerate(RULES)}
Json = dict[str, Any]


def as_sarif(verdict: Verdict) -> Json:
    """A log of one run. What was not walked, or not to the end, is a notification of the tool."""
    results = [_finding(one) for one in verdict.findings]
    results += [_impact(one) for one in verdict.impacts or () if one.reached]
    notices = [] if verdict.complete else [{"level": "warning", "message": {"text": one_line(summary(verdict))}}]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "headwater check",
                        "semanticVersion": __version__,
                        "rules": [
                            {
                                "id": rule.id,
                                "shortDescription": {"text": rule.title},
                                "fullDescription": {"text": rule.breaks},
                                "help": {"text": rule.remedy},
                            }
                            for rule in RULES
                        ],
                    }
                },
                "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notices}],
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }


def _finding(one: Finding) -> Json:
    contract = f" [contract {one.contract.name}]" if one.contract else ""
    text = one_line(f"{one.subject}: {one.message}{contract}")
    return _result(one.rule.id, one.level.value, text, one.at, (*one.key, one.field))


def _impact(one: Impact) -> Json:
    names = ", ".join(each.subject for each in one.reached[:MOST_REACHED])
    more = f" and {len(one.reached) - MOST_REACHED} more" if len(one.reached) > MOST_REACHED else ""
    subject = f"{one.start.key} · {one.start.field}" if one.start.field else str(one.start.key)
    text = one_line(f"{subject} ({one.start.change}) reaches {len(one.reached)}: {names}{more}")
    return _result(IMPACT.id, "note", text, one.at, (*one.start.key, one.start.field))


def _result(rule: str, level: str, text: str, at: At | None, about: tuple[str, ...]) -> Json:
    place = at or At("headwater.yaml", 1)
    physical: Json = {"artifactLocation": {"uri": quote(place.file.replace("\\", "/"))}}
    if not place.old:  # a line of the file as it was is no line of the file as it is
        physical["region"] = {"startLine": place.line, "startColumn": place.column}
    return {
        "ruleId": rule,
        "ruleIndex": _INDEX[rule],
        "level": level,
        "message": {"text": text},
        "locations": [{"physicalLocation": physical}],
        "partialFingerprints": {"entity/v1": digest("gate", rule, *about)},
    }
