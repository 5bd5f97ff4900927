"""Reads what people declare: files and directories of YAML and JSON, all faults of all files at once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from catalog.assets.keys import Key
from catalog.manifest.documents.manifest import Manifest
from catalog.manifest.problems import Place, Problem


class Document(NamedTuple):
    """One entity as a manifest declares it: its key, its canonical JSON, and where it stands."""

    key: Key
    body: dict[str, Any]
    place: Place


class Loaded(NamedTuple):
    """What was read.

    Attributes:
        manifest: the head (`headwater.yaml`), None where there is none.
        documents: the entities, sorted by key; complete only if there are no problems.
        problems: every fault of every file, sorted by place.
    """

    manifest: Manifest | None
    documents: list[Document]
    problems: list[Problem]


def load(*paths: str | Path | Iterable[str | Path]) -> Loaded:
    """Read files and directories; never raises for what stands in them, nor for files that cannot be read."""
    raise NotImplementedError
