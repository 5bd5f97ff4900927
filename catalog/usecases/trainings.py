"""The runs that trained model versions: on which data, in which versions and columns, with what result.

Of many runs everything is read together, so that the number of statements is that of one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from catalog.graph import models, past_runs
from catalog.graph.reader import Reader
from catalog.graph.run_lineage import RunWalk, trace_runs
from catalog.graph.runs import facets_of, spilled
from catalog.graph.shapes import bodies
from catalog.graph.store import Row
from catalog.graph.walk import Moment
from catalog.identity import Name, dataset_id
from catalog.lineage.assertions import Origin
from catalog.lineage.facets.known import RUN, read_facet
from catalog.lineage.facets.model import TRAINING, DataUse, Training, VersionKey
from catalog.lineage.observe import READS
from catalog.lineage.series import Sample
from catalog.usecases.columns import columns_at

PAST_RUNS = 100
"""Runs whose entries are read again at once: of a past moment only they have a run's facets."""
COLUMN_LINEAGE, TOLD, SCHEMA, UNKNOWN = "COLUMN_LINEAGE", "TOLD", "SCHEMA", "UNKNOWN"
"""How the columns are known: by column lineage of the run, told by a facet or document, all of the dataset's, not."""


@dataclass(frozen=True, slots=True)
class Data:
    """A dataset that trained or evaluated a version.

    Attributes:
        versions: as the run (or the document) told them; empty: not told.
        columns: sorted; `basis` is how they are known.
        origin: OBSERVED or DECLARED; `by` is the manifest, or "".
    """

    name: Name
    versions: tuple[str, ...]
    columns: tuple[str, ...]
    basis: str
    origin: Origin
    by: str = ""


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """A run that wrote the version.

    Attributes:
        run: its row as of the moment; `job` its job's name.
        said: its training facet, if it has one.
        failed: checks of its inputs that failed in it, by dataset.
        hidden: inputs that the reader may not see.
    """

    id: str
    run: Row
    job: Name
    said: Training | None
    data: tuple[Data, ...]
    evaluated: tuple[Data, ...]
    failed: dict[Name, list[str]]
    hidden: int


class _Run(NamedTuple):
    """A training run with what it says of itself: inputs, and uses of data by its training facet."""

    walk: RunWalk
    said: Training | None
    inputs: list[Name]
    used: dict[Name, DataUse]
    tested: dict[Name, DataUse]

    @property
    def time(self) -> int | None:
        """When its data had the columns that it saw (µs)."""
        found: int | None = self.walk.run["endedAt"] or self.walk.run["startedAt"]
        return found


def trainings(
    reader: Reader, wanted: Mapping[VersionKey, tuple[Sequence[str], Sequence[str]]], moment: Moment
) -> dict[VersionKey, list[TrainingRun]]:
    """The training runs of versions; runs that are not known, or hidden, are left out.

    Args:
        wanted: by version its runs, and the ids of all its names.
    """
    walks = trace_runs(reader, {run for runs, _ in wanted.values() for run in runs}, moment)
    facets = _run_facets(reader, {id_: walk.run for id_, walk in walks.items()}, moment)
    runs = {id_: _run(walk, facets[id_].get(f"run|{TRAINING}")) for id_, walk in walks.items()}
    data = {id_: {*run.inputs, *run.used, *run.tested} for id_, run in runs.items()}
    samples = models.said_by_runs(reader, data, moment)
    made = [
        (key, id_, _columns(walks[id_], set(names)))
        for key, (some, names) in wanted.items()
        for id_ in some
        if id_ in walks
    ]
    unknown = {(name, runs[id_].time) for _, id_, columns in made for name in _without_columns(runs[id_], columns)}
    known = columns_at(reader, unknown, moment)
    found: dict[VersionKey, list[TrainingRun]] = {key: [] for key in wanted}
    for key, id_, columns in made:
        found[key].append(_training(id_, runs[id_], columns, samples[id_], known))
    return found


def _run(walk: RunWalk, told: Any) -> _Run:
    read = read_facet(RUN, TRAINING, told) if told else None
    said = read if isinstance(read, Training) else None
    inputs = [Name(n.namespace, n.name) for e in walk.edges if e.kind == READS for n in [walk.nodes[e.source]]]
    used = {use.name: use for use in said.trained_on} if said else {}
    tested = {use.name: use for use in said.evaluated_on} if said else {}
    return _Run(walk, said, inputs, used, tested)


def _run_facets(reader: Reader, runs: Mapping[str, Row], moment: Moment) -> dict[str, dict[str, Any]]:
    """The facets of runs by their rows; in the past as their entries tell them."""
    now = {id_: row for id_, row in runs.items() if row["facets"] is not None}
    large = {shape for row in now.values() for shape in spilled(row)}
    kept = bodies(reader, large) if large else {}
    found = {id_: facets_of(row, kept) for id_, row in now.items()}
    before = sorted(runs.keys() - now.keys())
    for begin in range(0, len(before), PAST_RUNS):
        told = past_runs.told(reader, before[begin : begin + PAST_RUNS], moment)
        found.update({id_: row["facets"] for id_, row in told.items()})
    return {id_: found.get(id_, {}) for id_ in runs}


def _columns(walk: RunWalk, version: set[str]) -> dict[Name, set[str]]:
    """The columns that went into the version (or into columns of it), by dataset, as the run's column lineage says."""
    found: dict[Name, set[str]] = {}
    of = {id_: dataset_id(Name(node.namespace, node.name)) for id_, node in walk.nodes.items()}
    for edge in walk.edges:
        source = walk.nodes[edge.source]
        if edge.kind == "DERIVES_FROM" and source.field is not None and of[edge.target] in version:
            found.setdefault(Name(source.namespace, source.name), set()).add(source.field)
    return found


def _trained_on(run: _Run) -> list[Name]:
    return sorted({*(name for name in run.inputs if name not in run.tested), *run.used})


def _without_columns(run: _Run, columns: Mapping[Name, set[str]]) -> set[Name]:
    """The data of which nobody tells the columns that were used."""
    silent = {name for name, use in run.tested.items() if not use.columns}
    if not columns:
        silent |= {name for name in _trained_on(run) if name not in run.used or not run.used[name].columns}
    return silent


def _training(
    id_: str,
    run: _Run,
    columns: Mapping[Name, set[str]],
    samples: Mapping[Name, list[Sample]],
    known: Mapping[tuple[Name, int | None], list[str]],
) -> TrainingRun:
    def data(name: Name, use: DataUse | None, traced: set[str] | None, by_lineage: bool) -> Data:
        told = {*models.versions_in(samples[name], "READ"), *((use.version,) if use and use.version else ())}
        if use and use.columns:
            shown, basis = sorted(use.columns), TOLD
        elif traced or by_lineage:
            shown, basis = sorted(traced or ()), COLUMN_LINEAGE
        else:
            shown = known[name, run.time]
            basis = SCHEMA if shown else UNKNOWN
        return Data(name, tuple(sorted(told)), tuple(shown), basis, Origin.OBSERVED)

    job = run.walk.nodes[run.walk.run["job"]]
    failed = {name: told for name in sorted(set(run.inputs)) if (told := models.failed_in(samples[name]))}
    return TrainingRun(
        id_,
        run.walk.run,
        Name(job.namespace, job.name),
        run.said,
        tuple(data(name, run.used.get(name), columns.get(name), bool(columns)) for name in _trained_on(run)),
        tuple(data(name, use, None, False) for name, use in sorted(run.tested.items())),
        failed,
        len(run.walk.hidden),
    )
