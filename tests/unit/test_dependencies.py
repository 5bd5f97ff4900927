"""Control flow: which jobs run before and after a run's job."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.identity import Name
from catalog.lineage.assertions import Assertions
from catalog.lineage.observe import FOLLOWS, PRECEDES, observe
from catalog.lineage.translate import translate
from catalog.lineage.understand import Understanding

ME = {"namespace": "dags", "name": "load"}


def event(facet: Any, run: str = "1") -> dict[str, Any]:
    return {
        "eventTime": "2026-03-01T12:00:00Z",
        "eventType": "START",
        "run": {"runId": run, "facets": {"jobDependencies": facet}},
        "job": ME,
    }


def said(facet: Any) -> Assertions:
    return translate(event(facet))


def job(name: str, **parts: Any) -> dict[str, Any]:
    return {"job": {"namespace": "dags", "name": name}, **parts}


def test_jobs_before_and_after_are_named_once() -> None:
    """Sorted and distinct, without the job itself; the facet stays on the run, whole."""
    facet = {"upstream": [job("b"), job("a", run={"runId": "r"}), job("b")], "downstream": [job("c"), job("load")]}
    told = said(facet)

    assert ((Name("dags", "a"), Name("dags", "b")), (Name("dags", "c"),)) == (told.follows, told.precedes)
    assert {"jobDependencies": facet} == told.run_facets
    assert ([], [], ()) == (told.inputs, told.outputs, told.warnings)


@pytest.mark.parametrize(
    "facet",
    [[], {"upstream": {}}, {"upstream": [1]}, {"upstream": [{}]}, {"upstream": [{"job": {"name": "x"}}]}],
)
def test_what_cannot_be_read_costs_a_warning(facet: Any) -> None:
    """The event stands."""
    told = said(facet)

    assert ((), ()) == (told.follows, told.precedes)
    assert ["jobDependencies" in warning for warning in told.warnings] == [True]


def test_they_are_edges_of_control() -> None:
    """Owned by the job that tells of them, in neither of its sets."""
    (use,) = observe(said({"upstream": [job("a")], "downstream": [job("c")]}), "k", 1).uses

    assert {FOLLOWS, PRECEDES} == {link.kind for link in use.links}
    assert "" == use.io


def test_a_run_that_names_others_is_not_taken_for_one_that_repeats() -> None:
    """Dependencies come with the run, apart from what is remembered of an event's content."""
    understanding = Understanding()
    told = [event({"upstream": [job(name)]}, run) for run, name in (("1", "a"), ("2", "b"), ("3", "a"))]
    records = [understanding.record(each, str(i), i) for i, each in enumerate(told)]

    assert [observe(translate(each), str(i), i) for i, each in enumerate(told)] == records
    assert [("a",), ("b",), ("a",)] == [
        tuple(r.names[link.target][1].name for use in r.uses for link in use.links) for r in records
    ]
