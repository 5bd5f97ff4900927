"""What becomes of findings over a sequence of evaluations: the definition, as a plain walk.

No ids, no hashes, no batches: a finding is what it is about. An evaluation that is older than the newest one that was
delivered says nothing any more; one that was delivered already says nothing new.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from catalog.checks.judgement import DAYS, Finding, Judgement, PolicyUsed, Population, Witness
from catalog.checks.snapshot import Place
from catalog.clock import DAY

POLICIES = ("a.one", "a.two", "b.three")
THINGS = ("t1", "t2", "t3", "t4")
COLUMNS = ("", "c")
About = tuple[str, str, str, str]
"""Policy, thing, column, thing of the source."""


class Said(NamedTuple):
    """What an evaluation found: severity, outcome, words."""

    severity: str
    outcome: str
    words: str


@dataclass(frozen=True)
class Told:
    """An evaluation: how far it knew and when it was made, what it covers (None: everything), and what it found."""

    known: int
    at: int
    things: frozenset[str] | None
    policies: tuple[str, ...]
    found: Mapping[About, Said]


@dataclass
class Line:
    """A finding in the book."""

    state: str = ""
    said: Said | None = None
    first: int = 0
    last: int = 0
    since: int = 0
    due: int | None = None
    history: list[tuple[str, int, int]] = field(default_factory=list)


class Book:
    """The walk."""

    def __init__(self) -> None:
        self.lines: dict[About, Line] = {}
        self._newest = (0, 0)

    def deliver(self, told: Told) -> None:
        """One evaluation."""
        if (told.known, told.at) < self._newest:
            return
        self._newest = (told.known, told.at)
        for about, line in self.lines.items():
            if line.state != "RESOLVED" and about not in told.found and self._covers(told, about):
                line.state, line.due = "RESOLVED", None
                line.history.append(("RESOLVED", told.known, told.at))
        for about, said in told.found.items():
            line = self.lines.setdefault(about, Line(first=told.at))
            state = "WAIVED" if said.outcome == "WAIVED" else "OPEN"
            if line.state != state:
                again = "REOPENED" if line.state else "OPENED"
                line.history.append((again if state == "OPEN" else "WAIVED", told.known, told.at))
                line.since = told.at
            days = DAYS[said.severity]
            line.state, line.said, line.last = state, said, told.at
            line.due = line.since + days * DAY if days is not None and state == "OPEN" else None

    @staticmethod
    def _covers(told: Told, about: About) -> bool:
        return told.things is None or (about[1] in told.things and about[0] in told.policies)


def random_told(rng: random.Random, number: int) -> list[Told]:
    """Evaluations in the order in which they were made; the same things are found again and again."""
    made = []
    known = 0
    for at in range(1, number + 1):
        known += rng.choice((0, 1, 5))
        whole = rng.random() < 0.5
        things = None if whole else frozenset(rng.sample(THINGS, rng.randint(1, 3)))
        policies = tuple(sorted(rng.sample(POLICIES, rng.choice((2, 3)))))
        found: dict[About, Said] = {}
        for policy in policies:
            for thing in THINGS if things is None else sorted(things):
                for column in COLUMNS:
                    if rng.random() < 0.5:
                        source = rng.choice(("", "s"))
                        severity = rng.choice(("critical", "low", "info"))
                        outcome = rng.choice(("FAIL", "FAIL", "ERROR", "WAIVED"))
                        found[policy, thing, column, source] = Said(severity, outcome, rng.choice(("x", "y")))
        made.append(Told(known, at * 10, things, policies, found))
    return made


def shuffled(rng: random.Random, made: Sequence[Told]) -> list[Told]:
    """As workers may deliver them: some twice, some late."""
    delivered = [*made, *rng.sample(made, len(made) // 3)]
    order = sorted(range(len(delivered)), key=lambda i: delivered[i].at + rng.choice((0, 0, 15, 40)))
    return [delivered[i] for i in order]


def judgement_of(told: Told) -> Judgement:
    """The same as values of the service."""
    used = tuple(PolicyUsed(name, "1", "pack", f"hash of {name}", "{}") for name in told.policies)
    populations = tuple(Population(name, {}) for name in told.policies)
    findings = tuple(
        Finding(
            policy=policy,
            place=Place(thing, column),
            source=Place(source) if source else None,
            outcome=said.outcome,
            severity=said.severity,
            message=said.words,
            owners=("team:x",),
            witness=Witness({"fact": said.words}),
        )
        for (policy, thing, column, source), said in sorted(told.found.items())
    )
    return Judgement(used, populations, findings)
