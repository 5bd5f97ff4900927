"""A verdict as JSON, for programs."""

from __future__ import annotations

from typing import Any

from catalog.manifest.gate.findings import At, Finding, Impact, Level, Reached, Verdict

Json = dict[str, Any]


def as_json(verdict: Verdict) -> Json:
    """The whole verdict; the order of its parts is that of the verdict."""
    return {
        "manifest": verdict.manifest,
        "against": verdict.against,
        "compared": verdict.compared,
        "counts": {level.value: len(verdict.of(level)) for level in Level},
        "findings": [_finding(one) for one in verdict.findings],
        "impact": None if verdict.impacts is None else [_impact(one) for one in verdict.impacts],
        "owners": verdict.owners,
        "complete": verdict.complete,
        "unwalked": verdict.unwalked or None,
        "stale": verdict.stale,
    }


def _finding(one: Finding) -> Json:
    return {
        "rule": one.rule.id,
        "level": one.level.value,
        "entity": one.key.spelled(),
        "field": one.field or None,
        "contract": one.contract.name if one.contract else None,
        "message": one.message,
        "breaks": one.rule.breaks,
        "remedy": one.rule.remedy,
        "at": _at(one.at),
    }


def _impact(one: Impact) -> Json:
    return {
        "entity": one.start.key.spelled(),
        "field": one.start.field or None,
        "change": one.start.change,
        "known": one.known,
        "reached": [_reached(each) for each in one.reached],
        "truncatedBy": list(one.truncated_by),
        "hidden": one.hidden,
        "at": _at(one.at),
    }


def _reached(one: Reached) -> Json:
    return {
        "kind": one.kind,
        "namespace": one.namespace,
        "name": one.name,
        "field": one.field or None,
        "certain": one.certain,
        "owners": list(one.owners),
        "path": list(one.path),
    }


def _at(at: At | None) -> Json | None:
    return None if at is None else {"file": at.file, "line": at.line, "column": at.column, "before": at.old}
