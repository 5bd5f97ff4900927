"""What judging a snapshot by policies gives: outcomes by policy and subject, and findings with their witness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from catalog.checks.judge import Outcome
from catalog.checks.snapshot import Place
from catalog.identity import digest

DAYS = {"critical": 7, "high": 30, "medium": 90, "low": 180, "info": None}
"""Days from the first sight of a finding to its due date, by severity; None: it has none."""


class Hop(NamedTuple):
    """A step of the way that data took from a source to a sink; `job` is the id of the job that took it, or ""."""

    source: Place
    target: Place
    job: str = ""


class Witness(NamedTuple):
    """What a finding rests on.

    Attributes:
        facts: the members that the policy's expressions read, as they were evaluated, by dotted name.
        path: of a flow policy the shortest way from source to sink; else empty.
        entries: keys of the inbox's entries that told those facts, sorted.
    """

    facts: Mapping[str, Any]
    path: tuple[Hop, ...] = ()
    entries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A policy that does not hold, or could not be evaluated, of something.

    Attributes:
        policy: its name.
        place: what it is about: a thing or a column; of a flow the sink.
        source: of a flow where it began; else None.
        outcome: FAIL or ERROR, or WAIVED if a waiver covers a FAIL.
        severity: info, low, medium, high, critical.
        message: for people; of an ERROR what could not be evaluated, and why.
        owners: who answers for the thing, spelled `team:orders`; else those of its domain or of the policy.
        waiver: the name of the waiver, or "".
    """

    policy: str
    place: Place
    source: Place | None
    outcome: str
    severity: str
    message: str
    owners: tuple[str, ...]
    witness: Witness
    waiver: str = ""

    @property
    def id(self) -> str:
        """Its identity over evaluations: the policy and what it is about, not what it says."""
        return finding_id(self.policy, self.place, self.source)


def finding_id(policy: str, place: Place, source: Place | None) -> str:
    """The identity of a finding."""
    return digest("finding", policy, *place, *(source or ("", "")))


class PolicyUsed(NamedTuple):
    """A policy as it was judged by.

    Attributes:
        pack: the pack it came with, or the manifest that declares it.
        sha256: of its canonical document.
        text: the canonical document, JSON.
    """

    name: str
    version: str
    pack: str
    sha256: str
    text: str


@dataclass(frozen=True, slots=True)
class Population:
    """How many subjects a policy was shown and what became of them: the numbers add up to `selected`.

    Attributes:
        outcomes: by `Outcome` and "WAIVED", the places, sorted.
        complete: False if a walk ended at `maxDepth`: then a PASS is one as far as it went.
        waits: that the law does not apply yet, and from when on, as `law.not_yet` words it; empty if it does.
    """

    policy: str
    outcomes: Mapping[str, tuple[Place, ...]]
    complete: bool = True
    waits: str = ""

    @property
    def selected(self) -> int:
        """All subjects."""
        return sum(map(len, self.outcomes.values()))

    def count(self, outcome: str) -> int:
        """Subjects with an outcome."""
        return len(self.outcomes.get(outcome, ()))


@dataclass(frozen=True, slots=True)
class Judgement:
    """A snapshot judged.

    Attributes:
        policies: sorted by name.
        populations: one for each policy, in that order.
        findings: FAIL, ERROR and WAIVED, sorted by policy and place.
    """

    policies: tuple[PolicyUsed, ...]
    populations: tuple[Population, ...]
    findings: tuple[Finding, ...]


OUTCOMES = (*Outcome, "WAIVED")
