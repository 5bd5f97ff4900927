"""Each report of the company, asked with something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from catalog.checks.classification.propagate import propagate
from catalog.checks.judgement import Judgement
from catalog.checks.snapshot import Snapshot, Thing
from catalog.reports.contents import CONTENTS
from catalog.reports.document import Cell, Facts, Report, Table
from tests.unit.reports import company
from tests.unit.reports.judging import judgement

ASKED: Mapping[str, Mapping[str, str]] = {
    "ai-act-annex-iv": {"model": "noshow"},
    "ccpa-inventory": {},
    "erasure-plan": {"subjects": "patients"},
    "gdpr-art30": {},
    "hipaa-disclosures": {},
    "lineage-evidence": {"entity": "patient_360"},
    "model-card": {"model": "noshow"},
    "policy-compliance": {},
}
"""By report what it is asked with."""


def made(name: str, snapshot: Snapshot | None = None, judged: Judgement | None = None, /, **asked: str) -> Report:
    """A report of the company, or of another snapshot."""
    seen = snapshot or company.snapshot()
    scope = CONTENTS[name].scope(asked or ASKED[name])
    return CONTENTS[name].build(seen, judged or judgement(seen), propagate(seen), scope)


def table(report: Report, title: str) -> list[tuple[Cell, ...]]:
    """The rows of a table."""
    found = [b for section in report.sections for b in section.blocks if isinstance(b, Table) and b.title == title]
    assert 1 == len(found), title
    return list(found[0].rows)


def fact(report: Report, label: str) -> Cell:
    """The value beside a label, of the first facts that have it."""
    facts = [block for section in report.sections for block in section.blocks if isinstance(block, Facts)]
    return next(value for block in facts for name, value in block.rows if name == label)


def changed(seen: Snapshot, *things: Thing) -> Snapshot:
    """A snapshot with other things in the place of those with the same ids."""
    return replace(seen, things={**seen.things, **{thing.id: thing for thing in things}})
