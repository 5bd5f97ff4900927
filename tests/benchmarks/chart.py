"""The chart of the README: `python -m tests.benchmarks.chart RESULT.json … > docs/benchmarks.svg`.

Bars on a logarithmic scale, since a peer and this service are two orders of magnitude apart; every bar carries its
figure. Marquez's figures are the recorded ones of docs/benchmarks.md.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

WIDTH, BAR, GAP, LEFT, RIGHT = 860, 18, 26, 190, 90
COLOURS = {"embedded": "#2f7ed8", "neo4j": "#0b8f6a", "Marquez 0.51.1": "#b0b7c3"}
PEER = "Marquez 0.51.1"


class Panel(NamedTuple):
    """One question: its title, the figure's key in a result, and the peer's recorded figure."""

    title: str
    key: str
    unit: str
    peer: float


PANELS = (
    Panel("events accepted a second, 32 clients (more is better)", "post.32", "/s", 26.0),
    Panel("events applied a second, repeat runs (more is better)", "drain.repeat", "/s", 26.0),
    Panel("lineage, depth 20, p50 (less is better)", "graphql.20.p50", " ms", 6_569.0),
    Panel("page of 100 jobs, p50 (less is better)", "graphql.page.p50", " ms", 5_500.0),
)


def draw(results: list[dict[str, Any]]) -> str:
    """The chart as SVG text."""
    found = {r["machine"]["store"]: {f["key"]: f["value"] for f in r["figures"]} for r in results}
    y, parts = 10, []
    for panel in PANELS:
        bars = [(name, figures[panel.key]) for name, figures in found.items() if panel.key in figures]
        bars.append((PEER, panel.peer))
        y += 16
        parts.append(f'<text x="0" y="{y}" class="title">{escape(panel.title)}</text>')
        y += 10
        longest = max(value for _, value in bars)
        for name, value in bars:
            parts.append(_bar(name, value, panel.unit, longest, y))
            y += BAR + 4
        y += GAP - 10
    style = "text{font:13px sans-serif;fill:#6b7280}.title{font-weight:bold}.value{font-size:12px}"
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" role="img" '
        f'aria-label="Benchmarks of Headwater beside Marquez">\n<style>{style}</style>\n{body}\n</svg>\n'
    )


def _bar(name: str, value: float, unit: str, longest: float, y: int) -> str:
    length = max(2.0, math.log10(1 + value) / math.log10(1 + longest) * (WIDTH - LEFT - RIGHT))
    label = name if name == PEER else f"Headwater, {name}"
    middle = y + BAR - 5
    return (
        f'<text x="{LEFT - 10}" y="{middle}" text-anchor="end">{escape(label)}</text>'
        f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2" fill="{COLOURS[name]}"/>'
        f'<text x="{LEFT + length + 6:.1f}" y="{middle}" class="value">{value:,.0f}{unit}</text>'
    )


if __name__ == "__main__":
    sys.stdout.write(draw([json.loads(Path(name).read_text("utf-8")) for name in sys.argv[1:]]))
