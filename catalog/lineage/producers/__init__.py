"""What single producers do otherwise than the specification says, mended before an event is understood.

One file per producer, each oddity with its upstream issue. A mend is a pure function of one read event; it must tell
of the run (its facets, the facets of inputs and outputs that are bound to it) only by what is told of the run, and of
the rest only by the rest and the names: `Understanding` parts the two. What would take away or rename what was sent
(`airflow`, `dbt`) is a question that readers ask instead.

What all producers do is no oddity of one, and is met where it arises: nulls in column lineage (Trino; Marquez #2158) in
`columns`, nanoseconds in times (Debezium) in `wire`, secrets in a connector's settings (Debezium) in `scrub`, FAIL and
then COMPLETE (Spark, OpenLineage #4350), ids that are used again (Airflow) and streams without an end in `runs`.
"""

from __future__ import annotations

from collections.abc import Callable

from catalog.lineage.producers import dagster, flink, great_expectations, spark
from catalog.lineage.wire import WireEvent

MENDS: tuple[Callable[[WireEvent], WireEvent], ...] = (
    dagster.with_severities,
    flink.without_session_names,
    great_expectations.with_standard_keys,
    spark.with_error_message,
)


def mend(event: WireEvent) -> WireEvent:
    """The event as it would read without its producer's oddities."""
    for each in MENDS:
        event = each(event)
    return event
