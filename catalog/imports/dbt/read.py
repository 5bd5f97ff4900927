"""A target folder -> artifacts: which files are there, what they are, and what their versions call things.

Every version of the schemas is read by the same tolerant readers: what a version lacks is empty, what it adds is not
looked at. Only a file that is no such artifact, or is of a version from before there were any, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from catalog.errors import InvalidArtifact
from catalog.imports.dbt.artifacts import (
    Age,
    Artifacts,
    Catalog,
    Exposure,
    Found,
    Freshness,
    Manifest,
    Owner,
    Result,
    Results,
)
from catalog.imports.dbt.nodes import read_node, read_owner
from catalog.imports.files import MAX_BYTES, Tell, find, read_object
from catalog.imports.members import Json, mapping, member, moment, objects, text, texts, whole

NEWEST = {"manifest": 12, "catalog": 1, "run-results": 6, "sources": 3}
"""The newest version of each artifact that was looked at."""
_FILES = {"manifest": "manifest.json", "catalog": "catalog.json", "run-results": "run_results.json"}
_FILES["sources"] = "sources.json"
_WITHOUT = {
    "catalog": "no columns and types as the warehouse has them; `dbt docs generate` writes it",
    "run-results": "no runs and no test results; `dbt build` writes it",
    "sources": "no freshness of sources; `dbt source freshness` writes it",
}
_SCHEMA = re.compile(r"/dbt/([a-z-]+)/v(\d+)(?:\.json)?$")
_NODES = frozenset({"model", "seed", "snapshot", "source", "test"})
_OTHERS = {
    "functions": "function",
    "metrics": "metric",
    "saved_queries": "saved query",
    "semantic_models": "semantic model",
    "unit_tests": "unit test",
}


def read_target(folder: Path, *, most: int = MAX_BYTES, tell: Tell = lambda _: None) -> Artifacts:
    """The artifacts of a folder; all but the manifest may be absent, which is noted.

    Raises:
        InvalidArtifact: there is no manifest, or a file is none of dbt's, or cannot be read.
    """
    notes: list[str] = []
    found: dict[str, Json | None] = {}
    for kind, name in _FILES.items():
        path = find(folder, name)
        if path is None:
            if kind == "manifest":
                raise _no_manifest(folder)
            notes.append(f"no {name}: {_WITHOUT[kind]}")
            found[kind] = None
            continue
        value = read_object(path, most=most, tell=tell)
        notes += _check_schema(path, value, kind)
        found[kind] = value
    manifest, catalog, results, ages = (found[kind] for kind in _FILES)
    return Artifacts(
        manifest=read_manifest(manifest or {}),
        catalog=read_catalog(catalog) if catalog is not None else None,
        results=read_results(results) if results is not None else None,
        freshness=read_freshness(ages) if ages is not None else None,
        notes=tuple(notes),
    )


def read_manifest(value: Json) -> Manifest:
    """What a manifest of any version has."""
    listed = {**mapping(value, "nodes"), **mapping(value, "sources")}
    groups = {text(group, "name"): read_owner(group.get("owner")) for group in _members(value, "groups")}
    parents = mapping(value, "parent_map")
    nodes = {}
    others = []
    for id_, told in listed.items():
        kind = text(told, "resource_type") or id_.partition(".")[0]
        if kind in _NODES and isinstance(told, dict):
            nodes[id_] = read_node(id_, kind, told, texts(parents, id_), groups)
        else:
            others.append((id_, kind))
    for key, kind in _OTHERS.items():
        others += [(id_, kind) for id_ in mapping(value, key)]
    exposures = {id_: _exposure(id_, told) for id_, told in mapping(value, "exposures").items()}
    packages = frozenset(node.package for node in nodes.values() if node.package)
    return Manifest(
        schema=_version(value),
        dbt=text(value, "metadata", "dbt_version"),
        adapter=text(value, "metadata", "adapter_type"),
        project=text(value, "metadata", "project_name"),
        project_id=text(value, "metadata", "project_id"),
        packages=packages,
        generated=moment(value, "metadata", "generated_at"),
        nodes=nodes,
        exposures=exposures,
        others=tuple(sorted(others)),
        disabled=tuple(sorted(_disabled(value.get("disabled")))),
    )


def read_catalog(value: Json) -> Catalog:
    """What a catalog has."""
    tables = {**mapping(value, "nodes"), **mapping(value, "sources")}
    errors = value.get("errors")
    listed = errors if isinstance(errors, list) else []
    return Catalog(
        generated=moment(value, "metadata", "generated_at"),
        tables={id_: _table(id_, told) for id_, told in tables.items()},
        errors=tuple(str(error)[:300] for error in listed),
    )


def read_results(value: Json) -> Results:
    """What a `run_results.json` of any version has."""
    return Results(
        dbt=text(value, "metadata", "dbt_version"),
        generated=moment(value, "metadata", "generated_at"),
        invocation=text(value, "metadata", "invocation_id"),
        command=text(value, "args", "which") or text(value, "args", "rpc_method"),
        results=tuple(_result(told) for told in objects(value, "results")),
    )


def read_freshness(value: Json) -> Freshness:
    """What a `sources.json` of any version has."""
    return Freshness(
        dbt=text(value, "metadata", "dbt_version"),
        generated=moment(value, "metadata", "generated_at"),
        invocation=text(value, "metadata", "invocation_id"),
        results=tuple(_age(told) for told in objects(value, "results")),
    )


def _check_schema(path: Path, value: Json, kind: str) -> Iterator[str]:
    told = text(value, "metadata", "dbt_schema_version")
    match = _SCHEMA.search(told)
    if match is None:
        said = f"its schema is {told[:80]!r}" if told else "it has no `metadata.dbt_schema_version`"
        raise InvalidArtifact(
            f"{path}: is no artifact of dbt 0.19 or newer ({said}); give the folder that dbt writes to (target/)",
            str(path),
        )
    if match[1] != kind:
        raise InvalidArtifact(f"{path}: is a dbt {match[1]} and not a {kind}; was it copied over another?", str(path))
    version = int(match[2])
    if version > NEWEST[kind]:
        yield f"{path.name} has schema v{version}, newer than v{NEWEST[kind]}, the newest that is known; read as that"
    needed, wanted = {
        "manifest": ("nodes", dict),
        "catalog": ("nodes", dict),
        "run-results": ("results", list),
        "sources": ("results", list),
    }[kind]
    if not isinstance(value.get(needed), wanted):
        what = "object" if wanted is dict else "list"
        raise InvalidArtifact(f"{path}: `{needed}` is no {what}; every dbt {kind} v{version} has one", str(path))


def _no_manifest(folder: Path) -> InvalidArtifact:
    if not folder.is_dir():
        return InvalidArtifact(f"{folder}: is no folder; give the one that dbt writes to (target/)", str(folder))
    below = folder / "target"
    if find(below, "manifest.json"):
        return InvalidArtifact(f"{folder}: has no manifest.json, but {below} has; give that", str(folder))
    hint = "run `dbt build`, or `dbt docs generate` for the columns too, and give dbt's target folder"
    return InvalidArtifact(f"{folder}: has no manifest.json; {hint}", str(folder))


def _version(value: Json) -> int:
    match = _SCHEMA.search(text(value, "metadata", "dbt_schema_version"))
    return int(match[2]) if match else 0


def _members(value: Json, key: str) -> list[Json]:
    return [part for part in mapping(value, key).values() if isinstance(part, dict)]


def _disabled(value: Any) -> Iterator[str]:
    """Ids of disabled nodes: by id with versions of it (from v4 on), a list of nodes before."""
    if isinstance(value, dict):
        yield from value
    for told in value if isinstance(value, list) else ():
        if id_ := text(told, "unique_id"):
            yield id_


def _exposure(id_: str, told: Json) -> Exposure:
    return Exposure(
        id=id_,
        name=text(told, "name") or id_.rpartition(".")[2],
        label=text(told, "label"),
        kind=text(told, "type"),
        url=text(told, "url"),
        maturity=text(told, "maturity"),
        description=text(told, "description"),
        owner=read_owner(member(told, "owner")) or Owner("", ""),
        tags=texts(told, "tags"),
        meta={**mapping(told, "config", "meta"), **mapping(told, "meta")},
        parents=texts(told, "depends_on", "nodes"),
    )


def _table(id_: str, told: Json) -> Found:
    listed = mapping(told, "columns")
    columns = [
        (whole(column, "index") or 0, text(column, "name") or name, text(column, "type"), text(column, "comment"))
        for name, column in listed.items()
    ]
    return Found(
        id=id_,
        type=text(told, "metadata", "type"),
        columns=tuple((name, type_, comment) for _, name, type_, comment in sorted(columns, key=lambda c: c[0])),
        rows=_stat(told, "num_rows", "row_count", "rows"),
        bytes=_stat(told, "num_bytes", "bytes"),
    )


def _stat(told: Json, *names: str) -> int | None:
    """A statistic by the names that warehouses give it; some write numbers as texts or with a fraction."""
    for name in names:
        value = member(told, "stats", name, "value")
        try:
            return int(float(value)) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
        except (ValueError, OverflowError):
            return None
    return None


def _result(told: Json) -> Result:
    executed = next((part for part in objects(told, "timing") if part.get("name") == "execute"), {})
    response = mapping(told, "adapter_response")
    rows = whole(response, "rows_affected")
    return Result(
        id=text(told, "unique_id"),
        status=text(told, "status").lower(),
        started=moment(executed, "started_at"),
        ended=moment(executed, "completed_at"),
        message=text(told, "message"),
        failures=whole(told, "failures"),
        query_id=_query_id(response),
        # Snowflake answers a CREATE TABLE with one row, "SUCCESS"; Postgres a CREATE VIEW with -1.
        rows=rows if rows is not None and rows >= 0 and text(response, "code") != "SUCCESS" else None,
        sql=text(told, "compiled_code"),
    )


def _query_id(response: Json) -> str:
    """As dbt's OpenLineage wrapper spells it: BigQuery's with project and place, where they are told."""
    job = text(response, "job_id")
    project, location = text(response, "project_id"), text(response, "location")
    found = text(response, "query_id") or (f"{project}:{location}.{job}" if project and location and job else job)
    return "" if found.lower() == "n/a" else found


def _age(told: Json) -> Age:
    seconds = member(told, "max_loaded_at_time_ago_in_s")
    limits = mapping(told, "criteria")
    known = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    return Age(
        id=text(told, "unique_id"),
        status=text(told, "status").lower(),
        newest=moment(told, "max_loaded_at"),
        looked=moment(told, "snapshotted_at"),
        seconds=float(seconds) if known else None,
        expected=", ".join(filter(None, (_limit(limits, "warn"), _limit(limits, "error")))),
        error=text(told, "error"),
    )


def _limit(criteria: Json, severity: str) -> str:
    limit = mapping(criteria, f"{severity}_after")
    count, period = whole(limit, "count"), text(limit, "period")
    return f"{severity} after {count} {period}" if count is not None and period else ""
