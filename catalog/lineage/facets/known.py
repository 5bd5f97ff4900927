"""Every facet of the specification, and our own, that is read into a typed value, by place and key.

The places are `run`, `job`, `dataset` (also of inputs and outputs), `input` and `output`. A dataset's facet in a place
of its own (`inputFacets`) is looked for under `input` first, and under `dataset` then: producers mix them up, and
`dataQualityAssertions` comes in three places (openlineage.md 3.4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import structlog

from catalog.lineage.assertions import Json
from catalog.lineage.facets import about, dataset, dependencies, job, model, privacy, quality, registry, run, subset
from catalog.lineage.facets.part import Part
from catalog.lineage.facets.places import is_tombstone
from catalog.lineage.wire import kind_of

Reader = Callable[[Part], Any]

RUN, JOB, DATASET, INPUT, OUTPUT = "run", "job", "dataset", "input", "output"

READERS: dict[tuple[str, str], Reader] = {
    (RUN, "nominalTime"): run.nominal_time,
    (RUN, "errorMessage"): run.error_message,
    (RUN, "extractionError"): run.extraction_error,
    (RUN, "processing_engine"): run.engine,
    (RUN, "environmentVariables"): run.environment,
    (RUN, "externalQuery"): run.external_query,
    (RUN, "executionParameters"): run.parameters,
    (RUN, "jobDependencies"): dependencies.dependencies,
    (RUN, "test"): quality.tests,
    (RUN, "tags"): about.tags,
    (RUN, "gcp_composer_run"): registry.composer_run,
    (RUN, "gcp_dataproc"): registry.dataproc,
    (RUN, "gcp_dataproc_spark"): registry.dataproc,
    (RUN, model.TRAINING): model.training,
    (RUN, model.DEPLOYMENT): model.deployment,
    (JOB, "jobType"): job.job_type,
    (JOB, "sql"): job.sql,
    (JOB, "sourceCode"): job.source_code,
    (JOB, "sourceCodeLocation"): job.source_location,
    (JOB, "documentation"): about.documentation,
    (JOB, "ownership"): about.owners,
    (JOB, "tags"): about.tags,
    (JOB, privacy.PROCESSING): privacy.processing,
    (JOB, privacy.CONVENTION): privacy.convention,
    (JOB, "gcp_composer_job"): registry.composer_job,
    (JOB, "gcp_lineage"): registry.gcp_origin,
    (DATASET, "dataSource"): dataset.source,
    (DATASET, "catalog"): dataset.catalog,
    (DATASET, "hierarchy"): dataset.hierarchy,
    (DATASET, "storage"): dataset.storage,
    (DATASET, "datasetType"): dataset.dataset_type,
    (DATASET, "version"): dataset.version,
    (DATASET, "lifecycleStateChange"): dataset.change,
    (DATASET, "documentation"): about.documentation,
    (DATASET, "ownership"): about.owners,
    (DATASET, "tags"): about.tags,
    (DATASET, "dataQualityMetrics"): quality.metrics,
    (DATASET, "dataQualityAssertions"): quality.assertions,
    (DATASET, "test"): quality.tests,
    (DATASET, model.MODEL): model.model,
    (DATASET, model.DEPLOYMENT): model.deployment,
    (INPUT, "dataQualityMetrics"): quality.metrics,
    (INPUT, "dataQualityAssertions"): quality.assertions,
    (INPUT, "inputStatistics"): quality.input_statistics,
    (INPUT, "subset"): subset.input_subset,
    (INPUT, "icebergScanReport"): registry.iceberg_scan,
    (OUTPUT, "outputStatistics"): quality.output_statistics,
    (OUTPUT, "subset"): subset.output_subset,
    (OUTPUT, "icebergCommitReport"): registry.iceberg_commit,
}

STRUCTURAL = frozenset(
    {
        (RUN, "parent"),
        (JOB, "lineage"),
        (DATASET, "lineage"),
        (DATASET, "schema"),
        (DATASET, "columnLineage"),
        (DATASET, "symlinks"),
    }
)
"""Facets that are read by `translate` itself: they are edges and schemas, not words about a thing."""

_BY_PLACE: dict[str, dict[str, Reader]] = {
    place: {key: reader for (at, key), reader in READERS.items() if at == place}
    for place in (RUN, JOB, DATASET, INPUT, OUTPUT)
}

log = structlog.get_logger(__name__)


def read_facet(place: str, key: str, facet: Json, where: str = "", warnings: list[str] | None = None) -> Any:
    """The typed value of one facet; None when there is no reader for it, it is gone, or it says nothing.

    Never raises: a facet's failure is a warning (openlineage.md, pitfalls 16 and 17).
    """
    reader = _BY_PLACE[place].get(key) or (_BY_PLACE[DATASET].get(key) if place in (INPUT, OUTPUT) else None)
    if reader is None or facet is None or is_tombstone(facet):
        return None
    told: list[str] = [] if warnings is None else warnings
    if not isinstance(facet, dict):
        told.append(f"{where}{key}: a JSON {kind_of(facet)} instead of an object, kept as it is")
        return None
    try:
        return reader(Part(facet, where + key, told))
    except Exception as e:  # one facet's oddity must not cost the event
        log.warning("facet not read", place=place, key=key, exc_info=e)
        told.append(f"{where}{key}: cannot be read ({type(e).__name__}), kept as it is")
        return None


def check_facets(place: str, facets: Mapping[str, Json], where: str, warnings: list[str]) -> None:
    """Read the known ones among some facets, for what is wrong with them."""
    readers = _BY_PLACE[place]
    for key, facet in facets.items():
        if key in readers or (place in (INPUT, OUTPUT) and key in _BY_PLACE[DATASET]):
            read_facet(place, key, facet, where, warnings)
