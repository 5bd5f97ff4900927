"""Pitfalls 1 to 10: runs. Each test is a row of docs/pitfalls.md, by its number and title."""

from __future__ import annotations

from uuid import UUID

import pytest

from catalog.graph.store import Store
from tests.corpus import scenario
from tests.store.events import entries
from tests.store.pitfalls.telling import apply, ask, assert_any_order_is_one, data, job, latest_run, names, told

NOON = "2026-03-01T12:00:00.000000Z"


def test_01_events_out_of_order(store: Store) -> None:
    """Events out of order."""
    start, end = told("START", "10:00"), told("COMPLETE", "12:00", outputs=[data("orders")])
    assert_any_order_is_one(store, [start, told("RUNNING", "11:00"), end])
    run = latest_run(store, "state startedAt endedAt startedInferred")

    assert {
        "state": "COMPLETED",
        "startedAt": "2026-03-01T10:00:00.000000Z",
        "endedAt": NOON,
        "startedInferred": False,
    } == run


def test_02_missing_start_or_end(store: Store) -> None:
    """Missing START, or no terminal event."""
    apply(store, told("COMPLETE", "12:00"))
    ended = latest_run(store, "state startedAt startedInferred silent")
    apply(store, told("START", "13:00", "2"))
    query = '{ job(namespace: "jobs", name: "load") { latestRun { state endedAt silent } } }'
    midday, next_week = 1_772_366_400_000_000, 1_772_971_200_000_000

    assert {"state": "COMPLETED", "startedAt": NOON, "startedInferred": True, "silent": False} == ended
    assert [False, True] == [ask(store, query, now=now)["job"]["latestRun"]["silent"] for now in (midday, next_week)]
    assert ("RUNNING", None) == tuple(latest_run(store, "state endedAt").values())


def test_03_several_starts(store: Store) -> None:
    """Several START events."""
    apply(store, *(told("START", at) for at in ("11:00", "10:00", "10:30")), told("COMPLETE", "12:00"))

    assert "2026-03-01T10:00:00.000000Z" == latest_run(store, "startedAt")["startedAt"]
    assert 1 == len(latest_run(store, "attempts { number }")["attempts"])


def test_04_duplicates(store: Store) -> None:
    """The same event again."""
    event = told("COMPLETE", "12:00", inputs=[data("raw")], outputs=[data("orders")])
    apply(store, event, dict(reversed(event.items())), event)
    asked = '{ lineage(root: {namespace: "db", name: "orders"}) { edges { evidence { count } } } }'

    assert 1 == len(entries(store))
    assert [1, 1] == [edge["evidence"]["count"] for edge in ask(store, asked)["lineage"]["edges"]]


def test_05_inputs_and_outputs_of_different_events(store: Store) -> None:
    """Inputs on START, outputs on COMPLETE, empty lists."""
    start = told("START", "10:00", inputs=[data("raw")], outputs=[])
    end = told("COMPLETE", "12:00", inputs=[], outputs=[data("orders")])
    assert_any_order_is_one(store, [start, end, told("RUNNING", "11:00", inputs=None)])
    run = latest_run(store, "inputs { name } outputs { name }")

    assert ({"raw"}, {"orders"}) == (names(run["inputs"]), names(run["outputs"]))
    assert {"raw"} == names(job(store, "inputs { name }")["inputs"])


def test_06_inputs_that_differ_from_run_to_run(store: Store) -> None:
    """A job's inputs and outputs differ per run."""
    apply(
        store,
        told("COMPLETE", "10:00", "1", inputs=[data("raw")]),
        told("COMPLETE", "12:00", "2", inputs=[data("new")]),
    )
    found = job(store, "inputs { name } runs { edges { node { runId inputs { name } } } }")

    assert {"raw", "new"} == names(found["inputs"])
    assert {"1": {"raw"}, "2": {"new"}} == {
        edge["node"]["runId"]: names(edge["node"]["inputs"]) for edge in found["runs"]["edges"]
    }


def test_07_run_facets_of_earlier_events(store: Store) -> None:
    """A later event without the run facets of an earlier one."""
    engine = {"processing_engine": {"version": "3.5", "name": "spark"}}
    apply(store, told("START", "10:00", facets=engine), told("COMPLETE", "12:00", facets={"x": {"a": 1}}))

    assert {"run|processing_engine": engine["processing_engine"], "run|x": {"a": 1}} == latest_run(store, "facets")[
        "facets"
    ]


def test_08_one_run_id_again(store: Store) -> None:
    """A run id of another job, or of another try."""
    apply(store, told("START", "10:00"), told("FAIL", "10:10"), told("START", "11:00"), told("COMPLETE", "12:00"))
    apply(store, told("FAIL", "12:00", job="other"))
    runs = ask(store, '{ runs(runId: "1") { edges { node { state job { name } } } } }')["runs"]["edges"]
    tries = latest_run(store, "startedAt attempts { number state }")

    assert {("load", "COMPLETED"), ("other", "FAILED")} == {
        (r["node"]["job"]["name"], r["node"]["state"]) for r in runs
    }
    assert ["FAILED", "COMPLETED"] == [one["state"] for one in sorted(tries["attempts"], key=lambda one: one["number"])]
    assert "2026-03-01T11:00:00.000000Z" == tries["startedAt"]


def test_09_run_ids_that_are_no_uuid(store: Store) -> None:
    """A run id that is no UUID."""
    parent = {"run": {"runId": "nightly #7"}, "job": {"namespace": "jobs", "name": "nightly"}}
    apply(store, *scenario("simple_run_event"), told("COMPLETE", "12:00", "1", facets={"parent": parent}))
    (edge,) = ask(store, '{ runs(runId: "run_id") { edges { node { runId uuid job { name } } } } }')["runs"]["edges"]
    run = latest_run(store, "uuid parent { runId uuid }")

    assert ("run_id", "job_name") == (edge["node"]["runId"], edge["node"]["job"]["name"])
    assert "nightly #7" == run["parent"]["runId"]
    ids = [UUID(text) for text in (edge["node"]["uuid"], run["uuid"], run["parent"]["uuid"])]
    assert ([5, 5, 5], 3) == ([each.version for each in ids], len(set(ids)))


@pytest.mark.parametrize(
    ("text", "read", "warned"),
    [
        ("2026-03-01T12:00:00", NOON, True),
        ("2026-03-01T13:00:00+01:00[Europe/Paris]", NOON, False),
        ("2026-03-01T12:00:00.123456789Z", "2026-03-01T12:00:00.123456Z", False),
        ("2026-03-01", "2026-03-01T00:00:00.000000Z", True),
    ],
    ids=["no zone", "zone by name", "nanoseconds", "date only"],
)
def test_10_odd_times(store: Store, text: str, read: str, warned: bool) -> None:
    """Times without zone, with a zone's name, with nanoseconds, without an hour."""
    apply(store, {**told("COMPLETE", "12:00"), "eventTime": text})
    (entry,) = entries(store)

    assert read == latest_run(store, "endedAt")["endedAt"]
    assert warned == any("time zone" in warning for warning in entry.get("warnings") or ())
