"""Whether datasets exist, at any moment: their last word, and, where that says they are gone, who wrote them since.

Nearly every answer is the word alone. Where a dataset was written after it was gone, the bundles of its writers tell
so; the moment from which on it exists again (or is gone again) is in the log, looked through backwards by days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from catalog.clock import DAY
from catalog.graph.assets import AllNames, all_names
from catalog.graph.cells import read_points
from catalog.graph.reader import Question, Reader
from catalog.graph.shapes import load_bodies_for
from catalog.graph.store import Row
from catalog.graph.walk import PRESENT, Moment
from catalog.identity import Name
from catalog.lineage.lifecycle import EXISTS, GONE, Heard, Lifecycle, after_gone
from catalog.lineage.observe import WRITES
from catalog.lineage.steps import told

BUCKETS = 2_000


class _Gone(NamedTuple):
    """A dataset whose last word says that it is gone.

    Attributes:
        names: the ids of all its names.
        said: the value that says so, by the id of the register of each name of which it is said.
    """

    names: Sequence[str]
    word: Lifecycle
    said: dict[str, str]


def lifecycles(
    reader: Reader, ids: Iterable[str], moment: Moment = PRESENT, names: AllNames | None = None
) -> dict[str, Lifecycle | None]:
    """The states of datasets, by the newest word on any of their names; None where nobody ever told any."""
    asked = all_names(ids, names)
    return reader.ask(lambda q: _lifecycles(q, asked, moment))


def _lifecycles(q: Question, asked: AllNames, moment: Moment) -> dict[str, Lifecycle | None]:
    rows = {}
    for row in q.rows_by_id("lifecycle", "lifecycle_registers", sorted({n for some in asked.values() for n in some})):
        points = told(read_points(row), moment.bounds["asof"], moment.bounds["known"])
        if points:
            rows[row["of"]] = (row["id"], points[-1])
    bodies = load_bodies_for(q, {point.v for _, point in rows.values()})
    others = _names(q, {body["other"] for body in bodies.values() if "other" in body})
    found: dict[str, Lifecycle | None] = {}
    for id_, names in asked.items():
        words = [(rows[name][1].t, -place, name) for place, name in enumerate(names) if name in rows]
        if not words:
            found[id_] = None
            continue
        _, point = rows[max(words)[2]]
        body = bodies[point.v]
        word = Lifecycle(body["state"], point.t, others.get(body.get("other")))
        said = {rows[n][0]: rows[n][1].v for n in names if n in rows and bodies[rows[n][1].v]["state"] in GONE}
        found[id_] = _since_gone(q, _Gone(names, word, said), moment) if word.gone else word
    return found


def _names(q: Question, ids: set[str]) -> dict[Any, Name]:
    rows = q.rows_by_id("lineage", "datasets", sorted(ids))
    return {row["id"]: Name(row["namespace"], row["name"]) for row in rows if row["visible"]}


def _since_gone(q: Question, gone: _Gone, moment: Moment) -> Lifecycle:
    uses = _uses(q, gone)
    until = moment.bounds["asof"]
    if not any(writes and use["last"] >= gone.word.since and use["first"] <= until for use, writes in uses.values()):
        return gone.word
    newest = min(until, max(use["last"] for use, _ in uses.values())) // DAY
    oldest = gone.word.since // DAY
    subjects = sorted({use["subject"] for use, _ in uses.values()})
    heard: list[Heard] = []
    day, width = newest, 8
    while True:
        low = max(oldest, day - width + 1)
        heard += _heard(q, gone, uses, subjects, range(low, day + 1), moment)
        decided = after_gone(heard, whole=low == oldest)
        if decided or low == oldest:
            exists, since = decided or (False, gone.word.since)
            return Lifecycle(EXISTS, since) if exists else gone.word._replace(since=since)
        day, width = low - 1, 4 * width


def _uses(q: Question, gone: _Gone) -> dict[str, tuple[Row, bool]]:
    """What was ever asserted as a bundle that says the dataset is gone (False) or is of a run that writes it (True)."""
    found: dict[str, tuple[Row, bool]] = {}
    for row in q.rows_by_id("lifecycle", "uses_saying", sorted(gone.names)):
        values = dict(zip(row["registers"], row["vals"], strict=True))
        if any(values.get(register) == value for register, value in gone.said.items()):
            found[row["id"]] = (row, False)
    jobs = {row["job"] for row in q.rows_by_id("lifecycle", "writers", sorted(gone.names))}
    rows = q.rows_by_id("lifecycle", "uses_since", sorted(jobs), since=gone.word.since)
    bodies = load_bodies_for(q, {row["io"] for row in rows if row["io"]})
    for row in rows:
        links = bodies[row["io"]]["links"] if row["io"] else ()
        if any(kind == WRITES and target in gone.names for kind, target in links):
            found[row["id"]] = (row, True)
    return found


def _heard(
    q: Question, gone: _Gone, uses: dict[str, tuple[Row, bool]], subjects: list[str], days: range, moment: Moment
) -> list[Heard]:
    buckets = [f"{subject}|{day}" for subject in subjects for day in days]
    rows: list[Row] = []
    for at in range(0, len(buckets), BUCKETS):
        part = buckets[at : at + BUCKETS]
        rows += q.rows("lifecycle", "heard", buckets=part, since=gone.word.since, **moment.bounds)
    saying = {row["key"] for row in rows if row["use"] in uses and not uses[row["use"]][1]}
    found = []
    for row in rows:
        if row["use"] in uses:
            writes = uses[row["use"]][1]
            if not writes or row["key"] not in saying:
                found.append(Heard(row["t"], row["rank"], row["key"], row["run"], not writes))
    return found
