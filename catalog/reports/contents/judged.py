"""What policies found, as sections that every report ends with: findings with their evidence, waivers, population.

All that was evaluated is listed by outcome, so that the numbers can be added up and nothing is left out in silence.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from catalog.checks.choosing import policy_place_id
from catalog.checks.judgement import DAYS, OUTCOMES, Finding, Judgement, Witness
from catalog.checks.reconciliation import SEVERITIES
from catalog.checks.snapshot import Place
from catalog.reports.contents.saying import chunks, compact, some
from catalog.reports.contents.view import View
from catalog.reports.document import Cell, Prose, Section, Table, Tone

TONES: Mapping[str, Tone] = {"critical": "bad", "high": "bad", "medium": "warn", "low": "warn", "info": "muted"}
WHOLE = "the whole catalog"
"""What a finding is about where a policy asks something of all things at once, or cannot be evaluated at all."""
HEADINGS = ("Policy", "Subjects", "Passed", "Failed", "Not evaluated", "Not applicable", "Waived")
"""Of the population, in the order of `OUTCOMES`."""


class Judged:
    """A judgement with the documents of its policies."""

    def __init__(self, view: View, judgement: Judgement) -> None:
        self.view = view
        self.judgement = judgement
        self.documents: dict[str, Mapping[str, Any]] = {used.name: _read(used.text) for used in judgement.policies}
        self.populations = sorted(judgement.populations, key=lambda one: one.policy)
        self.findings = sorted(judgement.findings, key=self._order)
        self._alone = {policy_place_id(used.name) for used in judgement.policies} - set(view.snapshot.things)

    def of(self, *outcomes: str) -> list[Finding]:
        """Findings with some outcomes, the worst first."""
        return [finding for finding in self.findings if finding.outcome in outcomes]

    def controls(self, policy: str) -> list[tuple[str, str]]:
        """The places in laws and standards that a policy is for."""
        told = self.documents.get(policy, {}).get("controls") or ()
        return sorted({(str(one.get("framework", "")), str(one.get("ref", ""))) for one in told})

    def control(self, policy: str) -> str:
        """The controls of a policy in a cell."""
        return some(f"{framework} {ref}".strip() for framework, ref in self.controls(policy))

    def says(self, policy: str, field: str) -> str:
        """A text of a policy's document, in one line."""
        return " ".join(str(self.documents.get(policy, {}).get(field) or "").split())

    def severity(self, policy: str) -> str:
        """How bad a breach of a policy is; "" if its document could not be read."""
        return str(self.documents.get(policy, {}).get("severity") or "")

    def where(self, finding: Finding) -> str:
        """What a finding is about; of a flow both ends."""
        place = WHOLE if finding.place.thing in self._alone else self.view.place(finding.place)
        return f"{self.view.place(finding.source)} → {place}" if finding.source else place

    def sections(self) -> tuple[Section, ...]:
        """Findings, errors, evidence, policies and population; none where nothing was judged by."""
        if not self.judgement.policies:
            return ()
        return (*self.found(), self.policies(), self.population())

    def found(self) -> tuple[Section, ...]:
        """What failed, what could not be evaluated, and the evidence for both."""
        failed, errors, waived = self.of("FAIL"), self.of("ERROR"), self.of("WAIVED")
        evidence = [self._evidence(finding) for finding in (*failed, *errors, *waived)]
        remedies = sorted({finding.policy for finding in failed})
        return (
            Section(
                "findings",
                "Findings",
                (
                    self._table("What does not hold", failed, "Every policy that was evaluated holds."),
                    Table(
                        "What to do",
                        ("Policy", "Remedy", "Control"),
                        tuple((name, self.says(name, "remedy") or None, self.control(name)) for name in remedies),
                        empty="Nothing.",
                    ),
                ),
            ),
            Section(
                "errors",
                "What could not be evaluated",
                (
                    Prose("An error is no pass: whether the policy holds of these is not known."),
                    self._table("Errors", errors, "Every policy could be evaluated."),
                ),
            ),
            Section(
                "evidence",
                "Evidence for the findings",
                (
                    Prose(
                        "The facts are those that the policy read, as they were when it was evaluated. Events are the "
                        "keys of the inbox's entries that told them: `headwater inbox show KEY` shows one."
                    ),
                    Table(
                        "Evidence",
                        ("Where", "Policy", "Facts", "Way of the data", "Events", "Finding"),
                        tuple(evidence),
                    ),
                ),
            ),
        )

    def policies(self) -> Section:
        """The policies that were judged by; their texts are in the report's head."""
        rows = tuple(
            (
                used.name,
                self.says(used.name, "breaks") or self.says(used.name, "description") or None,
                self.severity(used.name) or None,
                self.control(used.name),
                parameters(self.documents[used.name]),
                used.pack,
                used.version,
                used.sha256,
            )
            for used in sorted(self.judgement.policies)
        )
        columns = ("Policy", "What breaks it", "Severity", "Control", "Parameters", "Pack", "Version", "SHA-256")
        return Section("policies", "Policies", (Table("Policies that were judged by", columns, rows),))

    def population(self) -> Section:
        """How many were evaluated and with what outcome, and each of them by name."""
        numbers = [(one.selected, *(one.count(outcome) for outcome in OUTCOMES)) for one in self.populations]
        rows: list[tuple[Cell, ...]] = [
            (one.policy, *told) for one, told in zip(self.populations, numbers, strict=True)
        ]
        if rows:
            rows.append(("All", *map(sum, zip(*numbers, strict=True))))
        evaluated, members = self._sets()
        tones: list[Tone] = ["bad" if told[2] else "warn" if told[3] else "" for told in numbers]
        return Section(
            "population",
            "Population",
            (
                Prose(
                    "Of each policy, passed, failed, not evaluated, not applicable and waived add up to its subjects. "
                    "Subjects are listed by sets: one that several policies looked at with one outcome is listed once."
                ),
                Table("Numbers", HEADINGS, tuple(rows), (*tones, "") if rows else ()),
                Table(
                    "Everything that was evaluated",
                    ("Policy", "Outcome", "Number", "Set"),
                    evaluated,
                    empty="Nothing was evaluated.",
                ),
                Table("Sets", ("Set", "Subject", "Columns", "Number", "Id"), members, empty="Nothing was evaluated."),
            ),
        )

    def way(self, witness: Witness) -> str:
        """The way of the data as one line: from place to place, with the job that took them."""
        if not witness.path:
            return ""
        steps = [self.view.place(witness.path[0].source)]
        for hop in witness.path:
            by = f" (by {self.view.label(hop.job)})" if hop.job else ""
            steps.append(f"→ {self.view.place(hop.target)}{by}")
        return " ".join(steps)

    def _table(self, title: str, findings: list[Finding], empty: str) -> Table:
        rows = tuple(
            (
                finding.severity,
                " ".join(finding.message.split()),
                self.where(finding),
                some(finding.owners) or None,
                DAYS.get(finding.severity),
                finding.policy,
                self.control(finding.policy),
                finding.id,
            )
            for finding in findings
        )
        columns = (
            "Severity",
            "What is wrong",
            "Where",
            "Answers for it",
            "Days to repair",
            "Policy",
            "Control",
            "Finding",
        )
        return Table(title, columns, rows, tuple(TONES.get(finding.severity, "") for finding in findings), empty)

    def _evidence(self, finding: Finding) -> tuple[Cell, ...]:
        facts = "; ".join(f"{name} = {compact(value)}" for name, value in sorted(finding.witness.facts.items()))
        events = ", ".join(sorted(finding.witness.entries))
        return (self.where(finding), finding.policy, facts, self.way(finding.witness), events, finding.id)

    def _sets(self) -> tuple[tuple[tuple[Cell, ...], ...], tuple[tuple[Cell, ...], ...]]:
        """What became of which set of subjects, and the subjects of each set, numbered as they come."""
        numbers: dict[tuple[Place, ...], int] = {}
        evaluated: list[tuple[Cell, ...]] = []
        for population in self.populations:
            for outcome in OUTCOMES:
                if places := tuple(population.outcomes.get(outcome, ())):
                    number = numbers.setdefault(places, len(numbers) + 1)
                    evaluated.append((population.policy, str(outcome), len(places), number))
        return tuple(evaluated), tuple(row for places, number in numbers.items() for row in self._set(places, number))

    def _set(self, places: tuple[Place, ...], number: int) -> Iterator[tuple[Cell, ...]]:
        things: dict[str, list[str]] = {}
        for place in places:
            things.setdefault(place.thing, []).append(place.column)
        for id in self.view.by_label(things):
            columns = sorted(things[id])
            if not any(columns):
                yield number, WHOLE if id in self._alone else self.view.label(id), "the whole", len(columns), id
                continue
            for some_columns in chunks(column or "(the whole)" for column in columns):
                yield number, self.view.label(id), ", ".join(some_columns), len(some_columns), id

    def _order(self, finding: Finding) -> tuple[Any, ...]:
        bad = SEVERITIES.index(finding.severity) if finding.severity in SEVERITIES else len(SEVERITIES)
        return bad, finding.policy, self.view.place(finding.place), finding.place, finding.source or Place("")


def parameters(document: Mapping[str, Any]) -> str:
    """The parameters that a policy was judged with."""
    told = document.get("parameters")
    return "; ".join(f"{name} = {compact(value)}" for name, value in sorted(told.items())) if told else ""


def _read(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, Mapping) else {}
