"""How a case is judged, step by step: every expression with its value.

An engine gives the value of a whole expression only, so a predicate is also cut at its outermost `&&` and `||`, and
each part is evaluated alone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from catalog.checks.engine import Bound, Failed, InvalidExpression
from catalog.checks.fixtures import NOW, Ran, graph_of, run
from catalog.checks.flow import judge_flow
from catalog.checks.judge import bind
from catalog.checks.limits import bare
from catalog.checks.policy import CompiledPolicy, expressions, variables
from catalog.checks.subjects import SHAPES, WrongSubject, complete, subject
from catalog.manifest.documents.policies import PolicyTest


class Step(NamedTuple):
    """An expression, or a part of one, and its value; `depth` is 1 for a part."""

    field: str
    expression: str
    value: str
    depth: int = 0


class Explanation(NamedTuple):
    """A case: its steps, and what became of it."""

    steps: list[Step]
    ran: Ran

    def to_json(self) -> dict[str, Any]:
        """As programs read it."""
        return {
            **{"case": self.ran.name, "expected": self.ran.expected, "actual": self.ran.actual, "told": self.ran.told},
            "steps": [step._asdict() for step in self.steps],
        }


def explain(compiled: CompiledPolicy, test: PolicyTest) -> Explanation:
    """Judge a case and show how; of a flow or an aggregate, which ask many times, each answer."""
    ran = run(compiled, test)
    try:
        if compiled.policy.type == "flow":
            return Explanation(_flow(compiled, test), ran)
        if compiled.policy.type == "aggregate":
            return Explanation(_aggregate(compiled, test), ran)
        ready = _ready(compiled, test)
    except (WrongSubject, ValueError, TypeError, AttributeError):
        return Explanation([], ran)
    steps = []
    for field, text in expressions(compiled.policy).items():
        value = compiled.programs[field].evaluate(ready)
        steps.append(Step(field, text, _shown(value)))
        steps += [Step(field, part, _part(compiled, field, part, ready), 1) for part in _parts(text)]
        if field == "when" and value is not True:
            break
    return Explanation(steps, ran)


def _ready(compiled: CompiledPolicy, test: PolicyTest) -> Bound:
    policy, given = compiled.policy, dict(test.input)
    now = _now(given)
    if policy.type == "entity":
        return subject(policy.target, given).bound(compiled.engine, policy.parameters, now)
    shape, before, after = SHAPES[policy.target], given.get("before"), given.get("after")
    pair = {"before": complete(shape, before, "before"), "after": complete(shape, after, "after")}
    found = {**pair, "created": before is None, "deleted": after is None}
    return bind(compiled.engine, policy.parameters, now, found)


def _flow(compiled: CompiledPolicy, test: PolicyTest) -> list[Step]:
    """Each node that begins or ends a flow or cannot be judged, each edge that is stopped, each way that is excused."""
    given, now = test.graph or {}, _now(dict(test.input))
    texts, nodes, edges = expressions(compiled.policy), given.get("nodes", {}), given.get("edges", ())
    graph_of(given)
    steps = []
    for field in ("from", "to"):
        answers = [
            (str(id), _asked(compiled, field, {"node": complete(SHAPES["node"], {"id": id, **(facts or {})}, id)}, now))
            for id, facts in sorted(nodes.items())
        ]
        steps += _answers(field, texts[field], answers, "node")
    if "barrier" in texts:
        told = [(f"{e['from']} -> {e['to']}", {k: v for k, v in e.items() if k not in ("from", "to")}) for e in edges]
        answers = [
            (place, _asked(compiled, "barrier", {"edge": complete(SHAPES["edge"], facts, place)}, now))
            for place, facts in told
        ]
        steps += _answers("barrier", texts["barrier"], answers, "edge")
    found = judge_flow(compiled, graph_of(given), now)
    steps += [Step("way", " -> ".join(one.names), one.message) for one in found.violations]
    return [*steps, Step("sources", "nodes that the walk began from", str(found.sources))]


def _aggregate(compiled: CompiledPolicy, test: PolicyTest) -> list[Step]:
    """Each member, and what was counted."""
    policy, given = compiled.policy, dict(test.input)
    now, texts = _now(given), expressions(policy)
    members = [subject(policy.target, facts) for facts in given.get("members", ())]
    steps, matching = [], len(members)
    if "when" in texts:
        asked = [
            compiled.programs["when"].evaluate(one.bound(compiled.engine, policy.parameters, now)) for one in members
        ]
        named = [one.id or f"member {at}" for at, one in enumerate(members, 1)]
        steps += _answers("when", texts["when"], list(zip(named, asked, strict=True)), "member")
        matching = sum(held is True for held in asked)
        if not all(isinstance(held, bool) for held in asked):
            return steps
    if members:
        counted = {"total": len(members), "matching": matching, "share": matching / len(members)}
        steps.append(Step("population", ", ".join(f"{name} {value}" for name, value in counted.items()), "counted"))
        steps.append(Step("assert", texts["assert"], _shown(_asked(compiled, "assert", {"population": counted}, now))))
    return steps


def _answers(field: str, text: str, answers: list[tuple[str, bool | str | Failed]], what: str) -> list[Step]:
    """How many it holds of, and each of which it does or cannot be said."""
    holding = [(place, held) for place, held in answers if held is not False]
    total = f"{sum(held is True for _, held in answers)} of {len(answers)} {what}{'' if len(answers) == 1 else 's'}"
    return [Step(field, text, total), *(Step(field, place, _shown(held), 1) for place, held in holding)]


def _asked(compiled: CompiledPolicy, field: str, given: dict[str, Any], now: datetime) -> bool | str | Failed:
    return compiled.programs[field].evaluate(bind(compiled.engine, compiled.policy.parameters, now, given))


def _now(given: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(str(given.pop("now"))) if "now" in given else NOW


def _parts(text: str) -> list[str]:
    """What stands between the outermost `&&` and `||`; nothing if there are none, or a `?`."""
    code, depth, start, parts = bare(text).code, 0, 0, []
    for at, char in enumerate(code):
        depth += (char in "([{") - (char in ")]}")
        if depth == 0 and code[at : at + 2] in ("&&", "||"):
            parts.append(text[start:at].strip())
            start = at + 2
        elif depth == 0 and char == "?":
            return []
    return [*parts, text[start:].strip()] if parts else []


def _part(compiled: CompiledPolicy, field: str, part: str, ready: Bound) -> str:
    try:
        names = (*variables(compiled.policy, field), "now", "params")
        return _shown(compiled.engine.compile(part, names).evaluate(ready))
    except InvalidExpression as wrong:
        return f"no predicate by itself: {wrong}"


def _shown(value: bool | str | Failed) -> str:
    return f"ERROR: {value.reason}" if isinstance(value, Failed) else str(value).lower()
