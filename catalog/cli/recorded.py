"""What ships with the package to be looked at: recorded events, and the manifests of a small company."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from catalog.cli.client import Client
from catalog.cli.wanted import read
from catalog.errors import ServiceUnreachable
from catalog.resources import demo_dir, example_dir

FILES = ("spark.ndjson", "dbt.ndjson")
WAIT_SECONDS = 30.0
SPARK_TABLE = ("file", "/tmp/cll_test/tbl1")
DBT_TABLE = ("duckdb:///tmp/jaffle_shop/jaffle_shop.duckdb", "jaffle_shop.shop.dim_customers")


def recorded_events() -> Iterator[dict[str, Any]]:
    """Every recorded event, in the order it was sent."""
    for name in FILES:
        for line in (demo_dir() / name).read_text("utf-8").splitlines():
            yield json.loads(line)


def send_recorded(client: Client) -> int:
    """Send them and wait until they are applied; returns how many.

    Raises:
        ServiceUnreachable: they were accepted but not applied in time.
    """
    answer = client.post_batch(list(recorded_events()))
    wait_applied(client, max(receipt["sequence"] for receipt in answer["receipts"]))
    return len(answer["receipts"])


def apply_example(client: Client) -> dict[str, Any]:
    """Apply the manifests of a small company and wait until they are in the graph; the plan's summary.

    Raises:
        ServiceUnreachable: they were accepted but not applied in time.
    """
    plan = client.plan_manifest(read(str(example_dir()), None, None).body)
    entry = client.apply_plan(plan, "demo")["entry"]
    if entry:
        wait_applied(client, entry["sequence"])
    summary: dict[str, Any] = plan["summary"]
    return summary


def wait_applied(client: Client, sequence: int, seconds: float = WAIT_SECONDS) -> None:
    """Wait until every entry up to `sequence` is settled.

    Raises:
        ServiceUnreachable: it was not, in that time.
    """
    deadline = time.monotonic() + seconds
    while client.graphql("{ status { appliedThrough } }")["status"]["appliedThrough"] < sequence:
        if time.monotonic() > deadline:
            raise ServiceUnreachable(f"events are accepted but not applied after {seconds:.0f} s; see the worker's log")
        time.sleep(0.05)
