"""How long ISO-8601 durations are: the one rule by which periods are checked, compared, counted and shown.

A year is the mean year of the Gregorian calendar, 365.2425 days, and a month is a twelfth of it, so that P1Y and P12M
are one length. Spans that a law counts by the calendar are added to a day instead, see `checks.law.periods`.
"""

from __future__ import annotations

import re
from math import ceil

DURATION = re.compile(
    r"P(?=\d|T\d)(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})W)?(?:(\d{1,9})D)?"
    r"(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?",
    re.ASCII,
)
"""A duration with its parts: years, months, weeks, days, hours, minutes, seconds. Source: ISO 8601-1, 5.5.2."""
_SECONDS = (31_556_952, 2_629_746, 604_800, 86_400, 3_600, 60)
"""Of a year and a twelfth of it, a week, a day, an hour, a minute."""
_DAY = 86_400


def seconds(period: object) -> int | None:
    """How long a duration is, in seconds, a begun one counted whole; None if it is none."""
    found = DURATION.fullmatch(period.strip().upper()) if isinstance(period, str) else None
    if found is None:
        return None
    *whole, last = found.groups(default="0")
    return sum(int(part) * size for part, size in zip(whole, _SECONDS, strict=True)) + ceil(float(last))


def days(period: object) -> float | None:
    """How long a duration is, in days; None if it is none."""
    found = seconds(period)
    return None if found is None else found / _DAY
