"""Statistics, metrics and results of checks: facets of one run (or, on a DatasetEvent, of one moment)."""

from __future__ import annotations

from typing import NamedTuple

from catalog.lineage.assertions import Json
from catalog.lineage.facets.part import Part

PASS, FAIL, SKIP = "pass", "fail", "skip"
ERROR, WARN = "error", "warn"


class ColumnMetrics(NamedTuple):
    """Metrics of one column.

    Attributes:
        values: how many there are (`count` in the facet).
        min, max: numbers or texts.
        quantiles: by their share, such as `0.5`.
    """

    null_count: int | None
    distinct_count: int | None
    sum: float | None
    values: float | None
    min: Json
    max: Json
    quantiles: dict[str, float]


class Metrics(NamedTuple):
    """What a profile found: rows, bytes, files, the newest change in microseconds (spec 1-0-3)."""

    row_count: int | None
    bytes: int | None
    file_count: int | None
    last_updated: int | None
    columns: dict[str, ColumnMetrics]


class Statistics(NamedTuple):
    """Rows, bytes and files that a run read or wrote (spec: inputStatistics 1-0-0, outputStatistics 1-0-2)."""

    row_count: int | None
    bytes: int | None
    file_count: int | None


class Check(NamedTuple):
    """The result of one check, of a dataset (`dataQualityAssertions` 1-1-0) or of none (`test` 1-0-1).

    Attributes:
        kind: what is asserted, such as `not_null`; the `type` of a test.
        name: of a test, or of this assertion among others.
        status: pass, fail or skip.
        severity: error or warn, in lower case.
        content, content_type: the check as its author wrote it.
        params: whatever it was given.
    """

    kind: str | None
    name: str | None
    column: str | None
    status: str
    severity: str | None
    description: str | None
    expected: str | None
    actual: str | None
    content: str | None
    content_type: str | None
    params: dict[str, Json]


def metrics(part: Part) -> Metrics:
    """`dataQualityMetrics`, of an input (1-0-3) or of a DatasetEvent (1-0-0)."""
    columns = {}
    inner = part.part("columnMetrics")
    for name in inner.members if inner else ():
        found = inner.part(name) if inner else None
        if found:
            columns[name] = _column(found)
    return Metrics(
        part.count("rowCount"), part.count("bytes"), part.count("fileCount"), part.time("lastUpdated"), columns
    )


def _column(part: Part) -> ColumnMetrics:
    quantiles = part.part("quantiles")
    shares = {key: quantiles.number(key) for key in quantiles.members} if quantiles else {}
    return ColumnMetrics(
        part.count("nullCount"),
        part.count("distinctCount"),
        part.number("sum"),
        part.number("count"),
        part.members.get("min"),
        part.members.get("max"),
        {key: value for key, value in shares.items() if value is not None},
    )


def input_statistics(part: Part) -> Statistics:
    """`inputStatistics`."""
    return Statistics(part.count("rowCount"), part.count("size"), part.count("fileCount"))


def output_statistics(part: Part) -> Statistics:
    """`outputStatistics`; Spark sends -1 where it does not know (left out as no count)."""
    return Statistics(part.count("rowCount"), part.count("size"), part.count("fileCount"))


def assertions(part: Part) -> tuple[Check, ...]:
    """`dataQualityAssertions`."""
    return part.parts("assertions", _assertion)


def _assertion(part: Part) -> Check | None:
    kind, success = part.needed("assertion"), part.flag("success")
    if success is None:
        if part.members.get("success") is None:
            part.complain("success", "missing")
        return None
    return _check(part, kind, PASS if success else FAIL) if kind else None


def tests(part: Part) -> tuple[Check, ...]:
    """`test` of a run."""
    return part.parts("tests", _test)


def _test(part: Part) -> Check | None:
    name, status = part.needed("name"), (part.needed("status") or "").lower()
    if not name or not status:
        return None
    if status not in (PASS, FAIL, SKIP):
        part.complain("status", f"{status[:80]!r} is none of pass, fail, skip, left out")
        return None
    return _check(part, part.text("type"), status)


def _check(part: Part, kind: str | None, status: str) -> Check:
    severity = part.text("severity")
    return Check(
        kind,
        part.text("name"),
        part.text("column"),
        status,
        severity.lower() if severity else None,
        part.text("description"),
        part.text("expected"),
        part.text("actual"),
        part.text("content"),
        part.text("contentType"),
        part.mapping("params"),
    )
