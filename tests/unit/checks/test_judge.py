"""Policies over subjects, graphs, populations and changes: what is judged, and what is refused before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalog.checks.engine import Engine
from catalog.checks.fixtures import graph_of, load_policy
from catalog.checks.flow import judge_flow
from catalog.checks.judge import MAX_MESSAGE, judge
from catalog.checks.loading import load_policies
from catalog.checks.policy import RefusedPolicy, compile_policy
from catalog.checks.subjects import WrongSubject, subject
from catalog.manifest.documents.policies import Policy
from tests.unit.checks.engines import NOW, both

OWNED: dict[str, Any] = {
    **{"kind": "Policy", "name": "owned", "version": "1", "severity": "low", "type": "entity", "target": "dataset"},
    "assert": "size(dataset.owners) > 0",
    "tests": [
        {"name": "owned", "input": {"dataset": {"owners": ["team:a"]}}, "expect": "PASS"},
        {"name": "not", "input": {"dataset": {}}, "expect": "FAIL"},
    ],
}
FLOW: dict[str, Any] = {
    **{"kind": "Policy", "name": "export", "version": "1", "severity": "high", "type": "flow", "target": "flow"},
    **{"from": "'pii' in node.tags", "to": "node.external == true", "barrier": "edge.masking == true"},
}


def policy(**fields: Any) -> Policy:
    return Policy.model_validate({**OWNED, **fields})


def refused(on: Engine, **fields: Any) -> list[str]:
    with pytest.raises(RefusedPolicy) as told:
        load_policy(policy(**fields), on)
    return [str(fault) for fault in told.value.faults]


@both
@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"assert": "nobody == 1"}, "`assert` 1:1: undeclared reference to 'nobody'"),
        ({"assert": "dataset.ownrs == 1"}, "`assert` 1:9: `dataset` has no member `ownrs`; did you mean owners?"),
        ({"assert": "dataset.location.planet == 'x'"}, "`assert` 1:18: `dataset` has no member `location.planet`"),
        ({"assert": "dataset.ownrs.size() > 0"}, "`assert` 1:9: `dataset` has no member `ownrs`; did you mean owners?"),
        ({"message": "'Nobody owns ' + dataset.nme"}, "`message` 1:26: `dataset` has no member `nme`"),
        ({"tests": []}, "no case passes"),
        ({"tests": OWNED["tests"][:1]}, "no case fails"),
        ({"tests": [{**OWNED["tests"][0], "expect": "FAIL"}]}, "expected FAIL, got PASS"),
        (
            {"tests": [{"name": "x", "input": {"dataset": {"ownrs": []}}, "expect": "FAIL"}]},
            "no member `ownrs`; did you mean",
        ),
        ({"tests": [{**OWNED["tests"][0], "expect": "Pas"}]}, "'Pas' is no outcome; did you mean PASS?"),
    ],
)
def test_a_policy_that_does_not_do_what_it_says_is_refused(on: Engine, fields: dict[str, Any], word: str) -> None:
    """Unknown names at their place; cases that are missing or have another outcome."""
    assert any(word in fault for fault in refused(on, **fields)), refused(on, **fields)


@both
def test_an_expression_that_fails_is_an_error_never_a_pass(on: Engine) -> None:
    """Also in `when`: whether the policy applies is then not known."""
    broken = "dataset.custom.missing == 1"
    about = subject("dataset", {"dataset": {"owners": ["team:a"]}})
    outcomes = [
        str(judge(compile_policy(policy(**fields), on), about, NOW).outcome)
        for fields in ({"assert": broken}, {"when": broken}, {"assert": f"!({broken})"})
    ]

    assert ["ERROR"] * 3 == outcomes


@both
def test_what_nobody_stated_is_there_as_null(on: Engine) -> None:
    """Scalars are null, lists empty, blocks blocks of nulls; a name that no subject has is refused."""
    asked = policy(**{"assert": "dataset.location.country == null && dataset.tags == [] && dataset.tier == null"})

    assert "PASS" == judge(compile_policy(asked, on), subject("dataset", {}), NOW).outcome
    with pytest.raises(WrongSubject, match="no member `contry`"):
        subject("dataset", {"dataset": {"location": {"contry": "DE"}}})


def flow(on: Engine, edges: list[dict[str, Any]], **fields: Any) -> tuple[str, list[str]]:
    nodes: dict[str, dict[str, Any]] = {name: {} for name in "abcdefg"}
    graph = {"nodes": {**nodes, "p": {"tags": ["pii"]}, "x": {"external": True}, "px": PX}, "edges": edges}
    found = judge_flow(compile_policy(Policy.model_validate({**FLOW, **fields}), on), graph_of(graph), NOW)
    return str(found.outcome), [" ".join(violation.names) for violation in found.violations]


PX = {"tags": ["pii"], "external": True}


def edges(*pairs: str, **facts: Any) -> list[dict[str, Any]]:
    return [{"from": pair.split()[0], "to": pair.split()[1], **facts} for pair in pairs]


@both
def test_a_flow_is_told_by_its_shortest_way(on: Engine) -> None:
    """A longer way round and a circle make no difference; the walk goes on past a sink."""
    assert ("FAIL", ["p c x"]) == flow(on, edges("p a", "a b", "b x", "p c", "c x", "x p"))


@both
def test_a_barrier_stops_and_a_way_round_it_does_not(on: Engine) -> None:
    """Only edges that the barrier holds for are not followed."""
    masked = edges("a x", masking=True)

    assert ("PASS", []) == flow(on, [*edges("p a"), *masked])
    assert ("FAIL", ["p a b x"]) == flow(on, [*edges("p a", "a b", "b x"), *masked])


@both
def test_a_sink_that_is_a_source_too_is_reached_from_others(on: Engine) -> None:
    """Its own data do not count against it, those of another source do."""
    assert ("PASS", []) == flow(on, edges("px a", "a px"))
    assert ("FAIL", ["p a b px"]) == flow(on, edges("p a", "a b", "b px", "px c", "c px"))


@both
def test_an_excuse_of_one_source_does_not_excuse_another(on: Engine) -> None:
    """Where `unless` looks at the source, each pair of source and sink is judged, not the nearest alone."""
    found = flow(on, edges("px c", "c x", "p a", "a b", "b c"), unless="source.external == true")

    assert ("FAIL", ["p a b c x"]) == (found[0], [way for way in found[1] if way.endswith(" x")])


@both
def test_a_failing_barrier_is_none_and_a_failing_excuse_excuses_nothing(on: Engine) -> None:
    """The outcome is ERROR, and what was reached is told all the same."""
    broken = "type(edge.type) == int || edge.type > 1"

    assert ("ERROR", ["p x"]) == flow(on, edges("p x"), barrier=broken)
    assert ("ERROR", ["p x"]) == flow(on, edges("p x"), unless="sink.custom.missing == 1")


@both
def test_depth_is_counted_in_edges(on: Engine) -> None:
    """A sink just within is found; one edge more and it is not."""
    assert ("FAIL", ["p a b x"]) == flow(on, edges("p a", "a b", "b x"), maxDepth=3)
    assert ("PASS", []) == flow(on, edges("p a", "a b", "b x"), maxDepth=2)


def test_faults_are_told_at_their_place_in_the_file(tmp_path: Path) -> None:
    """File and line of the field, and the place within the expression in words."""
    from catalog.checks.engine import engine

    file = tmp_path / "p.yaml"
    file.write_text(
        "kind: Policy\nname: p\nversion: '1'\nseverity: low\ntype: entity\ntarget: dataset\n"
        "assert: dataset.nme == 'x'\n"
    )
    told = [str(problem) for problem in load_policies([file], engine()).problems]

    assert f"{file}:7:9: policy p: `assert`, at 1:9 in it: `dataset` has no member `nme`" in told[0]


@both
def test_a_message_is_no_longer_than_a_finding_keeps(on: Engine) -> None:
    """An expression may make millions of characters of some; what is held of thousands of findings is bounded."""
    long = "[dataset.name].map(n, n + n + n + n + n).map(n, n + n + n + n + n)[0]"
    compiled = compile_policy(policy(message=long), on)
    told = judge(compiled, subject("dataset", {"dataset": {"name": "ab" * 1_000}}), NOW).message

    assert "ab" * (MAX_MESSAGE // 2) == told
