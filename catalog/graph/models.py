"""Models in the store: what facets of models said over time, which deployments a version had, which runs made it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from catalog.assets.keys import Key, Kind, entity_id
from catalog.graph import assets, samples
from catalog.graph.cells import read_points
from catalog.graph.reader import Question, Reader
from catalog.graph.shapes import load_bodies_for
from catalog.graph.walk import Moment
from catalog.identity import Name, dataset_id
from catalog.lineage.observe import FACET
from catalog.lineage.series import Read, Sample, Version, checks, last_told, versions
from catalog.lineage.steps import ABSENT, Points, told

T = TypeVar("T")
DEPLOYMENTS = "deployment:"
"""How the namespaces of deployments begin; the environment follows."""
MOST_DEPLOYMENTS = 1_000
MOST_RUNS = 200


class Past(NamedTuple):
    """A facet over time: its changes in order, and the values they name."""

    points: Points
    bodies: dict[str, Any]


def facets_over_time(reader: Reader, ids: Iterable[str], prefix: str, moment: Moment) -> dict[str, dict[str, Past]]:
    """The facets of datasets whose keys begin so, with all their changes up to a moment: by dataset id and key."""
    wanted = sorted(set(ids))

    def work(q: Question) -> dict[str, dict[str, Past]]:
        rows = [
            (row, told(read_points(row), moment.bounds["asof"], moment.bounds["known"]))
            for row in q.rows_by_id("models", "facets_from", wanted, aspect=FACET, prefix=prefix)
        ]
        bodies = load_bodies_for(q, {point.v for _, points in rows for point in points} - {ABSENT})
        found: dict[str, dict[str, Past]] = {id_: {} for id_ in wanted}
        for row, points in rows:
            if points:
                found[row["of"]][row["name"]] = Past(points, bodies)
        return found

    return reader.ask(work)


def deployments_of(reader: Reader, names: Iterable[Name]) -> dict[Name, set[Name]]:
    """The deployments that ever served these datasets, by dataset, as events tell or documents name them.

    A document's interval that ended is no lineage any more, so its versions are found by their names.
    """
    found: dict[Name, set[Name]] = {name: set() for name in names}
    own = {dataset_id(name): name for name in found}
    versions = {entity_id(Key(Kind.MODEL_VERSION, *name)): name for name in found if "/" in name.name}

    def work(q: Question) -> dict[Name, set[Name]]:
        for row in q.rows_by_id("models", "derived_ever", sorted(own)):
            if row["namespace"].startswith(DEPLOYMENTS):
                found[own[row["id"]]].add(Name(row["namespace"], row["name"]))
        for row in q.rows_by_id("models", "served_ever", sorted(versions)):
            found[versions[row["id"]]].add(Name(f"{DEPLOYMENTS}{row['environment']}", row["name"]))
        return found

    return reader.ask(work)


def all_deployments(reader: Reader, environment: str | None) -> tuple[list[Name], bool]:
    """The deployments of an environment, or of all, by name; and whether these are all, since MOST_DEPLOYMENTS are."""
    found: list[Name] = []
    for space in [f"{DEPLOYMENTS}{environment}"] if environment is not None else environments(reader):
        limit = MOST_DEPLOYMENTS + 1 - len(found)
        rows = assets.page(reader, "Dataset", after="", namespace=space, limit=limit)
        found += [Name(row["namespace"], row["name"]) for row in rows]
        if len(found) > MOST_DEPLOYMENTS:
            return found[:MOST_DEPLOYMENTS], False
    return found, True


def environments(reader: Reader) -> list[str]:
    """The namespaces of deployments, one for each environment that has any."""
    rows = assets.page_namespaces(reader, after=DEPLOYMENTS, limit=MOST_DEPLOYMENTS)
    return [row["name"] for row in rows if row["name"].startswith(DEPLOYMENTS)]


Runs = tuple[list[str], bool]
"""Runs, newest first; and whether these are all."""


def runs_that_wrote(reader: Reader, ids: Iterable[str], version: str, moment: Moment) -> Runs:
    """The runs that wrote a version of a dataset (or of a model), newest first; and whether these are all."""
    page = samples.page_told(reader, ids, _written(version), MOST_RUNS, moment=moment)
    return list(dict.fromkeys(told.run for _, told in page.told if told.run)), page.more is None


def runs_that_wrote_each(
    reader: Reader, wanted: Mapping[T, tuple[str, Sequence[str]]], moment: Moment
) -> dict[T, Runs]:
    """The same of several versions: of each its name, and the ids of its dataset under all names.

    Their logs are read together if they are short (`samples.all_samples`).
    """
    said = samples.all_samples(reader, {id_ for _, ids in wanted.values() for id_ in ids}, moment)
    if said is None:
        return {key: runs_that_wrote(reader, ids, version, moment) for key, (version, ids) in wanted.items()}
    found = {}
    for key, (version, ids) in wanted.items():
        told = last_told((sample for id_ in ids for sample in said[id_]), _written(version))
        newest = sorted(told, key=lambda one: (-one.t, one.sample, repr(one.key)))
        runs = dict.fromkeys(one.run for one in newest[:MOST_RUNS] if one.run)
        found[key] = list(runs), len(newest) <= MOST_RUNS
    return found


def _written(version: str) -> Read[Version, str]:
    def read(sample: Sample) -> Iterator[tuple[Version, str]]:
        return ((key, value) for key, value in versions(sample) if key.version == version and key.use == "WRITTEN")

    return read


def said_by_runs(
    reader: Reader, wanted: Mapping[str, Iterable[Name]], moment: Moment
) -> dict[str, dict[Name, list[Sample]]]:
    """All that runs said of datasets, by run and dataset, sorted by dataset."""
    asked = {run: sorted(set(names)) for run, names in wanted.items()}
    pairs = [(dataset_id(name), run) for run, names in asked.items() for name in names]
    said = samples.of_runs(reader, pairs, moment)
    return {run: {name: said[dataset_id(name), run] for name in names} for run, names in asked.items()}


def versions_in(said: Iterable[Sample], use: str) -> tuple[str, ...]:
    """The versions that a run told of a dataset, of one use (READ or WRITTEN)."""
    return tuple(sorted({one.key.version for one in last_told(said, versions) if one.key.use == use}))


def failed_in(said: Iterable[Sample]) -> list[str]:
    """The checks of a dataset that failed in a run: what each asserts."""
    failed = (" ".join(filter(None, one.key)) for one in last_told(said, checks) if one.value.status == "FAIL")
    return sorted(failed)
