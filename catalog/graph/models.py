"""Models in the store: what facets of models said over time, which deployments a version had, which runs made it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from catalog.assets.keys import Key, Kind, entity_id
from catalog.graph import assets, samples
from catalog.graph.cells import read_points
from catalog.graph.reader import Question, Reader
from catalog.graph.shapes import load_bodies_for
from catalog.graph.walk import Moment
from catalog.identity import Name, dataset_id
from catalog.lineage.observe import FACET
from catalog.lineage.series import Version, checks, versions
from catalog.lineage.steps import ABSENT, Points, told

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


def deployments_of(reader: Reader, names: Iterable[Name]) -> set[Name]:
    """The deployments that ever served any of these datasets, as events tell or documents name them.

    A document's interval that ended is no lineage any more, so its versions are found by their names.
    """
    wanted = set(names)
    versions = {entity_id(Key(Kind.MODEL_VERSION, *name)) for name in wanted if "/" in name.name}

    def work(q: Question) -> set[Name]:
        rows = q.rows_by_id("models", "derived_ever", sorted(map(dataset_id, wanted)))
        found = {Name(row["namespace"], row["name"]) for row in rows if row["namespace"].startswith(DEPLOYMENTS)}
        rows = q.rows_by_id("models", "served_ever", sorted(versions))
        return found | {Name(f"{DEPLOYMENTS}{row['environment']}", row["name"]) for row in rows}

    return reader.ask(work)


def all_deployments(reader: Reader, environment: str | None) -> tuple[list[Name], bool]:
    """The deployments of an environment, or of all, by name; and whether these are all, since MOST_DEPLOYMENTS are."""
    found: list[Name] = []
    for space in [f"{DEPLOYMENTS}{environment}"] if environment is not None else _environments(reader):
        limit = MOST_DEPLOYMENTS + 1 - len(found)
        rows = assets.page(reader, "Dataset", after="", namespace=space, limit=limit)
        found += [Name(row["namespace"], row["name"]) for row in rows]
        if len(found) > MOST_DEPLOYMENTS:
            return found[:MOST_DEPLOYMENTS], False
    return found, True


def _environments(reader: Reader) -> list[str]:
    rows = assets.page_namespaces(reader, after=DEPLOYMENTS, limit=MOST_DEPLOYMENTS)
    return [row["name"] for row in rows if row["name"].startswith(DEPLOYMENTS)]


def runs_that_wrote(reader: Reader, ids: Iterable[str], version: str, moment: Moment) -> tuple[list[str], bool]:
    """The runs that wrote a version of a dataset (or of a model), newest first; and whether these are all."""
    return _runs(reader, ids, version, "WRITTEN", moment)


def _runs(reader: Reader, ids: Iterable[str], version: str, use: str, moment: Moment) -> tuple[list[str], bool]:
    def read(sample: Any) -> Iterable[tuple[Version, str]]:
        return ((key, value) for key, value in versions(sample) if key.version == version and key.use == use)

    page = samples.page_told(reader, ids, read, MOST_RUNS, moment=moment)
    return list(dict.fromkeys(told.run for _, told in page.told if told.run)), page.more is None


def versions_of_run(
    reader: Reader, run: str, datasets: Iterable[Name], use: str, moment: Moment
) -> dict[Name, tuple[str, ...]]:
    """The versions in which a run read or wrote datasets (`use`: READ or WRITTEN), as far as it told any."""
    wanted = sorted(set(datasets))
    found: dict[Name, tuple[str, ...]] = {}
    for name in wanted:
        said = samples.of_run(reader, dataset_id(name), run, versions, moment)
        told_ = sorted({one.key.version for one in said if one.key.use == use})
        if told_:
            found[name] = tuple(told_)
    return found


def failed_checks(reader: Reader, run: str, datasets: Iterable[Name], moment: Moment) -> dict[Name, list[str]]:
    """The checks that failed in a run, by dataset: what each asserts."""
    found: dict[Name, list[str]] = {}
    for name in sorted(set(datasets)):
        said = samples.of_run(reader, dataset_id(name), run, checks, moment)
        failed = [" ".join(filter(None, one.key)) for one in said if one.value.status == "FAIL"]
        if failed:
            found[name] = sorted(failed)
    return found
