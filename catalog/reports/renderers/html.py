"""A report as one HTML page: no script, nothing from elsewhere, made to be printed, too.

What texts say is escaped by the template engine; the page forbids itself everything but its own style (CSP).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from catalog.reports.document import Facts, Lineage, Prose, Report, Table
from catalog.reports.renderers.pages import (
    COMPLETE,
    cut,
    head,
    is_number,
    of_numbers,
    sections,
    shown,
    spelled,
    tone_of,
)
from catalog.reports.renderers.svg import svg

FOLDER = Path(__file__).parent
_KINDS = {Prose: "prose", Facts: "facts", Table: "table", Lineage: "lineage"}


def render(report: Report, content: bytes) -> bytes:
    """The page, without its seal."""
    page = _template().render(
        report=report,
        head=head(report, content),
        sections=sections(report),
        complete=COMPLETE,
        style=Markup((FOLDER / "report.css").read_text("utf-8")),
    )
    return (page.rstrip() + "\n").encode("utf-8", "replace")


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(shown=shown, spelled=spelled, kind=lambda block: _KINDS[type(block)], cut=cut)
    environment.filters.update(svg=lambda lineage: Markup(svg(lineage)), is_number=is_number, of_numbers=of_numbers)
    environment.globals.update(tone_of=tone_of)
    return environment.get_template("report.html.j2")
