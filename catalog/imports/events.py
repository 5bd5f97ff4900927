"""OpenLineage events as importers make them: the envelope, and nothing that would differ when a file is read again."""

from __future__ import annotations

from catalog.identity import Name
from catalog.imports.members import Json

_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs"


def job(name: Name, facets: Json) -> Json:
    """A job as events name it."""
    return {"namespace": name.namespace, "name": name.name, "facets": facets}


def batch(integration: str, kind: str) -> Json:
    """The `jobType` facet of a job that ends."""
    return {"processingType": "BATCH", "integration": integration, "jobType": kind}


def run_event(
    state: str,
    time: str,
    producer: str,
    run: Json,
    of: Json,
    inputs: list[Json] | None = None,
    outputs: list[Json] | None = None,
) -> Json:
    """What became of a run.

    Args:
        state: START, COMPLETE, FAIL, ...
        time: ISO-8601, from the file.
        producer: without a version: a newer importer must not make other events of equal files.
        of: its job.
    """
    return {
        "eventType": state,
        "eventTime": time,
        "producer": producer,
        "schemaURL": f"{_SCHEMA}/RunEvent",
        "run": run,
        "job": of,
        "inputs": inputs or [],
        "outputs": outputs or [],
    }


def dataset_event(time: str, producer: str, dataset: Json) -> Json:
    """What is said of a dataset without a run."""
    return {"eventTime": time, "producer": producer, "schemaURL": f"{_SCHEMA}/DatasetEvent", "dataset": dataset}
