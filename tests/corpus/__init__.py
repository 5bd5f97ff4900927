"""Real OpenLineage events to test against, read from the files beside this module.

`openlineage/` holds third-party files, unchanged; its `MANIFEST.tsv` says where each came from and how many events
it carries. `README.md` tells the rest.
"""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
OPENLINEAGE = HERE / "openlineage"
RECORDED = HERE / "recorded"
DBT = HERE / "dbt"

Event = dict[str, Any]

_SCENARIOS = "compat-consumer/consumer/scenarios"
_FRAGMENTS = "openlineage-spec-facets/spec/tests"


def manifest() -> list[dict[str, str]]:
    """The rows of `MANIFEST.tsv`, in its order: file, source_repo, licence, events."""
    with (OPENLINEAGE / "MANIFEST.tsv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


EVENT_FILES: list[Path] = [OPENLINEAGE / row["file"] for row in manifest() if int(row["events"]) >= 1]
"""Every file with at least one event, in the order of the manifest."""

SCENARIOS: tuple[str, ...] = tuple(sorted(path.name for path in (OPENLINEAGE / _SCENARIOS).iterdir()))
"""The six consumer scenarios of the compatibility tests."""

FACETS: tuple[str, ...] = tuple(sorted(path.name for path in (OPENLINEAGE / _FRAGMENTS).iterdir()))
"""The names `fragments` knows: one folder of the specification's test fragments each."""


DBT_PROJECTS: dict[str, Path] = {
    **{path.parent.relative_to(DBT).as_posix(): path.parent for path in sorted(DBT.rglob("manifest.json.gz"))},
    **{path.parent.name: path.parent for path in sorted((RECORDED / "dbt_artifacts").glob("*/manifest.json.gz"))},
}
"""Folders with artifacts of dbt, by name: third-party ones, then our own recordings `corner_shop` and `jaffle_shop`."""


def file_id(path: Path) -> str:
    """The name of a file in the manifest: its path below `openlineage/`, with slashes."""
    return path.relative_to(OPENLINEAGE).as_posix()


def events(path: Path) -> list[Event]:
    """The events of one file, in its order, whether it holds one object, an array or one object per line."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ndjson":
        return [json.loads(line) for line in text.splitlines()]
    content = json.loads(text)
    return content if isinstance(content, list) else [content]


def all_events() -> list[tuple[str, Event]]:
    """Every event of the corpus with the id of its file; the ids of an array's events are alike."""
    return [(file_id(path), event) for path in EVENT_FILES for event in events(path)]


def scenario(name: str) -> list[Event]:
    """The events of one consumer scenario, in the order they are to be sent: 2.json before 10.json.

    Raises:
        KeyError: there is no such scenario.
    """
    if name not in SCENARIOS:
        raise KeyError(name)
    files = sorted((OPENLINEAGE / _SCENARIOS / name / "events").glob("*.json"), key=_numeric)
    return [event for path in files for event in events(path)]


def fragments(facet: str) -> list[Event]:
    """The specification's test fragments of one facet, such as `LineageFacet`: objects with the facet's key on top.

    Raises:
        KeyError: the specification has no fragments of that name.
    """
    if facet not in FACETS:
        raise KeyError(facet)
    return [json.loads(path.read_text(encoding="utf-8")) for path in _fragment_files(facet)]


def _fragment_files(facet: str) -> list[Path]:
    return sorted((OPENLINEAGE / _FRAGMENTS / facet).glob("*.json"), key=_numeric)


def _numeric(path: Path) -> tuple[int, str]:
    number = re.search(r"\d+", path.stem)
    return (int(number.group()) if number else 0, path.stem)
