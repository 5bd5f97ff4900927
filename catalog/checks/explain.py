"""How a case is judged, step by step: every expression with its value.

An engine gives the value of a whole expression only, so a predicate is also cut at its outermost `&&` and `||`, and
each part is evaluated alone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from catalog.checks.engine import Bound, Failed, InvalidExpression
from catalog.checks.fixtures import NOW, Ran, run
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
    """Judge a case and show how; of a flow or an aggregate, which ask many times, only the outcome."""
    ran = run(compiled, test)
    if compiled.policy.type not in ("entity", "change"):
        return Explanation([], ran)
    try:
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
    now = datetime.fromisoformat(str(given.pop("now"))) if "now" in given else NOW
    if policy.type == "entity":
        return subject(policy.target, given).bound(compiled.engine, policy.parameters, now)
    shape, before, after = SHAPES[policy.target], given.get("before"), given.get("after")
    pair = {"before": complete(shape, before, "before"), "after": complete(shape, after, "after")}
    found = {**pair, "created": before is None, "deleted": after is None}
    return bind(compiled.engine, policy.parameters, now, found)


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
