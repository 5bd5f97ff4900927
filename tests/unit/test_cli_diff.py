"""Differences on the command line: two moments, a line for each change with who made it, exit codes as git's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from graphql import build_schema, parse, validate

from catalog.api.graphql.limits import DEFAULT_LIMITS, check
from catalog.api.graphql.schema import schema
from catalog.cli.diff import DIFF, text
from tests.unit.cli_service import data, in_turn, run

CAUSE = {"ends": False, "time": "2024-08-06T13:26:49.980000Z", "sequence": 12, "entry": "ab" * 32}
NODES = [
    {"id": "x", "kind": "DATASET", "namespace": "db", "name": "t.x", "field": None},
    {"id": "j", "kind": "JOB", "namespace": "air", "name": "load", "field": None},
]
EDGE = {"source": "x", "target": "j", "kind": "READS"}
NOW = {"asOf": None, "knownAt": 14, "stale": False}


def told(*edges: Any, **more: Any) -> dict[str, Any]:
    side = {"asOf": "2024-08-06T00:00:00Z", "knownAt": 14, "stale": False}
    numbers = {"complete": True, "truncatedBy": [], "hiddenCount": 0, "sequence": 14, "appliedThrough": 14}
    nodes: dict[str, Any] = {"nodesAdded": [], "nodesRemoved": [], "nodes": NODES}
    return {"root": "x", "from": side, "to": NOW, "empty": not edges, **nodes, "edges": list(edges), **numbers, **more}


def change(kind: str, reason: str | None, cause: Any = None, run: Any = None) -> dict[str, Any]:
    cause = {**CAUSE, "run": run, **(cause or {})}
    return {"change": kind, "reason": reason, "edge": EDGE, "cause": cause, "before": None, "after": cause}


def test_the_question_fits_the_schema() -> None:
    """The service can answer it within its limits."""
    document = parse(DIFF)

    assert [] == validate(build_schema(schema.as_str()), document)
    check(document, DEFAULT_LIMITS)


def test_each_change_is_a_line_with_its_cause() -> None:
    """A sign, the edge, why, by which run, and which entry to look at."""
    shown = text(
        told(
            change("ADDED", "ASSERTED", run={"id": "r", "runId": "7"}),
            change("REMOVED", "UNREACHABLE"),
            change("REEVIDENCED", None, {"entry": None, "time": None}),
            nodesAdded=NODES[:1],
        )
    )

    assert [
        "+ dataset t.x",
        "+ READS  dataset t.x -> job load  (told by run 7 at 2024-08-06 13:26:49Z, entry abababababab, sequence 12)",
        "- READS  dataset t.x -> job load  (still holds, on no path any more; told at 2024-08-06 13:26:49Z, "
        "entry abababababab, sequence 12)",
        "~ READS  dataset t.x -> job load  (rests on what was told, entry gone, sequence 12)",
        "nodes: 1 added, 0 removed; edges: 1 added, 1 removed, 1 reevidenced; "
        "from 2024-08-06 00:00:00Z at sequence 14; to sequence 14",
    ] == shown.splitlines()


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("2026-03-01", {"asOf": "2026-03-01"}),
        ("@1234", {"knownAt": "1234"}),
        ("2026-03-01T12:00:00Z@1234", {"asOf": "2026-03-01T12:00:00Z", "knownAt": "1234"}),
        ("@2026-03-01", {"knownAt": "2026-03-01"}),
    ],
)
def test_a_moment_has_two_times(given: str, sent: dict[str, str]) -> None:
    """What had happened stands before the @, what was known behind it."""
    result, heard = run(in_turn(data(lineageDiff=told())), "diff", "db", "t.x", "--from", given)

    assert 0 == result.exit_code
    assert (sent, None) == (heard[0].body["variables"]["from"], heard[0].body["variables"]["to"])


@pytest.mark.parametrize(("known", "newest", "says"), [(99, 14, "the newest entry is 14"), (14, 20, "not all applied")])
def test_a_moment_that_is_not_settled_says_why(known: int, newest: int, says: str) -> None:
    """A sequence that no entry has yet is not called unapplied."""
    side = {"asOf": None, "knownAt": known, "stale": True}

    assert says in text(told(to=side, sequence=newest))


def test_exit_codes_are_as_gits() -> None:
    """1 for differences only where that is asked for; 2 for wrong usage, 3 for what is not there."""
    some, none = data(lineageDiff=told(change("ADDED", "ASSERTED"))), data(lineageDiff=told())
    question = ("diff", "db", "t.x", "--from", "2026-03-01")

    assert 0 == run(in_turn(some), *question)[0].exit_code
    assert 1 == run(in_turn(some), *question, "--exit-code")[0].exit_code
    assert 0 == run(in_turn(none), *question, "--exit-code")[0].exit_code
    assert "nothing changed" in run(in_turn(none), *question)[0].stdout
    assert 2 == run(in_turn(none), "diff", "db", "t.x", "--from", "2026-03-01@")[0].exit_code
    assert 3 == run(in_turn(data(lineageDiff=None), data(t0=[])), *question)[0].exit_code
    assert told() == json.loads(run(in_turn(none), *question, "--json")[0].stdout)
