"""Where the service asks for the time.

Times are integers inside: microseconds since 1970-01-01T00:00:00Z. Only doors print or parse ISO-8601.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
DAY = 86_400 * SECOND


class Clock(Protocol):
    """Something that knows the time."""

    def now(self) -> int:
        """Microseconds since the epoch, UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> int:
        """Microseconds since the epoch, UTC."""
        return time.time_ns() // 1000


@dataclass
class FrozenClock:
    """A clock for tests: it stands until it is moved."""

    at: int = 0

    def now(self) -> int:
        """The moment it was set to, in microseconds."""
        return self.at


def to_iso(micros: int | None) -> str | None:
    """`2024-08-06T13:26:49.980000Z` for a moment in microseconds; None stays None."""
    if micros is None:
        return None
    return (EPOCH + timedelta(microseconds=micros)).isoformat(timespec="microseconds").replace("+00:00", "Z")


def from_datetime(moment: datetime) -> int:
    """Microseconds since the epoch; a moment without a zone is read as UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - EPOCH) // timedelta(microseconds=1)


LAST = from_datetime(datetime.max.replace(tzinfo=UTC))
"""The last moment that the calendar has: what would be later is then."""
