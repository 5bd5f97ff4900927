"""Event -> assertions: what the event says, place by place.

A facet that cannot be read costs a warning, never the event (openlineage.md, pitfalls 16 and 17).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from catalog.identity import Name
from catalog.lineage.assertions import (
    COLUMN_LINEAGE,
    SCHEMA_FACET,
    Assertions,
    DatasetAssertion,
    EventType,
    Json,
    Origin,
    RunKey,
)
from catalog.lineage.columns import read_columns
from catalog.lineage.containers import Level, levels
from catalog.lineage.explicit import LINEAGE, Explicit, read_derivation, read_explicit
from catalog.lineage.facets import RAW_ONLY, RUN_BOUND, TYPED, bare, is_tombstone, read_schema
from catalog.lineage.facets.job import JobType
from catalog.lineage.facets.known import DATASET, JOB, RUN, check_facets, read_facet
from catalog.lineage.models import about_models
from catalog.lineage.producers import mend
from catalog.lineage.samples import joined
from catalog.lineage.sql.infer import infer_columns
from catalog.lineage.wire import MAX_TEXT, Kind, WireDataset, WireEvent, check_count, read, read_name

TABLE = "TABLE"
"""The type of a symlink's identifier that people know a thing by (a path or a topic is where it lies)."""


def translate(event: dict[str, Any], *, infer: bool = True) -> Assertions:
    """Understand one event.

    Args:
        infer: read the column lineage that the producer does not give out of its SQL.

    Raises:
        InvalidEvent: it can never be understood as it stands (no time, an empty job name).
    """
    wire = mend(read(event))
    warnings = wire.warnings
    symlinks: set[tuple[Name, Name]] = set()
    tables: set[Name] = set()
    listed = [("input", d) for d in wire.inputs] + [("output", d) for d in wire.outputs]
    if wire.dataset:
        listed = [("dataset", wire.dataset)]
    datasets = tuple(_dataset(role, d, symlinks, tables, warnings) for role, d in listed)
    check_facets(RUN, wire.run_facets, "run.facets.", warnings)
    check_facets(JOB, wire.job_facets, "job.facets.", warnings)
    if wire.kind is Kind.JOB:
        _warn_of_facets_of_runs(datasets, warnings)
    job = wire.job
    explicit = _explicit(wire, warnings)
    if explicit:
        datasets = explicit.applied_to(datasets, warnings)
    elif is_tombstone(wire.job_facets.get(LINEAGE)):
        datasets = tuple(_opened(d) if d.role == "output" else d for d in datasets)
    datasets += about_models(datasets, wire.run_facets, symlinks, tables)
    before, after = _dependencies(wire.run_facets.get("jobDependencies"), job, warnings)
    said = Assertions(
        time=wire.time,
        origin=Origin.OBSERVED if wire.kind is Kind.RUN else Origin.DECLARED,
        event_type=_event_type(wire),
        producer=wire.producer,
        job=job,
        run=RunKey(job, wire.run_id) if job and wire.run_id else None,
        parents=_parents(wire, warnings),
        datasets=datasets,
        job_facets=_kept(wire.job_facets, frozenset({LINEAGE})),
        run_facets={k: bare(v) for k, v in wire.run_facets.items() if k not in RAW_ONLY},
        forwarded=_forwarded(wire, job),
        fed_by=explicit.fed_by() if explicit else (),
        others=explicit.flows() if explicit else None,
        follows=before,
        precedes=after,
        symlinks=tuple(sorted(symlinks)),
        tables=tuple(sorted(tables)),
        complete=explicit is not None and wire.kind is Kind.RUN,
    )
    if lost := said.not_excluded:
        warnings.append(lost)
    said = replace(said, warnings=warnings.told())
    return infer_columns(said) if infer else said


def _event_type(wire: WireEvent) -> EventType:
    """Its own, but a continuous job's event of no particular type is a sign of life: its START is no promise."""
    if wire.kind is Kind.RUN and wire.event_type is EventType.OTHER:
        type_ = read_facet(JOB, "jobType", wire.job_facets.get("jobType"))
        if isinstance(type_, JobType) and type_.continuous:
            return EventType.RUNNING
    return wire.event_type


def _dataset(
    role: str, wire: WireDataset, symlinks: set[tuple[Name, Name]], tables: set[Name], warnings: list[str]
) -> DatasetAssertion:
    where = f"{role} {wire.name.name[:80]!r}"
    schema: Json | None = None
    if "schema" in wire.facets and not is_tombstone(wire.facets["schema"]):
        schema = read_schema(wire.facets["schema"], f"{where}: schema", warnings)
    columns = None
    lineage = _object(wire.facets.get(COLUMN_LINEAGE), f"{where}: columnLineage", warnings)
    if not is_tombstone(lineage) and role != "input":
        columns = read_columns(lineage, f"{where}: columnLineage", warnings) or None
    if lineage and role == "input":
        warnings.append(f"{where}: columnLineage: says where an output came from, left out of an input")
    symlinks.update(_symlinks(wire, where, tables, warnings))
    gone = frozenset(key for key in (SCHEMA_FACET, COLUMN_LINEAGE) if is_tombstone(wire.facets.get(key)))
    if is_tombstone(wire.facets.get("symlinks")):
        warnings.append(
            f"{where}: symlinks: `_deleted` has no effect: two names stay one thing until a person says otherwise"
        )
    sources = None
    if LINEAGE in wire.facets:
        if role != "dataset":
            warnings.append(f"{where}: lineage: read on the job of a run or job event only, left out")
        elif is_tombstone(wire.facets[LINEAGE]):
            gone |= {COLUMN_LINEAGE}
        elif isinstance(wire.facets[LINEAGE], dict):
            fed = read_derivation(wire.facets[LINEAGE], f"{where}: lineage", warnings)
            columns, sources = tuple(sorted(fed.columns)), fed.sources()
        else:
            warnings.append(f"{where}: lineage: not an object, left out")
    check_facets(DATASET if role == "dataset" else role, wire.facets, f"{where}: ", warnings)
    check_facets(role, wire.place_facets, f"{where}: ", warnings)
    change = read_facet(DATASET, "lifecycleStateChange", wire.facets.get("lifecycleStateChange"))
    above = _containers(wire)
    bound = {k: v for k, v in wire.facets.items() if k in RUN_BOUND}
    of_run = _kept(bound) if role == "dataset" else {k: bare(v) for k, v in bound.items()}
    placed = {key: bare(facet) for key, facet in wire.place_facets.items()}
    both = joined(of_run, placed)
    for key in sorted(of_run.keys() & placed.keys()):
        if of_run[key] != placed[key] == both[key]:
            warnings.append(f"{where}: {key}: `facets` and `{role}Facets` differ, the one of `facets` is left out")
    facets = _kept(wire.facets, TYPED | RUN_BOUND | {LINEAGE})
    return DatasetAssertion(
        wire.name, role, schema, columns, sources, gone, facets, both, change=change, containers=above
    )


def _explicit(wire: WireEvent, warnings: list[str]) -> Explicit | None:
    """The explicit lineage facet of a run or job event; one without entries says nothing."""
    facet = wire.job_facets.get(LINEAGE)
    if wire.job is None or facet is None or is_tombstone(facet):
        return None
    if not isinstance(facet, dict) or not isinstance(facet.get("entries"), list):
        warnings.append("job.facets.lineage: no object with a list of `entries`, left out")
        return None
    return read_explicit(facet, wire.job, "job.facets.lineage", warnings)


def _dependencies(facet: Json, job: Name | None, warnings: list[str]) -> Iterator[tuple[Name, ...]]:
    """The jobs before and after `job`; what is wrong with the facet was said where all of them are checked."""
    told = read_facet(RUN, "jobDependencies", facet)
    for listed in (told.upstream, told.downstream) if told and job else ((), ()):
        named = {read_name(d.job._asdict(), "run.facets.jobDependencies", warnings) for d in listed}
        yield tuple(sorted(name for name in named if name and name != job))


def _opened(dataset: DatasetAssertion) -> DatasetAssertion:
    """An output whose explicit lineage was taken away: with it goes what it said of columns, if nobody says it anew."""
    return dataset if dataset.columns else replace(dataset, gone=dataset.gone | {COLUMN_LINEAGE})


def _warn_of_facets_of_runs(datasets: Iterable[DatasetAssertion], warnings: list[str]) -> None:
    for dataset in datasets:
        if dataset.run_facets:
            keys = ", ".join(sorted(dataset.run_facets))[:200]
            warnings.append(
                f"{dataset.role} {dataset.name.name[:80]!r}: facets of a run, without a run left out: {keys}"
            )


def _containers(wire: WireDataset) -> tuple[Level, ...] | None:
    facet = wire.facets.get("hierarchy")
    if is_tombstone(facet):
        return ()
    listed = read_facet(DATASET, "hierarchy", facet)
    return levels(wire.name, listed) if listed else None


def _object(facet: Json, where: str, warnings: list[str]) -> dict[str, Any]:
    if facet is not None and not isinstance(facet, dict):
        warnings.append(f"{where}: not an object, left out")
    return facet if isinstance(facet, dict) else {}


def _kept(facets: dict[str, Json], elsewhere: frozenset[str] = frozenset()) -> dict[str, Json]:
    return {
        key: None if is_tombstone(facet) else bare(facet)
        for key, facet in facets.items()
        if key not in elsewhere and key not in RAW_ONLY
    }


def _symlinks(wire: WireDataset, where: str, tables: set[Name], warnings: list[str]) -> set[tuple[Name, Name]]:
    """The pairs of a symlinks facet; the identifiers it calls tables go to `tables`."""
    listed = _object(wire.facets.get("symlinks"), f"{where}: symlinks", warnings).get("identifiers")
    if not isinstance(listed, list):
        if listed is not None:
            warnings.append(f"{where}: symlinks.identifiers: not an array, left out")
        return set()
    check_count(len(listed))
    pairs = set()
    for i, part in enumerate(listed):
        alias = read_name(part, f"{where}: symlinks.identifiers[{i}]", warnings)
        if alias and alias != wire.name:
            pairs.add((min(alias, wire.name), max(alias, wire.name)))
            if str(part.get("type")).upper() == TABLE:
                tables.add(alias)
    return pairs


def _forwarded(wire: WireEvent, job: Name | None) -> dict[Name, dict[str, Json]]:
    """Copies of the facets of its parent and root jobs (spec ParentRunFacet 1-2-0)."""
    parent = wire.run_facets.get("parent")
    found: dict[Name, dict[str, Json]] = {}
    for part in (parent.get("root"), parent) if isinstance(parent, dict) else ():
        told = part.get("job") if isinstance(part, dict) else None
        facets = told.get("facets") if isinstance(told, dict) else None
        if not isinstance(facets, dict):
            continue
        check_count(len(facets))
        name = read_name(told, "", [])
        if name and name != job:
            kept = {key: facet for key, facet in _kept(facets, frozenset({LINEAGE})).items() if facet is not None}
            found[name] = {**found.get(name, {}), **kept}
    return found


def _parents(wire: WireEvent, warnings: list[str]) -> tuple[RunKey, ...]:
    facet = wire.run_facets.get("parent")
    if facet is None:
        return ()
    found: list[RunKey] = []
    for part, where in ((facet, "parent"), (facet.get("root") if isinstance(facet, dict) else None, "parent.root")):
        if part is None:
            continue
        run, named = (part.get("run"), part.get("job")) if isinstance(part, dict) else (None, None)
        external = run.get("runId") if isinstance(run, dict) else None
        job = read_name(named, where, [])
        if job and isinstance(external, str) and external.strip() and len(external) <= MAX_TEXT:
            key = RunKey(job, external)
            if key not in found and key != RunKey(wire.job or job, wire.run_id):
                found.append(key)
        else:
            warnings.append(f"run.facets.{where}: no run id or job, left out")
    return tuple(found)
