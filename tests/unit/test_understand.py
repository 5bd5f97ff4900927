"""What repeats is understood once, and never otherwise than if it were understood anew."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import InvalidEvent
from catalog.lineage.assertions import Assertions
from catalog.lineage.observe import Record, observe
from catalog.lineage.sql.script import read_script
from catalog.lineage.translate import translate
from catalog.lineage.understand import Understanding
from tests import corpus

Event = dict[str, Any]
REAL = [event for _, event in corpus.all_events()] + [
    event for path in sorted(corpus.RECORDED.glob("*.ndjson")) for event in corpus.events(path)
]
STATISTICS = {"rowCount": 7}
CHECKED = {"dataQualityAssertions": {"assertions": [{"assertion": "unique", "success": True}]}}
EXPLICIT = {"entries": [{"namespace": "db", "name": "t", "inputs": [{"namespace": "j", "name": "b", "type": "JOB"}]}]}
FACETS: tuple[tuple[str, Any], ...] = (
    ("version", {"datasetVersion": "2"}),
    ("outputStatistics", STATISTICS),
    ("schema", {"fields": [{"name": "a"}]}),
    ("schema", "broken"),
    ("ownership", {"owners": []}),
    ("columnLineage", {"fields": {"a": {"inputFields": [{"namespace": "db", "name": "s", "field": "b"}]}}}),
    ("symlinks", {"identifiers": [{"namespace": "db", "name": "t", "type": "TABLE"}]}),
    ("test", None),
    ("dataQuality", STATISTICS),
    ("greatExpectations_assertions", {"assertions": [{"expectationType": "unique", "success": True}]}),
    ("tags", {"tags": {}}),
)


def anew(event: Event, key: str, sequence: int) -> dict[str, Any] | str:
    """What understanding it without any memory gives."""
    try:
        return parts(observe(translate(event), key, sequence))
    except InvalidEvent as e:
        return str(e)


def recalled(understanding: Understanding, event: Event, key: str, sequence: int) -> dict[str, Any] | str:
    """What understanding it with a memory gives."""
    try:
        return parts(understanding.record(event, key, sequence))
    except InvalidEvent as e:
        return str(e)


def parts(record: Record) -> dict[str, Any]:
    """A record to compare: all of it."""
    return {part.name: getattr(record, part.name) for part in fields(record)}


def again(event: Event, run: str) -> Event:
    """The same of another run, a day later."""
    told = {**event, "eventTime": "2031-03-01T12:00:00Z"}
    if isinstance(event.get("run"), dict):
        told["run"] = {**event["run"], "runId": run}
    return told


def test_every_recorded_event_is_understood_as_without_memory() -> None:
    """Three times over, for other runs too: the second and third time come from memory."""
    understanding = Understanding()
    for turn in ("", "other-run", "third-run"):
        for number, event in enumerate(REAL):
            told = again(event, turn) if turn else event
            assert anew(told, f"key{turn}{number}", number) == recalled(
                understanding, told, f"key{turn}{number}", number
            )


def test_what_was_cut_is_said_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that repeats another brings the same warnings, from memory or not."""
    monkeypatch.setattr("catalog.lineage.assertions.MAX_EXCLUDED", 3)
    outputs = []
    for name in ("a", "b"):
        how = {"type": "DIRECT", "description": "w" * 10_001}
        source = {"namespace": "db", "name": f"of {name}", "field": "x", "transformations": [how]}
        columns = {"columnLineage": {"fields": {"x": {"inputFields": [source]}}}}
        outputs.append({"namespace": "db", "name": name, "facets": columns})
    event = {"eventTime": "2026-03-01T12:00:00Z", "job": {"namespace": "j", "name": "n"}, "outputs": outputs}
    understanding = Understanding()
    told = [understanding.record({**event, "run": {"runId": run}}, run, 1).warnings for run in ("1", "2", "3")]

    ends = ("cut after 10,000", "cut after 10,000", "is left out")
    assert [ends] * 3 == [tuple(said[-len(end) :] for said, end in zip(all_, ends, strict=True)) for all_ in told]


datasets = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {"namespace": st.just("db"), "name": st.sampled_from(["s", "t", "u", ""])},
            optional={
                "facets": st.one_of(
                    st.sampled_from([None, "broken", [], ""]), st.lists(st.sampled_from(FACETS), max_size=4).map(dict)
                ),
                "inputFacets": st.sampled_from([None, {}, {"inputStatistics": STATISTICS}, CHECKED, "broken"]),
                "outputFacets": st.sampled_from([None, {}, {"outputStatistics": STATISTICS}, "broken"]),
            },
        ),
        st.sampled_from([None, "broken", {}]),
    ),
    max_size=3,
)
FORWARD: Event = {
    "run": {"runId": "1"},
    "job": {"namespace": "j", "name": "p", "facets": {"sql": {"query": "select 2"}}},
}
parents = st.sampled_from(
    [
        None,
        "broken",
        FORWARD,
        {**FORWARD, "job": {**FORWARD["job"], "facets": {"tags": {"tags": []}}}},
        *({"run": {"runId": r}, "job": {"namespace": "j", "name": n}} for r in "12" for n in "ab"),
    ]
)
dependencies = st.sampled_from(
    [
        None,
        "broken",
        *({side: [{"job": {"namespace": "j", "name": n}}]} for side in ("upstream", "downstream") for n in "ab"),
    ]
)
runs = st.builds(
    lambda run, parent, after, more: {
        "runId": run,
        "facets": {"parent": parent, "jobDependencies": after, **more},
    },
    st.sampled_from("12"),
    parents,
    dependencies,
    st.sampled_from(
        [
            {"nominalTime": {"nominalStartTime": "2026-03-01T12:00:00Z"}},
            {"nominalTime": {"nominalStartTime": "soon"}},
            {"spark.exception": {"message": "failed"}},
            {"dagster_asset_check": {"checks": [{"assertion": "unique", "severity": "WARN"}]}},
        ]
    ),
)
STREAM, BATCH = ({"jobType": {"processingType": kind, "integration": "x"}} for kind in ("STREAMING", "BATCH"))
events = st.fixed_dictionaries(
    {
        "eventTime": st.sampled_from(["2026-03-01T12:00:00Z", "2026-03-02T12:00:00", "never"]),
        "run": runs,
        "job": st.fixed_dictionaries(
            {"namespace": st.just("j"), "name": st.sampled_from("ab")},
            optional={
                "facets": st.sampled_from(
                    [{}, {"sql": {"query": "select 1"}}, STREAM, BATCH, "broken", {"lineage": EXPLICIT}]
                )
            },
        ),
    },
    optional={
        "eventType": st.sampled_from(["START", "COMPLETE", "odd"]),
        "producer": st.sampled_from(["p", "https://example.org/flink"]),
        "inputs": st.one_of(datasets, st.just("broken")),
        "outputs": st.one_of(datasets, st.none()),
    },
)


@settings(max_examples=300, deadline=None)
@given(st.lists(events, min_size=2, max_size=6))
def test_any_events_are_understood_as_without_memory(told: list[Event]) -> None:
    """Small vocabularies make most of them repeat a part of another."""
    understanding = Understanding()
    for number, event in enumerate([*told, *told]):
        assert anew(event, str(number), number) == recalled(understanding, event, str(number), number)


@pytest.mark.parametrize("wrong", [[], "", 0, False])
def test_an_empty_value_of_another_type_is_no_empty_object(wrong: Any) -> None:
    """Its warning comes each time, also where the same event with good facets is remembered."""

    def event(facets: Any) -> Event:
        return {
            "eventTime": "2026-03-01T12:00:00Z",
            "run": {"runId": "1"},
            "job": {"namespace": "j", "name": "a"},
            "inputs": [{"namespace": "db", "name": "s", "inputFacets": {"x": STATISTICS}, "facets": facets}],
        }

    understanding = Understanding()
    understanding.record(event({}), "good", 1)

    (warning,) = understanding.record(event(wrong), "bad", 2).warnings
    assert warning.startswith("inputs[0].facets: a JSON ")


def test_what_repeats_is_translated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second run's event is read for its moment only: its inputs and outputs are not looked at again."""
    event: Event = {
        "eventTime": "2026-03-01T12:00:00Z",
        "run": {"runId": "1"},
        "job": {"namespace": "j", "name": "a"},
        "inputs": [{"namespace": "db", "name": "s"}],
    }
    understanding = Understanding()
    understanding.record(event, "k", 1)
    seen: list[Event] = []

    def seeing(told: Event, *, infer: bool) -> Assertions:
        seen.append(told)
        return translate(told, infer=infer)

    monkeypatch.setattr("catalog.lineage.understand.translate", seeing)

    understanding.record(again(event, "2"), "l", 2)

    assert [[]] == [e["inputs"] for e in seen]


def test_what_is_remembered_counts_towards_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that brings more facets of its own than fit beside what its job says is refused, remembered or not."""
    monkeypatch.setattr("catalog.lineage.wire.MAX_THINGS", 10)
    small: Event = {
        "eventTime": "2026-03-01T12:00:00Z",
        "run": {"runId": "1"},
        "job": {"namespace": "j", "name": "a"},
        "inputs": [{"namespace": "db", "name": name} for name in "stuv"],
    }
    large = {**small, "run": {"runId": "2", "facets": {f"own{i}": {"i": i} for i in range(7)}}}
    understanding = Understanding()
    understanding.record(small, "k", 1)

    assert "it says 12 things" in str(anew(large, "l", 2))
    assert anew(large, "l", 2) == recalled(understanding, large, "l", 2)


def test_a_query_that_repeats_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """And not at all on a START, which says the same but shows no columns; without the setting, never."""
    event: Event = {
        "eventTime": "2026-03-01T12:00:00Z",
        "run": {"runId": "1"},
        "job": {"namespace": "j", "name": "a", "facets": {"sql": {"query": "select x from s"}}},
        "inputs": [{"namespace": "db", "name": "s"}],
        "outputs": [{"namespace": "db", "name": "t"}],
    }
    runs = [
        {**again(event, run), "eventType": type_}
        for run in ("1", "2", "3")
        for type_ in ("START", "COMPLETE", "START", "COMPLETE")
    ]
    read: list[str] = []

    def reading(query: str, **context: Any) -> dict[Any, Any]:
        read.append(query)
        return read_script(query, **context)

    monkeypatch.setattr("catalog.lineage.sql.script.read_script", reading)
    understanding, blind = Understanding(), Understanding(infer=False)
    records = [(understanding.record(told, "k", 1), blind.record(told, "k", 1)) for told in runs]

    assert ["select x from s"] == read
    assert [([], []), (["I"], [])] * 6 == [tuple(map(inferred, pair)) for pair in records]


def inferred(record: Record) -> list[str]:
    """The registers for what was inferred."""
    return [register.name for register in record.registers.values() if register.aspect == "columns"]


def test_memory_is_bounded() -> None:
    """The least recently used goes first."""
    understanding = Understanding(limit=2_000)
    for number in range(100):
        understanding.record(again({**REAL_RUN, "job": {"namespace": "j", "name": str(number)}}, "r"), "k", 1)

    assert understanding._size <= 2_000
    assert sum(kept.size for kept in understanding._known.values()) == understanding._size
    assert understanding._known


REAL_RUN: Event = {"eventTime": "2026-03-01T12:00:00Z", "run": {"runId": "1"}}
