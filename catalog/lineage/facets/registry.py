"""Facets of the OpenLineage registry: Google's orchestration and lineage, Iceberg's reports of commits and scans."""

from __future__ import annotations

from typing import NamedTuple

from catalog.lineage.facets.part import Part


class ComposerJob(NamedTuple):
    """A DAG or task in Cloud Composer (gcp_composer_job 1-0-0)."""

    environment: str | None
    dag: str | None
    task: str | None
    operator: str | None
    airflow_version: str | None
    composer_version: str | None


class ComposerRun(NamedTuple):
    """A DAG run in Cloud Composer (gcp_composer_run 1-0-0)."""

    dag_run: str | None
    execution_date: str | None


class Dataproc(NamedTuple):
    """A Spark application on Dataproc (gcp_dataproc 1-0-0, sent as gcp_dataproc_spark before it was registered)."""

    project: str | None
    app_id: str | None
    app_name: str | None
    cluster: str | None
    job: str | None
    batch: str | None
    session: str | None
    query_node: str | None


class GcpOrigin(NamedTuple):
    """Which Google system speaks for a job (gcp_lineage 1-0-0)."""

    source_type: str | None
    name: str | None
    display_name: str | None


class IcebergCommit(NamedTuple):
    """One commit to an Iceberg table (1-0-2); the metrics go by Iceberg's names, durations in milliseconds."""

    snapshot: int | None
    sequence_number: int | None
    operation: str | None
    metrics: dict[str, float]


class IcebergScan(NamedTuple):
    """One scan of an Iceberg table (1-0-1); the metrics go by Iceberg's names, durations in milliseconds."""

    snapshot: int | None
    schema_id: int | None
    filter: str | None
    fields: tuple[str, ...]
    metrics: dict[str, float]


def composer_job(part: Part) -> ComposerJob:
    """`gcp_composer_job`."""
    keys = ("environmentName", "dagId", "taskId", "operator", "airflowVersion", "composerVersion")
    return ComposerJob(*(part.text(key) for key in keys))


def composer_run(part: Part) -> ComposerRun:
    """`gcp_composer_run`."""
    return ComposerRun(part.needed("dagRunId"), part.text("taskExecutionDate"))


def dataproc(part: Part) -> Dataproc:
    """`gcp_dataproc`; the registry spells `batchId` with a slip of the pen, so both spellings are read."""
    keys = ("projectId", "appId", "appName", "clusterName", "jobId", "batchId", "sessionId", "queryNodeName")
    found = Dataproc(*(part.text(key) for key in keys))
    return found if found.batch else found._replace(batch=part.text("bactchId"))


def gcp_origin(part: Part) -> GcpOrigin:
    """`gcp_lineage`."""
    origin = part.part("origin")
    return GcpOrigin(
        origin.text("sourceType") if origin else None,
        origin.text("name") if origin else None,
        part.text("displayName"),
    )


def iceberg_commit(part: Part) -> IcebergCommit:
    """`icebergCommitReport`."""
    return IcebergCommit(
        part.count("snapshotId"), part.count("sequenceNumber"), part.text("operation"), _metrics(part, "commitMetrics")
    )


def iceberg_scan(part: Part) -> IcebergScan:
    """`icebergScanReport`."""
    return IcebergScan(
        part.count("snapshotId"),
        part.count("schemaId"),
        part.text("filter"),
        part.texts("projectedFieldNames"),
        _metrics(part, "scanMetrics"),
    )


def _metrics(part: Part, key: str) -> dict[str, float]:
    inner = part.part(key)
    if inner is None:
        return {}
    read = {name: inner.number(name) for name in inner.members}
    return {name: value for name, value in read.items() if value is not None}
