"""Laws of `catalog.checks.evaluate`, on catalogs written down."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.assets.keys import Kind
from catalog.checks.choosing import choose, policy_place_id
from catalog.checks.engine import engine
from catalog.checks.evaluate import evaluate
from catalog.checks.snapshot import Place, Run, Training
from tests.unit.checks.worlds import (
    DAY,
    HOUR,
    NOW,
    chosen,
    column,
    columns,
    facts,
    flows,
    outcomes,
    snapshot,
    spelled,
    thing,
    told,
)

OWNED = chosen(**{"assert": "size(dataset.owners) > 0", "message": "'Nobody owns ' + dataset.name"})
WAIVER: dict[str, Any] = {
    **{"policy": "policy:p", "approver": "team:risk", "reason": "moving", "expires": "2026-06-01T00:00:00Z"},
    "entities": [{"namespace": "pg", "name": "b"}],
}


def test_every_subject_has_one_outcome_and_every_breach_a_witness() -> None:
    """The facts that were read, the entries that told them, the owners, the message."""
    a = thing("a", owners=[{"name": "team:x"}], entries={"owners": "e1"})
    b = thing("b", owners=[], domain="domain:sales/online", entries={"owners": "e2", "tier": "e3"})
    sales = thing("s", Kind.DOMAIN, name="sales", owners=["team:sales"])
    judged = evaluate(snapshot(a, b, sales), [OWNED])
    (found,) = judged.findings

    assert {"p": {"PASS": ["a"], "FAIL": ["b"]}} == outcomes(judged)
    assert ("b", "Nobody owns b", ("team:sales",)) == (spelled(found.place), found.message, found.owners)
    assert ({"dataset.owners": []}, ("e2",)) == (facts(found), found.witness.entries)


def test_what_is_known_under_another_form_is_an_error_of_its_subject_alone() -> None:
    """Owners that are an object cannot be counted; others are judged all the same."""
    judged = evaluate(snapshot(thing("a", location="here"), thing("b")), [chosen(**{"assert": "dataset.tier == 1"})])
    located = chosen(**{"assert": "dataset.location.country == 'DE'"})
    broken = evaluate(snapshot(thing("a", retention="short"), thing("b")), [_retention()])

    assert {"p": {"FAIL": ["a", "b"]}} == outcomes(judged)
    assert {"p": {"ERROR": ["a"], "PASS": ["b"]}} == outcomes(broken)
    assert {"p": {"FAIL": ["a"]}} == outcomes(evaluate(snapshot(thing("a")), [located]))


def _retention() -> Any:
    return chosen(**{"assert": "dataset.retention.duration == null"})


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "WAIVED"),
        ({"expires": "2026-01-01T00:00:00.000001Z"}, "WAIVED"),
        ({"expires": "2026-01-01T00:00:00Z"}, "FAIL"),
        ({"expires": "soon"}, "FAIL"),
        ({"policy": "policy:other"}, "FAIL"),
        ({"entities": [{"namespace": "pg", "name": "a"}]}, "FAIL"),
        ({"entities": [], "select": {"namespace": "p*"}}, "WAIVED"),
        ({"entities": [], "select": {"namespace": "p*", "name": "x*"}}, "FAIL"),
        ({"entities": [], "select": {"domains": ["domain:sales"]}}, "WAIVED"),
        ({"entities": [], "select": {"tags": ["tag:pii"]}}, "WAIVED"),
        ({"entities": [], "select": {"tags": ["tag:pii/phone"]}}, "FAIL"),
        ({"entities": [], "select": {}}, "FAIL"),
    ],
)
def test_a_waiver_covers_what_it_names_until_it_ends(changed: dict[str, Any], expected: str) -> None:
    """The breach is counted apart, and the finding keeps who excused it and why."""
    waiver = thing("w", Kind.WAIVER, document={**WAIVER, **changed})
    b = thing("b", domain="domain:sales/online", tags=[{"key": "pii/email"}])
    judged = evaluate(snapshot(b, waiver), [OWNED])
    (found,) = judged.findings

    assert {"p": {expected: ["b"]}} == outcomes(judged)
    assert ("w" if expected == "WAIVED" else "") == found.waiver
    assert (expected == "WAIVED") == (facts(found).get("waiver.approver") == "team:risk")


def test_a_waiver_of_a_dataset_covers_its_columns_and_no_error() -> None:
    """What cannot be evaluated is no breach that anybody could have excused."""
    fields = chosen(target="field", **{"assert": "field.type == 'text' || dataset.custom.missing == 1"})
    waiver = thing("w", Kind.WAIVER, document=WAIVER)
    failing = chosen(target="field", **{"assert": "field.type == 'text'"})
    b = thing("b", columns=[column("x", type="int")])

    assert {"p": {"WAIVED": ["b.x"]}} == outcomes(evaluate(snapshot(b, waiver), [failing]))
    assert {"p": {"ERROR": ["b.x"]}} == outcomes(evaluate(snapshot(b, waiver), [fields]))


def test_a_population_is_counted_over_those_that_are_selected() -> None:
    """And its finding names some of those that do not match."""
    given = {"type": "aggregate", "when": "size(dataset.owners) > 0", "assert": "population.share >= 0.9"}
    share = chosen(**given, population={"namespace": "pg"})
    things = [thing("a", owners=["team:x"]), thing("b"), thing("c", namespace="other")]
    judged = evaluate(snapshot(*things), [share])
    (found,) = judged.findings
    counted = {"population.total": 2, "population.matching": 1, "population.share": 0.5, "population.without": ["b"]}

    assert (Place(policy_place_id("p")), counted) == (found.place, facts(found))
    assert {"p": {"NOT_APPLICABLE": [policy_place_id("p")]}} == outcomes(evaluate(snapshot(things[2]), [share]))
    assert {"p": {}} == outcomes(evaluate(snapshot(*things, whole=False), [share]))


def test_a_population_with_a_member_that_cannot_be_judged_is_an_error() -> None:
    """The count would be a guess."""
    given = {"type": "aggregate", "when": "dataset.custom.missing == 1", "assert": "population.share >= 0.0"}
    judged = evaluate(snapshot(thing("a")), [chosen(**given)])

    assert {"p": {"ERROR": [policy_place_id("p")]}} == outcomes(judged)


def test_a_change_is_judged_between_two_moments() -> None:
    """Things that came and went are seen, and without a moment before nothing is judged, which is said."""
    moved = chosen(type="change", **{"assert": "created || deleted || before.domain == after.domain"})
    before = snapshot(thing("a", domain="domain:x"), thing("b", domain="domain:x"), thing("gone"))
    after = snapshot(thing("a", domain="domain:x"), thing("b", domain="domain:y"), thing("new"))
    judged = evaluate(after, [moved], before=before)

    assert {"p": {"PASS": ["a", "gone", "new"], "FAIL": ["b"]}} == outcomes(judged)
    assert {"before.domain": "domain:x", "after.domain": "domain:y"}.items() <= facts(judged.findings[0]).items()
    assert [({}, False)] == [(one.outcomes, one.complete) for one in evaluate(after, [moved]).populations]


def test_a_declared_policy_takes_the_place_of_a_shipped_one_or_switches_it_off() -> None:
    """One that cannot be loaded is an ERROR of the policy itself, never silently absent."""
    name = "hygiene.dataset.owner"
    body = {
        **{"kind": "Policy", "name": name, "version": "9", "severity": "low", "type": "entity", "target": "dataset"},
        "assert": "dataset.tier != null",
        "tests": [
            {"name": "yes", "input": {"dataset": {"tier": 1}}, "expect": "PASS"},
            {"name": "no", "input": {"dataset": {}}, "expect": "FAIL"},
        ],
    }

    def found(**changed: Any) -> Any:
        declared = thing("own", Kind.POLICY, name=name, document={**body, **changed})
        at = snapshot(declared, thing("a"))
        policies, wrong = choose(at, ["hygiene"], engine())
        return outcomes(evaluate(at, policies)).get(name), wrong

    assert ({"FAIL": ["a"]}, []) == found()
    assert (None, []) == found(lifecycle="deprecated")
    refused, wrong = found(tests=[])
    assert ({"ERROR": [policy_place_id(name)]}, True) == (refused, "no case passes" in wrong[0])


def test_what_is_declared_beside_the_packs_can_be_left_out() -> None:
    """But not what takes the place of a shipped policy, nor what serves the same framework."""
    names = {"own": "Ours", "hygiene.dataset.owner": "Ours", "own.owner": "Hygiene"}
    things = []
    for name, framework in names.items():
        body = {
            **{"kind": "Policy", "name": name, "version": "9", "severity": "low", "type": "entity"},
            **{"target": "dataset", "assert": "dataset.tier != null"},
            "controls": [{"framework": framework, "ref": "1"}],
            "tests": [
                {"name": "yes", "input": {"dataset": {"tier": 1}}, "expect": "PASS"},
                {"name": "no", "input": {"dataset": {}}, "expect": "FAIL"},
            ],
        }
        things.append(thing(name, Kind.POLICY, name=name, document=body))

    def declared(**how: bool) -> set[str]:
        policies, _ = choose(snapshot(*things), ["hygiene"], engine(), **how)
        return {one.compiled.policy.name for one in policies if one.compiled.policy.version == "9"}

    assert set(names) == declared()
    assert {"hygiene.dataset.owner", "own.owner"} == declared(all_declared=False)


def test_the_default_pack_sees_what_was_observed() -> None:
    """Cadence, failed runs, training data, champions, contracts, columns made of others."""
    things = [
        thing("a", writes=(NOW - 9 * DAY, NOW - 8 * DAY, NOW - 7 * DAY), written=NOW - 7 * DAY, read=NOW - HOUR),
        thing("b", columns=[column("x", classification="internal")]),
        thing("c", columns=[column("x", classification="restricted")], document={"contract": "contract:k"}),
        thing("k", Kind.CONTRACT, document={"version": "2"}),
        thing("job", Kind.PIPELINE, runs=(Run("r3", "FAILED", NOW, NOW), Run("r2", "COMPLETED", NOW, NOW))),
        thing("v1", Kind.MODEL_VERSION, name="m/1", aliases=("champion",)),
        thing("v2", Kind.MODEL_VERSION, name="m/2", training=(Training("a"),)),
        thing("d", Kind.DEPLOYMENT, serves=("v2",)),
    ]
    at = snapshot(*things, edges=flows("a -> job", "job -> b"), column_edges=columns("c.x -> b.x", job="job"))
    policies, _ = choose(at, ["hygiene"], engine())
    names = ("dataset.fresh", "field.classified_as_sources", "job.failed_run_incident", "deployment.champion")
    failing = {one: found for one, found in outcomes(evaluate(at, policies)).items() if one[8:] in names}

    assert {
        "hygiene.dataset.fresh": {"FAIL": ["a"], "NOT_APPLICABLE": ["b", "c"]},
        "hygiene.field.classified_as_sources": {"FAIL": ["b.x"], "NOT_APPLICABLE": ["c.x"]},
        "hygiene.job.failed_run_incident": {"FAIL": ["job"]},
        "hygiene.deployment.champion": {"FAIL": ["d"]},
    } == failing


def test_findings_are_told_in_words_even_if_their_message_fails() -> None:
    """A message that cannot be evaluated hides no finding."""
    bad = chosen(**{"assert": "dataset.tier == 1", "message": "'tier ' + dataset.domain"})
    ((place, outcome, message),) = told(evaluate(snapshot(thing("a")), [bad]))

    assert ("a", "FAIL", True) == (place, outcome, "its message fails" in message)
