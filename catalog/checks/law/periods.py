"""Spans of time that a law gives, as data beside its dates, and when one that begins at a moment ends.

Months are those of the calendar, as Regulation (EEC, Euratom) 1182/71 counts them: one that begins on the 31st of
January ends with the last day of February.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import timedelta
from functools import cache

from catalog.checks.law import Period, instruments
from catalog.clock import EPOCH, LAST, from_datetime

_SPAN = re.compile(r"P(?:(\d{1,3})M)?(?:(\d{1,4})D)?", re.ASCII)


@cache
def period(name: str) -> Period:
    """A span of time by its id; which ones there are is fixed, so one that is not there is a mistake in this code."""
    return next(one for instrument in instruments() for one in instrument.periods if one.id == name)


def end_of(name: str, begin: int) -> int:
    """When a span of time that begins at a moment (µs) ends (µs)."""
    span = _SPAN.fullmatch(period(name).duration)
    assert span, period(name).duration
    try:
        at = EPOCH + timedelta(microseconds=begin)
        years, month = divmod(at.month - 1 + int(span[1] or 0), 12)
        year = at.year + years
        at = at.replace(year=year, month=month + 1, day=min(at.day, monthrange(year, month + 1)[1]))
        return from_datetime(at + timedelta(days=int(span[2] or 0)))
    except (ValueError, OverflowError):  # the calendar ends with the year 9999
        return LAST
