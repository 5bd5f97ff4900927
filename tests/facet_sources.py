"""Facets as they came: of the specification's fragments, of live emitters, of the compatibility tests, of schemas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalog.lineage.facets.known import JOB, RUN
from tests import corpus

DEPENDENCIES = {
    "upstream": [
        {
            "job": {"namespace": "airflow", "name": "orders.extract"},
            "run": {"runId": "0194f1c8-0000-7000-8000-000000000001"},
            "dependency_type": "DIRECT_INVOCATION",
            "sequence_trigger_rule": "FINISH_TO_START",
            "status_trigger_rule": "EXECUTE_EVERY_TIME",
        }
    ],
    "downstream": [{"job": {"namespace": "airflow", "name": "orders.report"}}],
    "trigger_rule": "ALL_SUCCESS",
}
PARAMETERS = {
    "parameters": [
        {"key": "lr", "name": "learning rate", "description": "of the optimiser", "value": 0.01},
        {"key": "layers", "value": [64, 32]},
    ]
}
CATALOG = {
    "framework": "iceberg",
    "type": "rest",
    "name": "lake",
    "metadataUri": "http://catalog.example.org",
    "warehouseUri": "s3://lake/warehouse",
    "source": "spark",
    "catalogProperties": {"prefix": "prod"},
}
COMPOSER_JOB = {
    "environmentName": "projects/p/locations/l/environments/e",
    "dagId": "orders",
    "taskId": "extract",
    "operator": "BashOperator",
    "airflowVersion": "2.10.5+composer",
    "composerVersion": "2.13.0",
}
SCAN = {
    "snapshotId": 4,
    "schemaId": 1,
    "filter": 'ref(name="day") == "2026-03-01"',
    "projectedFieldNames": ["id", "day"],
    "scanMetrics": {"resultDataFiles": 3, "totalPlanningDuration": 12},
}
COMMIT = {
    "snapshotId": 5,
    "sequenceNumber": 2,
    "operation": "append",
    "commitMetrics": {"addedRecords": 100, "attempts": 1},
    "metadata": {"engine-name": "spark"},
}


def spec(folder: str, number: int = 0) -> Any:
    """A fragment that the specification tests its facet with."""
    (facet,) = corpus.fragments(folder)[number].values()
    return facet


def recorded(file: str, place: str, key: str, number: int = 0) -> Any:
    """A facet that a live emitter sent."""
    return list(_sent(corpus.events(corpus.RECORDED / file), place, key))[number]


def scenario(name: str, place: str, key: str) -> Any:
    """A facet of the compatibility tests."""
    return next(_sent(corpus.scenario(name), place, key))


def _sent(events: list[corpus.Event], place: str, key: str) -> Iterator[Any]:
    for event in events:
        if place in (RUN, JOB):
            parts = [event[place].get("facets")]
        else:
            parts = [d.get(f"{place}Facets") for d in event.get(f"{place}s") or ()]
        yield from (facets[key] for facets in parts if facets and key in facets)
