"""A seeded, layered graph: each job reads two random datasets of the layer before and writes one, columns included."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

NAMESPACE = "bench"
PRODUCER = "https://example.org/headwater/benchmarks"
START = datetime(2026, 1, 1, tzinfo=UTC)


def events(layers: int, width: int, columns: int, *, run: int = 0, seed: int = 7) -> Iterator[dict[str, Any]]:
    """START and COMPLETE of one run of every job; `run` tells the runs of one job apart."""
    rng = random.Random(seed)
    at = START + timedelta(days=run)
    for layer in range(1, layers):
        for i in range(width):
            sources = rng.sample(range(width), 2)
            run_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{layer}/{i}/{run}"))
            job = {"namespace": NAMESPACE, "name": f"job_{layer:02}_{i:03}"}
            inputs = [_dataset(layer - 1, source, columns) for source in sources]
            output = _dataset(layer, i, columns)
            output["facets"]["columnLineage"] = {
                "fields": {
                    f"c{c}": {
                        "inputFields": [
                            {"namespace": NAMESPACE, "name": inputs[c % 2]["name"], "field": f"c{c}"},
                        ]
                    }
                    for c in range(columns)
                }
            }
            for event_type, seconds in (("START", 0), ("COMPLETE", 30)):
                at += timedelta(seconds=1)
                yield {
                    "eventType": event_type,
                    "eventTime": (at + timedelta(seconds=seconds)).isoformat(),
                    "producer": PRODUCER,
                    "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
                    "run": {"runId": run_id, "facets": {}},
                    "job": {**job, "facets": {}},
                    "inputs": inputs,
                    "outputs": [output],
                }


def _dataset(layer: int, i: int, columns: int) -> dict[str, Any]:
    fields = [{"name": f"c{c}", "type": "VARCHAR"} for c in range(columns)]
    return {"namespace": NAMESPACE, "name": f"table_{layer:02}_{i:03}", "facets": {"schema": {"fields": fields}}}
