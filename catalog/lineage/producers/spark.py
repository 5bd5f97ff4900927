"""Spark: why a query failed is told in a facet of its own.

The listener ends a failed query with `spark.exception` and no `errorMessage` (OpenLineage #446 brought the standard
facet, #4351 would send it). FAIL and then COMPLETE of one query (#4350) is met in `runs`.
"""

from __future__ import annotations

from dataclasses import replace

from catalog.lineage.wire import WireEvent


def with_error_message(event: WireEvent) -> WireEvent:
    """The exception is an `errorMessage`, too, where none is sent: its first line, with the trace."""
    facet = event.run_facets.get("spark.exception")
    if not isinstance(facet, dict) or "errorMessage" in event.run_facets:
        return event
    trace = facet.get("stackTrace")
    told = facet.get("message") or trace
    message = told.partition("\n")[0] if isinstance(told, str) else ""
    if not message:
        return event
    error = {"message": message, "programmingLanguage": "JAVA", "stackTrace": trace}
    return replace(event, run_facets={**event.run_facets, "errorMessage": error})
