"""`docs/runs.md` says what becomes of odd histories of runs; here its tables are held against the service."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from catalog.clock import SECOND
from catalog.graph.reader import Reader
from catalog.graph.runs import attempts_of, runs
from catalog.graph.store import Store
from catalog.identity import Name, run_id, run_uuid
from catalog.lineage.runs import RunState, is_silent
from tests.store.conftest import accept_events, drain

PAGE = Path(__file__).parents[2] / "docs" / "runs.md"
NOON = 1_772_366_400 * SECOND
PROCESSING = {"stream": "STREAMING", "service": "SERVICE"}


class Case(NamedTuple):
    """A row of the page's table of cases."""

    number: int
    name: str
    events: tuple[str, ...]
    said: tuple[str, str, str, str]

    @property
    def job(self) -> Name:
        """A job of its own."""
        return Name("page", f"case {self.number}")


def table(heading: str) -> list[list[str]]:
    """The cells of the rows of the table below a heading."""
    lines = PAGE.read_text("utf-8").split(f"## {heading}\n")[1].split("\n## ")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return rows[2:]


CASES = [
    Case(i, name, tuple(events.split(", ")), (state, started, ended, attempts))
    for i, (name, events, state, started, ended, attempts) in enumerate(table("Cases"))
]


def to_event(case: Case, told: str) -> dict[str, Any]:
    """An event from its words: `START 00:00`, with whose it is before it."""
    *whose, kind, at = told.split()
    name = f"{case.job.name}, another" if whose in (["other"], ["child"]) else case.job.name
    run: dict[str, Any] = {"runId": "r"}
    job: dict[str, Any] = {"namespace": case.job.namespace, "name": name}
    if whose == ["child"]:
        run["facets"] = {"parent": {"run": {"runId": "r"}, "job": {**job, "name": case.job.name}}}
        run["runId"] = "child"
    if whose and whose[0] in PROCESSING:
        job["facets"] = {"jobType": {"processingType": PROCESSING[whose[0]], "integration": "FLINK"}}
    event = {"eventTime": f"2026-03-01T12:{at}Z", "producer": "page", "run": run, "job": job}
    return event if kind == "NONE" else {**event, "eventType": kind}


@pytest.mark.parametrize("seed", range(2))
def test_every_case_of_the_page(store: Store, seed: int) -> None:
    """The events of all rows, mixed, some twice: each run is what the page says."""
    told = [to_event(case, words) for case in CASES for words in case.events]
    rng = random.Random(seed)
    rng.shuffle(told)
    for at in range(0, len(told), 20):
        accept_events(store, told[at : at + 20])
        drain(store)
    accept_events(store, told[:20])
    drain(store)

    rows = runs(Reader(store, None), [run_id(case.job, "r") for case in CASES])

    assert len(CASES) == len(rows) == 25
    assert {case.name: case.said for case in CASES} == {case.name: shown(rows[run_id(case.job, "r")]) for case in CASES}


def shown(row: dict[str, Any]) -> tuple[str, str, str, str]:
    """A run in the page's words."""
    attempts = ", ".join(attempt.summary.state for attempt, _ in attempts_of(row, {}))
    started = minutes(row["startedAt"]) + (" inferred" if row["inferred"] else "")
    return row["state"], started, minutes(row["endedAt"]), attempts or "-"


def minutes(at: int | None) -> str:
    """Minutes and seconds after noon."""
    if at is None:
        return "-"
    passed = (at - NOON) // SECOND
    return f"{passed // 60:02}:{passed % 60:02}"


def test_ids_of_runs() -> None:
    """A UUID is itself, any other text one of version 5: the same everywhere, another for another job."""
    job = Name("page", "ids")
    for external, uuid in table("Ids that are no UUID"):
        stands = run_uuid(job, external)

        assert stands == (stands[:14] + "5" + stands[15:] if uuid == "version 5" else uuid)
        assert stands == run_uuid(job, external)
        assert (uuid == "version 5") == (stands != run_uuid(Name("page", "others"), external))


def test_silence() -> None:
    """Only what should go on, and only when nobody heard of it for too long."""
    hour = 3_600 * SECOND
    for _, heard, state, silent in [row for row in table("Runs that say nothing any more") if row[0] == "batch"]:
        last = NOON - int(heard.split()[0]) * hour

        assert (silent == "yes") == is_silent(RunState(state), last, NOON, 24 * hour)
