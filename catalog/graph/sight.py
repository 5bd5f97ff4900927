"""What events showed of datasets and jobs, apart from what manifests declare: first sight, edges, newest words.

A manifest's declared edges make nodes, too, so a dataset that exists need not have been seen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from catalog.graph.cells import read_points
from catalog.graph.reader import Question, Reader
from catalog.graph.store import Row
from catalog.identity import Name


class Seen(NamedTuple):
    """Since when something is known: event time (µs) and the sequence of an entry; None, 0: not told."""

    since: int | None
    sequence: int


class SeenFlow(NamedTuple):
    """An edge as it holds now: from a job, or from a dataset to what it is made of; who says so, and since when.

    Attributes:
        by: id of the job, dataset or manifest whose word it is, if not of the source itself.
    """

    kind: str
    source: Name
    target: Name
    by: str
    seen: Seen


class SeenColumn(NamedTuple):
    """An edge between columns as it holds now; `column` is "" where the dataset depends on `field` as a whole.

    Attributes:
        by: id of the manifest whose word it is; empty for what events say.
    """

    dataset: Name
    column: str
    source: Name
    field: str
    type: str
    masked: bool
    by: str
    seen: Seen


def first_sights(reader: Reader, ids: Iterable[str], manifests: Collection[str]) -> dict[str, Seen]:
    """When datasets and jobs were first told of by events, by id; those that never were are left out.

    Args:
        manifests: ids of manifests, whose word is no sight.
    """
    wanted = sorted(set(ids))

    def work(q: Question) -> dict[str, Seen]:
        found: dict[str, Seen] = {}
        for row in q.rows_by_id("sight", "datasets_in_flows", wanted, manifests=sorted(manifests)):
            found[row["id"]] = Seen(row["first"], row["sequence"] or 0)
        for row in q.rows_by_id("assets", "heard_of_subjects", wanted):
            before = found.get(row["id"])
            if before is None or before.since is None or row["first"] < before.since:
                found[row["id"]] = Seen(row["first"], 0)
        return found

    return reader.ask(work)


def flows_now(reader: Reader, jobs: Iterable[str], datasets: Iterable[str]) -> list[SeenFlow]:
    """The edges of jobs, and the sources that datasets themselves tell, as they hold now."""

    def work(q: Question) -> list[SeenFlow]:
        rows = q.rows_by_id("sight", "flows_of_jobs", sorted(set(jobs)))
        rows += q.rows_by_id("sight", "flows_of_datasets", sorted(set(datasets)))
        return [_flow(row) for row in rows]

    return reader.ask(work)


def columns_now(reader: Reader, datasets: Iterable[str]) -> list[SeenColumn]:
    """What the columns of datasets are made of, as it holds now; what is hidden from the reader is left out."""
    wanted = sorted(set(datasets))

    def work(q: Question) -> list[SeenColumn]:
        rows = q.rows_by_id("sight", "derivations_of_columns", wanted)
        rows += q.rows_by_id("sight", "derivations_of_whole_datasets", wanted)
        ends = sorted({row[end] for row in rows for end in ("dataset", "source")})
        found = q.rows_by_id("lineage", "datasets", ends)
        names = {row["id"]: Name(row["namespace"], row["name"]) for row in found if row["visible"]}
        return [
            SeenColumn(
                names[row["dataset"]],
                row["column"],
                names[row["source"]],
                row["field"],
                row["type"] or "",
                bool(row["masked"]),
                row["by"] or "",
                Seen(row["first"], row["sequence"] or 0),
            )
            for row in rows
            if row["dataset"] in names and row["source"] in names
        ]

    return reader.ask(work)


def writers(reader: Reader, datasets: Iterable[str]) -> set[str]:
    """The jobs that write datasets now."""
    wanted = sorted(set(datasets))
    return {row["job"] for row in reader.ask(lambda q: q.rows_by_id("sight", "writers_of_datasets", wanted))}


def newest_words(reader: Reader, ids: Iterable[str], aspect: str, name: str | None = None) -> dict[str, Seen]:
    """When an aspect of things was said as it is, by id: the newest point of its registers.

    Args:
        name: of the registers that count; None for all.
    """
    wanted = sorted(set(ids))

    def work(q: Question) -> dict[str, Seen]:
        found: dict[str, Seen] = {}
        for row in q.rows_by_id("assets", "registers_of_past", wanted, aspect=aspect):
            points = read_points(row) if name is None or row["name"] == name else []
            if points:
                last = Seen(points[-1].t, points[-1].s)
                found[row["of"]] = max(found.get(row["of"], last), last, key=lambda seen: seen.since or 0)
        return found

    return reader.ask(work)


def entry_keys(reader: Reader, sequences: Iterable[int]) -> dict[int, str]:
    """The keys of entries by their sequences; those that are not kept any more are left out."""
    wanted = sorted(set(sequences) - {0})

    def work(q: Question) -> dict[int, str]:
        found: dict[int, str] = {}
        for at in range(0, len(wanted), 500):
            rows = q.rows("assets", "entries_by_sequence", sequences=wanted[at : at + 500])
            found.update((row["sequence"], row["key"]) for row in rows)
        return found

    return reader.ask(work)


def _flow(row: Row) -> SeenFlow:
    return SeenFlow(
        row["kind"],
        Name(row["fromNamespace"], row["fromName"]),
        Name(row["namespace"], row["name"]),
        row["by"] or "",
        Seen(row["first"], row["sequence"] or 0),
    )
