"""The newest runs of jobs by a moment, and when those wrote datasets; read from the log, backwards by days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from catalog.checks.snapshot import Run
from catalog.clock import DAY
from catalog.graph.reader import ID_BATCH, Question
from catalog.graph.runs import at
from catalog.graph.snapshot.times import Bundle, Span
from catalog.graph.walk import Moment
from catalog.lineage.observe import WRITES
from catalog.lineage.runs import RunState

MOST_RUNS = 20
"""Of one job; what they wrote is all that is known of when datasets were written."""
MOST_WRITES = 60
WINDOW = 92
"""Days before the one on which a job was heard last that are looked through."""
_UNHEARD = dict.fromkeys(("facets", "parent", "root"))


class Runs:
    """The newest runs of jobs.

    Attributes:
        of: ids of the runs of each job, the newest first.
        writes: when a run that wrote it was heard of it last, by dataset and run.
    """

    def __init__(self) -> None:
        self.of: dict[str, list[str]] = {}
        self.writes: dict[str, dict[str, int]] = {}

    def times_written(self, datasets: Iterable[str]) -> tuple[int, ...]:
        """When a dataset was written under any of these names."""
        last: dict[str, int] = {}
        for run, time in (told for id_ in datasets for told in self.writes.get(id_, {}).items()):
            last[run] = max(last.get(run, time), time)
        return tuple(sorted(set(last.values()))[-MOST_WRITES:])


def newest_runs(q: Question, spans: Mapping[str, Span], bundles: Mapping[str, Bundle], moment: Moment) -> Runs:
    """The newest runs of jobs that were heard between these times."""
    days = {job: range(span.last // DAY, max(span.first // DAY, span.last // DAY - WINDOW) - 1, -1)
            for job, span in spans.items()}  # fmt: skip
    heard: dict[str, dict[str, int]] = {job: {} for job in days}
    written: dict[tuple[str, str], int] = {}
    size, left = 1, dict(days)
    while left:
        buckets = {f"{job}|{day}": job for job, some in left.items() for day in some[:size]}
        ordered = sorted(buckets)
        for i in range(0, len(ordered), ID_BATCH):
            for row in q.rows("snapshot", "runs_on", buckets=ordered[i : i + ID_BATCH], **moment.bounds):
                runs, run, time = heard[buckets[row["bucket"]]], row["run"], row["t"]
                runs[run] = max(runs.get(run, time), time)
                for kind, dataset in bundles[row["use"]].named if row["use"] in bundles else ():
                    if kind == WRITES:
                        written[dataset, run] = max(written.get((dataset, run), time), time)
        left = {job: some[size:] for job, some in left.items() if len(heard[job]) < MOST_RUNS and len(some) > size}
        size = min(4 * size, WINDOW)
    found = Runs()
    for job, times in heard.items():
        found.of[job] = sorted(times, key=lambda run: (-times[run], run))[:MOST_RUNS]
    chosen = {run for runs in found.of.values() for run in runs}
    for (dataset, run), time in written.items():
        if run in chosen:
            found.writes.setdefault(dataset, {})[run] = time
    return found


def states(q: Question, ids: Iterable[str], moment: Moment) -> dict[str, Run]:
    """What had become of runs by a moment; those that are not kept are left out."""
    found = {}
    for row in q.rows_by_id("snapshot", "runs", sorted(set(ids))):
        then = at({**row, **_UNHEARD}, moment)
        if then is not None:
            state = str(then["state"] or RunState.UNKNOWN)
            found[row["id"]] = Run(row["id"], state, then["startedAt"], then["endedAt"])
    return found
