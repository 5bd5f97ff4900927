"""The corpus is complete, and the demo events are events."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

import catalog
from tests import corpus

DEMO = Path(catalog.__file__).parent / "demo"
LINES = [
    pytest.param(line, id=f"{path.stem}-{number}")
    for path in sorted(DEMO.glob("*.ndjson"))
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
]
RECORDED = {
    "airflow.ndjson": 7,
    "airflow-failed.ndjson": 5,
    "airflow-mended.ndjson": 12,
    "dagster.ndjson": 7,
    "dagster-failed.ndjson": 2,
    "dbt-failed.ndjson": 22,
    "dbt-structured.ndjson": 166,
    "dbt-structured-failed.ndjson": 12,
    "python-client.ndjson": 8,
    "python-client-async.ndjson": 8,
    "spark.ndjson": 13,
    "spark-failed.ndjson": 6,
}
SCENARIOS = {
    "CLL": 9,
    "airflow": 32,
    "simple_run_event": 1,
    "spark_dataproc_bigquery_shakespare": 12,
    "spark_dataproc_simple_producer_test": 4,
    "spark_dataproc_simple_producer_test_complete": 16,
}


def test_the_manifest_lists_every_file_and_no_other() -> None:
    """A file without a row has no known licence; a row without a file tests nothing."""
    listed = {row["file"] for row in corpus.manifest()}
    present = {corpus.file_id(path) for path in corpus.OPENLINEAGE.rglob("*") if path.is_file()}

    assert listed | {"MANIFEST.tsv"} == present
    assert 159 == len(listed) == len(corpus.manifest())


def test_every_file_carries_the_events_its_row_says() -> None:
    """The manifest's count and the file's content agree, 138 events in all."""
    listed = {row["file"]: int(row["events"]) for row in corpus.manifest() if row["events"] != "0"}
    counted = {corpus.file_id(path): len(corpus.events(path)) for path in corpus.EVENT_FILES}

    assert listed == counted
    assert 138 == len(corpus.all_events())


def test_every_row_names_repository_and_licence() -> None:
    """Third-party files stay attributable."""
    assert {"Apache-2.0"} == {row["licence"] for row in corpus.manifest()}
    assert all(row["source_repo"].count("/") == 1 for row in corpus.manifest())


def test_six_scenarios_hold_74_events() -> None:
    """The counts are those of the compatibility tests."""
    assert SCENARIOS == {name: len(corpus.scenario(name)) for name in corpus.SCENARIOS}
    assert 74 == sum(SCENARIOS.values())


@pytest.mark.parametrize("name", ["CLL", "spark_dataproc_simple_producer_test_complete"])
def test_scenarios_come_in_the_order_of_their_numbers(name: str) -> None:
    """10.json follows 9.json, not 1.json."""
    folder = corpus.OPENLINEAGE / "compat-consumer/consumer/scenarios" / name / "events"
    numbered = [corpus.events(folder / f"{number}.json")[0] for number in range(1, SCENARIOS[name] + 1)]

    assert numbered == corpus.scenario(name)


def test_fragments_of_every_facet() -> None:
    """46 fragments, seven of them of the explicit lineage facet."""
    assert 46 == sum(len(corpus.fragments(facet)) for facet in corpus.FACETS)
    assert 7 == len(corpus.fragments("LineageFacet"))


def test_unknown_names_are_refused() -> None:
    """A misspelt name fails instead of testing nothing."""
    with pytest.raises(KeyError):
        corpus.scenario("cll")
    with pytest.raises(KeyError):
        corpus.fragments("lineage")


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_recordings_hold_events(name: str) -> None:
    """What a live emitter sent, one event per line."""
    recorded = corpus.events(corpus.RECORDED / name)

    assert RECORDED[name] == len(recorded)
    assert all({"eventTime", "job", "run"} <= event.keys() for event in recorded)


def test_every_recording_is_counted() -> None:
    """A recording that no test knows tests nothing."""
    assert set(RECORDED) == {path.name for path in corpus.RECORDED.glob("*.ndjson")}


def test_recordings_name_no_machine() -> None:
    """Nothing of the home or the checkout of whoever recorded leaks."""
    files = [*corpus.RECORDED.glob("*.ndjson"), DEMO / "dbt.ndjson"]
    text = "".join(path.read_text(encoding="utf-8") for path in files)

    assert [] == [leak for leak in ("/root/", "/home/", "/work/", "/Users/", "/tmp/tmp") if leak in text]


def test_the_demo_has_a_spark_and_a_dbt_pipeline() -> None:
    """9 and 24 events; the Spark ones are those of the scenario CLL."""
    demos = {path.name: corpus.events(path) for path in DEMO.glob("*.ndjson")}

    assert {"spark.ndjson": 9, "dbt.ndjson": 24} == {name: len(events) for name, events in demos.items()}
    assert corpus.scenario("CLL") == demos["spark.ndjson"]


@pytest.mark.parametrize("line", LINES)
def test_a_demo_line_is_an_event(line: str) -> None:
    """Every line is a JSON object with a time and a job."""
    event = json.loads(line)

    assert isinstance(event, dict)
    assert datetime.fromisoformat(event["eventTime"]).tzinfo is not None
    assert event["job"]["namespace"] and event["job"]["name"]
