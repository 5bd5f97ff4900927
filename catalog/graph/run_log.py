"""The log of jobs' runs, read by day: equality look-ups, backwards from a moment or along a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from catalog.clock import DAY
from catalog.errors import InvalidQuestion
from catalog.graph.reader import Question
from catalog.graph.store import Row
from catalog.graph.walk import Moment

MOST_EVENTS = 1_000
MOST_DAYS = 4_000
BUCKETS = 500
ASK_NOW = "ask without asOf and knownAt"


class Backwards:
    """Goes back through the days of several jobs' logs, in portions that grow, until each job is done.

    Args:
        jobs: ids; those that were never heard are done at once.
    """

    def __init__(self, q: Question, jobs: Iterable[str], moment: Moment) -> None:
        self._days: dict[str, range] = {}
        for row in q.rows_by_id("assets", "heard_of_subjects", sorted(set(jobs))):
            newest = min(row["last"], moment.bounds["asof"])
            self._days[row["id"]] = range(newest // DAY, row["first"] // DAY - 1, -1)

    def done(self, job: str) -> None:
        """Leave a job out from now on."""
        self._days.pop(job, None)

    def portions(self) -> Iterator[dict[str, tuple[str, int]]]:
        """Job and day by log bucket, for the jobs not done yet.

        Raises:
            InvalidQuestion: some are not done after MOST_DAYS.
        """
        looked, size = 0, 1
        while left := {job: days for job, days in self._days.items() if len(days) > looked}:
            if looked >= MOST_DAYS:
                raise InvalidQuestion(f"no such run within {MOST_DAYS:,} days before that moment; {ASK_NOW}")
            yield {f"{job}|{day}": (job, day) for job, days in left.items() for day in days[looked : looked + size]}
            looked, size = looked + size, min(size * 4, BUCKETS)


def observations(q: Question, runs: Mapping[str, Row], moment: Moment) -> list[Row]:
    """What was observed of runs by a moment: `{run, key, t, rank, s, use}`, in the order of the fold.

    Raises:
        InvalidQuestion: runs too long, or with too many events, to be read again.
    """
    most = MOST_EVENTS * len(runs)
    found = portions(q, "observations_of_runs", _places(runs, moment), limit=most + 1, **moment.bounds)
    if len(found) > most:
        raise InvalidQuestion(f"more than {most:,} events: too many to be read again")
    return sorted(found, key=lambda row: (row["t"], row["rank"], row["key"]))


def bundles(q: Question, runs: Mapping[str, Row], moment: Moment) -> list[Row]:
    """What runs asserted by a moment, as Uses, each once.

    Raises:
        InvalidQuestion: runs too long to be read again.
    """
    seen = portions(q, "bundles_of_runs", _places(runs, moment), **moment.bounds)
    return q.rows_by_id("assets", "uses_by_id", sorted({row["use"] for row in seen}))


def _places(runs: Mapping[str, Row], moment: Moment) -> list[dict[str, Any]]:
    """The log buckets that may have heard of runs by a moment."""
    places: list[dict[str, Any]] = []
    for id_, row in sorted(runs.items()):
        last = min(row["lastT"], moment.bounds["asof"])
        days = range(min(row["ts"]) // DAY, last // DAY + 1)
        if len(days) > MOST_DAYS:
            raise InvalidQuestion(f"run {row['external'][:80]!r} lasts {len(days):,} days: too long to be read again")
        places += [{"run": id_, "bucket": f"{row['job']}|{day}"} for day in days]
    return places


Block = Literal["observations_of_runs", "bundles_of_runs", "last_of_days", "completed_on_days"]


def portions(q: Question, block: Block, rows: list[Any], **parameters: Any) -> list[Row]:
    """All rows of a block that takes `$rows`, asked in bounded portions."""
    found: list[Row] = []
    for at in range(0, len(rows), BUCKETS):
        found += q.rows("assets", block, rows=rows[at : at + BUCKETS], **parameters)
    return found
