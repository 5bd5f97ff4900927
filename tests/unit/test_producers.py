"""What single producers do otherwise than the specification says is mended, by content and not by order."""

from __future__ import annotations

from typing import Any

from catalog.identity import Name
from catalog.lineage.assertions import DatasetAssertion, EventType
from catalog.lineage.facets.known import INPUT, JOB, RUN, read_facet
from catalog.lineage.facets.quality import Check
from catalog.lineage.producers import MENDS, mend
from catalog.lineage.producers.airflow import is_masked
from catalog.lineage.producers.dbt import other_names
from catalog.lineage.scrub import scrub
from catalog.lineage.translate import translate
from catalog.lineage.understand import Understanding
from catalog.lineage.wire import read
from tests import corpus

Event = dict[str, Any]
BASE: Event = {
    "eventTime": "2026-03-01T12:00:00Z",
    "eventType": "COMPLETE",
    "run": {"runId": "1"},
    "job": {"namespace": "jobs", "name": "a"},
}


def recorded(file: str) -> list[Event]:
    """What a live emitter sent."""
    return corpus.events(corpus.RECORDED / f"{file}.ndjson")


def the_dataset(event: Event) -> DatasetAssertion:
    """The one dataset of an event."""
    (dataset,) = translate(event).datasets
    return dataset


def test_spark_tells_errors_its_own_way() -> None:
    """The query that failed has an error message with the exception's first line, and keeps its own facet."""
    (failed,) = [translate(e) for e in recorded("spark-failed") if e["eventType"] == "FAIL"]

    error = read_facet(RUN, "errorMessage", failed.run_facets["errorMessage"])
    assert error.message.startswith("Job aborted due to stage failure: Task 0 in stage 0.0 failed 1 times")
    assert "\n" not in error.message
    assert error.stack_trace == failed.run_facets["spark.exception"]["stackTrace"]
    assert {"message": "m"} == translate(
        {
            **BASE,
            "run": {"runId": "1", "facets": {"errorMessage": {"message": "m"}, "spark.exception": {"message": "n"}}},
        }
    ).run_facets["errorMessage"]


def test_airflow_masks_owners() -> None:
    """`***` is nobody; the facet stays as it was sent."""
    (first, *_) = [translate(event) for event in corpus.scenario("airflow")]

    (owner,) = read_facet(JOB, "ownership", first.job_facets["ownership"])

    assert is_masked(owner.name)
    assert not is_masked("airflow")


def test_dagster_tells_severities_apart() -> None:
    """A check of an asset has the severity that the run says."""
    (checked,) = [e for e in recorded("dagster") if e["job"]["name"] == "orders__checks"]

    results = read_facet(INPUT, "dataQualityAssertions", the_dataset(checked).run_facets["dataQualityAssertions"])

    assert (Check("amounts_are_positive", None, None, "pass", "error", None, None, None, None, None, {}),) == results


def test_great_expectations_has_older_keys() -> None:
    """Metrics and results come to stand under the keys of the specification, wherever they were sent."""
    old = {
        "dataQuality": {"rowCount": 10},
        "greatExpectations_assertions": {
            "assertions": [
                {"expectationType": "expect_column_values_to_not_be_null", "success": False, "columnId": "id"}
            ]
        },
    }
    table = {"namespace": "sqlite", "name": "orders"}
    results = {
        "assertions": [{"assertion": "expect_column_values_to_not_be_null", "success": False, "column": "id"}],
    }

    for place in ("facets", "inputFacets"):
        said = the_dataset({**BASE, "inputs": [{**table, place: old}]})
        assert {"dataQualityMetrics": {"rowCount": 10}, "dataQualityAssertions": results} == said.run_facets
        assert {} == said.facets
    both = {**old, "dataQualityMetrics": {"rowCount": 11}}
    said = the_dataset({**BASE, "inputs": [{**table, "inputFacets": both}]})
    assert [{"rowCount": 10}, {"rowCount": 11}] == [said.run_facets[k] for k in ("dataQuality", "dataQualityMetrics")]


def test_flink_names_of_one_session_are_no_aliases() -> None:
    """A table of the in-memory catalog is not another name of its topic; a table of a real catalog is."""
    topic = {"namespace": "kafka://broker:9092", "name": "orders"}
    names = [
        {**topic, "name": "default_catalog.default_database.kafka_input", "type": "TABLE"},
        {"namespace": "hive://metastore:9083", "name": "shop.orders", "type": "TABLE"},
    ]
    event = {
        **BASE,
        "producer": "https://github.com/OpenLineage/OpenLineage/tree/1.47.1/integration/flink",
        "inputs": [{**topic, "facets": {"symlinks": {"identifiers": names}}}],
    }

    said = translate(event)

    assert ((Name("hive://metastore:9083", "shop.orders"), Name("kafka://broker:9092", "orders")),) == said.symlinks
    assert ["input 'orders'"] == [warning.split(":")[0] for warning in said.warnings]
    assert 2 == len(translate({**event, "producer": "https://example.org/other"}).symlinks)


def test_dbt_names_of_both_modes_lead_to_each_other() -> None:
    """Every model of the one mode is a job of the other, by name; tests and statements are told one by one there."""
    normal = {translate(e).job: translate(e).job_facets for e in recorded("dbt-failed")}
    structured = {translate(e).job: translate(e).job_facets for e in recorded("dbt-structured")}

    models = [job for job in structured if job and job.name.startswith("model.") and ".sql." not in job.name]
    assert 5 == len(models)
    for job in models:
        found = other_names(job, structured[job])
        assert [f"jaffle_shop.shop.jaffle_shop.{job.name.split('.')[-1]}{end}" for end in ("", ".build.run")] == [
            name.name for name in found
        ]
        for other in set(found) & set(normal):
            assert job in other_names(other, normal[other])
    assert {"stg_customers", "stg_orders", "stg_payments", "fct_orders"} == {
        job.name.split(".")[-3] for job in normal if job and other_names(job, normal[job])
    }
    assert [] == other_names(Name("jobs", "a"), structured[models[0]])


def test_trino_sends_nulls() -> None:
    """Null members of a column lineage say nothing, and cost nothing (Marquez #2158)."""
    fields = {"a": {"inputFields": [None, {"namespace": "trino", "name": "s", "field": "b"}]}, "c": None}
    out = {"namespace": "trino", "name": "t", "facets": {"columnLineage": {"fields": fields, "dataset": None}}}

    said = translate({**BASE, "outputs": [out]})

    assert () == said.warnings
    assert [("a", "b")] == [(edge.out, edge.field) for d in said.datasets for edge in d.columns or ()]


def test_debezium_runs_on_and_sends_its_settings() -> None:
    """Nanoseconds are cut, a stream's untyped events are signs of life, a password among the settings is masked."""
    settings = ["connector.class=io.debezium.connector.postgresql.PostgresConnector", "database.password=dbz-secret-1"]
    event = {
        **BASE,
        "eventTime": "2025-06-26T18:33:50.391222794Z",
        "eventType": None,
        "run": {"runId": "1", "facets": {"debezium_config": {"configs": settings}}},
        "job": {**BASE["job"], "facets": {"jobType": {"processingType": "STREAMING", "integration": "DEBEZIUM"}}},
    }

    said = translate(scrub(event, b"database.password=dbz-secret-1"))

    assert (EventType.RUNNING, 391_222, ()) == (said.event_type, said.time % 1_000_000, said.warnings)
    assert [settings[0], "database.password=***"] == said.run_facets["debezium_config"]["configs"]
    assert EventType.RUNNING.rank == Understanding().record(event, "k", 1).rank


def test_mends_do_not_depend_on_each_other() -> None:
    """In any order, and a second time, they give the same, for every recorded event."""
    files = sorted(path.stem for path in corpus.RECORDED.glob("*.ndjson"))
    events = [event for _, event in corpus.all_events()] + [e for file in files for e in recorded(file)]
    for event in events:
        forwards, backwards = mend(read(event)), read(event)
        for each in reversed(MENDS):
            backwards = each(backwards)

        assert forwards == backwards
        assert forwards == mend(forwards)
