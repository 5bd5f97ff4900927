"""Which facet lives where.

Shared facets are last-write-wins per entity and key. Facets that belong to one run (spec: input and output facets,
versions, statistics) stay with the run: as registers of the dataset they would change with every event.
"""

from __future__ import annotations

from catalog.lineage.assertions import Json

GREAT_EXPECTATIONS = frozenset({"dataQuality", "greatExpectations_assertions"})
"""What Great Expectations sends in place of `dataQualityMetrics` and `dataQualityAssertions`: see `producers`."""

RUN_BOUND = GREAT_EXPECTATIONS | frozenset(
    {
        "version",
        "dataQualityMetrics",
        "dataQualityAssertions",
        "inputStatistics",
        "outputStatistics",
        "subset",
        "icebergScanReport",
        "icebergCommitReport",
        "test",
    }
)
"""Dataset facets kept with the run that sent them."""

ATTEMPT_BOUND = frozenset({"errorMessage", "extractionError", "spark.exception"})
"""Run facets that tell of one attempt: a run done again under its id must not keep the error of its first attempt."""

TYPED = frozenset({"schema", "columnLineage", "symlinks"})
"""Dataset facets with a place of their own in the graph, not repeated as raw facets."""

RAW_ONLY = frozenset({"spark.logicalPlan", "spark_unknown"})
"""Known noise of up to megabytes, kept in the raw event only (OpenLineage #829, #2433)."""

_ENVELOPE = frozenset({"_producer", "_schemaURL"})


def is_tombstone(facet: Json) -> bool:
    """`_deleted: true` takes a job or dataset facet away (proposal 1837)."""
    return isinstance(facet, dict) and facet.get("_deleted") is True


def bare(facet: Json) -> Json:
    """A facet without its envelope, so that a new producer version alone is no new value."""
    if isinstance(facet, dict):
        return {k: v for k, v in facet.items() if k not in _ENVELOPE}
    return facet
