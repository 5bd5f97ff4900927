"""Edges that follow from a register: declared inputs and outputs, column edges, lineage without a job, flows into jobs
that another job tells of.

Their Steps are a function of the register's, so they need no log of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from catalog.identity import digest, field_id
from catalog.lineage.assertions import Basis, Origin
from catalog.lineage.containers import Place, places
from catalog.lineage.declaring import DERIVES_FROM, DOCUMENT
from catalog.lineage.lifecycle import RENAME
from catalog.lineage.observe import COLUMNS, CONTAINERS, DECLARED, MAP, OTHERS, WRITES, Register, link_key
from catalog.lineage.steps import ABSENT, OPEN, Points, derive

FIELD_FROM_FIELD = "field_from_field"
DATASET_FROM_FIELD = "dataset_from_field"
DATASET_FROM_DATASET = "dataset_from_dataset"
DATASET_WITHIN = "dataset_within"
ENTITY_REFERS = "entity_refers"

Bodies = Mapping[str, Any]
"""Parsed shape bodies by shape id."""


class FieldEnd(NamedTuple):
    """A field that an edge needs as its end."""

    id: str
    dataset: str
    path: str


class Derived(NamedTuple):
    """One edge: its key, kind, origin, ends, fixed properties, Steps; the fields and containers it needs as ends."""

    key: str
    kind: str
    origin: str
    source: str
    target: str
    values: dict[str, Any]
    points: Points
    fields: tuple[FieldEnd, ...] = ()
    containers: tuple[Place, ...] = ()


def derived_edges(register: Register, points: Points, bodies: Bodies) -> dict[str, Derived]:
    """All edges that follow from a register with these Steps, by key.

    Edges that follow from the same values share one list: a register may have thousands of points.
    """
    reader = _READERS.get(register.aspect)
    if reader is None:
        return {}
    values = [v for v in dict.fromkeys(point.v for point in reversed(points)) if v != ABSENT]
    members = {v: reader(register, bodies[v]) for v in values}
    found = {key: edge for v in reversed(values) for key, edge in members[v].items()}
    by_values: dict[frozenset[str], Points] = {}
    edges = {}
    for key, edge in found.items():
        held = frozenset(v for v in values if key in members[v])
        if held not in by_values:
            by_values[held] = derive(points, lambda v, held=held: OPEN if v in held else ABSENT)  # type: ignore[misc]
        edges[key] = edge._replace(points=by_values[held])
    return edges


def _declared(register: Register, body: Any) -> dict[str, Derived]:
    edges = {}
    for kind, target in body["links"]:
        key = link_key(kind, Origin.DECLARED, register.subject, target)
        edges[key] = Derived(key, kind, Origin.DECLARED, register.subject, target, {}, [])
    return edges | _others(register._replace(name=Origin.DECLARED), body.get(OTHERS, ()))


def _others(register: Register, body: Any) -> dict[str, Derived]:
    """What one job says of another; `by` keeps these edges apart from those the other job asserts itself."""
    edges = {}
    for kind, job, source in body:
        key = digest("other", register.id, kind, job, source)
        edges[key] = Derived(key, kind, register.name, job, source, {"by": register.subject}, [])
    return edges


def _sources(register: Register, body: Any) -> dict[str, Derived]:
    """What a dataset event says feeds its dataset: datasets, and jobs, which then write it."""
    edges: dict[str, Derived] = {}
    if register.subject != register.of:
        return edges
    for source in body["from"]:
        if source != register.of:
            key = digest("derives", register.id, source, body["basis"])
            values = {"job": "", "basis": body["basis"]}
            edges[key] = Derived(key, DATASET_FROM_DATASET, register.name, register.of, source, values, [])
    for source in body["jobs"]:
        key = digest("derives", register.id, source)
        edges[key] = Derived(key, WRITES, register.name, source, register.of, {"by": register.of}, [])
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
    return edges


def _renamed(register: Register, body: Any) -> dict[str, Derived]:
    """The new name's lineage goes on through the old one's."""
    key = digest("renamed", register.id)
    origin = register.name.partition(":")[0]
    values = {"job": "", "type": RENAME, "basis": Basis.EXPLICIT}
    return {key: Derived(key, DATASET_FROM_DATASET, origin, register.of, body["from"], values, [])}


def _containers(register: Register, body: Any) -> dict[str, Derived]:
    """An edge to each level, so that a container knows its datasets however deep they are."""
    edges = {}
    found = places(body["namespace"], body["levels"])
    for place in found:
        direct = place is found[-1]
        key = digest("within", register.id, place.id, direct)
        values = {"direct": direct}
        edges[key] = Derived(key, DATASET_WITHIN, "", register.of, place.id, values, [], containers=(place,))
    return edges


def _document(register: Register, body: Any) -> dict[str, Derived]:
    """What a document names, and the lineage it declares; `by` tells these edges from those of events."""
    edges = {}
    by = {"by": register.subject, "manifest": body["manifest"]}
    for role, named in body["refs"]:
        key = digest("refers", register.id, role, named)
        values = {**by, "role": role}
        edges[key] = Derived(key, ENTITY_REFERS, Origin.DECLARED, register.of, named, values, [])
    for kind, source, target, type_ in body["flows"]:
        key = digest("flow", register.id, kind, source, target, type_)
        if kind == DERIVES_FROM:
            values = {**by, "job": "", "type": type_, "basis": Basis.EXPLICIT}
            edges[key] = Derived(key, DATASET_FROM_DATASET, Origin.DECLARED, source, target, values, [])
        else:
            edges[key] = Derived(key, kind, Origin.DECLARED, source, target, dict(by), [])
    for output, *row in body["columns"]:
        made = Register(digest(register.id, output), output, COLUMNS, Origin.DECLARED, output)
        for key, edge in _columns(made, [row]).items():
            edges[key] = edge._replace(values={**edge.values, **by})
    return edges


_READERS: dict[str, Callable[[Register, Any], dict[str, Derived]]] = {
    DECLARED: _declared,
    OTHERS: _others,
    COLUMNS: _columns,
    MAP: _sources,
    RENAME: _renamed,
    CONTAINERS: _containers,
    DOCUMENT: _document,
}
DERIVING = frozenset(_READERS)
"""The aspects of registers that edges follow from."""
