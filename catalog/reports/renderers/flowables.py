"""Parts of PDF pages: headings, paragraphs, tables that break across pages, drawings."""

from __future__ import annotations

from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import CondPageBreak, LongTable, Paragraph, Spacer
from reportlab.platypus import Table as Grid
from reportlab.platypus.flowables import Flowable

from catalog.reports.document import Block, Cell, Facts, Lineage, Table
from catalog.reports.renderers.columns import fit, is_cramped
from catalog.reports.renderers.drawing import HEIGHT, WIDTH, Drawing, lay_out
from catalog.reports.renderers.letters import PLAIN, STRONG, broken, markup, runs, width
from catalog.reports.renderers.pages import COMPLETE, cut, is_number, of_numbers, shown, tone_of
from catalog.reports.renderers.svg import INK as INKS

INK, QUIET, RULE, SOFT, MARK = (HexColor(code) for code in ("#1c2733", "#5d6975", "#c9d0d7", "#f2f5f7", "#1f4e79"))
_FILLS = {"bad": "#fdf1f0", "warn": "#fff8ea", "good": "#f1f9f3"}
_BARS = {"bad": "#b3261e", "warn": "#9a6700", "good": "#2f7d4a"}
LINES = 40
"""Lines of one cell at most: a row has to fit a page."""
SMALLEST_TITLE = 15.0
ROOM_FOR_WORDS = 130.0
"""Headings and notes around a drawing, in points."""
PAD = 4.0


def _style(name: str, size: float, font: str = PLAIN, **more: Any) -> ParagraphStyle:
    given = {"leading": size * 1.36, "textColor": INK, "splitLongWords": 1, **more}
    return ParagraphStyle(name, fontName=font, fontSize=size, **given)


BODY = _style("body", 9, spaceBefore=2, spaceAfter=5)
MUTED = _style("muted", 9, textColor=QUIET, spaceBefore=2, spaceAfter=5)
NOTE = _style("note", 7.5, textColor=QUIET, spaceAfter=6)
TITLE = _style("title", 21, STRONG, spaceAfter=10, leading=26)
BRAND = _style("brand", 9, STRONG, textColor=MARK, spaceAfter=2)
SECTION = _style("section", 14, STRONG)
BLOCK = _style("block", 10, STRONG, spaceBefore=7, spaceAfter=3)
CELL, HEAD = _style("cell", 7.6), _style("head", 7.6, STRONG)
NUMBER, NUMBERS = _style("number", 7.6, alignment=2), _style("numbers", 7.6, STRONG, alignment=2)
MISSING = _style("missing", 7.6, textColor=QUIET)
LABEL, VALUE = _style("label", 8, textColor=QUIET), _style("value", 8)


def title(text: str, brand: str, room: float) -> list[Flowable]:
    """What the first page begins with; a title that is a little too long for a line is set smaller."""
    fitting = 0.99 * TITLE.fontSize * room / max(width(text, TITLE.fontSize, STRONG), 1.0)
    one_line = SMALLEST_TITLE <= fitting < TITLE.fontSize
    style = _style("fitting-title", fitting, STRONG, spaceAfter=10, leading=26) if one_line else TITLE
    return [Paragraph(markup(brand, STRONG), BRAND), Paragraph(markup(text, STRONG), style)]


def said(text: str, tone: str) -> Flowable:
    """A paragraph; one with a tone stands out."""
    if tone in _BARS:
        bar = {
            "borderColor": HexColor(_BARS[tone]),
            "backColor": HexColor(_FILLS[tone]),
            "borderPadding": 5,
            "leftIndent": 6,
            "rightIndent": 6,
        }
        style = _style(f"said-{tone}", 9, borderWidth=0.6, spaceBefore=14, spaceAfter=14, **bar)
        return Paragraph(markup(text), style)
    return Paragraph(markup(text), MUTED if tone == "muted" else BODY)


def facts(block: Facts, room: float) -> list[Flowable]:
    """Labels beside values."""
    label = room * 0.32
    rows = [
        (Paragraph(markup(name), LABEL), _cut(shown(value), VALUE if value is not None else _QUIET_VALUE, room - label))
        for name, value in block.rows
    ]
    if not rows:
        return []
    grid = Grid(rows, [label, room - label], style=_GRID, spaceBefore=2, spaceAfter=8)
    return [
        CondPageBreak(sum(_tall(value, room - label) + 8 for _, value in rows[:3]) + 30),
        *_titled(block.title),
        grid,
    ]


def table(block: Table, room: float, page: float) -> list[Flowable]:
    """A table; its head stands on every page that it reaches."""
    shown_, left_out = cut(block)
    if not shown_.rows:
        return [*_titled(block.title), Paragraph(markup(shown_.empty), MUTED)]
    widths = fit(shown_, room, CELL.fontSize, 2 * PAD)
    styles = [NUMBERS if numbers else HEAD for numbers in of_numbers(shown_)]
    heads = [Paragraph(markup(name, STRONG), style) for name, style in zip(shown_.columns, styles, strict=True)]
    rows: list[list[Flowable]] = [heads]
    for row in shown_.rows:
        rows.append([_cut(shown(cell), _cell_style(cell), wide) for cell, wide in zip(row, widths, strict=True)])
    heights = [max((_tall(cell, wide) for cell, wide in zip(row, widths, strict=True)), default=10.0) for row in rows]
    style = [*_GRID, ("BACKGROUND", (0, 0), (-1, 0), SOFT), ("LINEBELOW", (0, 0), (-1, 0), 0.8, QUIET)]
    for at in range(len(shown_.rows)):
        if (tone := tone_of(shown_, at)) in _FILLS:
            style.append(("BACKGROUND", (0, at + 1), (-1, at + 1), HexColor(_FILLS[tone])))
            style.append(("LINEBEFORE", (0, at + 1), (0, at + 1), 2, HexColor(_BARS[tone])))
    grid = LongTable(rows, widths, heights, repeatRows=1, style=style, spaceBefore=2, spaceAfter=6)
    more = [Paragraph(f"{left_out} further rows are not shown: {COMPLETE}.", NOTE)] if left_out else []
    start = CondPageBreak(min(page * 0.6, sum(heights[:3]) + 30))
    return [start, *_titled(block.title), grid, *more, Spacer(1, 4)]


def lineage(block: Lineage, room: float, page: float) -> list[Flowable]:
    """A drawing, made smaller where it would not fit."""
    if not block.nodes:
        return [*_titled(block.title), Paragraph("Nothing to draw.", MUTED)]
    drawn = Picture(lay_out(block), room, page - ROOM_FOR_WORDS)
    left_out = f"{block.left_out} further nodes are not drawn; the tables have them."
    more = [Paragraph(left_out, NOTE)] if block.left_out else []
    return [CondPageBreak(drawn.height + 40), *_titled(block.title), drawn, *more, Spacer(1, 6)]


def beginning(block: Block, room: float, page: float) -> float:
    """How much of a block has to stand under the heading of its section."""
    return Picture(lay_out(block), room, page - ROOM_FOR_WORDS).height + 60 if isinstance(block, Lineage) else 70.0


def is_wide(block: Table, room: float) -> bool:
    """Whether a table is better off on a page that lies across."""
    return is_cramped(block, room, CELL.fontSize, 2 * PAD)


def drawn_width(block: Lineage) -> float:
    """How wide a drawing is."""
    return lay_out(block).width


def cut_to(text: str, room: float, size: float) -> str:
    """The beginning of a text that fits, for one line."""
    if width(text, size, STRONG) <= room:
        return text
    while text and width(f"{text}…", size, STRONG) > room:
        text = text[: min(len(text) - 1, int(len(text) * 0.95))]
    return f"{text}…"


class Heading(Flowable):  # type: ignore[misc]
    """The title of a section, which the contents and the reader's outline lead to."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__()
        self.key = key
        self.text = text
        self._paragraph = Paragraph(markup(text, STRONG), SECTION)

    def wrap(self, room: float, height: float) -> tuple[float, float]:
        """Its size."""
        self._room = room
        _, tall = self._paragraph.wrap(room, height)
        return room, tall + 26

    def draw(self) -> None:
        """Draw it, and remember its page."""
        self._paragraph.drawOn(self.canv, 0, 12)
        self.canv.setStrokeColor(MARK)
        self.canv.setLineWidth(1.2)
        self.canv.line(0, 7, self._room, 7)
        self.canv.bookmarkPage(self.key)
        self.canv.addOutlineEntry(self.text, self.key, 0, closed=False)
        self.canv.headings[self.key] = self.canv.getPageNumber()


class Contents(Flowable):  # type: ignore[misc]
    """The list of sections; the canvas writes the page numbers once it knows them."""

    LINE = 15.0

    def __init__(self, entries: list[tuple[str, str]]) -> None:
        super().__init__()
        self.entries = entries

    def wrap(self, room: float, height: float) -> tuple[float, float]:
        """Its size."""
        self._room = room
        return room, self.LINE * len(self.entries) + 34

    def split(self, room: float, height: float) -> list[Flowable]:
        """Never: it goes to the next page as a whole, and a report has few sections."""
        return []

    def draw(self) -> None:
        """Draw it, each line a link."""
        top = self.LINE * len(self.entries)
        heading = Paragraph("Contents", BLOCK)
        heading.wrapOn(self.canv, self._room, 20)
        heading.drawOn(self.canv, 0, top + 6)
        for at, (key, text) in enumerate(self.entries):
            y = top - self.LINE * (at + 1) + 4
            line = Paragraph(markup(cut_to(text, self._room - 40, 9)), BODY)
            line.wrapOn(self.canv, self._room - 30, self.LINE)
            line.drawOn(self.canv, 0, y - 3)
            self.canv.setStrokeColor(RULE)
            self.canv.setLineWidth(0.3)
            self.canv.line(0, y - 4, self._room, y - 4)
            self.canv.linkRect("", key, (0, y - 4, self._room, y + 10), relative=1)
            x, absolute = self.canv.absolutePosition(self._room, y)
            self.canv.contents.append((self.canv.getPageNumber(), key, x, absolute))


class Picture(Flowable):  # type: ignore[misc]
    """A drawing of lineage."""

    def __init__(self, drawing: Drawing, room: float, most: float) -> None:
        super().__init__()
        self.drawing = drawing
        self.scale = min(1.0, (room - 8) / max(drawing.width, 1.0), (most - 8) / max(drawing.height, 1.0))
        self.width, self.height = room, drawing.height * self.scale + 8

    def wrap(self, room: float, height: float) -> tuple[float, float]:
        """Its size."""
        return room, self.height

    def draw(self) -> None:
        """Draw boxes over lines."""
        canvas, tall = self.canv, self.drawing.height
        canvas.saveState()
        canvas.translate((self.width - self.drawing.width * self.scale) / 2, 4)
        canvas.scale(self.scale, self.scale)
        for path in self.drawing.paths:
            ink = HexColor(INKS.get(path.tone, INKS[""])[1])
            canvas.setStrokeColor(ink)
            canvas.setFillColor(ink)
            canvas.setLineWidth(0.9)
            canvas.setDash(*((4, 3) if path.back else ()))
            way, (start, *rest) = canvas.beginPath(), path.curve()
            way.moveTo(start[0], tall - start[1])
            for x1, y1, x2, y2, x, y in rest:
                way.curveTo(x1, tall - y1, x2, tall - y2, x, tall - y)
            canvas.drawPath(way, stroke=1, fill=0)
            canvas.setDash()
            tip, *corners = path.arrow()
            head = canvas.beginPath()
            head.moveTo(tip[0], tall - tip[1])
            for x, y in corners:
                head.lineTo(x, tall - y)
            head.close()
            canvas.drawPath(head, stroke=0, fill=1)
        for box in self.drawing.boxes:
            fill, ink = INKS.get(box.node.tone, INKS[""])
            canvas.setFillColor(HexColor(fill))
            canvas.setStrokeColor(HexColor(ink))
            canvas.setLineWidth(1)
            canvas.roundRect(box.x, tall - box.y - HEIGHT, WIDTH, HEIGHT, 4, stroke=1, fill=1)
            for line in box.lines:
                canvas.setFillColor(INK if line.strong else QUIET)
                at, name = line.x, STRONG if line.strong else PLAIN
                for used, part in runs(line.text, name):
                    canvas.setFont(used, line.size)
                    canvas.drawString(at, tall - line.y, part)
                    at += width(part, line.size, used)
        canvas.restoreState()


_GRID: list[tuple[Any, ...]] = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), PAD),
    ("RIGHTPADDING", (0, 0), (-1, -1), PAD),
    ("TOPPADDING", (0, 0), (-1, -1), 2.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
]
_QUIET_VALUE = _style("quiet", 8, textColor=QUIET)


def _titled(text: str) -> list[Flowable]:
    return [Paragraph(markup(text, STRONG), BLOCK)] if text else []


def _cell_style(cell: Cell) -> ParagraphStyle:
    if cell is None:
        return MISSING
    return NUMBER if is_number(cell) else CELL


def _cut(text: str, style: ParagraphStyle, wide: float) -> Flowable:
    """A paragraph of at most `LINES` lines; what is left out is said."""
    made = _paragraph(text, style, wide)
    most, full = LINES * style.leading, len(text)
    while (tall := made.wrap(wide - 2 * PAD, 1e6)[1]) > most and len(text) > 20:
        text = text[: max(20, int(len(text) * most / tall * 0.9))]
        made = _paragraph(f"{text}… ({full - len(text)} more characters: {COMPLETE})", style, wide)
    return made


def _paragraph(text: str, style: ParagraphStyle, wide: float) -> Flowable:
    return Paragraph(markup(broken(text, wide - 2 * PAD - 0.5, style.fontSize)), style)


def _tall(cell: Flowable, wide: float) -> float:
    return float(cell.wrap(wide - 2 * PAD, 1e6)[1]) + 5.5
