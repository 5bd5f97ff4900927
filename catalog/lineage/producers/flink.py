"""Flink: names that hold within one session only.

A table made in Flink's in-memory catalog is told as a symlink `default_catalog.default_database.NAME` in the namespace
of the topic behind it (OpenLineage #3642, pull request #3657). Two jobs may call two topics by that name, which would
make the topics one thing, in every job's lineage.
"""

from __future__ import annotations

from dataclasses import replace

from catalog.lineage.wire import WireDataset, WireEvent

IN_MEMORY = "default_catalog.default_database."


def without_session_names(event: WireEvent) -> WireEvent:
    """Names of the in-memory catalog are no other names of a dataset."""
    if "/flink" not in event.producer.lower():
        return event
    return replace(
        event,
        inputs=[_without(event, "input", dataset) for dataset in event.inputs],
        outputs=[_without(event, "output", dataset) for dataset in event.outputs],
    )


def _without(event: WireEvent, role: str, dataset: WireDataset) -> WireDataset:
    facet = dataset.facets.get("symlinks")
    names = facet.get("identifiers") if isinstance(facet, dict) else None
    if not isinstance(facet, dict) or not isinstance(names, list) or not any(map(_is_of_session, names)):
        return dataset
    event.warnings.append(
        f"{role} {dataset.name.name[:80]!r}: symlinks: a name of Flink's in-memory catalog, which holds in its session "
        "only, left out"
    )
    kept = {**facet, "identifiers": [name for name in names if not _is_of_session(name)]}
    return replace(dataset, facets={**dataset.facets, "symlinks": kept})


def _is_of_session(identifier: object) -> bool:
    name = identifier.get("name") if isinstance(identifier, dict) else None
    return isinstance(name, str) and name.startswith(IN_MEMORY)
