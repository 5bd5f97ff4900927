"""A report as CSV, in a layout for machines: the first value of a row says what the row is.

    headwater-report, format
    report, label, value                        what the report is and rests on
    section, section, title
    prose, section, text
    fact, section, block, label, value
    columns, section, block, …                  headings, then the rows of the same section and block
    row, section, block, …
    node, section, block, id, label, kind, note
    edge, section, block, source, target
    policy, name, version, pack, sha256, text
    headwater-seal, …                           the last row

A text that a spreadsheet would take for a formula has an apostrophe before it; numbers stand as they are.

Source: OWASP, CSV Injection; RFC 4180.
"""

from __future__ import annotations

import csv
import io

from catalog.reports.canonical import FORMAT
from catalog.reports.document import Cell, Facts, Lineage, Prose, Report, Table
from catalog.reports.renderers.pages import head, sections, shown

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BOM = "\ufeff"
"""Without it the usual spreadsheet reads no umlauts."""


def render(report: Report, content: bytes) -> bytes:
    """The CSV, without its seal."""
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\r\n").writerow
    write(("headwater-report", FORMAT))
    write(("report", "title", guarded(report.title)))
    for label, value in head(report, content).rows:
        write(("report", guarded(label), guarded(value)))
    write(("report", "disclaimer", guarded(report.disclaimer)))
    for section in sections(report):
        write(("section", guarded(section.id), guarded(section.title)))
        for block in section.blocks:
            if isinstance(block, Prose):
                write(("prose", guarded(section.id), guarded(block.text)))
                continue
            title = guarded(block.title) if block.title else ""
            for kind, *rest in _rows(block):
                write((kind, guarded(section.id), title, *map(guarded, rest)))
    for policy in report.policies:
        write(("policy", *map(guarded, policy)))
    return (BOM + text.getvalue()).encode("utf-8", "replace")


def guarded(cell: Cell) -> str:
    """A value that no spreadsheet calculates; what is not a text was never typed by anybody."""
    text = shown(cell).replace("\x00", "\ufffd")
    return f"'{text}" if isinstance(cell, str) and text.startswith(FORMULA) else text


def _rows(block: Facts | Table | Lineage) -> list[tuple[Cell, ...]]:
    if isinstance(block, Facts):
        return [("fact", label, value) for label, value in block.rows]
    if isinstance(block, Table):
        return [("columns", *block.columns), *(("row", *row) for row in block.rows)]
    nodes = [("node", node.id, node.label, node.kind, node.note or None) for node in block.nodes]
    return [*nodes, *(("edge", source, target) for source, target, _ in block.edges)]
