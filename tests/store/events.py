"""Small events of one job, and what became of their entries."""

from __future__ import annotations

from typing import Any

from catalog.clock import DAY, to_iso
from catalog.graph.store import Row, Store

NOON = 20_000 * DAY

Event = dict[str, Any]


def event(run: str, time: int = NOON, *, inputs: Any = (), outputs: Any = (), **job_facets: Any) -> Event:
    """A COMPLETE of the one job of these tests."""
    return {
        "eventType": "COMPLETE",
        "eventTime": to_iso(time),
        "producer": "tests",
        "run": {"runId": run},
        "job": {"namespace": "jobs", "name": "load", "facets": job_facets},
        "inputs": list(inputs),
        "outputs": list(outputs),
    }


def dataset(name: str, **facets: Any) -> Event:
    """A dataset as an input or output names it."""
    return {"namespace": "db", "name": name, "facets": facets}


def runs(n: int) -> list[Event]:
    """Events of runs 1 to n."""
    return [event(str(i)) for i in range(1, n + 1)]


def entries(store: Store) -> list[Row]:
    """All entries by sequence."""
    rows = [row["entry"] for row in store.rows("MATCH (e:Entry) RETURN properties(e) AS entry")]
    return sorted(rows, key=lambda row: int(row["sequence"]))


def states(store: Store) -> list[str]:
    """Their states by sequence."""
    return [row["state"] for row in entries(store)]
