"""A report as PDF, to be handed on: A4, embedded fonts, heads and hashes on every page, lineage drawn.

`invariant` leaves out what would differ from time to time (dates, random ids): the same report is the same bytes.

Source: compliance.md, section 6 (choice of the library).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import takewhile
from threading import Lock
from typing import Any

from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, CondPageBreak, Frame, NextPageTemplate, PageBreak, PageTemplate
from reportlab.platypus.flowables import Flowable

from catalog.reports.canonical import sha256
from catalog.reports.document import Block, Facts, Lineage, Prose, Report, Table
from catalog.reports.renderers import flowables
from catalog.reports.renderers.letters import PLAIN, STRONG, font, runs, width
from catalog.reports.renderers.pages import head, sections

SIDE, TOP, BOTTOM = 17 * mm, 22 * mm, 20 * mm
UPRIGHT, ACROSS = "upright", "across"
_ONE_AT_A_TIME = Lock()
"""A font of the library belongs to one document at a time."""


def render(report: Report, content: bytes) -> bytes:
    """The PDF, without its seal."""
    with _ONE_AT_A_TIME:
        font(PLAIN), font(STRONG)
        made = io.BytesIO()
        running = Running(report.title, f"as of {report.as_of}, entry {report.known_at}", sha256(content))
        document = BaseDocTemplate(
            made,
            pagesize=A4,
            invariant=1,
            title=report.title,
            subject=f"{report.name} {sha256(content)}",
            creator="Headwater",
            author="Headwater",
        )
        document.addPageTemplates([_template(UPRIGHT, A4), _template(ACROSS, landscape(A4))])
        document.build(_story(report, content), canvasmaker=running.canvas)
        return made.getvalue()


class Running:
    """What stands at the head and foot of every page, for a canvas that knows how many pages there are."""

    def __init__(self, title: str, moment: str, hash_: str) -> None:
        self.title = title
        self.moment = moment
        self.hash = hash_

    def canvas(self, *args: Any, **kwargs: Any) -> Canvas:
        """A canvas that keeps its pages until all are there."""
        return _Pages(self, *args, **kwargs)


class _Pages(Canvas):  # type: ignore[misc]
    def __init__(self, running: Running, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._running = running
        self._kept: list[dict[str, Any]] = []
        self.headings: dict[str, int] = {}
        self.contents: list[tuple[int, str, float, float]] = []

    def showPage(self) -> None:
        self._kept.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        kept, headings, contents = self._kept, self.headings, self.contents
        for number, page in enumerate(kept, 1):
            self.__dict__.update(page)
            self._running_lines(number, len(kept))
            for on, key, x, y in contents:
                if on == number:
                    _draw(self, str(headings.get(key, "")), x, y, 9, PLAIN, right=True)
            super().showPage()
        super().save()

    def _running_lines(self, number: int, of: int) -> None:
        wide, tall = self._pagesize
        running = self._running
        self.setFillColor(flowables.QUIET)
        _draw(self, running.moment, wide - SIDE, tall - 13 * mm, 7.5, PLAIN, right=True)
        room = wide - 2 * SIDE - width(running.moment, 7.5) - 12
        _draw(self, flowables.cut_to(running.title, room, 7.5), SIDE, tall - 13 * mm, 7.5, STRONG)
        self.setStrokeColor(flowables.RULE)
        self.setLineWidth(0.5)
        self.line(SIDE, tall - 15 * mm, wide - SIDE, tall - 15 * mm)
        self.line(SIDE, 14.5 * mm, wide - SIDE, 14.5 * mm)
        _draw(self, f"SHA-256 {running.hash}", SIDE, 10.5 * mm, 6.5, PLAIN)
        _draw(self, f"Page {number} of {of}", wide - SIDE, 10.5 * mm, 7.5, PLAIN, right=True)


def _draw(canvas: Canvas, text: str, x: float, y: float, size: float, name: str, *, right: bool = False) -> None:
    at = x - width(text, size, name) if right else x
    for used, part in runs(text, name):
        canvas.setFont(used, size)
        canvas.drawString(at, y, part)
        at += width(part, size, used)


def _template(name: str, size: tuple[float, float]) -> PageTemplate:
    frame = Frame(SIDE, BOTTOM, size[0] - 2 * SIDE, size[1] - TOP - BOTTOM, 0, 0, 0, 0, id=name)
    return PageTemplate(id=name, frames=[frame], pagesize=size)


def _room(template: str) -> tuple[float, float]:
    wide, tall = A4 if template == UPRIGHT else landscape(A4)
    return wide - 2 * SIDE, tall - TOP - BOTTOM


def _story(report: Report, content: bytes) -> list[Flowable]:
    parts = sections(report)
    numbered = [(f"s{number}", number, section) for number, section in enumerate(parts, 1)]
    story: list[Flowable] = [
        *flowables.title(report.title, f"Headwater · {report.name}", _room(UPRIGHT)[0]),
        *_block(head(report, content), UPRIGHT),
        flowables.said(report.disclaimer, "muted"),
        flowables.Contents([(key, f"{number}  {section.title}") for key, number, section in numbered]),
    ]
    now = UPRIGHT
    for at, (key, number, section) in enumerate(numbered):
        wanted = ACROSS if any(_is_wide(block) for block in section.blocks) else UPRIGHT
        if wanted != now or at == 0:
            story += [NextPageTemplate(wanted), PageBreak()]
            now = wanted
        story.append(CondPageBreak(_beginning(section.blocks, *_room(now)) + 40))
        story.append(flowables.Heading(key, f"{number}  {section.title}"))
        for block in section.blocks:
            story += _block(block, now)
    return story


def _beginning(blocks: Sequence[Block], room: float, page: float) -> float:
    """How much has to stand under the heading of a section: what is said first, and the beginning of what follows."""
    said = list(takewhile(lambda block: isinstance(block, Prose), blocks))
    then = [flowables.beginning(block, room, page) for block in blocks[len(said) : len(said) + 1]]
    return min(sum([40.0 * len(said), *then]) or 70.0, page - 60)


def _is_wide(block: Block) -> bool:
    room = _room(UPRIGHT)[0]
    if isinstance(block, Table):
        return bool(block.rows) and flowables.is_wide(block, room)
    return isinstance(block, Lineage) and flowables.drawn_width(block) > 1.45 * room


def _block(block: Block, template: str) -> list[Flowable]:
    wide, tall = _room(template)
    if isinstance(block, Prose):
        return [flowables.said(block.text, block.tone)]
    if isinstance(block, Facts):
        return flowables.facts(block, wide)
    if isinstance(block, Table):
        return flowables.table(block, wide, tall)
    return flowables.lineage(block, wide, tall)
