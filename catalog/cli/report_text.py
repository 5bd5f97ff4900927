"""Reports, verdicts and differences in words, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from catalog.cli.render import PLAIN, Cell, Screen, clean, count, moment, paint, table

if TYPE_CHECKING:
    from catalog.reports.diff import Changed, Difference, Listed
    from catalog.reports.verify import Verdict

SHOWN = 20
"""Lines of one kind in a difference; `--json` has them all."""
Json = dict[str, Any]


def kinds_text(kinds: Sequence[Json], screen: Screen = PLAIN) -> str:
    """The reports that can be made, each with its parameters."""
    parts = []
    for kind in kinds:
        packs = "the packs that are chosen" if kind["packs"] is None else ", ".join(kind["packs"]) or "no policies"
        parts.append(
            f"{paint(kind['name'], 'bold', screen.color)}  {clean(kind['title'])}\n  {clean(kind['description'])}"
        )
        parts[-1] += f"\n  judged by: {packs}"
        for parameter in kind["parameters"]:
            needed = "needed" if parameter["required"] else f"default {_default(parameter['default'])}"
            choices = f", one of {', '.join(parameter['choices'])}" if parameter["choices"] else ""
            told = f"{parameter['type']}{choices}, {needed}"
            parts[-1] += f"\n  --set {parameter['name']}=…  ({told}) {clean(parameter['description'])}"
    return "\n\n".join(parts)


def list_text(reports: Sequence[Json], screen: Screen = PLAIN) -> str:
    """Reports that were made, a line each."""
    rows = [
        (
            Cell(str(one["number"]), whole=True),
            Cell(one["name"], whole=True),
            Cell(moment(one["asOf"]), whole=True),
            Cell(str(one["knownAt"]), whole=True),
            Cell(moment(one["sealedAt"]), whole=True),
            Cell(clean(one["by"]) or "-"),
            Cell(one["id"][:12], whole=True),
        )
        for one in reports
    ]
    return table(("NO", "REPORT", "AS OF", "ENTRY", "SEALED", "BY", "ID"), rows, screen)


def report_text(one: Json, screen: Screen = PLAIN) -> str:
    """One report: what it is, rests on, and where its files are."""
    seal = one["seal"]
    lines = [
        ("report", f"{one['name']}, number {one['number']}"),
        ("title", clean(one["title"])),
        ("as of", f"{one['asOf']}, known by entry {one['knownAt']}"),
        ("sealed", f"{one['sealedAt']} by key {one['key']}" + (f", for {clean(one['by'])}" if one["by"] else "")),
        ("id", one["id"]),
        ("facts", seal["graph"]),
        ("policies", count(len(seal["policies"]), "policy", "policies")),
        ("fold", f"version {seal['fold']}"),
        ("seal", f"{one['hash']}, after {seal['previous'] or 'none: it is the first'}"),
        ("files", ", ".join(f"{file['format']} ({file['size']:,} bytes)" for file in one["files"])),
    ]
    return "\n".join(f"{paint(f'{label:<9}', 'dim', screen.color)} {text}" for label, text in lines)


def verdict_text(name: str, verdict: Verdict, screen: Screen = PLAIN) -> str:
    """What verifying a file found."""
    word = paint("HOLDS", "green", screen.color) if verdict.holds else paint("DOES NOT HOLD", "red", screen.color)
    seal, told = verdict.seal, ""
    if verdict.holds and seal is not None:
        told = f": {clean(seal.name)}, number {seal.number}, sealed {seal.at}, as {verdict.format}"
    lines = [f"{clean(name)}  {word}{told}"]
    lines += [f"  {'ok ' if part.holds else 'NO '} {part.name}: {clean(part.says)}" for part in verdict.parts]
    return "\n".join(lines)


def difference_text(found: Difference, screen: Screen = PLAIN) -> str:
    """What differs between two reports."""
    counted = f"{count(len(found.new), 'new finding')}, {len(found.fixed)} fixed, {len(found.unchanged)} unchanged"
    parts = [*_changes("Rests on", found.head, screen), *_changes("Policies", found.policies, screen)]
    parts.append(paint(counted, "bold", screen.color))
    parts += [_line("+", one) for one in found.new[:SHOWN]] + _more(len(found.new))
    parts += [_line("-", one) for one in found.fixed[:SHOWN]] + _more(len(found.fixed))
    parts += _changes("Facts", found.facts, screen)
    for one in found.rows:
        gone, come = count(len(one.gone), "row"), count(len(one.come), "row")
        parts.append(f"{clean(one.section)} / {clean(one.table)}: {gone} gone, {come} come")
    if found.is_empty:
        parts.append("Otherwise both say the same.")
    return "\n".join(parts)


def _changes(title: str, changes: Sequence[Changed], screen: Screen) -> list[str]:
    if not changes:
        return []
    lines = []
    for one in changes[:SHOWN]:
        where = clean(" / ".join(part for part in (one.section, one.label) if part))
        lines.append(f"  {where}: {_value(one.before)} → {_value(one.after)}")
    return [paint(title, "bold", screen.color), *lines, *_more(len(changes))]


def _line(sign: str, one: Listed) -> str:
    told = ", ".join(str(value) for value in list(one.told.values())[:3] if value is not None)
    return f"  {sign} {clean(told)}  [{one.id[:12]}]"


def _more(number: int) -> list[str]:
    return [f"  … and {number - SHOWN} more: --json has them all"] if number > SHOWN else []


def _value(value: object) -> str:
    return "not told" if value is None else clean(value, 90)


def _default(value: object) -> str:
    return "none" if value is None else clean(value)
