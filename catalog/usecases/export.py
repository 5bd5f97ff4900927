"""Export: what a manifest declares, as its documents."""

from __future__ import annotations

from typing import Any

from catalog.errors import UnknownKey
from catalog.graph import entities
from catalog.graph.reader import Reader
from catalog.usecases.plan import settled


def exported(reader: Reader, manifest: str) -> list[dict[str, Any]]:
    """The canonical documents of a manifest, sorted by key: applied again, they change nothing.

    Raises:
        UnknownKey: no such manifest was ever applied.
        Unsettled: an accepted apply is not in the graph yet.
    """
    if manifest not in {head.manifest for head in settled(reader)}:
        raise UnknownKey(f"no manifest {manifest!r} was ever applied; `headwater manifests` lists them", manifest)
    return list(entities.manifest_documents(reader, manifest).values())
