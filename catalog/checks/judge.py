"""One policy over one subject: PASS, FAIL, ERROR or NOT_APPLICABLE.

Fails closed: whatever cannot be evaluated is an ERROR, never a pass. That is true of a failing `when` too: whether the
policy applies is then not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from catalog.checks.engine import Bound, Engine, Failed
from catalog.checks.law import not_yet
from catalog.checks.policy import CompiledPolicy
from catalog.checks.subjects import SHAPES, Subject, WrongSubject, complete, subject

MAX_MESSAGE = 4_000
"""Characters of a finding's message. An expression can make a text many times as long as what it reads
(`limits.GROWTH`), and all findings of an evaluation are held at once."""


class Outcome(StrEnum):
    """What became of a policy over a subject; only PASS counts as compliant."""

    PASS = "PASS"
    FAIL = "FAIL"
    ERROR = "ERROR"
    NOT_APPLICABLE = "NOT_APPLICABLE"


class Verdict(NamedTuple):
    """An outcome with what it rests on.

    Attributes:
        outcome: which.
        policy: the policy's name.
        subject: its id.
        message: of a FAIL, for people.
        reason: of an ERROR: which expression failed, and why; of a NOT_APPLICABLE, that the law does not apply yet.
    """

    outcome: Outcome
    policy: str
    subject: str
    message: str = ""
    reason: str = ""


def judge(compiled: CompiledPolicy, about: Subject, now: datetime) -> Verdict:
    """Judge a policy of type entity."""
    if about.target != compiled.policy.target:
        reason = f"a policy about a {compiled.policy.target} was shown a {about.target}"
        return Verdict(Outcome.ERROR, compiled.policy.name, about.id, reason=reason)
    if waits := not_yet(compiled.policy, now):
        return Verdict(Outcome.NOT_APPLICABLE, compiled.policy.name, about.id, reason=waits)
    return judge_bound(compiled, about.bound(compiled.engine, compiled.policy.parameters, now), about.id)


def judge_change(
    compiled: CompiledPolicy,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    now: datetime,
    id: str = "",
) -> Verdict:
    """Judge a policy of type change: facts before and after, None where there was or is no such thing."""
    policy = compiled.policy
    shape = SHAPES[policy.target]
    try:
        pair = {"before": complete(shape, before, "before"), "after": complete(shape, after, "after")}
    except WrongSubject as wrong:
        return Verdict(Outcome.ERROR, policy.name, id, reason=str(wrong))
    found = {**pair, "created": before is None, "deleted": after is None}
    name = id or str((pair["before"] if after is None else pair["after"]).get("name") or "")
    if waits := not_yet(policy, now):
        return Verdict(Outcome.NOT_APPLICABLE, policy.name, name, reason=waits)
    return judge_bound(compiled, bind(compiled.engine, policy.parameters, now, found), name)


def judge_population(compiled: CompiledPolicy, members: Sequence[Subject], now: datetime, id: str = "") -> Verdict:
    """Judge a policy of type aggregate: `when` chooses members, `assert` looks at their number and share.

    One member for which `when` fails makes the whole an ERROR: the count would be a guess. Of nobody there is no share,
    so an empty population is NOT_APPLICABLE.
    """
    policy, matching = compiled.policy, 0
    if waits := not_yet(policy, now):
        return Verdict(Outcome.NOT_APPLICABLE, policy.name, id, reason=waits)
    when = compiled.programs.get("when")
    for member in members:
        chosen = when.evaluate(member.bound(compiled.engine, policy.parameters, now)) if when else True
        if not isinstance(chosen, bool):
            reason = f"`when` of {member.id}: {_reason(chosen)}"
            return Verdict(Outcome.ERROR, policy.name, id, reason=reason)
        matching += chosen
    if not members:
        return Verdict(Outcome.NOT_APPLICABLE, policy.name, id)
    counted = {"population": {"total": len(members), "matching": matching, "share": matching / len(members)}}
    return judge_bound(compiled, bind(compiled.engine, policy.parameters, now, counted), id, applies=True)


def bind(engine: Engine, params: dict[str, Any], now: datetime, found: Mapping[str, Any]) -> Bound:
    """Variables with `now` and `params`, ready for an engine."""
    return engine.bind({**found, "now": now, "params": params})


def message_of(compiled: CompiledPolicy, ready: Bound) -> str:
    """What a finding says; a message that cannot be evaluated hides no finding."""
    if isinstance(compiled.message, str):
        return compiled.message
    told = compiled.message.evaluate(ready)
    return (
        told[:MAX_MESSAGE] if isinstance(told, str) else f"{compiled.policy.name} (its message fails: {_reason(told)})"
    )


def judged(target: str, facts: Mapping[str, Any], compiled: CompiledPolicy, now: datetime) -> Verdict:
    """Judge facts; those that no such subject can have are an ERROR."""
    try:
        return judge(compiled, subject(target, facts), now)
    except WrongSubject as wrong:
        return Verdict(Outcome.ERROR, compiled.policy.name, "", reason=str(wrong))


def judge_bound(
    compiled: CompiledPolicy, ready: Bound, id: str = "", *, applies: bool = False, told: bool = True
) -> Verdict:
    """Judge variables that an engine has.

    Args:
        applies: whether it is known that the policy applies: `when` is not asked.
        told: whether a FAIL needs its message.
    """
    name = compiled.policy.name
    when = None if applies else compiled.programs.get("when")
    if when is not None:
        chosen = when.evaluate(ready)
        if not isinstance(chosen, bool):
            return Verdict(Outcome.ERROR, name, id, reason=f"`when`: {_reason(chosen)}")
        if not chosen:
            return Verdict(Outcome.NOT_APPLICABLE, name, id)
    held = compiled.programs["assert"].evaluate(ready)
    if not isinstance(held, bool):
        return Verdict(Outcome.ERROR, name, id, reason=f"`assert`: {_reason(held)}")
    if held:
        return Verdict(Outcome.PASS, name, id)
    return Verdict(Outcome.FAIL, name, id, message_of(compiled, ready) if told else "")


def _reason(failed: str | bool | Failed) -> str:
    return failed.reason if isinstance(failed, Failed) else f"gave {failed!r:.40}"
