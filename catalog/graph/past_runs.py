"""What of a run's past its own row does not keep: facets and parent from its entries; which run was the latest.

A run's row has its events' times and sets, and the present facets alone (DECISIONS 3); the entries have everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import orjson

from catalog.errors import InvalidQuestion
from catalog.graph.payloads import payloads
from catalog.graph.reader import Question, Reader
from catalog.graph.run_log import ASK_NOW, BUCKETS, Backwards, observations, portions
from catalog.graph.runs import at, attempts_of, facets_of, merged
from catalog.graph.store import Row, Store
from catalog.graph.walk import Moment
from catalog.lineage.assertions import EventType
from catalog.lineage.observe import Record
from catalog.lineage.runs import RunState
from catalog.lineage.understand import Understanding

MOST_BYTES = 64_000_000
MESSAGE_BYTES = 8_000_000
CANDIDATES = 20


def told(reader: Reader, ids: Iterable[str], moment: Moment) -> dict[str, Row]:
    """Facets by key, attempts, parent and root of runs at a moment, from what their entries say; by run id.

    Raises:
        InvalidQuestion: that would be too many entries, or some of their payloads are gone.
    """
    wanted = sorted(set(ids))

    def work(q: Question) -> tuple[dict[str, str], list[Row]]:
        runs = {row["id"]: row for row in q.rows_by_id("assets", "runs_by_id", wanted)}
        of = {row["key"]: row["run"] for row in observations(q, runs, moment)}
        keys, entries = sorted(of), []
        for i in range(0, len(keys), BUCKETS):
            entries += q.rows("assets", "entries_by_key", keys=keys[i : i + BUCKETS])
        return of, entries

    of, entries = reader.ask(work)
    if (size := sum(row["size"] for row in entries)) > MOST_BYTES:
        raise InvalidQuestion(f"{size:,} bytes of events would have to be read again; {ASK_NOW}")
    understanding = Understanding(infer=False)  # of runs: column lineage is no part of them
    records: dict[str, list[Record]] = {id_: [] for id_ in of.values()}
    for row, payload in _payloads(reader.store, entries):
        record = understanding.record(orjson.loads(payload), row["key"], row["sequence"])
        records[of[row["key"]]].append(record)
    return {run: _merged(said) for run, said in records.items()}


def latest_of_jobs(reader: Reader, jobs: Iterable[str], moment: Moment) -> dict[str, str]:
    """The run of the newest event of each job at a moment; jobs without one are left out.

    Raises:
        InvalidQuestion: nothing within reach of the moment.
    """
    wanted = sorted(set(jobs))

    def work(q: Question) -> dict[str, str]:
        newest: dict[str, tuple[int, str]] = {}
        back = Backwards(q, wanted, moment)
        for buckets in back.portions():
            for row in portions(q, "last_of_days", sorted(buckets), **moment.bounds):
                job, _ = buckets[row["bucket"]]
                newest[job] = max(newest.get(job, (row["t"], "")), (row["t"], row["bucket"]))
                back.done(job)
        places = [{"job": job, "bucket": bucket, "t": t} for job, (t, bucket) in sorted(newest.items())]
        latest: dict[str, str] = {}
        for row in q.rows("assets", "runs_heard_at", rows=places, known=moment.bounds["known"]):
            latest[row["job"]] = max(latest.get(row["job"], ""), row["run"])
        return latest

    return reader.ask(work)


def latest_completed(q: Question, jobs: Iterable[str], moment: Moment) -> dict[str, Row]:
    """The completed run of each job that ended last at a moment; jobs without one are left out.

    The log is read backwards for COMPLETE events; a run that failed all the same is passed over.

    Raises:
        InvalidQuestion: nothing within reach of the moment.
    """
    found: dict[str, Row] = {}
    back = Backwards(q, jobs, moment)
    for buckets in back.portions():
        ended: dict[str, list[tuple[int, str]]] = {}
        asked = {"rank": EventType.COMPLETE.rank, **moment.bounds}
        for row in portions(q, "completed_on_days", sorted(buckets), **asked):
            ended.setdefault(buckets[row["bucket"]][0], []).append((row["t"], row["run"]))
        found.update(_newest_completed(q, ended, moment))
        for job in found:
            back.done(job)
    return found


def _newest_completed(q: Question, ended: dict[str, list[tuple[int, str]]], moment: Moment) -> dict[str, Row]:
    """Of the runs of each job that may have completed, by time and id, the last that did."""
    found: dict[str, Row] = {}
    left = {job: sorted(candidates) for job, candidates in ended.items()}
    while left:
        some = sorted({run for candidates in left.values() for _, run in candidates[-CANDIDATES:]})
        then = {row["id"]: at(row, moment) for row in q.rows_by_id("assets", "runs_by_id", some)}
        for job, candidates in left.items():
            for _, run in reversed(candidates[-CANDIDATES:]):
                row = then.get(run)
                if row and row["state"] == RunState.COMPLETED:
                    found[job] = row
                    break
        left = {job: rest for job, c in left.items() if job not in found and (rest := c[:-CANDIDATES])}
    return found


def _merged(records: list[Record]) -> Row:
    values, shapes = merged(None, records)
    bodies = {id_: orjson.loads(shape.body) for id_, shape in shapes.items()}
    return {
        "facets": facets_of(values, bodies),
        "attempts": attempts_of(values, bodies),
        "parent": values.get("parent"),
        "root": values.get("root"),
    }


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
