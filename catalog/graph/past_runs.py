"""What of a run's past its own row does not keep: facets and parent from its entries, the latest run from the log.

A run's row has its events' times and sets, and the present facets alone (DECISIONS 3); the entries have everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from catalog.clock import DAY
from catalog.errors import InvalidQuestion
from catalog.graph.payloads import payloads
from catalog.graph.reader import Question, Reader
from catalog.graph.runs import attempts_of, facets_of, merged
from catalog.graph.store import Row, Store
from catalog.graph.walk import Moment
from catalog.lineage.observe import Record
from catalog.lineage.understand import Understanding

MOST_ENTRIES = 1_000
MOST_BYTES = 64_000_000
MOST_DAYS = 4_000
MESSAGE_BYTES = 8_000_000
BUCKETS = 500
ASK_NOW = "ask without asOf and knownAt"


def told(reader: Reader, ids: Iterable[str], moment: Moment) -> dict[str, Row]:
    """Facets by key, attempts, parent and root of runs at a moment, from what their entries say; by run id.

    Raises:
        InvalidQuestion: that would be too many entries, or some of their payloads are gone.
    """
    wanted = sorted(set(ids))
    runs = {row["id"]: row for row in reader.ask(lambda q: q.rows_by_id("assets", "runs_by_id", wanted))}
    found: dict[str, Row] = {}
    for run, records in _records(reader, runs, moment).items():
        values, shapes = merged(None, records)
        bodies = {id_: orjson.loads(shape.body) for id_, shape in shapes.items()}
        found[run] = {
            "facets": facets_of(values, bodies),
            "attempts": attempts_of(values, bodies),
            "parent": values.get("parent"),
            "root": values.get("root"),
        }
    return found


def latest_of_jobs(reader: Reader, jobs: Iterable[str], moment: Moment) -> dict[str, str]:
    """The run of the newest event of each job at a moment; jobs without one are left out.

    The log is read backwards, day by day, in portions that grow.

    Raises:
        InvalidQuestion: nothing within MOST_DAYS of the moment.
    """
    wanted = sorted(set(jobs))

    def work(q: Question) -> dict[str, str]:
        days = {}
        for row in q.rows_by_id("assets", "first_of_subjects", wanted):
            newest = min(row["last"], moment.bounds["asof"])
            days[row["id"]] = range(newest // DAY, row["first"] // DAY - 1, -1)
        newest_of: dict[str, tuple[int, int]] = {}
        size, looked = 1, 0
        while left := {job: span for job, span in days.items() if job not in newest_of and len(span) > looked}:
            if looked >= MOST_DAYS:
                raise InvalidQuestion(f"no run within {MOST_DAYS:,} days before that moment; {ASK_NOW}")
            buckets = {f"{job}|{day}": (job, day) for job, span in left.items() for day in span[looked : looked + size]}
            for row in _by_bucket(q, sorted(buckets), moment):
                job, day = buckets[row["bucket"]]
                newest_of[job] = max(newest_of.get(job, (row["t"], day)), (row["t"], day))
            looked, size = looked + size, min(size * 4, BUCKETS)
        places = [{"job": job, "bucket": f"{job}|{day}", "t": t} for job, (t, day) in sorted(newest_of.items())]
        latest: dict[str, str] = {}
        for row in q.rows("assets", "runs_heard_at", rows=places, known=moment.bounds["known"]):
            latest[row["job"]] = max(latest.get(row["job"], ""), row["run"])
        return latest

    return reader.ask(work)


def _by_bucket(q: Question, buckets: list[str], moment: Moment) -> list[Row]:
    found: list[Row] = []
    for at in range(0, len(buckets), BUCKETS):
        found += q.rows("assets", "last_of_days", buckets=buckets[at : at + BUCKETS], **moment.bounds)
    return found


def _records(reader: Reader, runs: Mapping[str, Row], moment: Moment) -> dict[str, list[Record]]:
    """What the entries of runs said by a moment."""
    places: list[dict[str, Any]] = []
    for id_, row in sorted(runs.items()):
        last = min(row["lastT"], moment.bounds["asof"])
        days = range(min(row["ts"]) // DAY, last // DAY + 1)
        if len(days) > MOST_DAYS:
            raise InvalidQuestion(f"run {row['external'][:80]!r} lasts {len(days):,} days; {ASK_NOW}")
        places += [{"run": id_, "bucket": f"{row['job']}|{day}"} for day in days]

    def work(q: Question) -> tuple[dict[str, str], list[Row]]:
        of: dict[str, str] = {}
        for at in range(0, len(places), BUCKETS):
            part = places[at : at + BUCKETS]
            found = q.rows("assets", "observations_of_runs", rows=part, limit=MOST_ENTRIES + 1, **moment.bounds)
            of.update((row["key"], row["run"]) for row in found)
            if len(of) > MOST_ENTRIES:
                raise InvalidQuestion(f"more than {MOST_ENTRIES:,} events would have to be read again; {ASK_NOW}")
        keys = sorted(of)
        return of, [
            row
            for at in range(0, len(keys), BUCKETS)
            for row in q.rows("assets", "entries_by_key", keys=keys[at : at + BUCKETS])
        ]

    of, entries = reader.ask(work)
    if sum(row["size"] for row in entries) > MOST_BYTES:
        raise InvalidQuestion(
            f"more than {MOST_BYTES // 1_000_000} MB of events would have to be read again; {ASK_NOW}"
        )
    understanding = Understanding()
    found: dict[str, list[Record]] = {id_: [] for id_ in runs}
    for row, payload in _payloads(reader.store, entries):
        record = understanding.record(orjson.loads(payload), row["key"], row["sequence"])
        found[of[row["key"]]].append(record)
    return found


def _payloads(store: Store, entries: list[Row]) -> Iterator[tuple[Row, bytes]]:
    """Each entry with its payload, read in messages of bounded size."""
    part: list[Row] = []
    for i, row in enumerate(entries, 1):
        part.append(row)
        if i < len(entries) and sum(r["size"] for r in part) + entries[i]["size"] <= MESSAGE_BYTES:
            continue
        try:
            said = payloads(store, {r["key"]: r["chunks"] for r in part})
            yield from ((r, said[r["key"]]) for r in part)
        except KeyError as e:
            raise InvalidQuestion(f"the events that told it are not kept any more; {ASK_NOW}") from e
        part = []
