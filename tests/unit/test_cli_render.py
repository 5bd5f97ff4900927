"""What people see: tables, trees and last lines, without a service."""

from __future__ import annotations

from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.cli.render import (
    Cell,
    Screen,
    clean,
    columns,
    count,
    duration,
    entry_text,
    hits_table,
    inbox_table,
    moment,
    runs_table,
    shorten,
    table,
)

RUN: dict[str, Any] = {
    "id": "r1",
    "runId": "0190b5f5-0000-7000-8000-000000000001",
    "state": "FAILED",
    "startedAt": "2024-08-06T13:26:49.980000Z",
    "endedAt": "2024-08-06T13:28:00Z",
    "startedInferred": True,
    "durationSeconds": 70.02,
    "job": {"namespace": "airflow", "name": "nightly_orders"},
}
ENTRY: dict[str, Any] = {
    "key": "3f9a0c" + "0" * 58,
    "sequence": 7,
    "state": "REJECTED",
    "kind": "RunEvent",
    "subject": "airflow nightly_orders",
    "received": "2024-08-06T13:26:49.980000Z",
    "settledAt": None,
    "attempts": 1,
    "reason": "eventTime lies 3 days ahead",
    "warnings": ["run.facets.x: not an object", "another"],
    "size": 1234,
    "edits": None,
    "editedAs": [],
    "purgedAt": None,
    "run": None,
}


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, "-"),
        (0.0, "0.00s"),
        (9.99, "9.99s"),
        (9.999, "10s"),
        (59.7, "1m 00s"),
        (303, "5m 03s"),
        (7500, "2h 05m"),
        (273600, "3d 04h"),
    ],
)
def test_durations(seconds: float | None, shown: str) -> None:
    """Two units, the smaller one with two digits."""
    assert shown == duration(seconds)


@pytest.mark.parametrize(
    ("iso", "shown"),
    [
        (None, "-"),
        ("2024-08-06T13:26:49.980000Z", "2024-08-06 13:26:49Z"),
        ("2024-08-06T13:26:49+00:00", "2024-08-06 13:26:49Z"),
        ("2024-08-06T13:26:49+02:00", "2024-08-06T13:26:49+02:00"),
        ("soon", "soon"),
    ],
)
def test_moments(iso: str | None, shown: str) -> None:
    """To the second, in UTC; what is not UTC is left as it is."""
    assert shown == moment(iso)


def test_counts() -> None:
    """One is not many."""
    assert ["1 node", "0 nodes", "1,200 nodes", "2 entries"] == [
        count(1, "node"),
        count(0, "node"),
        count(1200, "node"),
        count(2, "entry", "entries"),
    ]


@given(st.text(), st.integers(10, 50))
def test_no_name_can_move_the_cursor(text: str, most: int) -> None:
    """Control, direction and line characters are escaped; the width holds."""
    shown = clean(text, most)

    assert shown.isprintable()
    assert columns(shown) <= most


def test_a_short_name_is_left_alone() -> None:
    """Also one in another script."""
    assert ["größe.テーブル", "a\\x1b[31m"] == [clean("größe.テーブル"), clean("a\x1b[31m")]


def test_long_text_loses_its_middle() -> None:
    """Beginning and end say most."""
    assert "abcd…wxyz" == shorten("abcdefghijklmnopqrstuvwxyz", 9)


def test_a_table_is_narrowed_to_the_screen() -> None:
    """Names give way, whole cells do not; without a screen nothing is cut."""
    rows = [(Cell("x" * 60), Cell("0190b5f5-0000-7000", whole=True)), (Cell("テーブル"), Cell("k", whole=True))]
    wide, narrow = table(("NAME", "RUN"), rows), table(("NAME", "RUN"), rows, Screen(width=40))

    assert "x" * 60 in wide
    assert 40 == max(columns(line) for line in narrow.splitlines())
    assert "…" in narrow
    assert "0190b5f5-0000-7000" in narrow
    ends = zip(wide.splitlines(), ("RUN", "019", "k"), strict=True)
    assert {62} == {columns(line[: line.rindex(end)]) for line, end in ends}


def test_runs() -> None:
    """State, job, start (inferred ones marked), duration, id."""
    expected = (
        "STATE   JOB             NAMESPACE  STARTED                DURATION  RUN\n"
        "FAILED  nightly_orders  airflow    2024-08-06 13:26:49Z~  1m 10s    0190b5f5-0000-7000-8000-000000000001"
    )

    assert expected == runs_table([RUN])


def test_a_run_that_only_began_has_gaps() -> None:
    """Nothing is invented for what is not known."""
    bare = {
        **RUN,
        "state": "UNKNOWN",
        "startedAt": None,
        "startedInferred": False,
        "durationSeconds": None,
        "job": None,
    }

    assert ["UNKNOWN", "-", "-", "-", "-", RUN["runId"]] == runs_table([bare]).splitlines()[1].split()


def test_entries() -> None:
    """Enough of a key to find it, the reason, and how many warnings."""
    expected = (
        "KEY           SEQUENCE  STATE     KIND      RECEIVED              SUBJECT                 REASON\n"
        "3f9a0c000000  7         REJECTED  RunEvent  2024-08-06 13:26:49Z  airflow nightly_orders  "
        "eventTime lies 3 days ahead; 2 warnings"
    )

    assert expected == inbox_table([ENTRY])


def test_an_entry_in_full() -> None:
    """Everything that is known, and every warning."""
    shown = entry_text(ENTRY).splitlines()

    assert f"key       {ENTRY['key']}" == shown[0]
    assert "reason    eventTime lies 3 days ahead" in shown
    assert "settled   -" in shown
    assert ["warning   run.facets.x: not an object", "warning   another"] == shown[-2:]


def test_hits() -> None:
    """Kind, name, namespace."""
    hit = {"id": "1", "kind": "JOB", "namespace": "airflow", "name": "nightly"}

    assert "KIND  NAME     NAMESPACE\njob   nightly  airflow" == hits_table([hit])


def test_colours_are_for_those_who_see_them() -> None:
    """Plain text is the coloured text without its colours."""
    plain, coloured = runs_table([RUN]), runs_table([RUN], Screen(color=True))

    assert "\x1b[31m" in coloured
    assert plain == "\n".join(line.rstrip() for line in click.unstyle(coloured).splitlines())
