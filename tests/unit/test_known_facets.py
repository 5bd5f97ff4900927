"""Every facet of the specification has a reader, and every reader a facet to read."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.lineage.facets.known import DATASET, INPUT, JOB, OUTPUT, READERS, RUN, STRUCTURAL, read_facet
from catalog.lineage.facets.part import MOST
from catalog.lineage.translate import translate
from tests.facet_cases import CASES, Case
from tests.facet_sources import spec

SPECIFICATION = {
    RUN: "parent nominalTime errorMessage extractionError processing_engine environmentVariables externalQuery "
    "executionParameters jobDependencies test tags gcp_composer_run gcp_dataproc",
    JOB: "jobType sql sourceCode sourceCodeLocation documentation ownership tags lineage gcp_composer_job gcp_lineage",
    DATASET: "schema columnLineage lineage symlinks dataSource catalog hierarchy storage datasetType version "
    "lifecycleStateChange ownership documentation tags dataQualityMetrics",
    INPUT: "dataQualityMetrics dataQualityAssertions inputStatistics subset icebergScanReport",
    OUTPUT: "outputStatistics subset icebergCommitReport",
}
"""The facets of the specification 2-0-2 with its registry, as of August 2026, by the place they belong to."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.place}-{case.key}")
def test_each_facet_is_read(case: Case) -> None:
    """A facet as its producer or the specification has it gives a typed value and no complaint."""
    warnings: list[str] = []

    assert case.read == read_facet(case.place, case.key, case.facet, "", warnings)
    assert [] == warnings


def test_no_facet_of_the_specification_is_left_out() -> None:
    """Each is a part of the graph's structure or has a reader, and each reader has a facet among the cases."""
    known = {(place, key) for place, keys in SPECIFICATION.items() for key in keys.split()}

    assert set() == known - READERS.keys() - STRUCTURAL
    assert READERS.keys() == {(case.place, case.key) for case in CASES}
    assert set() == STRUCTURAL & READERS.keys()


WRONG = {
    "a string": ("outputStatistics", {"rowCount": "7"}, "rowCount: a JSON string instead of a number, read as 7"),
    "no number": ("outputStatistics", {"rowCount": "x"}, "rowCount: a JSON string instead of a number, left out"),
    "no end": ("outputStatistics", {"rowCount": "1e999"}, "rowCount: a JSON string instead of a number, left out"),
    "an object": ("outputStatistics", {"size": {}}, "size: a JSON object instead of a number, left out"),
    "a fraction": ("outputStatistics", {"rowCount": 1.5}, "rowCount: 1.5 is no count, left out"),
    "below zero": ("outputStatistics", {"rowCount": -1}, "rowCount: -1 is no count, left out"),
    "too large": ("outputStatistics", {"rowCount": 1e300}, "rowCount: 1e+300 is no count, left out"),
    "an array": ("tags", {"tags": {"key": "a"}}, "tags: a JSON object instead of an array, left out"),
    "a member": ("tags", {"tags": ["a"]}, "tags[0]: a JSON string instead of an object, left out"),
    "no key": ("tags", {"tags": [{"value": "a"}]}, "tags[0].key: missing"),
    "a time": (
        "dataQualityMetrics",
        {"lastUpdated": "yesterday", "columnMetrics": {}},
        "lastUpdated: 'yesterday' is no ISO-8601 time, left out",
    ),
    "a word": (
        "lifecycleStateChange",
        {"lifecycleStateChange": "gone"},
        "lifecycleStateChange: 'GONE' is none of ALTER, CREATE, DROP, OVERWRITE, RENAME, TRUNCATE, left out",
    ),
    "a flag": (
        "dataQualityAssertions",
        {"assertions": [{"assertion": "unique", "success": "true"}]},
        "assertions[0].success: a JSON string instead of a boolean, read as true",
    ),
}


@pytest.mark.parametrize(("key", "facet", "said"), WRONG.values(), ids=WRONG)
def test_complaints_say_what_and_where(key: str, facet: Any, said: str) -> None:
    """The thing, the facet and the member; they are warnings of the event, which stands."""
    said_of = {"namespace": "db", "name": "x", "facets": {key: facet}}
    event = {
        "eventTime": "2026-03-01T12:00:00Z",
        "run": {"runId": "1"},
        "job": {"namespace": "j", "name": "a"},
        "outputs": [said_of],
    }

    assert (f"output 'x': {key}.{said}",) == translate(event).warnings


def test_long_arrays_are_read_in_part() -> None:
    """The first five thousand members; the facet itself is kept whole."""
    warnings: list[str] = []

    found = read_facet(JOB, "tags", {"tags": [{"key": str(i)} for i in range(MOST + 1)]}, "", warnings)

    assert MOST == len(found)
    assert ["tags.tags: 5,001 members, of which 5,000 are read"] == warnings


def test_subsets_read_as_conditions() -> None:
    """In one line, as a person would write them."""
    shown = [str(read_facet(INPUT, "subset", spec("BaseSubsetDatasetFacet", i))) for i in range(4)]

    assert [
        "first_name EQUAL 'John'",
        "(first_name EQUAL 'John') AND (last_name EQUAL 'Smith')",
        "s3://some/bucket/location1 | s3://some/bucket/location2 | s3://some/bucket/location3",
        "2024-10-15-PL | business_date=2024-10-15, country=DE",
    ] == shown


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def broken(draw: st.DrawFn) -> tuple[Case, Any]:
    """A facet with some member, anywhere, replaced by anything."""
    case = draw(st.sampled_from(CASES))

    def spoil(value: Any) -> Any:
        if draw(st.integers(0, 9)) == 9:
            return draw(ODD)
        if isinstance(value, dict):
            return {key: spoil(v) for key, v in value.items()}
        return [spoil(v) for v in value] if isinstance(value, list) else value

    return case, {key: spoil(value) for key, value in case.facet.items()}


@settings(max_examples=600, deadline=None)
@given(broken())
def test_no_facet_is_an_exception(told: tuple[Case, Any]) -> None:
    """Whatever stands in a facet, its reader ends, by itself and not by the guard around it."""
    case, facet = told
    warnings: list[str] = []

    read_facet(case.place, case.key, facet, "", warnings)

    assert [] == [w for w in warnings if re.search(r"cannot be read", w)]
