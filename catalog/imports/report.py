"""What an import did, counted and named: the same report for every importer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from catalog.imports.facts import Facts


@dataclass(slots=True)
class Report:
    """Counts of one import.

    Attributes:
        manifest: what its documents are applied as.
        read: things of each kind that the files have.
        created, changed, removed, unchanged: documents; of a dry run, what would be.
        events: how many events the files give.
        sent: how many of them were new, None where nothing was sent.
        known: how many the inbox had already.
        refused: why events were refused.
        entry: of the apply, as its receipt tells it; None where nothing was applied.
        skipped: what gives no fact, by the reason.
        notes: what else to know.
    """

    manifest: str
    read: Counter[str]
    created: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    events: int = 0
    sent: int | None = None
    known: int = 0
    refused: list[str] = field(default_factory=list)
    skipped: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    entry: dict[str, Any] | None = None

    @classmethod
    def of(cls, facts: Facts) -> Report:
        """The report of an import that has read its files and done nothing yet."""
        report = cls(facts.manifest, facts.read, events=len(facts.events), notes=list(facts.notes))
        for what, why in facts.skipped:
            report.skip(what, why)
        return report

    def skip(self, what: str, why: str) -> None:
        """Note that something gives no fact."""
        self.skipped.setdefault(why, []).append(what)

    def to_json(self) -> dict[str, Any]:
        """As programs read it."""
        return {
            "manifest": self.manifest,
            "read": dict(sorted(self.read.items())),
            "documents": {
                "created": self.created,
                "changed": self.changed,
                "removed": self.removed,
                "unchanged": self.unchanged,
                "entry": self.entry,
            },
            "events": {"made": self.events, "new": self.sent, "known": self.known, "refused": self.refused},
            "skipped": [{"why": why, "what": what} for why, what in sorted(self.skipped.items())],
            "notes": self.notes,
        }
