"""Reports as plain text, for golden files; `python -m tests.unit.reports.plain` writes these anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from catalog.reports.document import Block, Cell, Facts, Lineage, Prose, Report, Table
from tests.unit.reports.asked import ASKED, made

GOLDEN = Path(__file__).parent / "golden"
SHARED = ("policies", "population", "evidence")
"""Sections that reports have in common: they are looked at in one of them."""


def text_of(report: Report, *, whole: bool) -> str:
    """A report as text; `whole` with the sections that reports have in common."""
    return "\n".join(_lines(report, whole)) + "\n"


def _lines(report: Report, whole: bool) -> Iterator[str]:
    yield f"{report.title} as of {report.as_of}, known at {report.known_at}"
    yield from (f"  {name} = {_cell(value)}" for name, value in report.scope.items())
    yield from (f"UNKNOWN {told}" for told in report.unknown)
    for section in report.sections:
        if whole or section.id not in SHARED:
            yield f"\n# {section.title} [{section.id}]"
            for block in section.blocks:
                yield from _block(block)


def _block(block: Block) -> Iterator[str]:
    if isinstance(block, Prose):
        yield f"{block.text}{f' ({block.tone})' if block.tone else ''}"
    elif isinstance(block, Facts):
        yield f"## {block.title}" if block.title else "##"
        yield from (f"{label}: {_cell(value)}" for label, value in block.rows)
    elif isinstance(block, Table):
        yield f"## {block.title}"
        yield " | ".join(block.columns)
        tones = block.tone or ("",) * len(block.rows)
        for row, tone in zip(block.rows, tones, strict=True):
            yield f"{' | '.join(map(_cell, row))}{f' ({tone})' if tone else ''}"
        if not block.rows:
            yield f"({block.empty})"
    else:
        yield from _drawing(block)


def _drawing(block: Lineage) -> Iterator[str]:
    yield f"## {block.title}, {len(block.nodes)} drawn, {block.left_out} left out"
    names = {node.id: node.label for node in block.nodes}
    for node in block.nodes:
        yield " ".join(part for part in (f"[{node.label}]", node.kind, node.note, node.tone) if part)
    yield from sorted(f"{names[start]} -> {names[end]} {tone}".rstrip() for start, end, tone in block.edges)


def _cell(value: Cell) -> str:
    if value is None:
        return "?"
    return "none" if value == "" else str(value)


def golden(name: str) -> str:
    """What the golden file of a report should say."""
    return text_of(made(name), whole=name == "policy-compliance")


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for name in ASKED:
        (GOLDEN / f"{name}.txt").write_text(golden(name), "utf-8")
