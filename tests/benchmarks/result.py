"""A result as a Markdown table for people and as JSON for machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.benchmarks.figures import MIB, RATE, RATIO, Figure


def as_json(machine: dict[str, str], mode: str, seconds: float, figures: Sequence[Figure]) -> dict[str, Any]:
    """Everything, for a file."""
    return {
        "machine": machine,
        "mode": mode,
        "seconds": round(seconds, 1),
        "figures": [{**figure._asdict(), "value": float(f"{figure.value:.5g}")} for figure in figures],
    }


def machine_lines(machine: dict[str, str], mode: str) -> str:
    """What it was measured on, as a list."""
    return "\n".join([*(f"- {name}: {text}" for name, text in machine.items()), f"- mode: {mode}"])


def head() -> str:
    """The table's head."""
    return f"| {'measurement':<58} | {'value':>10} | {'unit':<8} | note |\n|{'-' * 60}|{'-' * 11}:|{'-' * 10}|---|"


def line(figure: Figure) -> str:
    """One line of the table; ratios, which a noisy machine spoils least, are bold."""
    value = _number(figure)
    if figure.unit == RATIO:
        value = f"**{value}**"
    unit = "" if figure.unit == RATIO else figure.unit
    return f"| {figure.text:<58} | {value:>10} | {unit:<8} | {figure.note} |"


def _number(figure: Figure) -> str:
    if figure.unit in (RATE, MIB) or figure.value >= 100:
        return f"{figure.value:,.0f}"
    return f"{figure.value:.2f}" if figure.value < 10 else f"{figure.value:.1f}"
