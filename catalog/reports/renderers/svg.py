"""Lineage as SVG, inline in a page: no script, no style of its own, nothing from elsewhere."""

from __future__ import annotations

from html import escape

from catalog.reports.document import Lineage
from catalog.reports.renderers.drawing import HEIGHT, WIDTH, Box, Path, lay_out
from catalog.reports.renderers.pages import spelled

MARGIN = 8.0
INK = {
    "": ("#ffffff", "#5b6b7b"),
    "good": ("#eef7f0", "#2f7d4a"),
    "bad": ("#fdeeee", "#b3261e"),
    "warn": ("#fff6e5", "#9a6700"),
    "muted": ("#f3f4f6", "#9aa3ad"),
}
"""By tone: what a box is filled with, and its line."""
TEXT = "#1c2733"
SUBTLE = "#566372"


def svg(lineage: Lineage) -> str:
    """The element; text is escaped."""
    made = lay_out(lineage)
    width, height = made.width + 2 * MARGIN, made.height + 2 * MARGIN
    shapes = [*map(_path, made.paths), *map(_box, made.boxes)]
    title = escape(spelled(lineage.title) or "Lineage")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{title}" width="{width:.0f}" '
        f'height="{height:.0f}" viewBox="{-MARGIN:.0f} {-MARGIN:.0f} {width:.0f} {height:.0f}">'
        f"<title>{title}</title>{''.join(shapes)}</svg>"
    )


def _path(path: Path) -> str:
    ink = INK.get(path.tone, INK[""])[1]
    start, *rest = path.curve()
    way = f"M{_numbers(start)}" + "".join(f"C{_numbers(part)}" for part in rest)
    head = "M" + "L".join(map(_numbers, path.arrow())) + "Z"
    dash = ' stroke-dasharray="4 3"' if path.back else ""
    return f'<path d="{way}" fill="none" stroke="{ink}" stroke-width="1.1"{dash}/><path d="{head}" fill="{ink}"/>'


def _box(box: Box) -> str:
    fill, ink = INK.get(box.node.tone, INK[""])
    lines = "".join(
        f'<text x="{line.x:.1f}" y="{line.y:.1f}" font-size="{line.size}"'
        f"{' font-weight=' + chr(34) + '600' + chr(34) if line.strong else ''} "
        f'fill="{TEXT if line.strong else SUBTLE}">{escape(spelled(line.text))}</text>'
        for line in box.lines
    )
    whole = escape(spelled(" · ".join(part for part in (box.node.label, box.node.kind, box.node.note) if part)))
    return (
        f'<g><title>{whole}</title><rect x="{box.x:.1f}" y="{box.y:.1f}" width="{WIDTH:.0f}" height="{HEIGHT:.0f}" '
        f'rx="4" fill="{fill}" stroke="{ink}" stroke-width="1.2"/>{lines}</g>'
    )


def _numbers(values: tuple[float, ...]) -> str:
    return " ".join(f"{value:.1f}" for value in values)
