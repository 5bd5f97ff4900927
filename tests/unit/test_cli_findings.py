"""`headwater findings` and `headwater evaluate` as people and CI run them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import Result

from tests.unit.cli_service import Answer, Heard, data, fault
from tests.unit.cli_service import run as run_against

ENTITY = {"kind": "DATASET", "namespace": "db", "name": "shop.orders"}
STANDING: dict[str, Any] = {
    "evaluatedAt": "2026-01-02T00:00:00Z",
    "evaluatedThrough": 7,
    "appliedThrough": 9,
    "stale": True,
    "wholeAt": "2026-01-02T00:00:00Z",
    "failingPolicies": ["p.broken"],
    "unknown": ["two payloads are gone"],
    "broken": None,
    "brokenSince": None,
    "packs": ["hygiene"],
    "waived": 0,
    "open": [{"severity": "HIGH", "count": 3}],
}


def listed(number: int, **changed: Any) -> dict[str, Any]:
    return {
        "id": f"{number:064x}",
        "state": "OPEN",
        "outcome": "FAIL",
        "severity": "HIGH",
        "message": "It has no owner.",
        "policyName": "hygiene.dataset.owner",
        "entity": ENTITY,
        "field": None,
        "owners": ["team:orders"],
        "waiver": None,
        "firstSeen": "2026-01-01T00:00:00Z",
        "lastSeen": "2026-01-02T00:00:00Z",
        "openedAt": "2026-01-01T00:00:00Z",
        "resolvedAt": None,
        "dueAt": "2026-01-31T00:00:00Z",
        **changed,
    }


def paged(*nodes: Any, more: bool = False, total: int | None = None, **standing: Any) -> Answer:
    return data(
        findings={
            "edges": [{"node": node} for node in nodes],
            "pageInfo": {"hasNextPage": more, "endCursor": "next" if more else None},
            "totalCount": len(nodes) if total is None else total,
            "hiddenCount": 2,
            "notices": [],
            "standing": {**STANDING, **standing},
        }
    )


def run(answer: Answer, *arguments: str) -> tuple[Result, list[Heard]]:
    return run_against(lambda _: answer, *arguments)


def test_findings_are_listed_with_what_the_list_may_not_say() -> None:
    """What was not judged, could not be read or is hidden is said beside the table, on standard error."""
    done, (heard,) = run(paged(listed(1), listed(2, outcome="ERROR", field="mail"), total=5), "findings")

    assert 0 == done.exit_code
    assert ["hygiene.dataset.owner" in line for line in done.stdout.splitlines()[1:]] == [True, True]
    assert "open (error)" in done.stdout and "db shop.orders · mail" in done.stdout
    for told in (
        *("2 of 5; use --limit", "2 findings about what you may not see", "2 entries in the graph not judged yet"),
        *("could not be evaluated for something: p.broken", "unknown: two payloads are gone"),
    ):
        assert told in done.stderr
    assert ("OPEN", 50) == (heard.body["variables"]["state"], heard.body["variables"]["first"])


def test_what_cannot_be_judged_is_said_everywhere() -> None:
    """By the list of findings, and by `headwater doctor`, which is not well then."""
    told = "not judged since 2026-01-02 04:05:06Z: too large"
    broken: dict[str, Any] = {"broken": "too large", "brokenSince": "2026-01-02T04:05:06Z"}
    status = {"sequence": 9, "appliedThrough": 9, "rejected": 0, "dead": 0, "lagSeconds": 0.0}

    kept = {"state": "NEVER", "dueSeconds": None, "everySeconds": 0.0}
    listed, _ = run(paged(total=0, **broken), "findings")
    doctor, _ = run(data(status=status, retention=kept, findingStanding={**STANDING, **broken}), "doctor")

    assert told in listed.stderr
    assert (1, True) == (doctor.exit_code, f"NOT WELL  findings         {told}" in doctor.stdout)


def test_no_finding_is_no_error() -> None:
    """And where nothing was judged yet, that is said: nothing found is not nothing wrong."""
    done, _ = run(paged(evaluatedAt=None), "findings")

    assert (0, "nothing is found that fits\n") == (done.exit_code, done.stdout)
    assert "nothing was evaluated yet" in done.stderr


def test_why_nothing_can_be_found_is_said() -> None:
    """A pack that the catalog is not judged by finds nothing, which is no clean bill; an unknown one is refused."""
    empty = paged()
    empty.body["data"]["findings"]["notices"] = ["findings are not kept by the pack gdpr"]
    done, _ = run(empty, "findings", "--pack", "gdpr")
    refused, _ = run(fault("no pack is called 'gpdr'", code="NOT_FOUND"), "findings", "--pack", "gpdr")

    assert (0, True) == (done.exit_code, "findings are not kept by the pack gdpr" in done.stderr)
    assert (3, "headwater: no pack is called 'gpdr'\n") == (refused.exit_code, refused.stderr)


def test_what_is_chosen_is_what_is_asked() -> None:
    """Each option in the API's words; `all` asks for every state."""
    chosen = ["--policy", "p", "--pack", "gdpr", "--severity", "low", "--state", "all", "--owner", "team:x"]
    _, (heard,) = run(paged(), "findings", *chosen, "--entity", "db shop.orders", "--due-before", "2026-03-01")
    _, (word,) = run(paged(), "findings", "--entity", "team:orders")

    wanted: dict[str, Any] = {"policy": "p", "pack": "gdpr", "severity": "LOW", "state": None, "owner": "team:x"}
    wanted |= {"entity": ENTITY, "dueBefore": "2026-03-01", "first": 50, "after": None}
    assert wanted == heard.body["variables"]
    assert {"kind": "TEAM", "name": "orders"} == word.body["variables"]["entity"]


def test_pages_are_put_together() -> None:
    """Up to the limit, each asked behind the one before; `complete` tells whether that is all."""
    pages = [paged(*map(listed, range(500)), more=True, total=502), paged(listed(500), more=True, total=502)]
    done, heard = run_against(lambda _: pages.pop(0), "findings", "--json", "--limit", "501")
    told = json.loads(done.stdout)

    assert [(500, None), (1, "next")] == [
        (each.body["variables"]["first"], each.body["variables"]["after"]) for each in heard
    ]
    assert (501, 502, False, 2) == (len(told["findings"]), told["total"], told["complete"], told["hidden"])


def test_a_finding_is_shown_whole() -> None:
    """What is wrong, what to do, what it rests on by which way, and what became of it."""
    step = {"source": "1", "target": "2", "job": {"kind": "PIPELINE", "namespace": "jobs", "name": "load"}}
    nodes = [
        {"id": "1", "entity": {**ENTITY, "name": "raw"}, "field": "m"},
        {"id": "2", "entity": ENTITY, "field": "m"},
    ]
    found = {
        **listed(7, field="m"),
        "evaluation": 3,
        "source": {**ENTITY, "name": "raw"},
        "sourceField": "m",
        "policy": {
            **{"name": "p", "version": "2", "pack": "gdpr", "sha256": "ab", "breaks": "Data leave.", "source": None},
            **{"description": None, "remedy": "Mask them.", "controls": [{"framework": "GDPR", "ref": "Art. 44"}]},
        },
        "history": [{"kind": "OPENED", "at": "2026-01-01T00:00:00Z", "evaluation": 3, "reason": ""}],
        "witness": {
            "facts": {"f": [1]},
            "entries": ["cd" * 32],
            "cut": True,
            "path": {"nodes": nodes, "edges": [step]},
        },
    }
    done, (heard,) = run(data(finding=found), "findings", "show", "000007")

    assert (0, {"id": "000007"}) == (done.exit_code, heard.body["variables"])
    for told in (
        *("high open", "Data leave.", "Mask them.", "GDPR Art. 44", "f = [1]", "→ db shop.orders · m by jobs load"),
        *("told by cdcdcdcdcdcd: `headwater inbox show KEY`", "too long to be kept whole", "opened by evaluation 3"),
    ):
        assert told in done.stdout
    assert found == json.loads(run(data(finding=found), "findings", "show", "000007", "--json")[0].stdout)


@pytest.mark.parametrize(
    ("answer", "arguments", "code", "told"),
    [
        (data(finding=None), ["show", "ab"], 3, "there is no finding 'ab'"),
        (data(finding=None), ["show", "ab"], 3, "a resolved one takes its whole id"),
        (fault("several begin so", code="INVALID_QUESTION"), ["show", "ab"], 1, "several begin so"),
        (fault("no time", code="INVALID_QUESTION"), ["--due-before", "x"], 1, "no time"),
        (Answer("nothing of ours", 502), [], 4, "502"),
        (paged(), ["--entity", "orders"], 2, "names no entity"),
        (paged(), ["--severity", "bad"], 2, "bad"),
        (paged(), ["--limit", "0"], 2, "0"),
    ],
)
def test_findings_exit_as_help_says(answer: Answer, arguments: list[str], code: int, told: str) -> None:
    """0 answered, 1 no reference, 2 usage, 3 no finding, 4 no answer; the reason is on standard error."""
    done, _ = run(answer, "findings", *arguments)

    assert (code, True) == (done.exit_code, told in done.stderr), done.stderr


OUTCOME: dict[str, Any] = {
    "reconciled": False,
    "notReconciled": "it is about another moment",
    "at": "2026-01-01T00:00:00Z",
    "knownAt": 9,
    "packs": ["hygiene"],
    "seconds": 1.5,
    "unknown": ["a page is missing"],
    "policies": [
        {"name": "p.one", "version": "1", "pack": "x", "sha256": "ab", "outcomes": {"FAIL": 1}, "complete": True},
        {"name": "p.two", "version": "1", "pack": "x", "sha256": "cd", "outcomes": {"PASS": 4}, "complete": False},
    ],
    "open": {"critical": 0, "high": 0, "medium": 1, "low": 1, "info": 0},
    "waived": 1,
    "shown": 2,
    "hidden": 1,
    "findings": [
        {
            **{"id": "1" * 64, "policy": "p.one", "outcome": outcome, "severity": severity, "entity": ENTITY},
            **{"field": None, "message": "50% of it:\nis, \x1b[31mwrong", "owners": [], "waiver": waiver},
        }
        for outcome, severity, waiver in (("FAIL", "medium", None), ("ERROR", "low", None), ("WAIVED", "low", "w"))
    ],
}
NOTHING = {**OUTCOME, "open": dict.fromkeys(OUTCOME["open"], 0), "findings": [], "shown": 0, "waived": 0, "hidden": 0}


def judged(outcome: Any, *arguments: str, refused: Answer | None = None, **order: Any) -> tuple[Result, list[Heard]]:
    """`headwater evaluate` against a service whose order ends so."""
    ended = {"id": "o", "kind": "EVALUATE", "state": "DONE", "step": "", "done": 0, "total": 0, "result": ""}
    ended |= {"error": "", "code": "", **order}

    def script(heard: Heard) -> Answer:
        if "mutation" in heard.body["query"]:
            return refused or data(evaluate={"id": "o"})
        return data(order={"outcome": outcome} if "outcome" in heard.body["query"] else ended)

    return run_against(script, "evaluate", *arguments)


@pytest.mark.parametrize(
    ("fail_on", "code"), [("never", 0), ("critical", 0), ("high", 0), ("medium", 1), ("low", 1), ("info", 1)]
)
def test_ci_fails_on_what_it_was_told_to(fail_on: str, code: int) -> None:
    """On findings of that severity or worse; by default on high."""
    assert code == judged(OUTCOME, "--fail-on", fail_on)[0].exit_code
    assert 0 == judged(OUTCOME)[0].exit_code


@pytest.mark.parametrize(
    ("refused", "order", "arguments", "code", "told"),
    [
        (fault("no pack is called 'x'", code="NOT_FOUND"), {}, ["--pack", "x"], 3, "no pack is called"),
        (None, {"state": "FAILED", "error": "not known then", "code": "NOT_FOUND"}, [], 3, "not known then"),
        (None, {"state": "FAILED", "error": "it took too long", "code": "ORDER_FAILED"}, [], 1, "it took too long"),
        (None, {"state": "FAILED", "error": ""}, [], 1, "nothing says why"),
        (None, {"state": "QUEUED"}, ["--wait", "1"], 4, "waits for a worker"),
        (fault("no moment", code="INVALID_QUESTION"), {}, ["--as-of", "x"], 1, "no moment"),
        (None, {}, ["--entity", "orders"], 2, "names no entity"),
        (None, {}, ["--report", "sarif"], 2, "write FORMAT=FILE"),
        (None, {}, ["--report", "pdf=x"], 2, "write FORMAT=FILE"),
        (None, {}, ["--json", "--format", "junit"], 2, "--json and --format junit exclude each other"),
    ],
)
def test_evaluate_exits_as_help_says(
    refused: Answer | None, order: dict[str, Any], arguments: list[str], code: int, told: str
) -> None:
    """1 no evaluation, 2 usage, 3 what is named is not known, 4 nobody did it; the reason is on standard error."""
    done, _ = judged(OUTCOME, *arguments, refused=refused, **order)

    assert (code, True) == (done.exit_code, told in done.stderr), done.stderr


def test_what_is_to_be_judged_is_what_is_ordered() -> None:
    """Packs, entities of either spelling, the moment."""
    given = ["--pack", "a", "--pack", "b", "--entity", "db shop.orders", "--entity", "team:x", "--as-of", "2026-01-01"]
    _, heard = judged(NOTHING, *given, "--as", "ann")

    entities = [ENTITY, {"kind": "TEAM", "name": "x"}]
    wanted = {"packs": ["a", "b"], "entities": entities, "asOf": "2026-01-01", "knownAt": None, "by": "ann"}
    assert {"input": wanted} == heard[0].body["variables"]


def test_each_form_tells_the_same(tmp_path: Path) -> None:
    """Text, JSON, JUnit, SARIF and annotations: findings, and what the answer cannot say; files beside the output."""
    forms = ("text", "json", "junit", "sarif", "github")
    reports = [part for form in forms for part in ("--report", f"{form}={tmp_path / form}")]
    done, _ = judged(OUTCOME, *reports)
    told = {form: (tmp_path / form).read_text() for form in forms}

    assert done.stdout == told["text"]
    for line in (
        *("2 findings open (1 medium, 1 low), 1 waived", "1 finding about what you may not see", "p.two: not walked"),
        *("stored findings stay as they are: it is about another moment", "unknown: a page is missing"),
        "the worst 2 are shown",
    ):
        assert line in told["text"]
    assert OUTCOME == json.loads(told["json"]) == json.loads(judged(OUTCOME, "--json")[0].stdout)
    suite = ET.fromstring(told["junit"]).find("testsuite")
    assert suite is not None
    assert ("4", "1", "1", "1") == tuple(suite.get(name) for name in ("tests", "failures", "errors", "skipped"))
    (ran,) = json.loads(told["sarif"])["runs"]
    assert ["warning", "note", "note"] == [one["level"] for one in ran["results"]]
    assert [0, 0, 1] == [len(one["suppressions"]) for one in ran["results"]]
    annotations = [line for line in told["github"].splitlines() if line.startswith("::")]
    assert ["::warning title=p.one%3A db", "::notice title=p.one%3A db s"] == [
        annotations[0][:27],
        annotations[1][:28],
    ]
    assert "\x1b" not in "".join(told[form] for form in ("text", "junit", "github"))


def test_nothing_that_does_not_hold_is_said_so() -> None:
    """No table; the summary still says what was judged."""
    done, _ = judged(NOTHING)

    assert 0 == done.exit_code
    assert done.stdout.startswith("0 findings open, 0 waived\n2 policies of hygiene: 1 fail, 4 pass")


def test_a_screen_is_shown_the_first_of_each_policy(tmp_path: Path) -> None:
    """The others are counted, with the command that lists them; a file, and JSON, have all."""
    (one, *_), many = OUTCOME["findings"], 25
    found = [{**one, "policy": policy, "id": f"{at:064x}"} for policy in ("p.one", "p.two") for at in range(many)]
    outcome = {**OUTCOME, "reconciled": True, "findings": [*found, {**one, "policy": "p.three"}]}
    done, _ = judged(outcome, "--report", f"text={tmp_path / 'text'}")
    elsewhere, _ = judged({**outcome, "reconciled": False})

    shown = [line.split()[2] for line in done.stdout.splitlines() if "  db shop.orders  " in line]
    assert ["p.one"] * 20 + ["p.two"] * 20 + ["p.three"] == shown
    assert "and 5 more: headwater findings --policy p.one\nand 5 more: headwater findings --policy p.two" in done.stdout
    assert "and 5 more of p.one\nand 5 more of p.two\n--json has them all" in elsewhere.stdout
    assert 51 == (tmp_path / "text").read_text().count("  db shop.orders  ")
    assert 51 == len(json.loads(judged(outcome, "--json", "--format", "json")[0].stdout)["findings"])
