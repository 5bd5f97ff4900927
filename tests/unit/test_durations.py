"""Durations: one rule for all who check, compare, count and show them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from catalog.checks.filling import lawful
from catalog.manifest.documents.shape import Duration
from catalog.manifest.durations import days, seconds
from catalog.reports.contents.saying import duration

YEAR = 31_556_952
"""Seconds of 365.2425 days."""


@pytest.mark.parametrize(
    ("period", "length"),
    [
        ("P1Y", YEAR),
        ("P12M", YEAR),
        ("P400Y", 146_097 * 86_400),
        ("P2W", 14 * 86_400),
        ("PT36H", 129_600),
        ("PT0.5S", 1),
        ("P", None),
        ("PT", None),
        ("3 years", None),
        (None, None),
    ],
)
def test_a_duration_has_one_length(period: Any, length: int | None) -> None:
    """A year is twelve months, and 400 of them are those of the calendar; what is no duration has no length."""
    assert length == seconds(period)
    assert (None if length is None else length / 86_400) == days(period)


@given(st.text("PTYMWDHS0123456789.", max_size=16) | st.from_regex(r"P(\d{1,7}[YMWD]){0,3}(T(\d{1,3}[HMS]){0,3})?"))
def test_what_a_document_may_say_everybody_can_read(text: str) -> None:
    """A duration that is accepted has a length, is a number for policies, and words for reports; no other is."""
    try:
        TypeAdapter(Duration).validate_python(text)
    except ValidationError:
        assert text != text.strip() or seconds(text) is None
    else:
        assert seconds(text) is not None
        assert days(text) == lawful.retention({"duration": text})["days"]
        assert text != duration(text)


def test_a_duration_is_shown_in_words() -> None:
    """Every part that it states, also of a second."""
    assert ["2 years", "1 month 3 days", "1.5 seconds", "0 days", "long"] == [
        duration(text) for text in ("P2Y", "P1M3D", "PT1.5S", "P0D", "long")
    ]
