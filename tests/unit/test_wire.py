"""Real producers break the schema: what is refused, what is read anyway, and what is said about it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.clock import to_iso
from catalog.errors import InvalidEvent
from catalog.identity import Name
from catalog.lineage.assertions import EventType
from catalog.lineage.wire import Kind, check_structure, read, read_name, read_time
from tests import corpus

RUN: corpus.Event = {
    "eventTime": "2026-03-01T12:00:00Z",
    "eventType": "COMPLETE",
    "producer": "https://example.org/tests",
    "run": {"runId": "0192f0c0-0000-7000-8000-000000000001"},
    "job": {"namespace": "jobs", "name": "load"},
}
JOB: corpus.Event = {k: v for k, v in RUN.items() if k not in ("run", "eventType")}
DATASET: corpus.Event = {"eventTime": RUN["eventTime"], "dataset": {"namespace": "db", "name": "users"}}


def times(text: str) -> tuple[str | None, int]:
    """A time as it is printed again, and how many warnings it cost."""
    warnings: list[str] = []
    return to_iso(read_time(text, warnings)), len(warnings)


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (RUN, Kind.RUN),
        (JOB, Kind.JOB),
        (DATASET, Kind.DATASET),
        ({**RUN, "run": None}, Kind.JOB),
        ({**DATASET, "job": None, "run": None}, Kind.DATASET),
        ({**RUN, "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent"}, Kind.RUN),
        ({**RUN, "dataset": DATASET["dataset"]}, Kind.RUN),
    ],
)
def test_structure_tells_the_kind(event: corpus.Event, kind: Kind) -> None:
    """A run makes it a RunEvent, a job without one a JobEvent; `schemaURL` is no guide, null is absent."""
    assert kind is check_structure(event)
    assert kind is read(event).kind


def test_every_recorded_event_is_accepted() -> None:
    """Strict schema validation refuses one real event in four; nothing here does."""
    kinds = [check_structure(event) for _, event in corpus.all_events()]

    assert {Kind.RUN: 134, Kind.JOB: 2, Kind.DATASET: 2} == {kind: kinds.count(kind) for kind in Kind}


@pytest.mark.parametrize(
    ("event", "field", "words"),
    [
        ([], "", "a JSON array, not an object; POST arrays to /api/v1/lineage/batch"),
        ("text", "", "a JSON string, not an object"),
        (1, "", "a JSON number"),
        (1.5, "", "a JSON number"),
        (True, "", "a JSON boolean"),
        (None, "", "a JSON null"),
        ({}, "job", "has none"),
        ({"run": None, "job": None}, "job", "has none"),
        ({**RUN, "run": "r1"}, "run", "`run` must be an object"),
        ({**RUN, "run": {}}, "run.runId", "`run.runId` is missing; it must be a string"),
        ({**RUN, "run": {"runId": 7}}, "run.runId", "`run.runId` is a JSON number"),
        ({**RUN, "job": None}, "job", "`job` must be an object"),
        ({**RUN, "job": ["load"]}, "job", "`job` must be an object"),
        ({**RUN, "job": {"name": "load"}}, "job.namespace", "is missing"),
        ({**RUN, "job": {"namespace": "jobs"}}, "job.name", "is missing"),
        ({**RUN, "job": {"namespace": "jobs", "name": {}}}, "job.name", "must be a string"),
        ({k: v for k, v in RUN.items() if k != "eventTime"}, "eventTime", "is missing"),
        ({**RUN, "eventTime": 1704110400000}, "eventTime", "is a JSON number"),
        ({**DATASET, "dataset": "users"}, "dataset", "`dataset` must be an object"),
        ({**DATASET, "dataset": {"namespace": "db", "name": None}}, "dataset.name", "is missing"),
    ],
)
def test_refusals_name_the_field(event: Any, field: str, words: str) -> None:
    """Whoever sent it can find the fault without asking."""
    with pytest.raises(InvalidEvent) as refusal:
        check_structure(event)

    assert field == refusal.value.field
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ({**RUN, "job": {"namespace": "jobs", "name": ""}}, "job.name"),
        ({**RUN, "job": {"namespace": " ", "name": "load"}}, "job.namespace"),
        ({**JOB, "job": {"namespace": "jobs", "name": "\n"}}, "job.name"),
        ({**DATASET, "dataset": {"namespace": "", "name": "users"}}, "dataset.namespace"),
        ({**RUN, "run": {"runId": "  "}}, "run.runId"),
        ({**RUN, "eventTime": "yesterday"}, "eventTime"),
    ],
)
def test_what_can_never_be_understood_is_rejected(event: corpus.Event, field: str) -> None:
    """The door takes it, since its structure is right; reading it says which part is empty."""
    check_structure(event)
    with pytest.raises(InvalidEvent) as refusal:
        read(event)

    assert field == refusal.value.field


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00.000000Z"),
        ("2026-03-01t12:00:00z", "2026-03-01T12:00:00.000000Z"),
        (" 2026-03-01 12:00:00+00 ", "2026-03-01T12:00:00.000000Z"),
        ("2026-03-01T12:00Z", "2026-03-01T12:00:00.000000Z"),
        ("20260301T120000Z", "2026-03-01T12:00:00.000000Z"),
        ("2026-03-01T12:00:00.5Z", "2026-03-01T12:00:00.500000Z"),
        ("2026-03-01T12:00:00.123456789Z", "2026-03-01T12:00:00.123456Z"),
        ("2026-03-01T12:00:00.999999999Z", "2026-03-01T12:00:00.999999Z"),
        ("1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.999999Z"),
        ("2026-03-01T13:00:00+01:00", "2026-03-01T12:00:00.000000Z"),
        ("2026-03-01T17:30:00+0530", "2026-03-01T12:00:00.000000Z"),
        ("2026-03-01T13:00:00+01:00[Europe/Berlin]", "2026-03-01T12:00:00.000000Z"),
        ("2026-03-01T12:00:00Z[Europe/London]", "2026-03-01T12:00:00.000000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_times(text: str, expected: str) -> None:
    """Nanoseconds are cut, never rounded; offsets are applied; a bracketed zone adds nothing to its offset."""
    assert (expected, 0) == times(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01T12:00:00", "2026-03-01T12:00:00.000000Z"),
        ("2026-03-01T12:00:00.123456789", "2026-03-01T12:00:00.123456Z"),
        ("2026-03-01T12:00:00[Europe/Berlin]", "2026-03-01T12:00:00.000000Z"),
        ("2026-03-01", "2026-03-01T00:00:00.000000Z"),
        ("20260301", "2026-03-01T00:00:00.000000Z"),
    ],
)
def test_a_missing_zone_is_utc_with_a_warning(text: str, expected: str) -> None:
    """Four real events have none; guessing the producer's zone would be worse."""
    assert (expected, 1) == times(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "yesterday",
        "[Europe/Berlin]",
        "1704110400000",
        "1704110400",
        "20260301120000",
        "2026-02-30T00:00:00Z",
        "2026-03-01T24:30:00Z",
        "2026-03-01T12:00:00+25:00",
        "2026-03-01T12:00:00 UTC",
        "10000-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "２０２６-03-01T00:00:00Z",
        "2026-03-01T12:00:00Z" * 100,
    ],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    """Also milliseconds as a text, and moments that could not be printed again."""
    with pytest.raises(InvalidEvent) as refusal:
        read_time(text, [])

    assert "eventTime" == refusal.value.field
    assert len(str(refusal.value)) < 200


@settings(max_examples=100, deadline=None)
@given(st.datetimes(timezones=st.timezones() | st.just(UTC)))
def test_a_printed_moment_is_read_again(moment: datetime) -> None:
    """Whatever zone it is printed in, it is the same moment, or refused where UTC has no such year."""
    try:
        expected = moment.astimezone(UTC)
    except OverflowError:
        with pytest.raises(InvalidEvent):
            read_time(moment.isoformat(), [])
        return

    assert (f"{expected.replace(tzinfo=None).isoformat(timespec='microseconds')}Z", 0) == times(moment.isoformat())


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30) | st.text("0123456789-T:+Z.[]W ", max_size=30))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    """A time that is read can be printed; everything else is InvalidEvent."""
    try:
        micros = read_time(text, [])
    except InvalidEvent:
        return

    assert micros == read_time(to_iso(micros) or "", [])


@pytest.mark.parametrize(
    ("part", "warnings"),
    [
        ({"inputs": None}, []),
        ({"inputs": []}, []),
        ({"inputs": {}}, ["inputs: a JSON object instead of an array, left out"]),
        ({"inputs": "db.users"}, ["inputs: a JSON string instead of an array, left out"]),
        ({"inputs": [None]}, []),
        ({"inputs": ["users"]}, ["inputs[0]: no dataset without namespace and name, left out"]),
        ({"inputs": [{"namespace": "db"}]}, ["inputs[0]: no dataset without namespace and name, left out"]),
        ({"inputs": [{"namespace": "", "name": "x"}]}, ["inputs[0]: no dataset without namespace and name, left out"]),
        (
            {
                "outputs": [
                    {"namespace": "db", "name": 7},
                    {"namespace": "db", "name": " "},
                    {"namespace": "\n", "name": "x"},
                ]
            },
            [f"outputs[{i}]: no dataset without namespace and name, left out" for i in range(3)],
        ),
        ({"eventType": "complete"}, []),
        ({"eventType": None}, []),
        ({"eventType": "PAUSED"}, ["eventType: 'PAUSED' is unknown, read as OTHER"]),
        ({"eventType": 5}, ["eventType: '5' is unknown, read as OTHER"]),
        ({"run": {"runId": "r", "facets": None}}, []),
        ({"run": {"runId": "r", "facets": []}}, ["run.facets: a JSON array instead of an object, left out"]),
        ({"job": {**RUN["job"], "facets": "x"}}, ["job.facets: a JSON string instead of an object, left out"]),
        ({"producer": None}, []),
        ({"producer": {"name": "x"}}, ["producer: a JSON object instead of a string"]),
        ({"producer": "p" * 3_000}, ["producer: 3,000 characters, cut after 2,000"]),
        ({"run": {"runId": "no uuid"}}, []),
    ],
)
def test_leniency(part: corpus.Event, warnings: list[str]) -> None:
    """Null is absent; what has the wrong type is left out and said; the event stands."""
    said = read({**RUN, **part})

    assert warnings == said.warnings
    assert Name("jobs", "load") == said.job


def test_one_bad_dataset_costs_only_itself() -> None:
    """The others of the same array are read, each facet in its place."""
    facets: dict[str, Any] = {"schema": {"fields": []}, "nothing": None}
    good = {"namespace": "db", "name": "users", "facets": facets, "inputFacets": {"x": {"rows": 1}}}
    odd = {"namespace": "db", "name": "odd", "facets": [1], "inputFacets": 7}
    said = read({**RUN, "inputs": [{"name": "bad"}, good, odd]})

    assert [Name("db", "users"), Name("db", "odd")] == [d.name for d in said.inputs]
    assert ({"schema": {"fields": []}}, {"x": {"rows": 1}}) == (said.inputs[0].facets, said.inputs[0].place_facets)
    assert [
        "inputs[0]: no dataset without namespace and name, left out",
        "inputs[2].facets: a JSON array instead of an object, left out",
        "inputs[2].inputFacets: a JSON number instead of an object, left out",
    ] == said.warnings


def test_names_are_kept_as_they_came() -> None:
    """Never folded, never trimmed, never cut."""
    name = Name(" Db ", "Ünïcode/" + "x" * 230_000)

    assert name == read_name(name._asdict(), "x", [])


def test_a_static_event_has_no_event_type() -> None:
    """A JobEvent or DatasetEvent is no observation of a run."""
    assert EventType.OTHER is read({**JOB, "eventType": "COMPLETE"}).event_type
    assert "" == read(JOB).run_id


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([RUN, JOB, DATASET]), st.data())
def test_any_part_may_be_anything(event: corpus.Event, data: st.DataObject) -> None:
    """Whatever stands in a known place, the event is read, or refused as InvalidEvent."""
    places = [*event, "inputs", "outputs", "eventType"]
    broken = {**event, data.draw(st.sampled_from(places)): data.draw(json_values)}
    try:
        check_structure(broken)
        read(broken)
    except InvalidEvent as refusal:
        assert str(refusal)
