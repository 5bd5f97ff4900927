"""What policies see of how good data are: counts, results of checks, promises kept, objectives, datasheets."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Any

from catalog.assets.keys import Key, Kind
from catalog.checks.filling.entity import Filler, block, camel
from catalog.checks.filling.known import Known
from catalog.checks.snapshot import Check, Thing
from catalog.checks.subjects_in_operation import DATASET as SHAPE
from catalog.clock import SECOND, to_iso
from catalog.manifest.durations import seconds
from catalog.manifest.gate.contracts import Document, is_in_force, promise_of, tables_of
from catalog.manifest.gate.types import Fit, compare, is_a

FEWEST_COUNTS = 3
"""Of fewer counts before the last one nobody can tell how many rows are usual."""
HOUR, DAY = 3_600, 86_400
WARN = "warn"


def results(known: Known, thing: Thing) -> list[dict[str, Any]]:
    """The newest result of each check."""
    return [
        {**{name: getattr(one, name) for name in ("name", "column", "success", "severity")}, "at": to_iso(one.at)}
        for one in thing.observed.checks
    ]


def rows(known: Known, thing: Thing) -> dict[str, Any]:
    """How many rows the last write had, and how many those before it usually had."""
    counts = [number for _, number in sorted(thing.observed.rows)]
    usual = median(counts[:-1]) if len(counts) > FEWEST_COUNTS else None
    return {"last": counts[-1] if counts else None, "usual": usual}


def breaches(known: Known, thing: Thing) -> list[str]:
    """What contracts in force promise of a dataset's columns and events tell otherwise, in words, sorted."""
    typed = {name: one.type for name, one in thing.columns.items() if one.type is not None}
    told = typed or dict.fromkeys(thing.columns)
    if not told:
        return []
    found = set()
    for table, key in known.kept(_promises).get(thing.id, ()):
        for path, promised in promise_of(table, key).columns.items():
            name = ".".join(path)
            if words := _broken(promised, told, name):
                found.add(f"{name} {words}")
    return sorted(found)


def _promises(known: Known) -> dict[str, list[tuple[Document, Key]]]:
    """The tables of contracts in force, by the id of the dataset that each is about.

    What is promised of its columns is read of those that are asked about: of all that would take longer than all else.
    """
    tied: dict[str, list[Key]] = {}
    for one in known.by_kind.get(Kind.DATASET, ()):
        if named := one.document.get("contract"):
            tied.setdefault(str(named), []).append(one.key)
    found: dict[str, list[tuple[Document, Key]]] = {}
    for contract in known.by_kind.get(Kind.CONTRACT, ()):
        if not is_in_force(contract.document):
            continue
        for table, key in tables_of(contract.document, tied.get(f"contract:{contract.key.name}", [])):
            dataset = known.by_key.get(key) if key else None
            if key and dataset is not None:
                found.setdefault(dataset.id, []).append((table, key))
    return found


def _broken(promised: Document, told: Mapping[str, str | None], name: str) -> str:
    if name not in told:
        return "is missing"
    wanted, got = promised.get("type") or promised.get("logicalType"), told[name]
    if wanted and got:
        kept = compare(got, str(wanted)) in (Fit.SAME, Fit.WIDER) if promised.get("type") else is_a(got, str(wanted))
        if not kept:
            return f"is {got}, promised as {wanted}"
    return ""


def objectives(known: Known, thing: Thing) -> list[dict[str, Any]]:
    """The objectives that a dataset is held to, and how far they were reached."""
    found = []
    for slo in known.kept(_objectives).get(thing.id, ()):
        document = slo.document
        threshold, window = seconds(document.get("threshold")), seconds(document.get("window", "P30D"))
        fresh = document.get("indicator") == "freshness" and threshold is not None and window is not None
        found.append(
            {
                "name": slo.key.name,
                **{name: document.get(name) for name in ("indicator", "objective")},
                "threshold_hours": None if threshold is None else threshold / HOUR,
                "window_days": None if window is None else window / DAY,
                "attained": _fresh(known, thing, threshold or 0, window or 0) if fresh else None,
            }
        )
    return found


def _objectives(known: Known) -> dict[str, list[Thing]]:
    """Objectives by the id of what they are about, sorted by name."""
    found: dict[str, list[Thing]] = {}
    for slo in sorted(known.by_kind.get(Kind.SLO, ()), key=lambda one: one.key):
        targets = {target.id for one in slo.document.get("targets") or () if (target := known.refer(one))}
        for id_ in sorted(targets):
            found.setdefault(id_, []).append(slo)
    return found


def _fresh(known: Known, thing: Thing, threshold: int, window: int) -> float | None:
    """For how much of a window (both in seconds) a dataset was no older than a threshold, in percent.

    The window begins no earlier than the first write that is known: before it, nobody knows.
    """
    at = known.snapshot.at
    writes = sorted(write for write in set(thing.observed.writes) if write <= at)
    if not writes:
        return None
    begin = max(at - window * SECOND, writes[0])
    fresh, until = 0, begin
    for write in writes:
        start, end = max(write, until), min(write + threshold * SECOND, at)
        fresh += max(end - start, 0)
        until = max(until, end)
    return round(100 * fresh / (at - begin), 3) if at > begin else 100.0


def datasheet(known: Known, thing: Thing) -> dict[str, Any]:
    """What is stated of data that train models; of a list how long it is."""
    told = block(thing.document.get("datasheet"))
    found = {name: told.get(camel(name)) for name in SHAPE["datasheet"]}
    return {name: len(value) if isinstance(value, list | tuple) else value for name, value in found.items()}


def failing(thing: Thing) -> list[Check]:
    """The checks whose newest result is a failure, and no mere warning."""
    return [one for one in thing.observed.checks if not one.success and one.severity.lower() != WARN]


DATASET: dict[str, Filler] = {
    "writes": lambda known, thing: len(set(thing.observed.writes)),
    "results": results,
    "rows": rows,
    "breaches": breaches,
    "objectives": objectives,
    "datasheet": datasheet,
}
