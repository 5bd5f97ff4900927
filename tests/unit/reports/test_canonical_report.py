"""A report has one spelling, which reads back as the same report."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.errors import InvalidReport
from catalog.reports.canonical import canonical, content_of, loads, read_report, to_json
from tests.unit.reports.a_report import a_report

NUMBERS = {
    0.0: "0",
    1.0: "1",
    -1.5: "-1.5",
    5e-324: "5e-324",
    1.7976931348623157e308: "1.7976931348623157e+308",
    9007199254740992.0: "9007199254740992",
    295147905179352830000.0: "295147905179352830000",
    999999999999999900000.0: "999999999999999900000",
    1e21: "1e+21",
    1e-6: "0.000001",
    1e-7: "1e-7",
    333333333.33333329: "333333333.3333333",
    4.5: "4.5",
    2e-3: "0.002",
    1e-27: "1e-27",
}
"""Source: RFC 8785, sections 3.2.2 and appendix B."""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.parametrize(("number", "text"), NUMBERS.items())
def test_numbers_are_spelled_as_in_javascript(number: float, text: str) -> None:
    """Another program that follows RFC 8785 finds the same hash."""
    assert text == canonical(number).decode()


def test_names_are_sorted_by_utf_16_and_texts_escape_no_more_than_they_must() -> None:
    """Source: RFC 8785, section 3.2.3, and its example of keys beyond the first plane."""
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "ö": 7}

    assert ["\r", "1", "\u0080", "ö", "\u20ac", "\U0001f600", "\ufb33"] == list(loads(canonical(value)))
    assert r'"€$\u000f\nA'.encode() + b"'B" + rb'\"\\\\\"/"' == canonical('€$\x0f\nA\'B"\\\\"/')


@given(JSON)
@example(-1e20)
def test_the_spelling_reads_back_as_the_same_and_is_its_own(value: Any) -> None:
    """canonical(read(canonical(x))) = canonical(x), and nothing is lost."""
    spelled = canonical(value)

    assert value == loads(spelled)
    assert spelled == canonical(loads(spelled))


def test_what_no_json_number_can_be_is_a_text() -> None:
    """Infinite, not a number, or beyond 2^53: never a wrong number."""
    assert b'["inf","nan","9007199254740993"]' == canonical([math.inf, math.nan, 2**53 + 1])


def test_a_report_reads_back_whole() -> None:
    """All blocks, cells and names."""
    report = a_report(7)
    content = content_of(report)

    assert report == read_report(loads(content))
    assert content == content_of(read_report(loads(content)))


@pytest.mark.parametrize(
    "broken",
    [
        {},
        [],
        {"format": "headwater-report/99"},
        to_json(a_report(1)) | {"sections": [{"id": "s", "title": "S", "blocks": [{"kind": "script"}]}]},
        to_json(a_report(1)) | {"scope": {"a": [1]}},
        to_json(a_report(1)) | {"knownAt": "7"},
    ],
)
def test_what_is_no_report_is_refused(broken: Any) -> None:
    """In words, not by a bug."""
    with pytest.raises(InvalidReport):
        read_report(broken)
