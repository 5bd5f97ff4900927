"""Columns of which nobody told what they are made of, though their dataset is made of others."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from catalog.checks.snapshot import Place, Snapshot


class Unknown(NamedTuple):
    """Columns whose origin nobody told.

    Attributes:
        thing: the dataset.
        job: the job that writes it; "" where it derives from others directly.
        sources: what that job reads, or what it derives from, sorted.
        columns: those that no column lineage accounts for; none where the columns are not known, or where others
            account for all of them: then what this job adds is not known.
        partly: whether the job's column lineage tells of other columns, so that these may be constants.
    """

    thing: str
    job: str
    sources: tuple[str, ...]
    columns: tuple[str, ...]
    partly: bool = False

    @property
    def places(self) -> tuple[Place, ...]:
        """The columns as places; where none are named, the whole."""
        return tuple(Place(self.thing, column) for column in self.columns) or (Place(self.thing),)


def unknown_origins(snapshot: Snapshot) -> tuple[Unknown, ...]:
    """By job and dataset, the ways of data on which no column lineage says what became of which column, sorted."""
    reads: dict[str, set[str]] = defaultdict(set)
    writes: set[tuple[str, str]] = set()
    derived: dict[str, set[str]] = defaultdict(set)
    for edge in snapshot.edges:
        if edge.kind == "READS":
            reads[edge.target].add(edge.source)
        elif edge.kind == "WRITES":
            writes.add((edge.source, edge.target))
        elif edge.kind == "DERIVES_FROM":
            derived[edge.target].add(edge.source)
    told: set[tuple[str, str]] = set()
    between: set[tuple[str, str]] = set()
    made: dict[str, set[str]] = defaultdict(set)
    for column in snapshot.column_edges:
        told.add((column.job, column.target.thing))
        between.add((column.source.thing, column.target.thing))
        if column.target.column and column.type.upper() != "INDIRECT":
            made[column.target.thing].add(column.target.column)
    found: list[Unknown] = []
    for job, thing in writes:
        sources = reads.get(job, set()) - {thing}
        one = _unknown(snapshot, made, thing, job, sources, (job, thing) in told)
        if sources and (one.columns or not one.partly):
            found.append(one)
    for thing, sources in derived.items():
        if silent := {source for source in sources if (source, thing) not in between}:
            found.append(_unknown(snapshot, made, thing, "", silent, False))
    return tuple(sorted(found))


def _unknown(
    snapshot: Snapshot, made: dict[str, set[str]], thing: str, job: str, sources: set[str], partly: bool
) -> Unknown:
    columns = snapshot.things[thing].columns if thing in snapshot.things else {}
    return Unknown(thing, job, tuple(sorted(sources)), tuple(sorted(set(columns) - made.get(thing, set()))), partly)
