"""Answers as text: pure functions, so that what people see can be tested without a service.

Names come from events and may hold anything, so control characters are escaped and very long ones are cut (`--json`
has them whole).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import click

from catalog.cli.kinds import words

LONGEST = 200
NARROWEST = 12
GAP = "  "
_STYLES: dict[str, dict[str, Any]] = {
    "bold": {"bold": True},
    "dim": {"dim": True},
    "good": {"fg": "green"},
    "busy": {"fg": "yellow"},
    "bad": {"fg": "red", "bold": True},
}
_STATES = {
    **dict.fromkeys(("COMPLETED", "APPLIED"), "good"),
    **dict.fromkeys(("RUNNING", "ACCEPTED"), "busy"),
    **dict.fromkeys(("FAILED", "ABORTED", "REJECTED", "DEAD"), "bad"),
}


class Screen(NamedTuple):
    """What the output can show; `width` is in columns, None where lines may have any length."""

    color: bool = False
    width: int | None = None


PLAIN = Screen()


class Cell(NamedTuple):
    """A piece of text and its style; `whole` ones are never cut to fit."""

    text: str
    style: str = ""
    whole: bool = False


def paint(text: str, style: str, color: bool) -> str:
    """The text in a style, or as it is."""
    return click.style(text, **_STYLES[style]) if color and style else text


def clean(text: object, most: int = LONGEST) -> str:
    """Text that cannot move the cursor, cut in its middle to `most` columns."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(text)[: 10 * most])
    return shorten(shown, most)


def named(thing: Mapping[str, Any]) -> str:
    """The namespace and name of a thing, as commands take them."""
    return f"{clean(thing['namespace'])} {clean(thing['name'])}"


def shorten(text: str, most: int) -> str:
    """Cut the middle out of a text that takes more than `most` columns."""
    if columns(text) <= most:
        return text
    head, tail = text[: most - most // 2 - 1], text[-(most // 2) :]
    while columns(head) + columns(tail) >= most and tail:
        head, tail = (head[:-1], tail) if columns(head) > columns(tail) else (head, tail[1:])
    return f"{head}…{tail}"


def columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def moment(iso: str | None) -> str:
    """`2024-08-06 13:26:49Z` for an ISO moment in UTC, to the second."""
    if not iso:
        return "-"
    if len(iso) >= 20 and iso[10] == "T" and iso.endswith(("Z", "+00:00")):
        return f"{iso[:10]} {iso[11:19]}Z"
    return clean(iso)


def duration(seconds: float | None) -> str:
    """`0.42s`, `12s`, `5m 03s`, `2h 05m` or `3d 04h`."""
    if seconds is None:
        return "-"
    if seconds < 9.995:
        return f"{seconds:.2f}s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d {hours:02}h"
    if hours:
        return f"{hours}h {minutes:02}m"
    return f"{minutes}m {rest:02}s" if minutes else f"{rest}s"


def count(number: int, one: str, many: str = "") -> str:
    """`1 node`, `1,200 nodes`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def state(name: str) -> Cell:
    """The state of a run or an entry."""
    return Cell(clean(name), _STATES.get(name, "dim"), whole=True)


def table(titles: Sequence[str], rows: Sequence[Sequence[Cell]], screen: Screen = PLAIN) -> str:
    """Columns under titles; the widest are narrowed until the table fits the screen."""
    lines = [[Cell(title, "bold") for title in titles], *rows]
    widths = [max(columns(line[i].text) for line in lines) for i in range(len(titles))]
    if screen.width is not None:
        elastic = [i for i in range(len(titles)) if not any(row[i].whole for row in rows)]
        while sum(widths) + len(GAP) * (len(widths) - 1) > screen.width:
            widest = max(elastic, key=lambda i: widths[i], default=None)
            if widest is None or widths[widest] <= NARROWEST:
                break
            widths[widest] -= 1
    return "\n".join(_line(line, widths, screen.color) for line in lines)


def _line(line: Sequence[Cell], widths: Sequence[int], color: bool) -> str:
    parts = []
    for i, (cell, width) in enumerate(zip(line, widths, strict=True)):
        text = cell.text if cell.whole else shorten(cell.text, width)
        padding = "" if i == len(widths) - 1 else " " * (width - columns(text))
        parts.append(paint(text, cell.style, color) + padding)
    return GAP.join(parts).rstrip()


def hits_table(hits: Sequence[dict[str, Any]], screen: Screen = PLAIN) -> str:
    """What a search found."""
    rows = [
        (
            Cell(words(hit["kind"]), "dim", whole=True),
            Cell(clean(hit["name"])),
            Cell(clean(hit["namespace"]), "dim"),
        )
        for hit in hits
    ]
    return table(("KIND", "NAME", "NAMESPACE"), rows, screen)


def runs_table(runs: Sequence[dict[str, Any]], screen: Screen = PLAIN) -> str:
    """Runs, one a line; `~` marks a start that was inferred from another event."""
    rows = [
        (
            state(run["state"]),
            Cell(clean(run["job"]["name"]) if run["job"] else "-"),
            Cell(clean(run["job"]["namespace"]) if run["job"] else "-", "dim"),
            Cell(moment(run["startedAt"]) + ("~" if run["startedInferred"] else ""), whole=True),
            Cell(duration(run["durationSeconds"]), whole=True),
            Cell(clean(run["runId"]), "dim", whole=True),
        )
        for run in runs
    ]
    return table(("STATE", "JOB", "NAMESPACE", "STARTED", "DURATION", "RUN"), rows, screen)


def inbox_table(entries: Sequence[dict[str, Any]], screen: Screen = PLAIN) -> str:
    """Entries, one a line; keys are cut to what `inbox show` needs to find them."""
    rows = [
        (
            Cell(entry["key"][:12], whole=True),
            Cell(str(entry["sequence"]), whole=True),
            state(entry["state"]),
            Cell(clean(entry["kind"]), "dim", whole=True),
            Cell(moment(entry["received"]), whole=True),
            Cell(clean(entry["subject"])),
            Cell(_said(entry), "dim"),
        )
        for entry in entries
    ]
    return table(("KEY", "SEQUENCE", "STATE", "KIND", "RECEIVED", "SUBJECT", "REASON"), rows, screen)


def _said(entry: dict[str, Any]) -> str:
    parts = [clean(entry["reason"])] if entry["reason"] else []
    if entry["editedAs"]:
        parts.append(f"edited as {entry['editedAs'][-1][:12]}")
    if entry["purgedAt"]:
        parts.append("event purged")
    if entry["warnings"]:
        parts.append(count(len(entry["warnings"]), "warning"))
    return "; ".join(parts)


def entry_text(entry: dict[str, Any], screen: Screen = PLAIN) -> str:
    """All of an entry, a line for each thing known."""
    known = (
        ("key", Cell(clean(entry["key"]))),
        ("sequence", Cell(str(entry["sequence"]))),
        ("state", state(entry["state"])),
        ("kind", Cell(clean(entry["kind"]))),
        ("subject", Cell(clean(entry["subject"], 2_000))),
        ("received", Cell(moment(entry["received"]))),
        ("settled", Cell(moment(entry["settledAt"]))),
        ("attempts", Cell(str(entry["attempts"]))),
        ("size", Cell(count(entry["size"], "byte"))),
        ("reason", Cell(clean(entry["reason"] or "-", 10_000))),
        *(("run", Cell(clean(f"{run['runId']} {run['state']}", 2_000))) for run in (entry["run"],) if run),
        *(("edits", Cell(key)) for key in (entry["edits"],) if key),
        *(("edited as", Cell(key)) for key in entry["editedAs"]),
        *(("purged", Cell(f"its event, {moment(at)}")) for at in (entry["purgedAt"],) if at),
    )
    lines = [
        f"{paint(f'{name:<10}', 'dim', screen.color)}{paint(cell.text, cell.style, screen.color)}"
        for name, cell in known
    ]
    for warning in entry["warnings"]:
        lines.append(f"{paint('warning   ', 'busy', screen.color)}{clean(warning, 2_000)}")
    return "\n".join(lines)
