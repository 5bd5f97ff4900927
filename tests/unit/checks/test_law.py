"""Days of law as data, and policies that wait for them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.checks.engine import Engine
from catalog.checks.evaluate import evaluate
from catalog.checks.fixtures import graph_of
from catalog.checks.flow import judge_flow
from catalog.checks.judge import Outcome, judge_change, judge_population, judged
from catalog.checks.law import FILES, Provision, instruments, provisions
from catalog.checks.law.periods import end_of
from catalog.checks.policy import RefusedPolicy, compile_policy
from catalog.checks.subjects import subject
from catalog.clock import from_datetime, to_iso
from catalog.manifest.canonical import read
from catalog.manifest.documents.policies import Policy
from tests.unit.checks.engines import both
from tests.unit.checks.worlds import chosen, outcomes, snapshot, thing

LAW = "ai-act.high_risk"
DAY = datetime(2027, 12, 2, tzinfo=UTC)
BEFORE = datetime(2027, 12, 1, 23, 59, 59, tzinfo=UTC)


def policy(**more: Any) -> Policy:
    given = {"type": "entity", "target": "dataset", "assert": "size(dataset.owners) > 0", "law": LAW, **more}
    found = read({"kind": "Policy", "name": "p", "version": "1", "severity": "low", **given})
    assert isinstance(found, Policy)
    return found


def test_every_file_is_read_and_every_id_is_one() -> None:
    """No provision hides another one, and its id begins with the name of its file."""
    ids = [one.id for instrument in instruments() for one in instrument.provisions]

    assert len(ids) == len(set(ids)) == len(provisions())
    assert {path.stem for path in FILES.glob("*.yaml")} == {id.partition(".")[0] for id in ids}


@pytest.mark.parametrize("one", provisions().values(), ids=lambda one: one.id)
def test_only_a_proposal_is_without_a_day(one: Provision) -> None:
    """What is law has a day; what is not must not seem to have one."""
    assert (one.status == "proposed") == (one.applies_from is None)


@both
def test_a_policy_of_each_type_waits_for_its_day(on: Engine) -> None:
    """Before it the policy applies to nothing, and says from when on it will; on the day it judges."""
    entity = compile_policy(policy(), on)
    change = compile_policy(policy(type="change", **{"assert": "!deleted"}), on)
    counted = compile_policy(policy(type="aggregate", **{"assert": "population.matching > 1"}), on)
    flow = {"type": "flow", "target": "flow", "from": "node.name == 'a'", "to": "node.name == 'b'", "assert": None}
    walked = compile_policy(policy(**flow), on)
    graph = graph_of({"nodes": {"a": {"name": "a"}, "b": {"name": "b"}}, "edges": [{"from": "a", "to": "b"}]})

    for now, expected, told in (
        (BEFORE, Outcome.NOT_APPLICABLE, f"applies from 2027-12-02 on ({LAW})"),
        (DAY, Outcome.FAIL, ""),
    ):
        verdicts = [
            judged("dataset", {"dataset": {"name": "d"}}, entity, now),
            judge_change(change, {"name": "d"}, None, now),
            judge_population(counted, [subject("dataset", {"dataset": {"name": "d"}})], now),
        ]
        assert [(expected, told)] * 3 == [(verdict.outcome, verdict.reason) for verdict in verdicts]
        assert expected is judge_flow(walked, graph, now).outcome


def test_a_judgement_tells_from_when_on_a_policy_applies() -> None:
    """Its population is whole, and not applicable; on the day it is judged."""
    rule = chosen(law=LAW, **{"assert": "size(dataset.owners) > 0"})
    early, late = (evaluate(snapshot(thing("d"), at=from_datetime(now)), [rule]) for now in (BEFORE, DAY))

    assert f"applies from 2027-12-02 on ({LAW})" == early.populations[0].waits
    assert {"p": {"NOT_APPLICABLE": ["d"]}} == outcomes(early)
    assert "" == late.populations[0].waits
    assert {"p": {"FAIL": ["d"]}} == outcomes(late)
    assert '"applies_from":"2027-12-02"' in early.policies[0].text


@both
def test_the_day_is_among_the_parameters(on: Engine) -> None:
    """So a report that shows the policy shows the day it was judged by."""
    assert {"applies_from": "2027-12-02"} == compile_policy(policy(), on).policy.parameters


@both
def test_a_house_may_set_a_day_of_its_own(on: Engine) -> None:
    """Whoever prepares is told now."""
    early = compile_policy(policy(parameters={"applies_from": "2026-01-01"}), on)

    assert Outcome.FAIL is judged("dataset", {"dataset": {"name": "d"}}, early, BEFORE).outcome


@both
def test_what_is_only_proposed_never_applies(on: Engine) -> None:
    """And says so."""
    verdict = judged("dataset", {"dataset": {}}, compile_policy(policy(law="hipaa.security_2025"), on), DAY)

    assert Outcome.NOT_APPLICABLE is verdict.outcome
    assert "not in force: hipaa.security_2025 is proposed only" == verdict.reason


@both
def test_a_provision_that_nobody_knows_is_refused(on: Engine) -> None:
    """A policy that waits for a misspelt law would wait for ever."""
    with pytest.raises(
        RefusedPolicy, match=r"no provision is called 'ai-act.highrisk'; did you mean ai-act.high_risk\?"
    ):
        compile_policy(policy(law="ai-act.highrisk"), on)


def test_a_span_of_law_ends_by_the_calendar() -> None:
    """A month that begins on the 31st ends with the month; the calendar ends, too."""
    begun = [
        datetime(2026, 1, 31, 12, tzinfo=UTC),
        datetime(2027, 12, 5, tzinfo=UTC),
        datetime(9999, 12, 9, tzinfo=UTC),
    ]
    found = [to_iso(end_of("gdpr.request", from_datetime(one))) for one in begun]

    assert ["2026-02-28T12", "2028-01-05T00"] == [str(one)[:13] for one in found[:2]]
    assert str(found[2]).startswith("9999-12-31")
