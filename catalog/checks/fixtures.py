"""The cases in a policy's own document, run when it is loaded: a policy that does not do what it says is refused.

Laws: every case has the outcome it expects, at least one passes, at least one fails; otherwise the policy is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from catalog.checks.engine import Engine
from catalog.checks.flow import judge_flow
from catalog.checks.flow_graph import Edge, Graph, Written
from catalog.checks.judge import Outcome, Verdict, judge_change, judge_population, judged
from catalog.checks.policy import CompiledPolicy, PolicyFault, RefusedPolicy, compile_policy
from catalog.checks.subjects import SHAPES, WrongSubject, complete, subject
from catalog.manifest.documents.policies import Policy, PolicyTest
from catalog.manifest.validating import hint

NOW = datetime(2026, 1, 1, tzinfo=UTC)
"""What `now` is in a case that does not say."""
_OF_CASES = [str(outcome) for outcome in Outcome]
"""What a case may expect, spelled as its document does."""


class Ran(NamedTuple):
    """A case and what became of it.

    Attributes:
        name: of the case.
        expected: an outcome, or the ways of all violations (`a -> b -> c`).
        actual: the same form.
        told: the message of a finding, or the reason of an error.
    """

    name: str
    expected: str | list[str]
    actual: str | list[str]
    told: str = ""

    @property
    def ok(self) -> bool:
        """Whether it is as expected."""
        return self.expected == self.actual


def load_policy(policy: Policy, engine: Engine) -> CompiledPolicy:
    """Compile a policy and run its cases.

    Raises:
        RefusedPolicy: an expression is wrong, a case has another outcome, or there is none that passes or that fails.
    """
    compiled = compile_policy(policy, engine)
    faults = [fault for at, test in enumerate(policy.tests) for fault in _faults(at, run(compiled, test))]
    outcomes = {_outcome(test) for test in policy.tests}
    for needed, word in ((Outcome.PASS, "passes"), (Outcome.FAIL, "fails")):
        if needed not in outcomes:
            faults.append(PolicyFault("tests", 1, 1, f"no case {word}: give at least one with `expect: {needed}`"))
    if faults:
        raise RefusedPolicy(policy.name, faults)
    return compiled


def run(compiled: CompiledPolicy, test: PolicyTest) -> Ran:
    """Run a case; never raises for what stands in it."""
    given = dict(test.input)
    try:
        now = datetime.fromisoformat(str(given.pop("now"))) if "now" in given else NOW
        if compiled.policy.type == "flow":
            return _run_flow(compiled, test, now)
        verdict = _verdict(compiled, given, now)
    except (WrongSubject, ValueError, TypeError, AttributeError) as wrong:  # facts of another form
        verdict = Verdict(Outcome.ERROR, compiled.policy.name, "", reason=str(wrong))
    return Ran(test.name, _expected(test), str(verdict.outcome), verdict.message or verdict.reason)


def graph_of(given: Any) -> Graph:
    """The graph of a case: `nodes` by id, `edges` with `from`, `to` and what they carry.

    Raises:
        WrongSubject: it has another form, or facts that no node or edge can have.
    """
    if not isinstance(given, Mapping) or not isinstance(given.get("nodes"), Mapping):
        raise WrongSubject("a flow policy's case needs `graph: {nodes: {ID: {...}}, edges: [{from: ID, to: ID}]}`")
    nodes = {str(id): dict(facts or {}) for id, facts in given["nodes"].items()}
    for id, facts in nodes.items():
        complete(SHAPES["node"], facts, id)
    edges = []
    for edge in given.get("edges", ()):
        facts = dict(edge)
        start, end = str(facts.pop("from", "")), str(facts.pop("to", ""))
        if start not in nodes or end not in nodes:
            raise WrongSubject(f"the edge {start!r} -> {end!r} joins no two nodes of the graph")
        complete(SHAPES["edge"], facts, f"{start} -> {end}")
        edges.append(Edge(start, end, facts))
    return Written(nodes, edges)


def _verdict(compiled: CompiledPolicy, given: dict[str, Any], now: datetime) -> Verdict:
    policy = compiled.policy
    if policy.type == "change":
        return judge_change(compiled, given.get("before"), given.get("after"), now)
    if policy.type == "aggregate":
        return judge_population(compiled, [subject(policy.target, facts) for facts in given.get("members", ())], now)
    return judged(policy.target, given, compiled, now)


def _run_flow(compiled: CompiledPolicy, test: PolicyTest, now: datetime) -> Ran:
    found = judge_flow(compiled, graph_of(test.graph), now)
    told = "; ".join(found.errors) or "; ".join(violation.message for violation in found.violations)
    expected = _expected(test)
    if isinstance(expected, list) and found.outcome is not Outcome.ERROR:
        return Ran(test.name, expected, sorted(" -> ".join(v.names) for v in found.violations), told)
    return Ran(test.name, expected, str(found.outcome), told)


def _expected(test: PolicyTest) -> str | list[str]:
    return sorted(map(str, test.expect)) if isinstance(test.expect, list) else str(test.expect)


def _outcome(test: PolicyTest) -> str:
    """What a case shows; a list of violations shows a failure, an empty one a pass."""
    if isinstance(test.expect, list):
        return Outcome.FAIL if test.expect else Outcome.PASS
    return str(test.expect)


def _faults(at: int, ran: Ran) -> list[PolicyFault]:
    if ran.ok:
        return []
    case = f"case {at + 1}, {ran.name!r}"
    if isinstance(ran.expected, str) and ran.expected not in _OF_CASES:
        none = f"{ran.expected[:80]!r} is no outcome{hint(ran.expected, _OF_CASES)}"
        return [PolicyFault("tests", 1, 1, f"{case}: {none}")]
    told = f" ({ran.told})" if ran.told else ""
    reason = f"{case}: expected {ran.expected}, got {ran.actual}{told}"
    return [PolicyFault("tests", 1, 1, reason)]
