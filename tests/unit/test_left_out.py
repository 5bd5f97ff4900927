"""What can have no place is left out with a warning that names it, never without a word.

`test_mutated.py` says so of any event; these are the cases that it found.
"""

from __future__ import annotations

from typing import Any

import pytest

from catalog.lineage.translate import translate

USERS = {"namespace": "db", "name": "users"}
SOURCE = {"fields": {"id": {"inputFields": [{**USERS, "field": "n"}]}}}


def warnings(facets: Any, place: Any, *, run: bool) -> tuple[str, ...]:
    """What is said of an event with one input that has these facets."""
    event = {
        "eventTime": "2026-03-01T12:00:00Z",
        "job": {"namespace": "jobs", "name": "load"},
        "inputs": [{**USERS, "facets": facets, "inputFacets": place}],
        **({"run": {"runId": "1"}} if run else {}),
    }
    return translate(event).warnings


@pytest.mark.parametrize(
    ("facets", "place", "run", "told"),
    [
        ({"x": {"a": 1}}, {"x": {"a": 2}}, True, ()),
        ({"inputStatistics": {"rowCount": 1}}, {"inputStatistics": {"rowCount": 1, "_producer": "p"}}, True, ()),
        (
            {"inputStatistics": {"rowCount": 1}},
            {"inputStatistics": {"rowCount": 2}},
            True,
            ("inputStatistics: `facets` and `inputFacets` differ, the one of `facets` is left out",),
        ),
        (
            {"version": {"datasetVersion": "1"}},
            {"x": {"a": 1}},
            False,
            ("facets of a run, without a run left out: version, x",),
        ),
        (
            {"columnLineage": SOURCE},
            None,
            True,
            ("columnLineage: says where an output came from, left out of an input",),
        ),
    ],
    ids=["two places", "the same in both", "they differ", "no run", "column lineage of an input"],
)
def test_a_facet_without_a_place_is_told(facets: Any, place: Any, run: bool, told: tuple[str, ...]) -> None:
    """A facet of a run in an event without one; one of two of one key; one of outputs on an input."""
    assert tuple(f"input 'users': {what}" for what in told) == warnings(facets, place, run=run)
