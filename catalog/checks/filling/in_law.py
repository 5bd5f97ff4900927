"""What policies about laws see of things and columns; of records of processing see `filling.activity`."""

from __future__ import annotations

from typing import Any

from catalog.assets.keys import Kind
from catalog.checks.filling import lawful
from catalog.checks.filling.entity import Filler, block, told
from catalog.checks.filling.field import FieldFiller
from catalog.checks.filling.identifiers import identifiers, street
from catalog.checks.filling.known import Known, model_of
from catalog.checks.filling.personal import special_of, stated
from catalog.checks.filling.quality import failing
from catalog.checks.filling.upstream import CARRIERS
from catalog.checks.snapshot import Column, Place, Thing
from catalog.clock import to_iso
from catalog.manifest.durations import days

HOURS = 24.0


def personal(known: Known, thing: Thing) -> bool | None:
    """Whether personal data are in a thing, or go through a job."""
    if thing.key.kind is not Kind.PIPELINE:
        return known.personal.holds(thing)
    touched = [known.personal.holds(one) for one in _touched(known, thing)]
    if any(touched):
        return True
    return False if touched and all(one is False for one in touched) else None


def first_seen(known: Known, thing: Thing) -> str | None:
    """When events spoke of it first; of a model of one of its versions, of a record of one of its pipelines."""
    kind, parts = thing.key.kind, [thing]
    if kind is Kind.MODEL:
        parts += [one for one in known.by_kind.get(Kind.MODEL_VERSION, ()) if model_of(one) == thing.key]
    if kind is Kind.PROCESSING_ACTIVITY:
        parts += [one for one in known.by_kind.get(Kind.PIPELINE, ()) if thing in known.activities.get(one.id, ())]
    times = [one.observed.first for one in parts if one.observed.first is not None]
    return to_iso(min(times)) if times else None


def _touched(known: Known, job: Thing) -> list[Thing]:
    """What a job writes, and what it reads, unless by none of the columns it looks at."""
    found = []
    for one in known.upstream.inputs(job.id):
        thing, used = known.snapshot.things.get(one), known.upstream.used(job.id, one)
        columns = known.personal.columns(thing) if thing else frozenset()
        if thing is not None and (used is None or not columns or "" in used or used & columns):
            found.append(thing)
    return found + [known.snapshot.things[o] for o in known.upstream.outputs(job.id) if o in known.snapshot.things]


def touched(known: Known, job: Thing) -> list[Thing]:
    """What a job reads and writes that holds personal data, or is made of some."""
    return [one for one in _touched(known, job) if bears(known, one)]


def bears(known: Known, thing: Thing) -> bool:
    """Whether a thing holds personal data, or is made of some and does not state to hold none."""
    holds = known.personal.holds(thing)
    return holds is True or (holds is None and bool(known.upstream.of(thing)))


def activities(known: Known, thing: Thing) -> list[dict[str, Any]]:
    """The records of processing of the pipelines that read or write a dataset."""
    jobs = {edge.source for edge in known.into.get(thing.id, ())} | {e.target for e in known.out.get(thing.id, ())}
    found = {one.id: one for job in jobs for one in known.activities.get(job, ())}
    return [
        {
            "name": one.key.name,
            "legal_basis": one.document.get("legalBasis"),
            "article9_condition": one.document.get("article9Condition"),
            "purposes": one.document.get("purposes") or [],
        }
        for one in sorted(found.values(), key=lambda one: one.key)
    ]


def keeper(known: Known, thing: Thing) -> dict[str, Any]:
    """Who runs the source that keeps a dataset."""
    source = known.keeper(thing)
    if source is None:
        return {}
    document = source.document
    name = document.get("provider") or source.key.name
    agreements = lawful.moments(document.get("agreements") or [])
    return {"name": name, "processor": document.get("processor"), "agreements": agreements}


def age_limit_hours(known: Known, thing: Thing) -> float | None:
    """How old a dataset may be."""
    limit = days(block(thing.attributes.get("quality")).get("freshness"))
    return None if limit is None else limit * HOURS


def failed_checks(known: Known, thing: Thing) -> list[str]:
    """The checks whose newest result is a failure, and no mere warning."""
    return sorted({f"{one.name} {one.column}".strip() for one in failing(thing)})


def used(known: Known, thing: Thing, one: Column) -> bool | None:
    """Whether anything is made of a column; None if of some reader it is not told what it looks at."""
    if known.columns_from(Place(thing.id, one.name)):
        return True
    readers = known.out.get(thing.id, ())
    if not readers:
        return None
    for edge in readers:
        told_of = known.upstream.used(edge.target, thing.id) if edge.kind == "READS" else None
        if told_of is None or "" in told_of:
            return None
    return False


def _column_personal(known: Known, thing: Thing, one: Column) -> bool | None:
    if one.name in known.personal.columns(thing):
        return True
    return False if block(one.attributes.get("personalData")).get("contains") is False else None


def _column_special(known: Known, thing: Thing, one: Column) -> list[str]:
    more = block(one.attributes.get("personalData")).get("specialCategories") or ()
    return sorted({*special_of(known.personal.of_column(thing.id, one.name)), *map(str, more)})


def training(known: Known, thing: Thing) -> list[dict[str, Any]]:
    """What a version was trained and tested on; by the columns that were used, where that is told."""
    found = []
    for one in sorted(thing.observed.training):
        data = known.snapshot.things.get(one.thing)
        if data is None:
            continue
        of, columns = known.personal, known.personal.columns(data)
        tags = {tag for name in one.columns for tag in of.of_column(data.id, name)}
        clean = bool(one.columns and columns) and not columns.intersection(one.columns)
        basis = [own for own in (stated(data), *activities(known, data)) if own]
        found.append(
            {
                **{"id": data.id, "name": data.key.name, "role": one.role},
                "personal": None if clean else True if bears(known, data) else of.holds(data),
                "special": special_of(tags) if one.columns and columns else of.special(data),
                "legal_basis": _first(basis, "legalBasis", "legal_basis"),
                "article9_condition": _first(basis, "article9Condition", "article9_condition"),
                "phi": of.protected(data),
            }
        )
    return found


def _first(blocks: list[dict[str, Any]], *names: str) -> Any:
    return next((one[name] for one in blocks for name in names if one.get(name)), None)


def own_purposes(thing: Thing) -> list[str] | None:
    """What a job says itself that it is for, by its document or its events; None if it does not say."""
    own = thing.document.get("purpose")
    if own:
        return [str(own)]
    told_of = stated(thing).get("purposes")
    return None if told_of is None else sorted(map(str, told_of))


def purposes(known: Known, thing: Thing) -> list[str]:
    """What a job is for; where it does not say, what its records of processing are for."""
    own = own_purposes(thing)
    if own is not None:
        return own
    told_of = [one.document.get("purposes") or () for one in known.activities.get(thing.id, ())]
    return sorted({str(purpose) for purposes_ in told_of for purpose in purposes_})


ENTITY: dict[str, Filler] = {
    "personal": personal,
    "phi": lambda known, thing: known.personal.protected(thing),
    "special": lambda known, thing: known.personal.special(thing),
    "upstream": lambda known, thing: known.upstream.of(thing) if thing.key.kind in (*CARRIERS, Kind.PIPELINE) else [],
    "first_seen": first_seen,
    "personal_data": lambda known, thing: lawful.personal_data(told(thing, "personal_data")),
    "retention": lambda known, thing: lawful.retention(told(thing, "retention")),
}
"""Of things of every kind."""
RECEIVING: dict[str, Filler] = {"recipient": lambda known, thing: lawful.recipient(thing.document.get("recipient"))}
DATASET: dict[str, Filler] = {
    **RECEIVING,
    "activities": activities,
    "keeper": keeper,
    "erased": lambda known, thing: to_iso(thing.observed.dropped),
    "age_limit_hours": age_limit_hours,
    "failed_checks": failed_checks,
    "checks": lambda known, thing: len(thing.observed.checks),
    "sensitive_fields": lambda known, thing: known.personal.sensitive(thing),
}
FIELD: dict[str, FieldFiller] = {
    "personal": _column_personal,
    "special": _column_special,
    "used": used,
    "identifiers": lambda known, thing, one: identifiers(
        one.name, one.type, known.personal.of_column(thing.id, one.name)
    ),
    "street": lambda known, thing, one: street(one.name, known.personal.of_column(thing.id, one.name)),
    "personal_data": lambda known, thing, one: lawful.personal_data(one.attributes.get("personalData")),
}
JOB: dict[str, Filler] = {"purposes": purposes}
MODEL: dict[str, Filler] = {
    "admt": lambda known, thing: thing.document.get("admt") or [],
    "admt_stated": lambda known, thing: "admt" in thing.document,
    "risk_assessment": lambda known, thing: lawful.assessment(thing.document.get("riskAssessment")),
}
MODEL_VERSION: dict[str, Filler] = {"training": training}
