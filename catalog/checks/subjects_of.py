"""What policies see of the things of a snapshot: the subjects of each target, their members filled when they are read.

A policy reads few of the members that subjects have, so each is found when it is asked for. What is unknown is null;
what has another form than its member raises, so that whoever judges by it gives an ERROR.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any

from catalog.assets.keys import Kind
from catalog.checks.classification.propagate import Propagated
from catalog.checks.filling import erasure, in_law
from catalog.checks.filling import field as fields
from catalog.checks.filling.activity import ACTIVITY
from catalog.checks.filling.attestation import ATTESTATION, about
from catalog.checks.filling.dataset import DATASET
from catalog.checks.filling.entity import ENTITY, Filler, shaped, told
from catalog.checks.filling.field import FIELD
from catalog.checks.filling.job import JOB, run
from catalog.checks.filling.known import Known, model_of
from catalog.checks.filling.model import DEPLOYMENT, FLOW, MODEL, MODEL_VERSION, WAIVER
from catalog.checks.filling.node import COLUMN_NODE, EDGE, NODE
from catalog.checks.snapshot import Column, Place, Run, Snapshot, Thing
from catalog.checks.subjects import SHAPES, Subject, member, names, subject

FILLERS: dict[str, Mapping[str, Filler]] = {
    "entity": ENTITY,
    "activity": ACTIVITY,
    "dataset": {**DATASET, **in_law.DATASET, **erasure.DATASET},
    "job": {**JOB, **in_law.JOB},
    "model": {**MODEL, **in_law.MODEL},
    "model_version": {**MODEL_VERSION, **in_law.MODEL_VERSION},
    "deployment": {**DEPLOYMENT, **in_law.RECEIVING},
    "waiver": WAIVER,
    "attestation": ATTESTATION,
    "erasure_request": erasure.ERASURE_REQUEST,
    "flow": FLOW,
}
"""By target where members come from that are not simply told under their own name."""
_OF_ALL: Mapping[str, Filler] = {"attestations": about, **in_law.ENTITY}
_TARGETS = {
    Kind.DATASET: "dataset",
    Kind.PIPELINE: "job",
    Kind.MODEL_VERSION: "model_version",
    Kind.DEPLOYMENT: "deployment",
}
_CALLED = {"job": Kind.PIPELINE, "flow": Kind.DECLARED_LINEAGE, "activity": Kind.PROCESSING_ACTIVITY}


def kind_of(target: str) -> Kind | None:
    """The kind of things that a target means; `entity` means all, `field` columns of datasets, `run` runs of jobs."""
    word = target.replace("_", "")
    return _CALLED.get(target) or next((kind for kind in Kind if kind.lower() == word), None)


@cache
def node_filler(kind: Kind, name: str) -> tuple[Filler, bool]:
    """Where a member of whole things of a kind comes from as flow policies see them, and whether it is to be shaped."""
    if name in NODE:
        return NODE[name], True
    filler = FILLERS.get(_TARGETS.get(kind, "entity"), ENTITY).get(name) or _OF_ALL.get(name)
    return (filler, False) if filler else (lambda known, thing: told(thing, name), True)


class Subjects:
    """The subjects of a snapshot.

    Args:
        propagated: of this snapshot, where the caller has it already.
    """

    def __init__(self, snapshot: Snapshot, propagated: Propagated | None = None) -> None:
        self.snapshot = snapshot
        self.known = Known(snapshot, propagated)

    def places(self, target: str) -> tuple[Place, ...]:
        """What a target means, sorted; a run goes by its own id."""
        if target == "entity":
            return tuple(Place(id_) for id_ in sorted(self.snapshot.things))
        if target == "run":
            return tuple(Place(id_) for id_ in sorted(self._runs))
        if target == "field":
            things = self.known.by_kind.get(Kind.DATASET, ())
            return tuple(Place(thing.id, name) for thing in things for name in self.known.columns(thing))
        kind = kind_of(target)
        return tuple(Place(thing.id) for thing in self.known.by_kind.get(kind, ())) if kind else ()

    def value(self, target: str, variable: str, name: str, place: Place) -> Any:
        """One member of a subject, complete.

        Args:
            target: whose subject it is.
            variable: as the policy calls it: the target, `entity`, or of a column its `dataset`.
            name: the member's.

        Raises:
            WrongSubject: what is known has another form.
        """
        return self.complete(target, variable, name, self.raw(target, variable, name, place))

    def raw(self, target: str, variable: str, name: str, place: Place) -> Any:
        """What is known of a member, in whichever form."""
        seen = target if variable == "entity" else variable
        return self._raw(seen, SHAPES[seen][name], name, place)

    def complete(self, target: str, variable: str, name: str, raw: Any) -> Any:
        """What is known of a member in the form of its shape.

        Raises:
            WrongSubject: it has another form.
        """
        return member(SHAPES[target if variable == "entity" else variable][name], raw, f"{variable}.{name}")

    def facts(self, target: str, place: Place) -> dict[str, dict[str, Any]]:
        """All members of a subject by variable.

        Raises:
            WrongSubject: what is known of one has another form.
        """
        variables = [variable for variable in names(target) if variable != "entity"] or [target]
        return {v: {name: self.value(target, v, name, place) for name in SHAPES[v]} for v in variables}

    def subject(self, target: str, place: Place) -> Subject:
        """A whole subject.

        Raises:
            WrongSubject: what is known of a member has another form.
        """
        return subject(target, self.facts(target, place))

    def node(self, place: Place, name: str) -> Any:
        """What is known of a member of a thing or a column as flow policies see it, in whichever form."""
        thing, form = self.snapshot.things[place.thing], SHAPES["node"][name]
        if place.column and name in COLUMN_NODE:
            column = thing.columns.get(place.column) or Column(place.column)
            return shaped(form, COLUMN_NODE[name](self.known, thing, column))
        if place.column and name in SHAPES["field"]:
            return self.raw("field", "field", name, place)
        filler, loose = node_filler(thing.key.kind, name)
        raw = filler(self.known, thing)
        return shaped(form, raw) if loose else raw

    def edge(self, end: Place, name: str) -> Any:
        """One member of an edge that hangs on where it leads, complete.

        Raises:
            WrongSubject: what is known has another form.
        """
        thing, form = self.snapshot.things[end.thing], SHAPES["edge"][name]
        filler = EDGE.get(name)
        return member(form, filler(self.known, thing) if filler else None, f"edge.{name}")

    def thing(self, place: Place) -> Thing | None:
        """The thing that a place is, or is in; of a run its job."""
        found = self.snapshot.things.get(place.thing)
        return self._runs[place.thing][0] if found is None and place.thing in self._runs else found

    def _raw(self, seen: str, form: Any, name: str, place: Place) -> Any:
        if seen == "run":
            job, one = self._runs[place.thing]
            return self._members("entity", job) if name == "job" else run(self.known, job, one).get(name)
        thing = self.snapshot.things[place.thing]
        if seen == "field":
            column = thing.columns.get(place.column) or Column(place.column)
            filler = FIELD.get(name) or in_law.FIELD.get(name)
            return filler(self.known, thing, column) if filler else shaped(form, fields.told(column, name))
        if seen == "model_version" and name == "model":
            model = self.known.by_key.get(model_of(thing))
            return self._members("model", model) if model else None
        return self._filled(seen, form, name, thing)

    def _filled(self, seen: str, form: Any, name: str, thing: Thing) -> Any:
        filler = FILLERS.get(seen, ENTITY).get(name) or _OF_ALL.get(name)
        return filler(self.known, thing) if filler else shaped(form, told(thing, name))

    def _members(self, seen: str, thing: Thing) -> dict[str, Any]:
        return {name: self._filled(seen, form, name, thing) for name, form in SHAPES[seen].items()}

    @cached_property
    def _runs(self) -> dict[str, tuple[Thing, Run]]:
        jobs = self.known.by_kind.get(Kind.PIPELINE, ())
        return {one.id: (job, one) for job in jobs for one in job.observed.runs}
