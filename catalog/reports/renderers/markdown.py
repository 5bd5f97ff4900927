"""A report as Markdown (GitHub's tables), for pull requests and wikis."""

from __future__ import annotations

import re
from collections.abc import Sequence

from catalog.reports.document import Block, Cell, Facts, Lineage, Prose, Report, Table
from catalog.reports.renderers.pages import COMPLETE, cut, head, of_numbers, sections, shown

_MEANT = re.compile(r"([\\`*_{}\[\]<>#|~&]|^[-+])")
_BREAKS = re.compile(r"[\r\n\u2028\u2029]+")


def render(report: Report, content: bytes) -> bytes:
    """The Markdown, without its seal."""
    parts = [f"# {plain(report.title)}", *_block(head(report, content)), f"> {plain(report.disclaimer)}"]
    for section in sections(report):
        parts.append(f"## {plain(section.title)}")
        for block in section.blocks:
            parts += _block(block)
    return ("\n\n".join(parts) + "\n\n").encode("utf-8", "replace")


def plain(cell: Cell) -> str:
    """A value that means nothing to Markdown or HTML."""
    return _MEANT.sub(r"\\\1", _BREAKS.sub(" ", shown(cell)))


def _block(block: Block) -> list[str]:
    if isinstance(block, Prose):
        return [plain(block.text)]
    title = [f"### {plain(block.title)}"] if block.title else []
    if isinstance(block, Facts):
        return [*title, _table(("", ""), block.rows)]
    if isinstance(block, Table):
        fit, left_out = cut(block)
        more = [f"{left_out} further rows are not shown: {COMPLETE}."] if left_out else []
        return [*title, _table(fit.columns, fit.rows, of_numbers(fit)) if fit.rows else plain(fit.empty), *more]
    return [*title, *_lineage(block)]


def _lineage(block: Lineage) -> list[str]:
    names = {node.id: f"{node.label} ({node.kind})" for node in block.nodes}
    edges = [(names.get(source, source), names.get(target, target)) for source, target, _ in block.edges]
    alone = set(names) - {end for source, target, _ in block.edges for end in (source, target)}
    parts = [_table(("From", "To"), edges)] if edges else []
    parts += [_table(("Without lineage",), [(names[id_],) for id_ in names if id_ in alone])] if alone else []
    return [*parts, f"{block.left_out} further nodes are not drawn."] if block.left_out else parts


def _table(columns: tuple[str, ...], rows: Sequence[tuple[Cell, ...]], right: Sequence[bool] = ()) -> str:
    rules = ["---:" if at < len(right) and right[at] else "---" for at in range(len(columns))]
    lines = [" | ".join(plain(name) if name else " " for name in columns), " | ".join(rules)]
    lines += [" | ".join(map(plain, row)) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)
