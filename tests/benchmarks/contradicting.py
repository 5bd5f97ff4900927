"""A late event that says otherwise: what it costs grows with what came after it, not with all that ever came."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from tests.benchmarks.bare import Bare
from tests.benchmarks.figures import MS, RATIO, Figure, counted, median
from tests.benchmarks.layered import runs_of_one_job
from tests.benchmarks.session import Session
from tests.benchmarks.size import COLUMNS

BEHIND = (10, 100, 1_000)
"""How many runs happened after the late event."""
TIMES = 7


def measure(session: Session) -> Iterator[Figure]:
    """One late event with another schema, applied alone, by the runs it contradicts and by the job's whole past."""
    bare = session.bare()
    bare.need_layered()
    found: dict[tuple[int, int], float] = {}
    for total in session.size.contradicted:
        name = f"contradicted_{total}"
        runs = list(runs_of_one_job(name, total, COLUMNS))
        bare.apply(runs)
        for behind in (m for m in BEHIND if m < total):
            seconds = [_late(bare, runs, behind + turn, turn) for turn in range(TIMES)]
            found[total, behind] = median(seconds[2:])
            text = f"a late schema, {counted(behind, 'later run')}, of {total:,}"
            key = f"contradict.{total}.{behind}"
            yield Figure(key, text, found[total, behind] * 1_000, MS, counted(TIMES - 2, "event"))
    few, many = session.size.contradicted[0], session.size.contradicted[-1]
    for behind in (m for m in BEHIND if m < few):
        ratio = found[many, behind] / found[few, behind]
        yield Figure(
            f"contradict.{behind}.ratio", f"the same {behind} later runs, of {many:,} / of {few:,}", ratio, RATIO
        )


def _late(bare: Bare, runs: list[dict[str, Any]], behind: int, turn: int) -> float:
    """Seconds to apply one COMPLETE that happened just after the one so many runs from the end."""
    event = dict(runs[-1 - 2 * behind])
    at = datetime.fromisoformat(event["eventTime"]) + timedelta(seconds=1)
    (output,) = event["outputs"]
    other = [{"name": f"other_{turn}", "type": "INT"}]
    facets = {**output["facets"], "schema": {"fields": other}}
    late = {**event, "eventTime": at.isoformat(), "outputs": [{**output, "facets": facets}]}
    return bare.apply([late]).seconds
