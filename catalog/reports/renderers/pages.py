"""What every rendering shows around a report's own sections, and how it spells values."""

from __future__ import annotations

import re

from catalog.checks.judgement import OUTCOMES
from catalog.reports.canonical import sha256
from catalog.reports.document import Cell, Facts, Prose, Report, Section, Table

MOST_ROWS = 2_000
"""Rows of a table in renderings for people; all are in the JSON and the CSV."""
UNJUDGED = "none: it tells facts, and judges nothing"
COMPLETE = "the JSON and the CSV of this report have them all"
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
"""Signs that nobody sees, or that turn the order of others round: a name must not read as another one."""


def shown(cell: Cell) -> str:
    """A value for people: what is not stated differs from what is stated to be nothing."""
    if cell is None:
        return "not stated"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, str):
        return spelled(cell) or "none"
    return f"{cell:.10g}" if isinstance(cell, float) else str(cell)


def spelled(text: str) -> str:
    """A text with what cannot be seen in it spelled out, such as `[U+202E]`."""
    return _UNSEEN.sub(lambda sign: f"[U+{ord(sign[0]):04X}]", text)


def head(report: Report, content: bytes) -> Facts:
    """What the report is and rests on."""
    scope = [(f"Scope: {name}", cell) for name, cell in report.scope.items() if cell is not None]
    if not any(isinstance(cell, str) for _, cell in scope):  # a number says how much of it
        scope.insert(0, ("Scope", "the whole catalog"))
    judged = len(report.policies)
    return Facts(
        (
            ("Report", f"{report.name}, version {report.version}"),
            ("State of affairs as of", report.as_of),
            ("Known by", f"entry {report.known_at} of the inbox"),
            *scope,
            *report.extra.items(),
            ("Made by", ", ".join(text if name == "name" else f"{name} {text}" for name, text in _made_by(report))),
            ("Policies", f"{judged}, listed at the end with their hashes" if judged else UNJUDGED),
            ("SHA-256 of the facts it rests on", report.graph),
            ("SHA-256 of this report", sha256(content)),
        )
    )


def _made_by(report: Report) -> list[tuple[str, str]]:
    return sorted(report.generator.items(), key=lambda part: part[0] != "name")


def sections(report: Report) -> tuple[Section, ...]:
    """The report's sections, then what was not known, the populations and the policies, where it does not tell them."""
    own = {section.id for section in report.sections}
    added = (_unknown(report), *_populations(report), *_policies(report))
    return (*report.sections, *(section for section in added if section.id not in own))


def cut(table: Table) -> tuple[Table, int]:
    """A table for people, and how many rows were left out."""
    left_out = max(0, len(table.rows) - MOST_ROWS)
    return (table._replace(rows=table.rows[:MOST_ROWS]) if left_out else table), left_out


def is_number(cell: Cell) -> bool:
    """Whether a value stands at the right of its column."""
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def of_numbers(table: Table) -> tuple[bool, ...]:
    """Of each column whether it has numbers, and nothing else but what is not stated: its heading stands right."""
    return tuple(
        any(is_number(row[at]) for row in table.rows)
        and all(row[at] is None or is_number(row[at]) for row in table.rows)
        for at in range(len(table.columns))
    )


def tone_of(table: Table, row: int) -> str:
    """How a row is marked."""
    return table.tone[row] if row < len(table.tone) else ""


def _unknown(report: Report) -> Section:
    rows = tuple((what,) for what in report.unknown)
    empty = "Nothing that this report asked for was unknown."
    return Section("unknown", "What was not known", (Table("", ("Unknown",), rows, empty=empty),))


def _populations(report: Report) -> tuple[Section, ...]:
    if not report.populations:
        return ()
    columns = ("Policy", "Selected", *(outcome.replace("_", " ").capitalize() for outcome in OUTCOMES))
    said = "How many things each policy was shown, and what became of them; each row adds up to the number selected."
    blocks = (Prose(said), Table("", columns, report.populations))
    return (Section("population", "Population", blocks),)


def _policies(report: Report) -> tuple[Section, ...]:
    if not report.policies:
        return ()
    rows = tuple((name, version, pack, hash_) for name, version, pack, hash_, _ in report.policies)
    said = (
        "Each with the SHA-256 of its canonical text; the texts themselves are in the JSON and the CSV of this report."
    )
    return (Section("policies", "Policies", (Prose(said), Table("", ("Policy", "Version", "Pack", "SHA-256"), rows))),)
