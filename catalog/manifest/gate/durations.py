"""Lengths of retention periods, so that two of them can be compared."""

from __future__ import annotations

import re

_ISO = re.compile(
    r"P(?=\d|T\d)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})W)?(?:(\d{1,6})D)?"
    r"(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9})S)?)?",
    re.ASCII,
)
_SECONDS = (31_557_600, 2_629_800, 604_800, 86_400, 3_600, 60, 1)
"""Of a year (365.25 days) and a twelfth of it, a week, a day, an hour, a minute, a second."""


def seconds(period: object) -> int | None:
    """How long an ISO-8601 period is, in seconds; None if it is none. A year is twelve months.

    Source: ISO 8601-1, 5.5.2.
    """
    found = _ISO.fullmatch(period.strip().upper()) if isinstance(period, str) else None
    if found is None:
        return None
    return sum(int(part) * size for part, size in zip(found.groups(default="0"), _SECONDS, strict=True))
