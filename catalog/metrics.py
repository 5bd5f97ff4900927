"""Prometheus instruments, shared by all processes of one machine through the folder PROMETHEUS_MULTIPROC_DIR.

Counters and histograms are counted where things happen; what the store knows better (lag, states) is read from it when
`/metrics` is asked. The variable is the client library's own, which reads it at import.
"""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

DIR_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"

REQUESTS = Counter("headwater_http_requests_total", "HTTP requests by door and status.", ["door", "status"])
REQUEST_SECONDS = Histogram("headwater_http_request_seconds", "Time to answer, by door, in seconds.", ["door"])
ACCEPTED = Counter("headwater_events_accepted_total", "Events answered 201, duplicates included.")
REFUSED = Counter("headwater_events_refused_total", "Events refused at the door, by code.", ["code"])
APPLIED = Counter("headwater_entries_settled_total", "Entries settled by workers, by state.", ["state"])
DRAIN_SECONDS = Histogram("headwater_drain_seconds", "Duration of one drain of a shard, in seconds.")
TASKS = Counter("headwater_tasks_total", "Celery tasks by name and outcome.", ["task", "outcome"])
MESSAGES = Counter(
    "headwater_kafka_messages_total",
    "Messages taken from Kafka, by topic and outcome (accepted, refused, empty).",
    ["topic", "outcome"],
)
MESSAGES_WAITING = Gauge(
    "headwater_kafka_waiting",
    "1 while messages wait because the store or the broker cannot take them.",
    multiprocess_mode="livemax",
)
EVALUATION_SECONDS = Histogram(
    "headwater_evaluation_seconds",
    "Duration of an evaluation by policies, by kind (WHOLE, TOUCHED, PLACES), in seconds.",
    ["kind"],
)
PRUNED = Counter("headwater_pruned_total", "Things that retention took, by class.", ["class"])
PRUNE_SECONDS = Histogram(
    "headwater_prune_seconds",
    "Duration of a prune, by how it went (DONE, REFUSED, FAILED), in seconds.",
    ["state"],
    buckets=(0.1, 1, 10, 60, 600, 3_600, 21_600),
)
STORE_ERRORS = Counter("headwater_store_errors_total", "Calls to the graph store that failed, by code.", ["code"])


def render(inbox: dict[str, float]) -> bytes:
    """The exposition text: counters of all processes, and the inbox's gauges by metric name."""
    registry = CollectorRegistry()
    for name, value in inbox.items():
        Gauge(name, GAUGES[name], registry=registry).set(value)
    gauges = generate_latest(registry)
    if os.environ.get(DIR_VARIABLE):
        shared = CollectorRegistry()
        MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        return generate_latest(shared) + gauges
    return generate_latest() + gauges


GAUGES = {
    "headwater_inbox_sequence": "Sequence of the newest accepted entry.",
    "headwater_inbox_applied_through": "Up to this sequence every entry is settled.",
    "headwater_inbox_lag_entries": "Accepted entries behind which not everything is settled.",
    "headwater_inbox_lag_seconds": "Age of the oldest entry that waits, in seconds.",
    "headwater_inbox_applied": "Entries applied, ever.",
    "headwater_inbox_rejected": "Entries rejected, ever; retries count again.",
    "headwater_inbox_dead": "Entries given up, ever; retries count again.",
    "headwater_prune_completed_seconds": "When a prune was last completed, in seconds since 1970; 0 for never.",
    "headwater_prune_not_done": "1 if the newest prune was refused or failed, else 0.",
    "headwater_findings_through": "Up to this sequence every entry was judged by policies.",
    "headwater_findings_lag_entries": "Entries in the graph that were not judged yet.",
    "headwater_findings_waived": "Findings that a waiver covers.",
    "headwater_findings_failing_policies": "Policies that could not be evaluated for something.",
    "headwater_findings_broken": "1 while what is due cannot be judged, such as for want of memory; else 0.",
    "headwater_findings_open_critical": "Open findings of severity critical.",
    "headwater_findings_open_high": "Open findings of severity high.",
    "headwater_findings_open_medium": "Open findings of severity medium.",
    "headwater_findings_open_low": "Open findings of severity low.",
    "headwater_findings_open_info": "Open findings of severity info.",
}
"""What is read from the store when asked."""
