"""How the things of a snapshot are written down in tests: a document each, and what events told of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from catalog.assets.keys import Key, Kind, dataset_of, job_of, thing_id
from catalog.checks.snapshot import Column, Observed, Run, Thing
from catalog.identity import digest
from catalog.manifest.canonical import canonical

AIRFLOW = "airflow"


def micros(text: str) -> int:
    """A moment in microseconds."""
    return int(datetime.fromisoformat(text).timestamp()) * 1_000_000


def key(kind: Kind, name: str, namespace: str = "") -> Key:
    """A key; model versions are `model/version` of the registry `models`."""
    return Key(kind, namespace, name)


def entry(*of: object) -> str:
    """The key of an entry of the inbox."""
    return digest("entry", *of) * 2


def declared(document: dict[str, Any], of: Key, observed: Observed | None = None, **columns: str) -> Thing:
    """A thing that a manifest declares; columns are `name="type: tags"`."""
    body = canonical(document)
    single = ("description", "domain", "classification", "lifecycle", "location", "personalData", "retention")
    attributes: dict[str, Any] = {
        name: body[name] for name in (*single, "quality", "protection", "custom") if name in body
    }
    for name, called in (("owners", "name"), ("terms", "name")):
        if name in body:
            attributes[name] = [{called: member} for member in body[name]]
    if "tags" in body:
        attributes["tags"] = [{"key": tag.removeprefix("tag:")} for tag in body["tags"]]
    found = {}
    for name, told in columns.items():
        type_, _, tags = told.partition(":")
        given = {"tags": [{"key": tag} for tag in tags.split()]} if tags.strip() else {}
        found[name] = Column(name, type_, given, {"tags": entry(*of, name)} if given else {})
    name_ = dataset_of(of) or job_of(of)
    return Thing(
        id=thing_id(of),
        key=of,
        names=(name_,) if name_ else (),
        declared=True,
        seen=observed is not None,
        attributes=attributes,
        entries={name: entry(*of, name) for name in attributes},
        document=body,
        manifest="juniper",
        columns=found,
        observed=observed or Observed(),
    )


def table(
    namespace: str, name: str, columns: Mapping[str, str], document: Mapping[str, Any], last: str = "2026-03-01"
) -> Thing:
    """A dataset that events spoke of; `last` is the day of its last run."""
    of = key(Kind.DATASET, name, namespace)
    at = micros(f"{last}T03:00:00+00:00")
    day = 86_400_000_000
    writes = tuple(at - back * day for back in (3, 2, 1, 0))
    observed = Observed(first=micros("2025-01-05T03:00:00+00:00"), last=at, written=at, read=at, writes=writes)
    return declared({"kind": "Dataset", "namespace": namespace, "name": name, **document}, of, observed, **columns)


def pipeline(name: str, **document: Any) -> Thing:
    """A job of the scheduler."""
    at = micros("2026-03-01T03:00:00+00:00")
    run = Run(digest("run", name), "COMPLETED", at, at + 60_000_000)
    observed = Observed(first=micros("2025-01-05T03:00:00+00:00"), last=at, runs=(run,))
    given = {"kind": "Pipeline", "namespace": AIRFLOW, "name": name, "owners": ["team:data"], **document}
    return declared(given, key(Kind.PIPELINE, name, AIRFLOW), observed)
