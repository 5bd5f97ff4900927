"""A seeded, layered graph: each job reads two random datasets of the layer before and writes one, columns included."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import orjson

from tests.benchmarks.size import COLUMNS, LAYERS, WIDTH

NAMESPACE = "bench"
PRODUCER = "https://example.org/headwater/benchmarks"
START = datetime(2000, 1, 1, tzinfo=UTC)
"""Long ago: run after run comes a day later, and none may lie in the future."""


def events(
    layers: int, width: int, columns: int, *, run: int = 0, seed: int = 7, namespace: str = NAMESPACE
) -> Iterator[dict[str, Any]]:
    """START and COMPLETE of one run of every job; `run` tells the runs of one job apart."""
    rng = random.Random(seed)
    at = START + timedelta(days=run)
    for layer in range(1, layers):
        for i in range(width):
            sources = rng.sample(range(width), 2)
            run_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{layer}/{i}/{run}"))
            at += timedelta(seconds=2)
            inputs = [_dataset(namespace, layer - 1, source, columns) for source in sources]
            job = {"namespace": namespace, "name": f"job_{layer:02}_{i:03}"}
            yield from _run(run_id, at, job, inputs, _dataset(namespace, layer, i, columns), columns)


def several_runs(
    layers: int, width: int, columns: int, runs: Iterable[int], *, namespace: str = NAMESPACE
) -> Iterator[dict[str, Any]]:
    """`events` of one run of every job after the other."""
    for run in runs:
        yield from events(layers, width, columns, run=run, namespace=namespace)


def wide_events(layers: int, width: int, columns: int, sources: int, *, namespace: str) -> Iterator[dict[str, Any]]:
    """One COMPLETE of every job, each output column derived from several columns of both inputs."""
    for event in events(layers, width, columns, namespace=namespace):
        if event["eventType"] != "COMPLETE":
            continue
        (written,) = event["outputs"]
        lineage = {
            f"c{c}": {
                "inputFields": [
                    {**_name(event["inputs"][s % 2]), "field": f"c{(c + s) % columns}"} for s in range(sources)
                ]
            }
            for c in range(columns)
        }
        written["facets"]["columnLineage"] = {"fields": lineage}
        yield event


class Repeats:
    """Run after run of every job of the measured graph, as bodies to post; made by replacing what differs.

    Args:
        first: the number of the first run: days after the first of all.
    """

    def __init__(self, first: int, *, namespace: str = NAMESPACE) -> None:
        self._first = first
        self._once = [
            (e["run"]["runId"].encode(), orjson.dumps(e)) for e in events(LAYERS, WIDTH, COLUMNS, namespace=namespace)
        ]

    def bodies(self) -> Iterator[bytes]:
        """Without end."""
        day = START.date().isoformat().encode()
        for run in count(self._first):
            then = (START + timedelta(days=run)).date().isoformat().encode()
            for run_id, body in self._once:
                own = run_id[:-12] + f"{run:012x}".encode()
                yield body.replace(run_id, own).replace(b'"' + day, b'"' + then, 1)


def runs_of_one_job(name: str, runs: int, columns: int, *, namespace: str = NAMESPACE) -> Iterator[dict[str, Any]]:
    """START and COMPLETE of every run of one job, a minute apart, in the order of their times."""
    inputs = [_dataset(namespace, 0, source, columns) for source in (0, 1)]
    output = _dataset(namespace, 1, 0, columns)
    output["name"] = f"output_of_{name}"
    for run in range(runs):
        run_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{name}/{run}"))
        at = START + timedelta(minutes=run)
        yield from _run(run_id, at, {"namespace": namespace, "name": name}, inputs, output, columns)


def _run(
    run_id: str,
    at: datetime,
    job: dict[str, Any],
    inputs: list[dict[str, Any]],
    output: dict[str, Any],
    columns: int,
) -> Iterator[dict[str, Any]]:
    lineage = {f"c{c}": {"inputFields": [{**_name(inputs[c % 2]), "field": f"c{c}"}]} for c in range(columns)}
    written = {**output, "facets": {**output["facets"], "columnLineage": {"fields": lineage}}}
    for event_type, seconds in (("START", 0), ("COMPLETE", 30)):
        yield {
            "eventType": event_type,
            "eventTime": (at + timedelta(seconds=seconds)).isoformat(),
            "producer": PRODUCER,
            "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run": {"runId": run_id, "facets": {}},
            "job": {**job, "facets": {}},
            "inputs": inputs,
            "outputs": [written],
        }


def _name(dataset: dict[str, Any]) -> dict[str, str]:
    return {"namespace": dataset["namespace"], "name": dataset["name"]}


def _dataset(namespace: str, layer: int, i: int, columns: int) -> dict[str, Any]:
    fields = [{"name": f"c{c}", "type": "VARCHAR"} for c in range(columns)]
    return {"namespace": namespace, "name": f"table_{layer:02}_{i:03}", "facets": {"schema": {"fields": fields}}}
