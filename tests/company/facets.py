"""Facets in the forms that emitters send, after the events in `tests/corpus`: dbt, Spark, Airflow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.company.jobs import PROJECT, Job
from tests.company.tables import AIRFLOW, DBT, SPARK, Json, Table, place, told

PRODUCERS = {
    AIRFLOW: "https://github.com/apache/airflow/tree/providers-openlineage/2.20.3",
    SPARK: "https://github.com/OpenLineage/OpenLineage/tree/1.53.0/integration/spark",
    DBT: "https://github.com/OpenLineage/OpenLineage/tree/1.54.0/integration/dbt",
    "ml": "https://example.org/ml",
}
_SPEC = "https://openlineage.io/spec"
_OWN = f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunFacet"
_VERSIONS = {
    **{"schema": "1-2-0/SchemaDatasetFacet", "columnLineage": "1-2-0/ColumnLineageDatasetFacet"},
    **{"dataSource": "1-0-1/DatasourceDatasetFacet", "parent": "1-2-0/ParentRunFacet", "sql": "1-1-0/SQLJobFacet"},
    **{"jobType": "2-0-4/JobTypeJobFacet", "processing_engine": "1-1-1/ProcessingEngineRunFacet"},
    **{"nominalTime": "1-0-1/NominalTimeRunFacet", "documentation": "1-1-0/DocumentationDatasetFacet"},
    "lifecycleStateChange": "1-0-1/LifecycleStateChangeDatasetFacet",
    "outputStatistics": "1-0-2/OutputStatisticsOutputDatasetFacet",
    "inputStatistics": "1-0-0/InputStatisticsInputDatasetFacet",
    "dataQualityAssertions": "1-1-0/DataQualityAssertionsDatasetFacet",
    "version": "1-0-1/DatasetVersionDatasetFacet",
}
_ENGINES = {AIRFLOW: ("Airflow", "3.3.2"), SPARK: ("spark", "3.5.9"), DBT: ("dbt", "1.10.23"), "ml": ("ml", "1")}
_JOB_TYPES = {
    **{(AIRFLOW, True): "DAG", (AIRFLOW, False): "TASK", (SPARK, True): "APPLICATION", (SPARK, False): "SQL_JOB"},
    **{(DBT, True): "JOB", (DBT, False): "MODEL", ("ml", True): "JOB", ("ml", False): "JOB"},
}


def facet(tool: str, name: str, /, **members: Any) -> Json:
    """A facet under its name."""
    version = _VERSIONS.get(name)
    schema = f"{_SPEC}/facets/{version}.json#/$defs/{version.partition('/')[2]}" if version else _OWN
    return {name: {"_producer": PRODUCERS[tool], "_schemaURL": schema, **members}}


def of_run(job: Job, run: str, parent_run: str, at: str) -> Json:
    """What a run says of itself."""
    tool, (engine, version) = job.tool, _ENGINES[job.tool]
    found = facet(tool, "processing_engine", name=engine, version=version, openlineageAdapterVersion="1.54.0")
    if job.parent:
        around = {"job": {"namespace": job.namespace, "name": job.parent}, "run": {"runId": parent_run}}
        found |= facet(tool, "parent", **around, root=around)
    if tool == AIRFLOW:
        found |= facet(tool, "nominalTime", nominalStartTime=at, nominalEndTime=at)
        if job.parent:
            dag = {"dag_id": job.parent, "owner": "airflow", "timetable": {"expression": "0 3 * * 1"}}
            found |= facet(tool, "airflow", dag=dag, task={"task_id": job.name.rpartition(".")[2]})
    elif tool == SPARK:
        found |= facet(tool, "spark_properties", properties={"spark.app.name": job.parent or job.name})
        found |= facet(tool, "spark_applicationDetails", appName=job.parent or job.name, deployMode="cluster")
    elif tool == DBT:
        found |= facet(tool, "dbt_run", invocation_id=parent_run or run, project_name=PROJECT, dbt_runtime="core")
        found |= facet(tool, "dbt_version", version=version)
    return found


def of_job(job: Job, tables: Mapping[str, Table]) -> Json:
    """What a run says of its job."""
    type_ = "TEST" if job.does == "tests" else _JOB_TYPES[job.tool, job.does == "runs"]
    found = facet(job.tool, "jobType", integration=job.tool.upper(), jobType=type_, processingType="BATCH")
    if job.tool == DBT and job.tables:
        table = tables[job.tables[0]]
        found |= facet(DBT, "dbt_node", alias=table.name, unique_id=f"model.{PROJECT}.{table.name}")
        if job.does == "writes":
            columns = ", ".join(column.name for column in table.columns)
            sources = ", ".join(place(tables[one])[1] for one in table.reads)
            found |= facet(DBT, "sql", query=f"select {columns} from {sources}", dialect="postgres")
    return found


def dataset(table: Table, tool: str, **facets: Json) -> Json:
    """A dataset with its schema and whatever else is told of it."""
    namespace, name = place(table)
    fields = [{"name": column.name, "type": column.type} for column in table.columns]
    found = facet(tool, "schema", fields=fields) | facet(tool, "dataSource", name=namespace, uri=namespace)
    return {"namespace": namespace, "name": name, "facets": {**found, **facets}}


def read(table: Table, tool: str) -> Json:
    """A dataset as an input."""
    found = dataset(table, tool)
    return {**found, "inputFacets": facet(tool, "inputStatistics", size=100_000)} if tool == SPARK else found


def tested(table: Table, tool: str) -> Json:
    """A dataset as the input of tests, with their results, in both places where dbt sends them."""
    short = table.name
    results = [
        {
            **{"assertion": rule, "name": f"{rule}_{short}_{table.key}", "column": table.key, "severity": severity},
            **{"success": True, "expected": "0", "actual": "0", "params": {}},
        }
        for rule, severity in (("not_null", "error"), ("unique", "error"), ("relationships", "warn"))
    ]
    told_of = facet(tool, "dataQualityAssertions", assertions=results)
    return {**dataset(table, tool, **told_of), "inputFacets": told_of}


def written(table: Table, tables: Mapping[str, Table], rows: int) -> Json:
    """A dataset as an output, with its column lineage."""
    tool = table.tool
    fields = {}
    for column in table.columns:
        if column.made_of:
            how = {"type": "DIRECT", "subtype": column.made_of.how, "description": "", "masking": False}
            source = _field(tables[column.made_of.table], column.made_of.column)
            fields[column.name] = {"inputFields": [{**source, "transformations": [] if tool == DBT else [how]}]}
    filtered = {"type": "INDIRECT", "subtype": "FILTER", "description": "", "masking": False}
    chosen = [{**_field(tables[id_], column), "transformations": [filtered]} for id_, column in table.by]
    found = dataset(table, tool, **facet(tool, "columnLineage", fields=fields, dataset=chosen))
    if tool == SPARK:
        found["facets"] |= facet(tool, "lifecycleStateChange", lifecycleStateChange="OVERWRITE")
    if tool == DBT:
        found["facets"] |= facet(tool, "documentation", description=f"Made of {', '.join(table.reads)}.")
        found["facets"] |= facet(tool, "dbt_model", config={"materialized": "table", "access": "protected"})
    statistics = facet(tool, "outputStatistics", rowCount=rows, size=rows * 100, fileCount=1)
    return found if tool == DBT else {**found, "outputFacets": statistics}


def _field(table: Table, column: str) -> Json:
    namespace, name = place(table)
    return {"namespace": namespace, "name": name, "field": column}


def outside(table: Table) -> bool:
    """Whether a dataset is somebody else's."""
    return "outside" in told("systems")[table.system]
