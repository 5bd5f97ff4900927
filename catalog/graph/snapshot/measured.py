"""What runs measured and checked of datasets by a moment: the newest of it, from the samples of the last months."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from catalog.checks.snapshot import Check
from catalog.graph.reader import Question
from catalog.graph.samples import MONTH
from catalog.graph.shapes import load_bodies_for
from catalog.graph.store import Row
from catalog.graph.walk import Moment
from catalog.lineage.series import Metric, Sample, checks, last_told, only_once, series

MONTHS = 3
"""The newest months that have any samples of a dataset are looked at, each name of it apart."""
MOST_SAMPLES = 300
"""Of one name in one month the newest are looked at."""
MOST_ROWS = 60
ROWS = Metric("outputStatistics.rowCount", "")
_FAILED, _PASSED = "FAIL", "PASS"


class Measured:
    """Samples of datasets, by dataset."""

    def __init__(self, q: Question, ids: Iterable[str], moment: Moment) -> None:
        months: dict[str, list[tuple[int, str]]] = {}
        for row in q.rows_by_id("snapshot", "sample_months", sorted(ids)):
            if row["month"] * MONTH <= moment.bounds["asof"]:
                months.setdefault(row["of"], []).append((row["month"], row["id"]))
        buckets = sorted(id_ for some in months.values() for _, id_ in sorted(some)[-MONTHS:])
        rows = q.rows_by_id("snapshot", "samples", buckets, limit=MOST_SAMPLES, **moment.bounds)
        bodies = load_bodies_for(q, {row["shape"] for row in rows if row["shape"]})
        self._of: dict[str, list[Sample]] = {}
        for row in rows:
            self._of.setdefault(row["of"], []).append(_sample(row, bodies))

    def of(self, ids: Iterable[str]) -> list[Sample]:
        """The samples of a dataset under its names."""
        return [sample for id_ in ids for sample in self._of.get(id_, ())]


def rows_over_time(samples: Iterable[Sample]) -> tuple[tuple[int, int], ...]:
    """How many rows the last writes had, as (time, number), the newest last."""
    return tuple((time, int(value)) for time, value, _ in series(samples, ROWS))[-MOST_ROWS:]


def newest_checks(samples: Iterable[Sample]) -> tuple[Check, ...]:
    """The newest result of each check; one that was skipped has none."""
    listed = list(samples)
    entries = {sample.id: sample.key for sample in listed}
    found: dict[tuple[str, str], Check] = {}
    for told in only_once(last_told(listed, checks)):
        if told.value.status in (_PASSED, _FAILED):
            name = told.key.name or told.key.assertion
            found[name, told.key.column] = Check(
                name,
                told.key.column,
                told.value.status == _PASSED,
                told.value.severity or "",
                told.t,
                entries[told.sample],
            )
    return tuple(found[place] for place in sorted(found))


def _sample(row: Row, bodies: dict[str, Any]) -> Sample:
    facets = bodies[row["shape"]] if row["shape"] else orjson.loads(row["body"])
    return Sample(row["id"], row["t"], row["rank"], row["key"], row["run"], row["role"], facets)
