"""OpenLineage on the wire, read leniently: real producers break the schema in one event out of four.

`check_structure` is all that may refuse an event at the door. Everything else is read as far as it goes, with a
warning for each part that was not understood.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from catalog.clock import from_datetime
from catalog.errors import InvalidEvent
from catalog.identity import Name
from catalog.lineage.assertions import EventType, Json

MAX_TEXT = 500_000
"""Characters of one name; the longest seen in the field have 230,000 (Marquez #2469)."""
MAX_PRODUCER = 2_000
MAX_THINGS = 30_000
"""Of one event. Its facts are one transaction, which Neo4j ends after 30 s; 10,000 datasets with a schema take 6."""
MAX_WARNINGS = 100
WARNING_LENGTH = 300

_ZONE_NAME = re.compile(r"\[[^\]]*\]$")


class Kind(StrEnum):
    """The three events of the spec, told apart by their structure (`schemaURL` is no guide: 14 values in use)."""

    RUN = "RunEvent"
    JOB = "JobEvent"
    DATASET = "DatasetEvent"


def check_structure(event: Any) -> Kind:
    """The kind of an event, or a refusal.

    Raises:
        InvalidEvent: not an object, or a part without which it can never be understood is missing.
    """
    if not isinstance(event, dict):
        hint = "; POST arrays to /api/v1/lineage/batch" if isinstance(event, list) else ""
        raise InvalidEvent(f"the body is a JSON {kind_of(event)}, not an object{hint}")
    if "headwater" in event:
        raise InvalidEvent(
            "an entry of the catalog's own (`headwater`) is no OpenLineage event; people decide by a mutation of "
            "/graphql, such as mergeDatasets, or with `headwater identity`",
            "headwater",
        )
    if event.get("run") is not None:
        kind = Kind.RUN
        _text(event, "run", "runId")
    elif event.get("job") is not None:
        kind = Kind.JOB
    elif event.get("dataset") is not None:
        kind = Kind.DATASET
    else:
        raise InvalidEvent("an event has a `run` with a `job`, a `job`, or a `dataset`; this one has none", "job")
    _text(event, "eventTime")
    part = "dataset" if kind is Kind.DATASET else "job"
    _text(event, part, "namespace")
    _text(event, part, "name")
    return kind


class Warnings(list[str]):
    """What was not understood. They are kept with the entry, and an event of 32 MB can earn ten million.

    Attributes:
        more: how many were counted only.
    """

    more = 0

    def append(self, warning: str) -> None:
        """Keep one of the first, cut; count the others."""
        if len(self) < MAX_WARNINGS:
            super().append(warning[:WARNING_LENGTH])
        else:
            self.more += 1

    def told(self) -> tuple[str, ...]:
        """What to keep."""
        return (*self, f"and {self.more} more warnings") if self.more else tuple(self)


@dataclass(slots=True)
class WireDataset:
    """A dataset as an event names it, with its facets by place."""

    name: Name
    facets: dict[str, Json]
    place_facets: dict[str, Json]


@dataclass(slots=True)
class WireEvent:
    """One event, its parts in known places and of known types."""

    kind: Kind
    time: int
    event_type: EventType
    producer: str
    job: Name | None
    job_facets: dict[str, Json]
    run_id: str
    run_facets: dict[str, Json]
    inputs: list[WireDataset]
    outputs: list[WireDataset]
    dataset: WireDataset | None
    warnings: Warnings = field(default_factory=Warnings)


def read(event: dict[str, Any]) -> WireEvent:
    """Read an event that passed `check_structure`.

    Raises:
        InvalidEvent: its time is no time, or its job, dataset or run has an empty name.
    """
    kind = check_structure(event)
    warnings = Warnings()
    job = run = None
    job_part, run_part = event.get("job"), event.get("run")
    if kind is not Kind.DATASET:
        job = _named(job_part, "job")
    if kind is Kind.RUN:
        run = str(run_part["runId"]) if isinstance(run_part, dict) else ""
        if not run.strip():
            raise InvalidEvent("the run has an empty runId", "run.runId")
        _check_length(run, "run.runId")
    dataset = None
    if kind is Kind.DATASET:
        part = event["dataset"]
        dataset = WireDataset(_named(part, "dataset"), _facets(part, "facets", "dataset.facets", warnings), {})
    return WireEvent(
        kind=kind,
        time=read_time(event["eventTime"], warnings),
        event_type=_event_type(event.get("eventType"), kind, warnings),
        producer=_producer(event.get("producer"), warnings),
        job=job,
        job_facets=_facets(job_part, "facets", "job.facets", warnings),
        run_id=run or "",
        run_facets=_facets(run_part, "facets", "run.facets", warnings),
        inputs=_datasets(event, "inputs", "inputFacets", warnings),
        outputs=_datasets(event, "outputs", "outputFacets", warnings),
        dataset=dataset,
        warnings=warnings,
    )


def read_time(text: str, warnings: list[str]) -> int:
    """Microseconds of an ISO-8601 time; nanoseconds are cut, a missing zone is read as UTC with a warning.

    Raises:
        InvalidEvent: it is no time.
    """
    try:
        moment = parse_time(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
            warnings.append(f"eventTime: {text[:80]!r} has no time zone, read as UTC")
        return from_datetime(moment.astimezone(UTC))
    except (ValueError, OverflowError) as e:
        raise InvalidEvent(f"{text[:80]!r} is no ISO-8601 time such as 2026-03-01T12:00:00Z", "eventTime") from e


def parse_time(text: str) -> datetime:
    """An ISO-8601 time as producers spell it; without a zone it has none.

    Raises:
        ValueError: it is no time.
    """
    cleaned = _ZONE_NAME.sub("", text.strip()).upper()
    if len(cleaned) > len("20260301") and cleaned.isdigit():
        raise ValueError("milliseconds, which `fromisoformat` would take for the year 1704")
    if not cleaned.isprintable():
        raise ValueError("a NUL, at which `fromisoformat` would stop")
    return datetime.fromisoformat(cleaned)


def kind_of(value: Any) -> str:
    """What JSON calls a value."""
    names = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}
    return names.get(type(value), "number")


def _text(event: dict[str, Any], *path: str) -> None:
    value: Any = event
    for depth, key in enumerate(path):
        if not isinstance(value, dict):
            raise InvalidEvent(f"`{'.'.join(path[:depth])}` must be an object", ".".join(path[:depth]))
        value = value.get(key)
    if not isinstance(value, str):
        said = "is missing" if value is None else f"is a JSON {kind_of(value)}"
        raise InvalidEvent(f"`{'.'.join(path)}` {said}; it must be a string", ".".join(path))


def _named(part: Any, where: str) -> Name:
    name = Name(part["namespace"], part["name"])
    for key, value in zip(("namespace", "name"), name, strict=True):
        if not value.strip():
            raise InvalidEvent(f"`{where}.{key}` is empty", f"{where}.{key}")
        _check_length(value, f"{where}.{key}")
    return name


def check_count(things: int) -> None:
    """Called before anything is made of a list, since making something of ten million members takes a minute.

    Raises:
        InvalidEvent: it says more than can be written before a store ends the transaction.
    """
    if things > MAX_THINGS:
        raise InvalidEvent(
            f"it says {things:,} things (datasets, facets, columns); {MAX_THINGS:,} can be applied at once: "
            "send several events of the run"
        )


def read_list(value: Any, where: str, warnings: list[str]) -> list[Any]:
    """The members of an array; null says nothing, and what is no array is left out with a warning.

    Raises:
        InvalidEvent: as `check_count`.
    """
    if value is not None and not isinstance(value, list):
        warnings.append(f"{where}: not an array, left out")
    listed = value if isinstance(value, list) else []
    check_count(len(listed))
    return listed


def _check_length(text: str, where: str) -> None:
    if len(text) > MAX_TEXT:
        raise InvalidEvent(f"`{where}` has {len(text):,} characters; a name may have {MAX_TEXT:,}", where)


def _producer(value: Any, warnings: list[str]) -> str:
    if value is not None and not isinstance(value, str):
        warnings.append(f"producer: a JSON {kind_of(value)} instead of a string")
    text = str(value or "")
    if len(text) > MAX_PRODUCER:
        warnings.append(f"producer: {len(text):,} characters, cut after {MAX_PRODUCER:,}")
    return text[:MAX_PRODUCER]


def _event_type(value: Any, kind: Kind, warnings: list[str]) -> EventType:
    if kind is not Kind.RUN:
        return EventType.OTHER
    if isinstance(value, str) and value.upper() in EventType.__members__:
        return EventType(value.upper())
    if value is not None:
        warnings.append(f"eventType: {str(value)[:80]!r} is unknown, read as OTHER")
    return EventType.OTHER


def _facets(part: Any, key: str, where: str, warnings: list[str]) -> dict[str, Json]:
    facets = part.get(key) if isinstance(part, dict) else None
    if facets is None:
        return {}
    if not isinstance(facets, dict):
        warnings.append(f"{where}: a JSON {kind_of(facets)} instead of an object, left out")
        return {}
    check_count(len(facets))
    for key in [key for key in facets if len(key) > MAX_TEXT]:
        warnings.append(f"{where}: a facet whose name has {len(key):,} characters, left out")
    return {k: v for k, v in facets.items() if v is not None and len(k) <= MAX_TEXT}


def _datasets(event: dict[str, Any], key: str, place: str, warnings: list[str]) -> list[WireDataset]:
    listed = event.get(key)
    if listed is None:
        return []
    if not isinstance(listed, list):
        warnings.append(f"{key}: a JSON {kind_of(listed)} instead of an array, left out")
        return []
    check_count(len(listed))
    found = []
    for i, part in enumerate(listed):
        where = f"{key}[{i}]"
        name = read_name(part, where, warnings)
        if name:
            facets = _facets(part, "facets", f"{where}.facets", warnings)
            found.append(WireDataset(name, facets, _facets(part, place, f"{where}.{place}", warnings)))
    return found


def read_name(part: Any, where: str, warnings: list[str]) -> Name | None:
    """The name of a dataset somewhere inside an event, or None with a warning: one bad name never costs the event."""
    if part is None:
        return None
    namespace, name = (part.get("namespace"), part.get("name")) if isinstance(part, dict) else (None, None)
    if isinstance(namespace, str) and isinstance(name, str) and namespace.strip() and name.strip():
        if max(len(namespace), len(name)) <= MAX_TEXT:
            return Name(namespace, name)
        warnings.append(f"{where}: a name of more than {MAX_TEXT:,} characters, left out")
        return None
    warnings.append(f"{where}: no dataset without namespace and name, left out")
    return None
