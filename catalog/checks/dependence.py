"""What of a snapshot policies look at, so that who judges again knows which of them a change can have touched."""

from __future__ import annotations

from enum import StrEnum

from catalog.checks.policy import CompiledPolicy, expressions, members, variables
from catalog.checks.subjects import SHAPES


class Aspect(StrEnum):
    """A part of what is known."""

    SAID = "what is said of the thing itself"
    AROUND = "lineage, or other things that it is tied to"
    OBSERVED = "what events told of runs, writes and reads"
    TIME = "the clock: it can begin to fail though nothing happened"
    EVERYTHING = "a whole population"
    BEFORE = "an earlier moment"


_SEEN = """
last_written last_read cadence_hours schema_version last_run failed_runs aliases runs source_code state
started ended checks failed_checks first_seen erased
"""
_STATED = """
id kind namespace name description owners steward domain tier critical lifecycle terms personal_data retention
quality protection custom type external authoritative purpose version registry environment policy approver
reason expires necessity stated_classification stops
"""
_OBSERVED, _SAID = frozenset(_SEEN.split()), frozenset(_STATED.split())


def aspects(compiled: CompiledPolicy) -> frozenset[Aspect]:
    """What a policy looks at. Of a member that nothing is known about here, everything around a thing is assumed."""
    policy = compiled.policy
    found = {Aspect.TIME} if policy.law is not None else set()
    found |= {Aspect.EVERYTHING} if policy.type == "aggregate" else set()
    found |= {Aspect.BEFORE} if policy.type == "change" else set()
    found |= {Aspect.AROUND} if policy.type == "flow" else set()
    for field, text in expressions(policy).items():
        if members(text, "now") is None or members(text, "now"):
            found.add(Aspect.TIME)
        for variable in variables(policy, field):
            read = members(text, variable)
            for name in SHAPES.get(variable, {}) if read is None else read:
                found.add(_aspect(name))
    return frozenset(found)


def waits_for_time(compiled: CompiledPolicy) -> bool:
    """Whether it has to be judged on schedule, too."""
    return Aspect.TIME in aspects(compiled)


def _aspect(name: str) -> Aspect:
    if name in _OBSERVED:
        return Aspect.OBSERVED
    return Aspect.SAID if name in _SAID else Aspect.AROUND
