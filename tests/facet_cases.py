"""One facet of each kind as it came (a real event, the specification's fragment or its schema), and its reading."""

from __future__ import annotations

from typing import Any, NamedTuple

from catalog.identity import Name
from catalog.lineage.facets.about import Documentation, Owner, Tag
from catalog.lineage.facets.dataset import Catalog, Change, Container, DatasetType, Source, Storage, Version
from catalog.lineage.facets.dependencies import Dependencies, Dependency
from catalog.lineage.facets.job import Emission, JobType, SourceCode, SourceLocation, Sql
from catalog.lineage.facets.known import DATASET, INPUT, JOB, OUTPUT, RUN
from catalog.lineage.facets.quality import Check, ColumnMetrics, Metrics, Statistics
from catalog.lineage.facets.registry import ComposerJob, ComposerRun, Dataproc, GcpOrigin, IcebergCommit, IcebergScan
from catalog.lineage.facets.run import (
    Engine,
    ErrorMessage,
    ExternalQuery,
    ExtractionError,
    NominalTime,
    Parameter,
    TaskError,
    Variable,
)
from catalog.lineage.facets.subset import Condition, Partition
from tests.facet_sources import CATALOG, COMMIT, COMPOSER_JOB, DEPENDENCIES, PARAMETERS, SCAN, recorded, scenario, spec
from tests.model_cases import MODEL_CASES
from tests.privacy_cases import PRIVACY_CASES


class Case(NamedTuple):
    """One facet as it came, and what it says."""

    place: str
    key: str
    facet: Any
    read: Any


def condition(column: str, value: str) -> Condition:
    """`column = value`."""
    return Condition("compare", "EQUAL", parts=(Condition("field", column), Condition("literal", value)))


def passed(kind: str, column: str) -> Check:
    """A check of a column that passed."""
    return Check(kind, None, column, "pass", None, None, None, None, None, None, {})


NO_COLUMN = ColumnMetrics(None, None, None, None, None, None, {})
METRICS = Metrics(
    10,
    None,
    5,
    1_685_444_062_355_067,
    {
        "amount": NO_COLUMN._replace(values=10, max=1500, min=100, sum=6600),
        "counterparty_id": NO_COLUMN._replace(null_count=0),
        "user_id": NO_COLUMN._replace(distinct_count=3, null_count=0),
    },
)
TAGS = (Tag("test_tag", "test_value", "test_source", None), Tag("test_tag2", "test_value2", None, None))
GIT = "http://example.com"
DATAPROC = Dataproc(
    "gcp-open-lineage-testing",
    "application_1729097245443_0002",
    "Shakespeare on Spark",
    "dataproc-producer-test",
    "a27383af-64db-4893-b03b-c472ab0512cf",
    None,
    None,
    None,
)
SHAKESPEARE = "spark_dataproc_bigquery_shakespare"
STREAM = Emission("PERIODIC", "COMPLETE_SNAPSHOT", 300)
NEGATIVE_AMOUNT = Check(
    None, "test.jaffle_shop.assert_no_negative_amount", None, "fail", "error", None, "0", "1", None, None, {}
)
FRESH = Check(None, "fresh", None, "skip", None, None, None, None, None, None, {})
CASES = (
    Case(RUN, "nominalTime", spec("NominalTimeRunFacet"), NominalTime(1_577_851_200_001_000, 1_577_937_600_001_000)),
    Case(RUN, "errorMessage", spec("ErrorMessageRunFacet"), ErrorMessage("failed", "JAVA", "<stack_trace>")),
    Case(
        RUN,
        "extractionError",
        spec("ExtractionErrorRunFacet"),
        ExtractionError(
            1,
            1,
            (
                TaskError(
                    "Expected TABLE, VIEW, INDEX, ROLE, SCHEMA, FUNCTION, STAGE or SEQUENCE after DROP, found: POLICY "
                    "at Line: 1, Column 6",
                    None,
                    "DROP POLICY IF EXISTS name ON table_name",
                    0,
                ),
            ),
        ),
    ),
    Case(RUN, "processing_engine", spec("ProcessingEngineRunFacet"), Engine("2.5.0", "Airflow", "0.29.2")),
    Case(
        RUN,
        "environmentVariables",
        spec("EnvironmentVariablesRunFacet"),
        (
            Variable("JAVA_HOME", "/usr/lib/jvm/java-11-openjdk"),
            Variable("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ),
    ),
    Case(
        RUN,
        "externalQuery",
        spec("ExternalQueryRunFacet"),
        ExternalQuery("bigquery_1690280798993890_f4ade238a8121576708e1892f69e67fe", "bigquery"),
    ),
    Case(
        RUN,
        "executionParameters",
        PARAMETERS,
        (
            Parameter("lr", "learning rate", "of the optimiser", 0.01),
            Parameter("layers", None, None, [64, 32]),
        ),
    ),
    Case(
        RUN,
        "jobDependencies",
        DEPENDENCIES,
        Dependencies(
            (
                Dependency(
                    Name("airflow", "orders.extract"),
                    "0194f1c8-0000-7000-8000-000000000001",
                    "DIRECT_INVOCATION",
                    "FINISH_TO_START",
                    "EXECUTE_EVERY_TIME",
                ),
            ),
            (Dependency(Name("airflow", "orders.report"), None, None, None, None),),
            "ALL_SUCCESS",
        ),
    ),
    Case(RUN, "test", recorded("dbt-failed.ndjson", RUN, "test"), (NEGATIVE_AMOUNT,)),
    Case(RUN, "tags", spec("TagsRunFacet"), TAGS),
    Case(
        RUN,
        "gcp_composer_run",
        {"dagRunId": "manual__2026-03-01", "taskExecutionDate": "2026-03-01"},
        ComposerRun("manual__2026-03-01", "2026-03-01"),
    ),
    Case(RUN, "gcp_dataproc_spark", scenario(SHAKESPEARE, RUN, "gcp_dataproc_spark"), DATAPROC),
    Case(RUN, "gcp_dataproc", scenario(SHAKESPEARE, RUN, "gcp_dataproc_spark"), DATAPROC),
    Case(
        JOB,
        "jobType",
        spec("JobTypeJobFacet", 0),
        JobType("BATCH", "SPARK", "QUERY", Emission("EVENT_BASED", "ACCUMULATIVE", None)),
    ),
    Case(
        JOB,
        "jobType",
        spec("JobTypeJobFacet", 1),
        JobType("STREAMING", "KAFKA_STREAMS", "STREAM_PROCESSOR", STREAM),
    ),
    Case(JOB, "sql", recorded("dbt-structured.ndjson", JOB, "sql", 40), Sql("BEGIN", "duckdb")),
    Case(JOB, "sourceCode", spec("SourceCodeJobFacet"), SourceCode("ls -halt && exit 0", "bash")),
    Case(
        JOB,
        "sourceCodeLocation",
        spec("SourceCodeLocationJobFacet"),
        SourceLocation("git", GIT, None, None, None, None, None, None),
    ),
    Case(
        JOB,
        "documentation",
        spec("DocumentationJobFacet"),
        Documentation("Determines the popular day of week orders are placed.", "text/markdown"),
    ),
    Case(JOB, "ownership", spec("OwnershipJobFacet"), (Owner("owner", None),)),
    Case(JOB, "tags", spec("TagsJobFacet"), TAGS),
    Case(
        JOB,
        "gcp_composer_job",
        COMPOSER_JOB,
        ComposerJob(
            "projects/p/locations/l/environments/e", "orders", "extract", "BashOperator", "2.10.5+composer", "2.13.0"
        ),
    ),
    Case(
        JOB,
        "gcp_lineage",
        scenario(SHAKESPEARE, JOB, "gcp_lineage"),
        GcpOrigin(
            "DATAPROC", "projects/gcp-open-lineage-testing/regions/us-west1/clusters/dataproc-producer-test", None
        ),
    ),
    Case(
        DATASET,
        "dataSource",
        spec("DatasourceDatasetFacet"),
        Source("datasource_one", "https://some.location.com/datsource/one"),
    ),
    Case(
        DATASET,
        "catalog",
        CATALOG,
        Catalog(
            "iceberg", "rest", "lake", "http://catalog.example.org", "s3://lake/warehouse", "spark", {"prefix": "prod"}
        ),
    ),
    Case(
        DATASET,
        "hierarchy",
        spec("HierarchyDatasetFacet"),
        (Container("DATABASE", "my_db"), Container("SCHEMA", "my_schema"), Container("TABLE", "my_table")),
    ),
    Case(DATASET, "storage", spec("StorageDatasetFacet"), Storage("delta", "parquet")),
    Case(DATASET, "datasetType", spec("DatasetTypeDatasetFacet"), DatasetType("VIEW", "MATERIALIZED")),
    Case(DATASET, "version", spec("DatasetVersionDatasetFacet"), Version("2")),
    Case(
        DATASET,
        "lifecycleStateChange",
        spec("LifecycleStateChangeDatasetFacet"),
        Change("RENAME", Name("file", "/tmp/alter_test/alter_table_test")),
    ),
    Case(
        DATASET,
        "documentation",
        spec("DocumentationDatasetFacet"),
        Documentation("Some dataset description", "text/markdown"),
    ),
    Case(DATASET, "ownership", spec("OwnershipDatasetFacet"), (Owner("owner", None),)),
    Case(
        DATASET,
        "tags",
        spec("TagsDatasetFacet"),
        (TAGS[0]._replace(field="email"), TAGS[1]),
    ),
    Case(DATASET, "dataQualityMetrics", spec("DataQualityMetricsDatasetFacet"), METRICS),
    Case(
        DATASET,
        "dataQualityAssertions",
        {"assertions": [{"assertion": "unique", "column": "id", "success": True}]},
        (passed("unique", "id"),),
    ),
    Case(DATASET, "test", {"tests": [{"name": "fresh", "status": "SKIP"}]}, (FRESH,)),
    Case(INPUT, "dataQualityMetrics", spec("DataQualityMetricsInputDatasetFacet"), METRICS),
    Case(
        INPUT,
        "dataQualityAssertions",
        spec("DataQualityAssertionsDatasetFacet"),
        (
            passed("accepted_values", "status"),
            *(
                passed("not_null", column)
                for column in (
                    "amount",
                    "bank_transfer_amount",
                    "coupon_amount",
                    "credit_card_amount",
                    "customer_id",
                    "gift_card_amount",
                    "order_id",
                )
            ),
            passed("relationships", "customer_id"),
            passed("unique", "order_id"),
        ),
    ),
    Case(
        INPUT,
        "inputStatistics",
        recorded("spark.ndjson", INPUT, "inputStatistics"),
        Statistics(None, 110, 1),
    ),
    Case(INPUT, "subset", spec("BaseSubsetDatasetFacet", 0), condition("first_name", "John")),
    Case(
        INPUT,
        "subset",
        spec("BaseSubsetDatasetFacet", 1),
        Condition("binary", "AND", parts=(condition("first_name", "John"), condition("last_name", "Smith"))),
    ),
    Case(
        INPUT,
        "subset",
        spec("BaseSubsetDatasetFacet", 2),
        Condition("location", locations=tuple(f"s3://some/bucket/location{i}" for i in (1, 2, 3))),
    ),
    Case(
        OUTPUT,
        "subset",
        {"outputCondition": spec("BaseSubsetDatasetFacet", 3)["inputCondition"]},
        Condition(
            "partition",
            partitions=(
                Partition("2024-10-15-PL", {"business_date": "2024-10-15", "country": "PL"}),
                Partition(None, {"business_date": "2024-10-15", "country": "DE"}),
            ),
        ),
    ),
    Case(
        INPUT,
        "icebergScanReport",
        SCAN,
        IcebergScan(
            4,
            1,
            'ref(name="day") == "2026-03-01"',
            ("id", "day"),
            {"resultDataFiles": 3, "totalPlanningDuration": 12},
        ),
    ),
    Case(
        OUTPUT,
        "outputStatistics",
        spec("OutputStatisticsOutputDatasetFacet"),
        Statistics(2000, 2_097_152, 5),
    ),
    *(Case(*told) for told in MODEL_CASES),
    *(Case(*told) for told in PRIVACY_CASES),
    Case(OUTPUT, "icebergCommitReport", COMMIT, IcebergCommit(5, 2, "append", {"addedRecords": 100, "attempts": 1})),
)
