"""Columns of datasets, and what they are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from catalog.checks.snapshot import Column, ColumnEdge, Place
from catalog.graph.attributes import Declaration
from catalog.graph.snapshot.flows import ORIGINS
from catalog.graph.snapshot.saying import Saying
from catalog.lineage.observe import COLUMNS
from catalog.lineage.schemas import United

Sources = dict[tuple[Place, Place, str, str, str, bool, str], set[str]]


def column_edges(
    saying: Saying, declared: Iterable[Declaration], thing: Mapping[str, str]
) -> tuple[tuple[ColumnEdge, ...], int]:
    """The column edges between things, each once with all who say so; and how many lead out of what is known.

    Args:
        declared: documents, some of which declare column edges.
        thing: the id of the thing that each dataset or job is.
    """
    found: Sources = {}
    lost = 0
    for of in saying.words:
        for word in saying.of(of, COLUMNS):
            job = "" if word.subject == of else word.subject
            lost += _add(found, ((of, *row) for row in saying.bodies[word.value]), job, word.name, thing)
    for one in declared:
        lost += _add(found, one.columns, "", "D", thing)
    edges = (ColumnEdge(*place, tuple(sorted(origins))) for place, origins in found.items())
    return tuple(sorted(edges)), lost


def _add(found: Sources, rows: Iterable[Any], job: str, origin: str, thing: Mapping[str, str]) -> int:
    lost = 0
    for of, out, dataset, path, type_, subtype, masking, description in rows:
        if of not in thing or dataset not in thing or (job and job not in thing):
            lost += 1
            continue
        ends = Place(thing[dataset], path), Place(thing[of], out)
        place = (*ends, job, type_ or "", subtype or "", bool(masking), description or "")
        found.setdefault(place, set()).add(ORIGINS[origin])
    return lost


def columns(
    united: Iterable[United],
    values: Mapping[str, tuple[Mapping[str, Any], Mapping[str, str]]],
    others: Iterable[str],
) -> dict[str, Column]:
    """The columns of a dataset by name: those its schema has, those anybody speaks of, those that lineage names.

    Args:
        values: attributes and their entries, by column.
    """
    schema = {".".join(column.path): column for column in united}
    found = {}
    for name in sorted({*schema, *values, *others} - {""}):
        attributes, entries = values.get(name, ({}, {}))
        told = schema.get(name)
        if told and told.description and "description" not in attributes:
            attributes = {**attributes, "description": told.description}
        found[name] = Column(name, told.type if told else None, attributes, entries)
    return found
