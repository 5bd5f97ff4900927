"""Runs as rows: merging a batch's events into what is stored, and reading them back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from catalog.graph.reader import Reader
from catalog.graph.store import Row
from catalog.graph.walk import PRESENT, Moment
from catalog.identity import short
from catalog.lineage.facets import ATTEMPT_BOUND
from catalog.lineage.observe import READS, WRITES, Record, RunMention, Shape, shape
from catalog.lineage.retain import Base
from catalog.lineage.runs import Attempt, RunEvent, attempts, belongs, keep, summarise

INLINE_FACET_BYTES = 1_000
SHAPE_REF = "$shape"
WINDOW = 500
_OF_ATTEMPTS = frozenset(f"run|{key}" for key in ATTEMPT_BOUND)
MAX_WINDOWS = 20


def run_event(record: Record) -> RunEvent:
    """What a record tells about its own run."""
    io = next((use.io for use in record.uses if use.label == "Job"), "")
    return RunEvent(record.time, record.rank, record.sequence, io)


def run_events(row: Row) -> list[RunEvent]:
    """The events a run row carries."""
    columns = (row["ts"] or (), row["ranks"] or (), row["ss"] or (), row["ios"] or ())
    return [RunEvent(*event) for event in zip(*columns, strict=True)]


def new_run(run: RunMention) -> dict[str, Any]:
    """The properties a run is made with; an id too long for an index stands beside the key that stands for it."""
    key = short(run.external)
    return {"job": run.job, "external": key, "whole": run.external if key != run.external else None}


def merged(row: Row | None, records: Iterable[Record]) -> tuple[dict[str, Any], dict[str, Shape]]:
    """A run's properties after more of its events, and the shapes its facets need.

    Facets are last-write-wins by (eventTime, rank, entry key), each under its own key, and so are parent and root
    together, by (eventTime, ids), so order never matters. What an end tells of its attempt is kept per end: which
    attempt that was is not known before all events are.
    """
    records = list(records)
    events = keep([*(run_events(row) if row else ()), *map(run_event, records)])
    facets: dict[str, list[Any]] = orjson.loads(row["facets"]) if row and row["facets"] else {}
    shapes: dict[str, Shape] = {}
    parent = (row["parentT"], row["parent"], row["root"]) if row and row["parentT"] is not None else None
    for r in records:
        stamp = [r.time, r.rank, r.key]
        for place, facet in r.run_facets.items():
            key = f"attempt|{place[4:]}|{r.time}|{r.rank}" if r.terminal and place in _OF_ATTEMPTS else place
            if key not in facets or facets[key][:3] <= stamp:
                facets[key] = [*stamp, _small(facet, shapes)]
        if r.parents:
            told = (r.time, r.parents[0].id, r.parents[-1].id)
            parent = max(parent or told, told)
    summary = summarise(events)
    values = {
        **_lists(events),
        "state": summary.state.value,
        "startedAt": summary.started_at,
        "endedAt": summary.ended_at,
        "inferred": summary.started_inferred,
        "firstT": events[0].t,
        "lastT": max([r.time for r in records] + ([row["lastT"]] if row and row["lastT"] is not None else [])),
        "heard": max([r.sequence for r in records] + ([row["heard"]] if row and row["heard"] is not None else [])),
        "facets": orjson.dumps(facets, option=orjson.OPT_SORT_KEYS).decode(),
    }
    if parent:
        values.update(zip(("parentT", "parent", "root"), parent, strict=True))
    return values, shapes


def part_of(kept: Row, base: Base) -> Row | None:
    """A run's properties as far as events of a base told them; None where none of its events did.

    A facet that a later event won is won again when that event is replayed, and so is a parent. One that nobody told
    anything of but that it started others is as it is.
    """
    if kept.get("lastT") is None:
        return kept
    events = [event for event in run_events(kept) if base.behind(event.t, event.s)]
    if not events:
        return None
    whole = base.behind(kept["lastT"], kept["heard"])
    facets = {key: told for key, told in orjson.loads(kept["facets"]).items() if told[0] <= base.until}
    summary = summarise(events)
    values = {
        **kept,
        **_lists(events),
        "state": summary.state.value,
        "startedAt": summary.started_at,
        "endedAt": summary.ended_at,
        "inferred": summary.started_inferred,
        "firstT": events[0].t,
        "lastT": kept["lastT"] if whole else events[-1].t,
        "heard": kept["heard"] if whole else max(event.s for event in events),
        "facets": orjson.dumps(facets, option=orjson.OPT_SORT_KEYS).decode(),
    }
    if (kept.get("parentT") or 0) > base.until:
        values.update(dict.fromkeys(("parentT", "parent", "root")))
    return values


def _lists(events: list[RunEvent]) -> dict[str, list[Any]]:
    return {
        "ts": [e.t for e in events],
        "ranks": [e.rank for e in events],
        "ss": [e.s for e in events],
        "ios": [e.io for e in events],
    }


def _small(facet: Any, shapes: dict[str, Shape]) -> Any:
    if len(orjson.dumps(facet)) <= INLINE_FACET_BYTES:
        return facet
    kept = shape("facet", facet)
    shapes[kept.id] = kept
    return {SHAPE_REF: kept.id}


def runs(reader: Reader, ids: Iterable[str], moment: Moment = PRESENT) -> dict[str, Row]:
    """Runs by id, as they were at a moment; those nobody had heard of by then are left out."""
    wanted = sorted(set(ids))
    if not moment.past:
        return {row["id"]: row for row in reader.ask(lambda q: q.rows_by_id("assets", "runs_by_id", wanted))}
    rows = reader.ask(lambda q: q.rows_by_id("assets", "runs_by_id", wanted))
    return {row["id"]: then for row in rows if (then := at(row, moment)) is not None}


def at(row: Row, moment: Moment) -> Row | None:
    """A run as it was at a moment, by its events; None where none of them had happened, or was known.

    Its facets and its parent are kept as they are now only: where they may have been others then, they are None here,
    and `past_runs.told` asks the entries. A run that was only mentioned so far is known from that mention on.
    """
    asof, known = moment.bounds["asof"], moment.bounds["known"]
    if row["lastT"] is None:
        return row if moment.as_of is None and row["heard"] <= known else None
    if row["lastT"] <= asof and row["heard"] <= known:
        return row
    events = [event for event in run_events(row) if event.t <= asof and event.s <= known]
    if not events:
        return None
    summary = summarise(events)
    return {
        **row,
        "state": summary.state.value,
        "startedAt": summary.started_at,
        "endedAt": summary.ended_at,
        "inferred": summary.started_inferred,
        **_lists(events),
        **dict.fromkeys(("facets", "parent", "root")),
    }


def spilled(row: Row) -> list[str]:
    """The shapes that a run row's large facets are kept in."""
    return sorted({f[3][SHAPE_REF] for f in _stored(row).values() if _is_reference(f[3])})


def facets_of(row: Row, bodies: Mapping[str, Any]) -> dict[str, Any]:
    """The facets of a run row, by `run|key`, `input|dataset id|key` or `output|dataset id|key`.

    Those that tell of one attempt are the last attempt's.
    """
    stored = _stored(row)
    found = {key: f[3] for key, f in stored.items() if key not in _OF_ATTEMPTS and not key.startswith("attempt|")}
    tries = attempts(run_events(row))
    found.update(_told_of(stored, tries, len(tries) - 1))
    return {key: _whole(value, bodies) for key, value in sorted(found.items())}


def attempts_of(row: Row, bodies: Mapping[str, Any]) -> list[tuple[Attempt, dict[str, Any]]]:
    """The attempts of a run row, first to last, each with the facets that tell of it by `run|key`."""
    stored, tries = _stored(row), attempts(run_events(row))
    return [
        (attempt, {key: _whole(value, bodies) for key, value in sorted(_told_of(stored, tries, i).items())})
        for i, attempt in enumerate(tries)
    ]


def _told_of(stored: dict[str, list[Any]], tries: list[Attempt], number: int) -> dict[str, Any]:
    """What is told of one attempt, the newest of each key."""
    found: dict[str, list[Any]] = {}
    for place, facet in stored.items():
        if place in _OF_ATTEMPTS:
            key = place
        elif place.startswith("attempt|"):
            key = f"run|{place.split('|')[1]}"
        else:
            continue
        if number >= 0 and belongs((facet[0], facet[1]), tries, number):
            found[key] = max(found.get(key, facet), facet, key=lambda f: f[:3])
    return {key: facet[3] for key, facet in found.items()}


def _whole(value: Any, bodies: Mapping[str, Any]) -> Any:
    return bodies.get(value[SHAPE_REF], value) if _is_reference(value) else value


def _is_reference(value: Any) -> bool:
    """Whether it looks like one: a producer may send a facet that does, which refers to nothing."""
    return isinstance(value, dict) and value.keys() == {SHAPE_REF} and isinstance(value[SHAPE_REF], str)


def asserted(row: Row) -> list[str]:
    """The shapes of inputs and outputs that a run's events asserted."""
    return sorted({io for io in row["ios"] or () if io})


def links_of(bodies: Iterable[Any]) -> dict[str, list[str]]:
    """The ids of datasets read and written, by READS and WRITES."""
    found: dict[str, dict[str, None]] = {READS: {}, WRITES: {}}
    for body in bodies:
        for kind, target in body["links"]:
            if kind in found:
                found[kind][target] = None
    return {kind: list(targets) for kind, targets in found.items()}


def newest_of_jobs(reader: Reader, jobs: Iterable[str], limit: int) -> dict[str, list[Row]]:
    """The newest runs of several jobs in one read, by job."""
    found: dict[str, list[Row]] = {job: [] for job in jobs}
    for row in reader.rows("assets", "runs_of_jobs", ids=sorted(found), limit=limit):
        found[row["job"]].append(row)
    return found


def page_runs(
    reader: Reader,
    *,
    newest: int,
    before: int | None,
    limit: int,
    job: str | None,
    state: str | None,
    external: str | None,
    moment: Moment = PRESENT,
) -> tuple[list[Row], int | None]:
    """Runs last heard first (as of now), and the cursor to go on from (None at the end).

    Without a job, sequences are walked downwards in windows; a rare state may make one page look through many of them,
    so a page ends after MAX_WINDOWS and its cursor says where.
    """
    high = before if before is not None else newest + 1
    if external is not None:
        ids = [row["id"] for row in reader.rows("assets", "runs_by_external", external=short(external))]
        rows = sorted(runs(reader, ids, moment).values(), key=lambda r: (-r["heard"], r["id"]))
        return [r for r in rows if _fits(r, job, state) and r["heard"] < high][:limit], None
    found: list[Row] = []
    for _ in range(MAX_WINDOWS):
        if job is not None:
            rows = reader.rows("assets", "runs_of_job", job=job, before=high, limit=WINDOW)
        else:
            rows = reader.rows("assets", "runs_heard", sequences=list(range(high - 1, max(0, high - 1 - WINDOW), -1)))
            rows.sort(key=lambda r: (-r["heard"], r["id"]))
        then = runs(reader, [row["id"] for row in rows], moment) if moment.past else {row["id"]: row for row in rows}
        found += [then[row["id"]] for row in rows if row["id"] in then and _fits(then[row["id"]], job, state)]
        if job is not None:
            ended = len(rows) < WINDOW
            high = rows[-1]["heard"] if rows else 0
        else:
            high = max(0, high - 1 - WINDOW) + 1
            ended = high <= 1
        if len(found) > limit:
            page = whole_sequences(found, limit)
            return page, page[-1]["heard"]
        if ended:
            return found, None
    return found, high


def whole_sequences(found: list[Row], limit: int) -> list[Row]:
    """At least `limit` rows, cut between two sequences: one event may be the last word on several runs."""
    end = limit
    while end < len(found) and found[end]["heard"] == found[end - 1]["heard"]:
        end += 1
    return found[:end]


def _fits(row: Row, job: str | None, state: str | None) -> bool:
    return (job is None or row["job"] == job) and (state is None or row["state"] == state)


def _stored(row: Row) -> dict[str, list[Any]]:
    stored: dict[str, list[Any]] = orjson.loads(row["facets"] or "{}")
    return stored
