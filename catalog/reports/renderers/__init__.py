"""Renderings of a report: each a function of the report alone, so the same bytes come out again.

They know the blocks of `catalog.reports.document`, not what any report is about.
"""

from __future__ import annotations

from collections.abc import Callable

from catalog.reports.document import Report


def _json(report: Report, content: bytes) -> bytes:
    return content


def _csv(report: Report, content: bytes) -> bytes:
    from catalog.reports.renderers.csv import render

    return render(report, content)


def _html(report: Report, content: bytes) -> bytes:
    from catalog.reports.renderers.html import render

    return render(report, content)


def _md(report: Report, content: bytes) -> bytes:
    from catalog.reports.renderers.markdown import render

    return render(report, content)


def _pdf(report: Report, content: bytes) -> bytes:
    from catalog.reports.renderers.pdf import render

    return render(report, content)


RENDERERS: dict[str, Callable[[Report, bytes], bytes]] = {
    "json": _json,
    "csv": _csv,
    "html": _html,
    "md": _md,
    "pdf": _pdf,
}
"""By format; each takes the report and its canonical JSON. What draws is imported when it is used."""
