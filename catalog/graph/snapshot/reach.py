"""What is up- or downstream of things, over all edges there ever were: more than holds at any one moment.

A snapshot of some things decides itself which edges hold; and who asks what a change touches has to look at what an
edge that it ended led to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from catalog.assets.keys import dataset_of, job_of
from catalog.graph.reader import Question, Reader
from catalog.graph.snapshot.nodes import key_of_row
from catalog.identity import dataset_id, job_id


@dataclass(slots=True)
class Reached:
    """Ids of nodes; `made`: of the datasets among them those whose columns are made of others, where that is asked."""

    datasets: set[str] = field(default_factory=set)
    jobs: set[str] = field(default_factory=set)
    made: set[str] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.datasets) + len(self.jobs)


def upstream_of(q: Question, datasets: Iterable[str], jobs: Iterable[str], most: int) -> Reached | None:
    """Datasets and jobs, all their names, and all that is upstream of them; None if they are more than `most`."""
    return _walk(q, datasets, jobs, most, _sources)


def around(q: Question, datasets: Iterable[str], jobs: Iterable[str]) -> Reached:
    """What is tied to datasets and jobs directly, whichever way, what their columns are made of, and all who say so."""
    own = sorted(set(datasets))
    found = Reached()
    rows = q.rows_by_id("snapshot", "around_datasets", own)
    rows += q.rows_by_id("snapshot", "around_jobs", sorted(set(jobs)))
    for row in rows:
        (found.jobs if row["isJob"] else found.datasets).add(row["id"])
    by = {row["by"] for row in rows if row["by"]}
    found.datasets.update(by)
    found.jobs.update(by)
    found.made.update(row["id"] for row in q.rows_by_id("snapshot", "targets_of_columns", own))
    found.datasets.update(found.made)
    for block in ("sources_of_columns", "sources_of_filters"):
        found.datasets.update(row["id"] for row in q.rows_by_id("snapshot", block, own))
    return found


def downstream_of(reader: Reader, ids: Iterable[str], most: int) -> set[str] | None:
    """The ids of things, of all that is downstream of them, and of all names of these; None for more than `most`.

    Args:
        ids: of datasets, jobs and entities; of an entity that others name (an owner, a domain, a contract), those too.
    """
    wanted = sorted(set(ids))

    def work(q: Question) -> set[str] | None:
        naming = [key_of_row(row) for row in q.rows_by_id("snapshot", "named_by", wanted)]
        own = [key_of_row(row) for row in q.rows_by_id("entities", "entities_by_id", wanted)]
        datasets = {dataset_id(name) for key in (*own, *naming) if (name := dataset_of(key)) is not None}
        jobs = {job_id(name) for key in (*own, *naming) if (name := job_of(key)) is not None}
        datasets |= {row["id"] for row in q.rows_by_id("snapshot", "datasets_by_id", wanted)}
        jobs |= {row["id"] for row in q.rows_by_id("snapshot", "jobs_by_id", wanted)}
        reached = _walk(q, datasets, jobs, most, _targets)
        return None if reached is None else {*wanted, *reached.datasets, *reached.jobs}

    return reader.ask(work)


def beside(reader: Reader, ids: Iterable[str]) -> set[str]:
    """The ids of datasets and jobs, and of what is one step upstream of them: who is read knows who reads it."""
    wanted = sorted(set(ids))

    def work(q: Question) -> set[str]:
        near = _sources(q, wanted, wanted)
        return {*wanted, *near.datasets, *near.jobs}

    return reader.ask(work)


def _walk(
    q: Question,
    datasets: Iterable[str],
    jobs: Iterable[str],
    most: int,
    step: Callable[[Question, list[str], list[str]], Reached],
) -> Reached | None:
    seen = Reached(set(datasets), set(jobs))
    new = seen
    while len(new):
        if len(seen) > most:
            return None
        near = step(q, sorted(new.datasets), sorted(new.jobs))
        new = Reached(near.datasets - seen.datasets, near.jobs - seen.jobs)
        seen = Reached(seen.datasets | new.datasets, seen.jobs | new.jobs)
    return seen


def _sources(q: Question, datasets: list[str], jobs: list[str]) -> Reached:
    found = Reached()
    for row in q.rows_by_id("snapshot", "sources_of_datasets", datasets):
        (found.jobs if row["isJob"] else found.datasets).add(row["id"])
    for row in q.rows_by_id("snapshot", "sources_of_jobs", jobs):
        (found.jobs if row["isJob"] else found.datasets).add(row["id"])
    for block in ("sources_of_columns", "sources_of_filters"):
        found.datasets.update(row["id"] for row in q.rows_by_id("snapshot", block, datasets))
    return found


def _targets(q: Question, datasets: list[str], jobs: list[str]) -> Reached:
    found = Reached()
    for row in q.rows_by_id("snapshot", "targets_of_datasets", datasets):
        (found.jobs if row["isJob"] else found.datasets).add(row["id"])
    for row in q.rows_by_id("snapshot", "targets_of_jobs", jobs):
        (found.jobs if row["isJob"] else found.datasets).add(row["id"])
    found.datasets.update(row["id"] for row in q.rows_by_id("snapshot", "targets_of_columns", datasets))
    return found
