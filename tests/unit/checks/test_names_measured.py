"""How good the rules about names are. The labels of each list were given before the rules were run on it.

`recorded` and `public_schemas` were read once by rules that had never seen them, and used to better them then. `later`
was not: who changes a rule because of one of its names has used it up, and another list has to take its place.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import pytest

from catalog.checks.classification.categories import CATEGORIES
from catalog.checks.classification.names import guess

LISTS = Path(__file__).parents[2] / "corpus" / "classification"
OTHER, AMBIGUOUS = "-", "?"


class Measured(NamedTuple):
    """Of names of personal data how many were found, and with the right category; of others how many were, too."""

    personal: int
    found: int
    right: int
    other: int
    wrongly: int
    ambiguous: int


def measure(name: str) -> Measured:
    """What the rules find in a list."""
    with (LISTS / f"{name}.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["label"] for row in rows} <= {*CATEGORIES, OTHER, AMBIGUOUS}
    told = [(row["label"], guess(row["column"], row["type"] or None, row["dataset"])) for row in rows]
    personal = [(label, found) for label, found in told if label not in (OTHER, AMBIGUOUS)]
    return Measured(
        personal=len(personal),
        found=sum(found is not None for _, found in personal),
        right=sum(found is not None and found.category == label for label, found in personal),
        other=sum(label == OTHER for label, _ in told),
        wrongly=sum(label == OTHER and found is not None for label, found in told),
        ambiguous=sum(label == AMBIGUOUS for label, _ in told),
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("recorded", Measured(personal=45, found=38, right=38, other=265, wrongly=2, ambiguous=18)),
        ("public_schemas", Measured(personal=166, found=141, right=138, other=143, wrongly=2, ambiguous=33)),
        ("later", Measured(personal=95, found=72, right=71, other=70, wrongly=3, ambiguous=9)),
    ],
)
def test_what_the_documentation_says_is_measured(name: str, expected: Measured) -> None:
    """The numbers in docs/classification.md are those that come out."""
    found = measure(name)

    assert expected == found
    about = (Path(__file__).parents[3] / "docs" / "classification.md").read_text("utf-8")
    assert f"{found.found} of {found.personal} | {found.right} | {found.wrongly} of {found.other}" in about
