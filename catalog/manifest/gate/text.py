"""A verdict as lines for a terminal, and as Markdown for a comment at a change."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from catalog.manifest.gate.findings import Finding, Impact, Level, Verdict

MOST_REACHED = 20
"""Things downstream of one change that are listed; the others are counted. JSON has them all."""
MOST_NOTES = 50
_SIGNS = {Level.ERROR: "✗", Level.WARNING: "!", Level.NOTE: "·"}
_TITLES = {Level.ERROR: "Breaches", Level.WARNING: "Breaking, under no contract", Level.NOTE: "Compatible or announced"}
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#|~!&])")
Paint = Callable[[str, Level], str]


def _plain(line: str, level: Level) -> str:
    return line


def as_text(verdict: Verdict, paint: Paint = _plain) -> str:
    """A line for each finding, what is downstream, and a last line that sums up."""
    lines = []
    for finding in verdict.findings:
        where = f"  ({_where(finding)})" if finding.at else ""
        line = f"{_SIGNS[finding.level]} {finding.rule.id}  {one_line(_said(finding))}{where}"
        lines.append(paint(line, finding.level))
    for impact in verdict.impacts or ():
        lines += _impact_lines(impact)
    return "\n".join([*lines, summary(verdict)])


def as_markdown(verdict: Verdict) -> str:
    """A comment for a pull request: what breaks, whom it reaches, and what was not looked at."""
    title = "breaches its contracts" if verdict.of(Level.ERROR) else "breaches no contract"
    lines = [f"### Headwater: `{_code(verdict.manifest)}` {title}", "", _escape(summary(verdict)), ""]
    for level in Level:
        found = verdict.of(level)
        if found:
            lines += _table(found, _TITLES[level], folded=level is Level.NOTE)
    if verdict.impacts:
        lines += ["#### What is downstream", ""]
        for impact in verdict.impacts:
            lines += _impact_markdown(impact)
    if verdict.owners:
        lines += ["Owners to be told: " + ", ".join(f"`{_code(owner)}`" for owner in verdict.owners), ""]
    return "\n".join(lines).rstrip() + "\n"


def summary(verdict: Verdict) -> str:
    """How much was found, against what, and whether all was seen."""
    breaches, risky, notes = (len(verdict.of(level)) for level in Level)
    parts = [
        f"{breaches} {'breach' if breaches == 1 else 'breaches'}",
        f"{risky} breaking under no contract",
        f"{notes} compatible or announced",
    ]
    if verdict.impacts is not None:
        reached = {(r.kind, r.namespace, r.name, r.field) for impact in verdict.impacts for r in impact.reached}
        parts.append(f"{len(reached)} things downstream")
    said = [f"{', '.join(parts)}; against {verdict.against}, {verdict.compared} entities compared"]
    if verdict.unwalked:
        said.append(f"lineage impact not evaluated: {verdict.unwalked}")
    cut = sorted({by for impact in verdict.impacts or () for by in impact.truncated_by})
    if cut:
        said.append(f"the walk was cut off by {', '.join(cut)}: there is more downstream")
    hidden = sum(impact.hidden for impact in verdict.impacts or ())
    if hidden:
        said.append(f"{hidden} things downstream are hidden from you")
    if verdict.stale:
        said.append("entries of the inbox are not applied yet: there may be more downstream")
    return one_line("; ".join(said))


def one_line(text: str) -> str:
    """Text without line breaks or control characters: names come from files of other people."""
    return "".join(char if char.isprintable() else " " for char in text)


def _said(finding: Finding) -> str:
    under = f" [contract {finding.contract.name}]" if finding.contract else ""
    return f"{finding.subject}: {finding.message}{under}"


def _where(finding: Finding) -> str:
    at = finding.at
    assert at is not None
    return f"{one_line(at.file)}:{at.line}" + (" as it was" if at.old else "")


def _impact_lines(impact: Impact) -> Iterable[str]:
    subject = f"{impact.start.key} · {impact.start.field}" if impact.start.field else str(impact.start.key)
    head = one_line(f"{subject} ({impact.start.change})")
    if not impact.known:
        return [f"  {head}: the catalog knows nothing of it yet"]
    if not impact.reached:
        return [f"  {head} reaches nothing"]
    lines = [f"  {head} reaches {len(impact.reached)}:"]
    for one in impact.reached[:MOST_REACHED]:
        owners = f"  owned by {', '.join(one.owners)}" if one.owners else ""
        lines.append(one_line(f"    {one.subject}{owners}"))
        lines.append(one_line(f"      {' → '.join(one.path)}"))
    if len(impact.reached) > MOST_REACHED:
        lines.append(f"    … and {len(impact.reached) - MOST_REACHED} more; --format json has them all")
    return lines


def _table(found: list[Finding], title: str, *, folded: bool) -> list[str]:
    lines = ["| rule | what | change | where |", "|---|---|---|---|"]
    for one in found[:MOST_NOTES] if folded else found:
        contract = f" (contract {_escape(one.contract.name)})" if one.contract else ""
        where = f"`{_code(_where(one))}`" if one.at else ""
        lines.append(f"| {one.rule.id} | {_escape(one.subject)} | {_escape(one.message)}{contract} | {where} |")
    if folded and len(found) > MOST_NOTES:
        lines.append(f"| … | and {len(found) - MOST_NOTES} more | | |")
    if folded:
        return [f"<details><summary>{title} ({len(found)})</summary>", "", *lines, "", "</details>", ""]
    return [f"#### {title}", "", *lines, ""]


def _impact_markdown(impact: Impact) -> list[str]:
    subject = f"{impact.start.key} · {impact.start.field}" if impact.start.field else str(impact.start.key)
    head = f"**{_escape(subject)}** ({_escape(impact.start.change)})"
    if not impact.known:
        return [f"- {head}: the catalog knows nothing of it yet", ""]
    if not impact.reached:
        return [f"- {head} reaches nothing", ""]
    lines = [f"- {head} reaches {len(impact.reached)}:"]
    for one in impact.reached[:MOST_REACHED]:
        owners = f", owned by {', '.join(_escape(owner) for owner in one.owners)}" if one.owners else ""
        lines.append(f"  - {_escape(one.subject)}{owners}: {_escape(' → '.join(one.path))}")
    if len(impact.reached) > MOST_REACHED:
        lines.append(f"  - … and {len(impact.reached) - MOST_REACHED} more")
    return [*lines, ""]


def _escape(text: str) -> str:
    """Text that Markdown shows as it is: no links, mentions, HTML or cells of its own."""
    return _SPECIAL.sub(r"\\\1", one_line(text)).replace("@", "@\u200b")


def _code(text: str) -> str:
    return one_line(text).replace("`", "'").replace("|", "\\|")
