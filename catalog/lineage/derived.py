"""Edges that follow from a register: declared inputs and outputs, column edges, lineage without a job.

Their Steps are a function of the register's, so they need no log of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from catalog.identity import digest, field_id
from catalog.lineage.assertions import Origin
from catalog.lineage.observe import COLUMNS, DECLARED, Register
from catalog.lineage.steps import ABSENT, OPEN, Points, derive

FIELD_FROM_FIELD = "field_from_field"
DATASET_FROM_FIELD = "dataset_from_field"
DATASET_FROM_DATASET = "dataset_from_dataset"

Bodies = Mapping[str, Any]
"""Parsed shape bodies by shape id."""


class FieldEnd(NamedTuple):
    """A field that an edge needs as its end."""

    id: str
    dataset: str
    path: str


class Derived(NamedTuple):
    """One edge: its key, kind, origin, ends, fixed properties, Steps, and the fields that must exist for it."""

    key: str
    kind: str
    origin: str
    source: str
    target: str
    values: dict[str, Any]
    points: Points
    fields: tuple[FieldEnd, ...] = ()


def derived_edges(register: Register, points: Points, bodies: Bodies) -> dict[str, Derived]:
    """All edges that follow from a register with these Steps, by key."""
    reader = _READERS.get(register.aspect)
    if reader is None:
        return {}
    members = {v: reader(register, bodies[v]) for v in {p.v for p in points} - {ABSENT}}
    found: dict[str, Derived] = {}
    for point in points:
        for key, edge in members.get(point.v, {}).items():
            found[key] = edge
    return {
        key: edge._replace(points=derive(points, lambda v, k=key: OPEN if k in members[v] else ABSENT))  # type: ignore[misc]
        for key, edge in found.items()
    }


def _declared(register: Register, body: Any) -> dict[str, Derived]:
    edges = {}
    for kind, target in body["links"]:
        key = digest("link", kind, Origin.DECLARED, register.subject, target)
        edges[key] = Derived(key, kind, Origin.DECLARED, register.subject, target, {}, [])
    return edges


def _columns(register: Register, body: Any) -> dict[str, Derived]:
    edges = {}
    jobless = register.subject == register.of
    for out, dataset, path, type_, subtype, masking, description in body:
        key = digest("column", register.id, out, dataset, path, type_, subtype, masking, description)
        end = FieldEnd(field_id(dataset, path), dataset, path)
        values = {
            "type": type_,
            "subtype": subtype,
            "masking": masking,
            "description": description,
            "job": "" if jobless else register.subject,
        }
        if out:
            start = FieldEnd(field_id(register.of, out), register.of, out)
            edges[key] = Derived(key, FIELD_FROM_FIELD, register.name, start.id, end.id, values, [], (start, end))
        else:
            edges[key] = Derived(key, DATASET_FROM_FIELD, register.name, register.of, end.id, values, [], (end,))
        if jobless and dataset != register.of:
            key = digest("derives", register.id, dataset)
            edges[key] = Derived(key, DATASET_FROM_DATASET, register.name, register.of, dataset, {"job": ""}, [])
    return edges


_READERS: dict[str, Callable[[Register, Any], dict[str, Derived]]] = {DECLARED: _declared, COLUMNS: _columns}
DERIVING = frozenset(_READERS)
"""The aspects of registers that edges follow from."""
