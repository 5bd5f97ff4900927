"""What facets say is shown typed, with who says so and since when; what was not understood is shown too."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from catalog.api.graphql.context import Context
from catalog.api.graphql.schema import schema
from catalog.clock import DAY, SECOND, FrozenClock
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from tests import corpus
from tests.facet_sources import CATALOG, PARAMETERS, spec
from tests.store.conftest import accept_events, drain

NOON = 1_772_366_400 * SECOND
JOB = {"namespace": "jobs", "name": "load"}
TABLE = {"namespace": "db", "name": "orders"}


def ask(store: Store, query: str, *, now: int = NOON, show_environment: bool = False) -> Any:
    """The answer to a query, without errors."""
    settings = SimpleNamespace(silence_hours=24.0, show_environment=show_environment)
    service: Any = SimpleNamespace(reader=Reader(store, None), clock=FrozenClock(now), settings=settings)

    async def run() -> Any:
        return await schema.execute(query, context_value=Context(service))

    answer = asyncio.run(run())
    assert answer.errors is None, answer.errors
    return answer.data


def apply(store: Store, *events: dict[str, Any]) -> None:
    """Accept and apply events."""
    accept_events(store, events)
    drain(store)


def event(kind: str, at: str, run: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A run event of `load` at a time of the first of March."""
    told = {"eventType": kind, "eventTime": f"2026-03-01T{at}Z", "producer": "https://loader", "run": run, "job": JOB}
    return {**told, **more}


def test_jobs_say_what_they_are(store: Store) -> None:
    """Kind, code, words, owners and tags; observed and declared ones are told apart."""
    observed = {
        "jobType": spec("JobTypeJobFacet", 1),
        "sql": {"query": "select 1", "dialect": "duckdb"},
        "sourceCode": spec("SourceCodeJobFacet"),
        "sourceCodeLocation": {"type": "git", "url": "https://git.example.org/a", "pullRequestNumber": 7},
        "tags": spec("TagsJobFacet"),
    }
    declared = {"documentation": spec("DocumentationJobFacet"), "ownership": spec("OwnershipJobFacet")}
    apply(
        store,
        event("START", "10:00:00", {"runId": "1"}, job={**JOB, "facets": observed}),
        event("START", "11:00:00", {"runId": "2"}, job={**JOB, "facets": observed}),
        {
            "eventTime": "2026-03-01T10:30:00Z",
            "producer": "https://declarer",
            "job": {**JOB, "facets": {**declared, "sql": observed["sql"]}},
        },
    )

    job = ask(
        store,
        """{ job(namespace: "jobs", name: "load") {
        type { processingType integration jobType origin since
               emissionPattern { eventTrigger eventContentMode windowSeconds } }
        sql { query dialect origin since producer } sourceCode { language code }
        sourceCodeLocation { type url branch pullRequest }
        documentation { description contentType origin since producer }
        owners { name type origin since } tags { key value source field origin since } } }""",
    )["job"]

    run = {"origin": "OBSERVED", "since": "2026-03-01T10:00:00.000000Z"}
    own = {"origin": "DECLARED", "since": "2026-03-01T10:30:00.000000Z"}
    assert {
        "type": {
            "processingType": "STREAMING",
            "integration": "KAFKA_STREAMS",
            "jobType": "STREAM_PROCESSOR",
            "emissionPattern": {
                "eventTrigger": "PERIODIC",
                "eventContentMode": "COMPLETE_SNAPSHOT",
                "windowSeconds": 300,
            },
            **run,
        },
        "sql": {"query": "select 1", "dialect": "duckdb", "producer": "https://loader", **run},
        "sourceCode": {"language": "bash", "code": "ls -halt && exit 0"},
        "sourceCodeLocation": {"type": "git", "url": "https://git.example.org/a", "branch": None, "pullRequest": "7"},
        "documentation": {
            "description": "Determines the popular day of week orders are placed.",
            "contentType": "text/markdown",
            "producer": "https://declarer",
            **own,
        },
        "owners": [{"name": "owner", "type": None, **own}],
        "tags": [
            {"key": "test_tag", "value": "test_value", "source": "test_source", "field": None, **run},
            {"key": "test_tag2", "value": "test_value2", "source": None, "field": None, **run},
        ],
    } == job


def test_datasets_say_what_they_are(store: Store) -> None:
    """Words, owners, tags of columns, source, catalog, storage, kind, containers; the newest run's version."""
    facets = {
        "documentation": spec("DocumentationDatasetFacet"),
        "ownership": {"owners": [{"name": "team:sales", "type": "MAINTAINER"}]},
        "tags": spec("TagsDatasetFacet"),
        "dataSource": spec("DatasourceDatasetFacet"),
        "catalog": CATALOG,
        "storage": spec("StorageDatasetFacet"),
        "datasetType": spec("DatasetTypeDatasetFacet"),
        "hierarchy": spec("HierarchyDatasetFacet"),
    }
    apply(
        store,
        event("COMPLETE", "10:00:00", {"runId": "1"}, outputs=[{**TABLE, "facets": facets}]),
        *(
            event(
                "COMPLETE",
                f"1{n}:00:00",
                {"runId": str(n)},
                outputs=[{**TABLE, "facets": {"version": {"datasetVersion": n}}}],
            )
            for n in (1, 2)
        ),
    )
    query = """{ dataset(namespace: "db", name: "orders" $AT) {
        documentation { description } owners { name type } tags { key field } source { name uri }
        catalog { framework warehouseUri properties } storage { layer fileFormat } type { type subType }
        hierarchy { type name } version { version run { runId } } } }"""

    said = ask(store, query.replace("$AT", ""))["dataset"]
    before = ask(store, query.replace("$AT", ', asOf: "2026-03-01T11:30:00Z"'))["dataset"]

    assert {
        "documentation": {"description": "Some dataset description"},
        "owners": [{"name": "team:sales", "type": "MAINTAINER"}],
        "tags": [{"key": "test_tag", "field": "email"}, {"key": "test_tag2", "field": None}],
        "source": {"name": "datasource_one", "uri": "https://some.location.com/datsource/one"},
        "catalog": {"framework": "iceberg", "warehouseUri": "s3://lake/warehouse", "properties": {"prefix": "prod"}},
        "storage": {"layer": "delta", "fileFormat": "parquet"},
        "type": {"type": "VIEW", "subType": "MATERIALIZED"},
        "hierarchy": [
            {"type": "DATABASE", "name": "my_db"},
            {"type": "SCHEMA", "name": "my_schema"},
            {"type": "TABLE", "name": "my_table"},
        ],
        "version": {"version": "2", "run": {"runId": "2"}},
    } == said
    assert {**said, "version": {"version": "1", "run": {"runId": "1"}}} == before


RUN = """{ runs(job: {namespace: "jobs", name: "load"}) { edges { node { uuid warnings silent lineageIncomplete
    error { message language stackTrace } extraction { totalTasks failedTasks errors { message taskNumber } }
    engine { name version adapterVersion } parameters { key value } externalQuery { id source }
    tests { name status severity expected actual } tags { key value } environment { name value hidden }
    facets } } } }"""


def test_runs_say_what_happened(store: Store) -> None:
    """Errors, engines, parameters, tests; what was not understood; the environment only where a setting shows it."""
    facets = {
        "errorMessage": spec("ErrorMessageRunFacet"),
        "extractionError": spec("ExtractionErrorRunFacet"),
        "processing_engine": spec("ProcessingEngineRunFacet"),
        "executionParameters": PARAMETERS,
        "externalQuery": {"externalQueryId": "q1", "source": "bigquery"},
        "test": {"tests": [{"name": "fresh", "status": "fail", "severity": "warn", "expected": "1", "actual": 0}]},
        "tags": spec("TagsRunFacet"),
        "environmentVariables": {"environmentVariables": [{"name": "HOME", "value": "/root"}]},
        "mine_own": {"kept": [1]},
    }
    odd = [{**TABLE, "outputFacets": {"outputStatistics": {"rowCount": "7"}}}]
    apply(
        store,
        event("START", "10:00:00", {"runId": "R"}, job={**JOB, "facets": {"tags": []}}),
        event("FAIL", "10:05:00", {"runId": "R", "facets": facets}, outputs=odd),
    )

    (edge,) = ask(store, RUN)["runs"]["edges"]
    (open_edge,) = ask(store, RUN, show_environment=True)["runs"]["edges"]
    run, kept = edge["node"], edge["node"].pop("facets")

    assert "5" == run.pop("uuid")[14]
    assert {
        "warnings": [
            "job.facets.tags: a JSON array instead of an object, kept as it is",
            "output 'orders': outputStatistics.rowCount: a JSON string instead of a number, read as 7",
        ],
        "silent": False,
        "lineageIncomplete": True,
        "error": {"message": "failed", "language": "JAVA", "stackTrace": "<stack_trace>"},
        "extraction": {
            "totalTasks": 1,
            "failedTasks": 1,
            "errors": [
                {"message": spec("ExtractionErrorRunFacet")["errors"][0]["errorMessage"], "taskNumber": 0},
            ],
        },
        "engine": {"name": "Airflow", "version": "2.5.0", "adapterVersion": "0.29.2"},
        "parameters": [{"key": "lr", "value": 0.01}, {"key": "layers", "value": [64, 32]}],
        "externalQuery": {"id": "q1", "source": "bigquery"},
        "tests": [{"name": "fresh", "status": "fail", "severity": "warn", "expected": "1", "actual": "0"}],
        "tags": [{"key": "test_tag", "value": "test_value"}, {"key": "test_tag2", "value": "test_value2"}],
        "environment": [{"name": "HOME", "value": None, "hidden": True}],
    } == run
    assert {"kept": [1]} == kept["run|mine_own"]
    assert {"environmentVariables": [{"name": "HOME", "value": "***"}]} == kept["run|environmentVariables"]
    assert [{"name": "HOME", "value": "/root", "hidden": False}] == open_edge["node"]["environment"]
    assert facets["environmentVariables"] == open_edge["node"]["facets"]["run|environmentVariables"]


ATTEMPTS = """{ runs(first: 50) { edges { node { runId state error { message } job { name }
    attempts { number state error { message } } } } } }"""


def test_an_error_belongs_to_its_attempt(store: Store) -> None:
    """Airflow fails, is mended, and does its tasks again under their ids: what failed is told of the first try only."""
    apply(store, *corpus.events(corpus.RECORDED / "airflow-mended.ndjson"))

    runs = [edge["node"] for edge in ask(store, ATTEMPTS)["runs"]["edges"]]

    again = [run for run in runs if len(run["attempts"]) == 2]
    assert ["COMPLETED"] * len(runs) == [run["state"] for run in runs]
    assert [None] * len(runs) == [run["error"] for run in runs]
    assert {
        "broken_orders.check": [("FAILED", {"message": "no orders today"}), ("COMPLETED", None)],
        "broken_orders.extract": [("COMPLETED", None), ("COMPLETED", None)],
    } == {run["job"]["name"]: [(a["state"], a["error"]) for a in run["attempts"]] for run in again}


def test_facets_passed_on_fill_what_a_job_does_not_say(store: Store) -> None:
    """What a run says of its parent and root jobs counts until those speak for themselves, whenever that was."""
    query = """{ job(namespace: "airflow", name: "my_dag$") { type { integration jobType origin since } facets } }"""
    apply(store, event("START", "11:00:00", {"runId": "1", "facets": {"parent": spec("ParentRunFacet", 1)}}))

    passed = [ask(store, query.replace("$", name))["job"] for name in ("", ".my_task")]
    own = {"namespace": "airflow", "name": "my_dag", "facets": {"jobType": {"processingType": "BATCH"}}}
    apply(store, event("START", "10:00:00", {"runId": "0"}, job=own))
    said = [ask(store, query.replace("$", name))["job"] for name in ("", ".my_task")]

    by = {"integration": "AIRFLOW", "origin": "OBSERVED", "since": "2026-03-01T11:00:00.000000Z"}
    assert [{**by, "jobType": "DAG"}, {**by, "jobType": "TASK"}] == [job["type"] for job in passed]
    assert [["jobType"], ["jobType"]] == [list(job["facets"]) for job in passed]
    assert [
        {**by, "integration": None, "jobType": None, "since": "2026-03-01T10:00:00.000000Z"},
        passed[1]["type"],
    ] == [job["type"] for job in said]


def test_dbt_jobs_of_both_modes_know_each_other(store: Store) -> None:
    """A model's job of `dbt build` leads to the one of the structured mode, and back; masks are no owners."""
    apply(store, *corpus.events(corpus.RECORDED / "dbt-failed.ndjson"))
    apply(store, *corpus.events(corpus.RECORDED / "dbt-structured.ndjson"), *corpus.scenario("airflow"))
    names = ("jaffle_shop.shop.jaffle_shop.stg_orders.build.run", "model.jaffle_shop.stg_orders")

    for name, other in (names, names[::-1]):
        job = ask(store, f'{{ job(namespace: "jaffle_shop", name: "{name}") {{ alsoNamed {{ name }} }} }}')["job"]
        assert [{"name": other}] == job["alsoNamed"]
    jobs = ask(store, "{ jobs(first: 100) { edges { node { owners { name } } } } }")["jobs"]["edges"]
    assert {()} == {tuple(owner["name"] for owner in edge["node"]["owners"]) for edge in jobs}


SILENT = "{ runs(first: 9) { edges { node { runId state silent } } } }"


def test_silent_runs(store: Store) -> None:
    """A run that should go on and says nothing for a day is silent; a streaming job's never is, nor one that ended."""
    stream = {"namespace": "jobs", "name": "stream", "facets": {"jobType": {"processingType": "STREAMING"}}}
    apply(
        store,
        event("START", "10:00:00", {"runId": "batch"}),
        event("COMPLETE", "10:00:00", {"runId": "ended"}),
        event("OTHER", "10:00:00", {"runId": "stream"}, job=stream),
    )

    def silent(now: int) -> dict[str, tuple[str, bool]]:
        nodes = [edge["node"] for edge in ask(store, SILENT, now=now)["runs"]["edges"]]
        return {node["runId"]: (node["state"], node["silent"]) for node in nodes}

    quiet = {"batch": ("RUNNING", False), "ended": ("COMPLETED", False), "stream": ("RUNNING", False)}
    assert quiet == silent(NOON)
    assert {**quiet, "batch": ("RUNNING", True)} == silent(NOON + DAY)
