"""Samples -> what they say over time: numbers, checks and versions, each once per run. Pure.

Producers repeat themselves: on START and COMPLETE, in two places of one event. So of all a run says about one metric
(or check, or version) the last in the order of the fold counts; what no run says counts by itself.

Source: spec DataQualityMetrics 1-0-3, DataQualityAssertions 1-1-0, InputStatistics 1-0-0, OutputStatistics 1-0-2,
TestRunFacet 1-0-1, DatasetVersion 1-0-1, IcebergScanReport 1-0-1, IcebergCommitReport 1-0-2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import suppress
from typing import Any, Generic, NamedTuple, TypeVar

from catalog.lineage.assertions import Json
from catalog.lineage.facets.model import MODEL
from catalog.lineage.samples import ASSERTIONS, RUN_TESTS, Facets

_STATISTICS = ("dataQualityMetrics", "inputStatistics", "outputStatistics", "icebergCommitReport", "icebergScanReport")
_IDENTITIES = frozenset({"snapshotId", "sequenceNumber", "schemaId", "parentSnapshotId"})
"""Numbers that measure nothing."""
_SNAPSHOTS = {"icebergScanReport": "READ", "icebergCommitReport": "WRITTEN"}
_COUNTS = ("ount", "ize", "ytes")
"""How the names of metrics end that are never negative; Spark writes -1 where it does not know."""
_DEPTH = 6
_SAID = ("severity", "expected", "actual", "description", "content", "contentType")

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


class Sample(NamedTuple):
    """One row of the log: when, its place in the fold, who, and the facets.

    Attributes:
        id: names it; unique.
        run: the run's id, or "" for a declaration.
        role: "input", "output", "dataset", or "run" for what is said of the run as a whole.
    """

    id: str
    t: int
    rank: int
    key: str
    run: str
    role: str
    facets: Facets


class Told(NamedTuple, Generic[KeyT, ValueT]):
    """What one sample says under one key."""

    t: int
    run: str
    role: str
    key: KeyT
    value: ValueT
    sample: str


class Metric(NamedTuple):
    """The name of a series: facet and path (`outputStatistics.rowCount`), and the column or ""."""

    name: str
    column: str


class Check(NamedTuple):
    """What identifies a check within a run and dataset; "" for what is not said."""

    assertion: str
    column: str
    name: str


class Outcome(NamedTuple):
    """How a check ended.

    Attributes:
        status: PASS, FAIL or SKIP.
        severity: "error" or "warn" as the producer says, or None.
        params: anything else it was given.
    """

    status: str
    severity: str | None
    expected: str | None
    actual: str | None
    description: str | None
    content: str | None
    content_type: str | None
    params: Json


class Version(NamedTuple):
    """A version of the data: its text, of what kind (`version`, `snapshot` of Iceberg, or `model`), READ or WRITTEN."""

    version: str
    kind: str
    use: str


Read = Callable[[Sample], Iterable[tuple[KeyT, ValueT]]]


def last_told(samples: Iterable[Sample], read: Read[KeyT, ValueT]) -> list[Told[KeyT, ValueT]]:
    """One per run and key, the last in the order of the fold; sorted by time.

    Args:
        samples: all there are of the runs in question.
        read: what one sample says, by key.
    """
    found: dict[tuple[str, KeyT], Told[KeyT, ValueT]] = {}
    for sample in sorted(samples, key=lambda s: (s.t, s.rank, s.key, s.role)):
        for key, value in read(sample):
            told = Told(sample.t, sample.run, sample.role, key, value, sample.id)
            found[sample.run or sample.key, key] = told
    return sorted(found.values(), key=lambda told: (told.t, told.sample))


def series(samples: Iterable[Sample], metric: Metric) -> list[tuple[int, float, str]]:
    """One metric over time as (time µs, value, run id), oldest first: what checks of quality start from."""
    told = last_told(samples, lambda sample: ((k, v) for k, v in numbers(sample) if k == metric))
    return [(one.t, one.value, one.run) for one in told]


def numbers(sample: Sample) -> Iterator[tuple[Metric, float]]:
    """All that a sample measured."""
    for facet in _STATISTICS:
        said = sample.facets.get(facet)
        if isinstance(said, dict):
            columns = said.get("columnMetrics")
            rest = {key: value for key, value in said.items() if key != "columnMetrics"}
            yield from ((Metric(name, ""), value) for name, value in _numbers(rest, facet, _DEPTH))
            if isinstance(columns, dict):
                for column, metrics in columns.items():
                    yield from ((Metric(name, column), value) for name, value in _numbers(metrics, facet, _DEPTH))


def checks(sample: Sample) -> Iterator[tuple[Check, Outcome]]:
    """All that was checked, wherever it is told."""
    for part in _listed(sample.facets.get(ASSERTIONS), "assertions"):
        status = {True: "PASS", False: "FAIL"}.get(part.get("success"))  # type: ignore[arg-type]
        if status and _text(part.get("assertion")):
            check = Check(_word(part, "assertion"), _word(part, "column"), _word(part, "name"))
            yield check, _outcome(part, status)
    told = {name for part in _listed(sample.facets.get(ASSERTIONS), "assertions") if (name := _word(part, "name"))}
    for part in _listed(sample.facets.get(RUN_TESTS), "tests"):
        status = _word(part, "status").upper()
        if status in ("PASS", "FAIL", "SKIP") and _word(part, "name") and _word(part, "name") not in told:
            yield Check(_word(part, "type"), _word(part, "column"), _word(part, "name")), _outcome(part, status)


def only_once(told: Iterable[Told[Check, Outcome]]) -> list[Told[Check, Outcome]]:
    """Checks without the tests of a run that it also tells as assertions on a dataset.

    dbt gives a test the name `test.project.name` in the run's facet and `name` in the dataset's.
    """
    listed = list(told)
    known = {(one.run, one.key.name) for one in listed if one.role != "run"}
    return [one for one in listed if one.role != "run" or not known & _spellings(one)]


def versions(sample: Sample) -> Iterator[tuple[Version, str]]:
    """The versions of the data that a sample names; the value is the version again, for lists."""
    said = sample.facets.get("version")
    version = _text(said.get("datasetVersion")) if isinstance(said, dict) else None
    if version:
        yield Version(version, "version", "READ" if sample.role == "input" else "WRITTEN"), version
    said = sample.facets.get(MODEL)
    number = _text(said.get("version")) if isinstance(said, dict) else None
    if number:
        yield Version(number, "model", "READ" if sample.role == "input" else "WRITTEN"), number
    for facet, use in _SNAPSHOTS.items():
        said = sample.facets.get(facet)
        snapshot = _text(said.get("snapshotId")) if isinstance(said, dict) else None
        if snapshot:
            yield Version(snapshot, "snapshot", use), snapshot


def _spellings(told: Told[Check, Outcome]) -> set[tuple[str, str]]:
    name = told.key.name
    return {(told.run, name), (told.run, name.rpartition(".")[2])}


def _numbers(value: Json, at: str, depth: int) -> Iterator[tuple[str, float]]:
    """All numbers, by path; also those in strings, as clients in shells send them, but no `-1` for "not known"."""
    if isinstance(value, dict):
        for key, part in value.items():
            if depth and key not in _IDENTITIES:
                yield from _numbers(part, f"{at}.{key}", depth - 1)
    elif isinstance(value, int | float | str) and not isinstance(value, bool):
        with suppress(ValueError):
            number = float(value)
            if math.isfinite(number) and (number >= 0 or not at.endswith(_COUNTS)):
                yield at, number


def _listed(facet: Json, key: str) -> list[dict[str, Any]]:
    listed = facet.get(key) if isinstance(facet, dict) else None
    return [part for part in listed if isinstance(part, dict)] if isinstance(listed, list) else []


def _outcome(part: dict[str, Any], status: str) -> Outcome:
    severity, expected, actual, description, content, kind = (_text(part.get(key)) for key in _SAID)
    return Outcome(status, severity, expected, actual, description, content, kind, part.get("params") or None)


def _word(part: dict[str, Any], key: str) -> str:
    return _text(part.get(key)) or ""


def _text(value: Json) -> str | None:
    """A scalar as text; producers write numbers where the spec has strings."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) and value != "" else None
