"""Times are whole microseconds inside, ISO-8601 at the doors, and nothing is lost between."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.clock import DAY, EPOCH, SECOND, FrozenClock, SystemClock, from_datetime, to_iso

FIRST, LAST = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The first and last microsecond that has an ISO-8601 date of four digits."""


@settings(max_examples=200, deadline=None)
@given(st.integers(FIRST, LAST))
def test_what_is_printed_is_the_moment(micros: int) -> None:
    """Printed and read again, to the microsecond, over all years."""
    text = to_iso(micros)

    assert text is not None
    assert micros == from_datetime(datetime.fromisoformat(text))


@settings(max_examples=100, deadline=None)
@given(st.integers(FIRST, LAST), st.integers(FIRST, LAST))
def test_texts_sort_as_moments_do(one: int, other: int) -> None:
    """One width and one zone, so that comparing texts compares times."""
    assert (one < other) == (str(to_iso(one)) < str(to_iso(other)))


@settings(max_examples=100, deadline=None)
@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)), st.integers(-1_439, 1_439))
def test_the_zone_is_no_part_of_a_moment(moment: datetime, minutes: int) -> None:
    """The same moment in any zone is the same number; without a zone it is UTC."""
    aware = moment.replace(tzinfo=UTC)
    elsewhere = aware.astimezone(timezone(timedelta(minutes=minutes)))

    assert from_datetime(aware) == from_datetime(elsewhere) == from_datetime(moment)


def test_the_machine_s_zone_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A moment without a zone is UTC wherever the service runs."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        micros = from_datetime(datetime(1970, 1, 1, 0, 0, 1))
    time.tzset()

    assert (SECOND, "1970-01-01T00:00:01.000000Z") == (micros, to_iso(micros))


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (None, None),
        (0, "1970-01-01T00:00:00.000000Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
        (SECOND, "1970-01-01T00:00:01.000000Z"),
        (DAY, "1970-01-02T00:00:00.000000Z"),
        (1_722_950_809_980_000, "2024-08-06T13:26:49.980000Z"),
        (FIRST, "0001-01-01T00:00:00.000000Z"),
        (LAST, "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_printed_moments(micros: int | None, text: str | None) -> None:
    """Always six digits and a Z; nothing stays nothing."""
    assert text == to_iso(micros)


def test_the_system_s_clock_counts_microseconds() -> None:
    """It agrees with the machine's."""
    before, now, after = datetime.now(UTC), SystemClock().now(), datetime.now(UTC)

    assert from_datetime(before) <= now <= from_datetime(after)


def test_a_frozen_clock_stands_until_it_is_moved() -> None:
    """Tests decide what time it is."""
    clock = FrozenClock()
    first = clock.now()
    clock.at += DAY

    assert (0, DAY) == (first, clock.now())
    assert 0 == from_datetime(EPOCH)
