"""What policies see of records of processing, and how they differ from what their pipelines do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from catalog.assets.keys import Kind
from catalog.checks.filling import in_law, lawful
from catalog.checks.filling.entity import ENTITY, Filler, block, location, shaped
from catalog.checks.filling.jurisdictions import jurisdiction
from catalog.checks.filling.known import Known
from catalog.checks.filling.node import external
from catalog.checks.filling.personal import special_of, stated
from catalog.checks.snapshot import Place, Thing
from catalog.checks.subjects_in_law import ACTIVITY as SHAPE
from catalog.clock import to_iso

HERE = "EEA"
WITHIN = "internal"
"""The role of a recipient that is part of the house: no lineage leaves it."""


def jobs(known: Known, record: Thing) -> list[Thing]:
    """The pipelines that do what a record says."""
    return [one for one in known.by_kind.get(Kind.PIPELINE, ()) if record in known.activities.get(one.id, ())]


def touched(known: Known, record: Thing) -> list[Thing]:
    """What its pipelines read and write that holds personal data or is made of some."""
    found = {one.id: one for job in jobs(known, record) for one in in_law.touched(known, job)}
    return [found[id_] for id_ in sorted(found)]


def reached(known: Known, record: Thing) -> list[Thing]:
    """Where its pipelines take personal data, and where these go on from there without a pipeline of another record."""
    own = {job.id for job in jobs(known, record)}
    found: dict[str, Thing] = {}
    waiting = []
    for job in own:
        written = [known.snapshot.things[id_] for id_ in known.upstream.outputs(job) if id_ in known.snapshot.things]
        waiting += [one for one in written if in_law.bears(known, one)]
    while waiting:
        thing = waiting.pop()
        if thing.id in found:
            continue
        found[thing.id] = thing
        for target, job in known.upstream.onward(thing.id):
            if (not job or job in own) and target in known.snapshot.things:
                waiting.append(known.snapshot.things[target])
    return [found[id_] for id_ in sorted(found)]


def _recipients(known: Known, record: Thing) -> list[dict[str, Any]]:
    """Everybody outside to whom its pipelines lead and whose name is known."""
    found = []
    for one in reached(known, record):
        name = block(one.document.get("recipient")).get("name")
        if name and external(known, one):
            found.append({"id": one.id, "name": str(name), "country": location(known, one).get("country")})
    return found


def undeclared_recipients(known: Known, record: Thing) -> list[dict[str, Any]]:
    """Those whom the record does not name."""
    named = {lawful.word(block(one).get("name")) for one in record.document.get("recipients") or ()}
    return [one for one in _recipients(known, record) if lawful.word(one["name"]) not in named]


def unseen_recipients(known: Known, record: Thing) -> list[str]:
    """Those whom the record names and to whom nothing leads; a provider that keeps what is touched is seen."""
    seen = {lawful.word(one["name"]) for one in _recipients(known, record)}
    for one in (*touched(known, record), *reached(known, record)):
        kept = in_law.keeper(known, one)
        seen |= {lawful.word(kept["name"])} if kept.get("processor") is True else set()
    named = [block(one) for one in record.document.get("recipients") or ()]
    return sorted(
        str(one["name"]) for one in named if one.get("role") != WITHIN and lawful.word(one.get("name")) not in seen
    )


def _countries(known: Known, record: Thing) -> list[dict[str, Any]]:
    """Where its pipelines take personal data of the EEA outside of it, and where that is."""
    parties = [block(one) for one in record.document.get("controllers") or ()]
    at_home = any(one.get("country") and jurisdiction(str(one["country"])) == HERE for one in parties)
    if not at_home and all(location(known, one).get("jurisdiction") != HERE for one in touched(known, record)):
        return []
    found = []
    for one in reached(known, record):
        place = location(known, one)
        law = place.get("jurisdiction")
        if law and law != HERE:
            found.append({"id": one.id, "name": one.key.name, "country": str(place.get("country") or law)})
    return found


def undeclared_countries(known: Known, record: Thing) -> list[dict[str, Any]]:
    """Those that the record does not name as a transfer."""
    named = {jurisdiction(country) for country in _transfers(record)}
    return [one for one in _countries(known, record) if jurisdiction(one["country"]) not in named]


def unseen_countries(known: Known, record: Thing) -> list[str]:
    """Those that the record names and where nothing leads."""
    seen = {jurisdiction(one["country"]) for one in _countries(known, record)}
    return sorted(country for country in _transfers(record) if jurisdiction(country) not in seen)


def _transfers(record: Thing) -> set[str]:
    told = [block(one).get("country") for one in record.document.get("transfers") or ()]
    return {str(country) for country in told if country}


def _left_out(stated_as: str, named_as: str) -> Filler:
    def filled(known: Known, record: Thing) -> list[str]:
        named = {lawful.word(one) for one in record.document.get(named_as) or ()}
        found = {str(one) for thing in touched(known, record) for one in stated(thing).get(stated_as) or ()}
        return sorted(one for one in found if lawful.word(one) not in named)

    return filled


def special(known: Known, record: Thing) -> list[str]:
    """The special categories that its pipelines touch: in columns that they look at, where that is told."""
    found: set[str] = set()
    for job in jobs(known, record):
        for one in in_law.touched(known, job):
            looked = known.upstream.used(job.id, one.id)
            tagged = any(special_of(known.personal.of_column(one.id, name)) for name in known.columns(one))
            if looked is None or "" in looked or not tagged or one.id in known.upstream.outputs(job.id):
                found.update(known.personal.special(one))
            else:
                found.update(special_of({tag for name in looked for tag in known.effective(Place(one.id, name)).tags}))
    return sorted(found)


def found_tags(known: Known, record: Thing) -> list[str]:
    """The tags of the record, of its pipelines, and of what these touch."""
    things = [record, *jobs(known, record), *touched(known, record)]
    return sorted({tag for one in things for tag in known.personal.tags(one.id)})


def lineage_changed(known: Known, record: Thing) -> str | None:
    """When a way by which its pipelines take personal data in or on was first seen, of all the newest."""
    bearing = {one.id for one in touched(known, record)}
    times = [
        edge.since
        for job in jobs(known, record)
        for edge in (*known.into.get(job.id, ()), *known.out.get(job.id, ()))
        if edge.since is not None and {edge.source, edge.target} & bearing
    ]
    return to_iso(max(times)) if times else None


def _names(which: Callable[[Known, Thing], Any]) -> Filler:
    return lambda known, record: [one.key.name for one in touched(known, record) if which(known, one)]


def _sold(known: Known, thing: Thing) -> bool:
    told = block(stated(thing).get("ccpa"))
    return told.get("sold") is True or told.get("shared") is True


def _sensitive(known: Known, thing: Thing) -> bool:
    return block(stated(thing).get("ccpa")).get("sensitive") is True or bool(known.personal.sensitive(thing))


def _told(names: Iterable[str]) -> dict[str, Filler]:
    def filler(name: str) -> Filler:
        return lambda known, record: lawful.moments(shaped({name: SHAPE[name]}, record.document)[name])

    return {name: filler(name) for name in names}


ACTIVITY: dict[str, Filler] = {
    **ENTITY,
    **_told(("dpia", "risk_assessment", "controllers", "recipients", "transfers", "erasure")),
    "personal": lambda known, record: bool(touched(known, record)) or None,
    "special": special,
    "pipelines": lambda known, record: [f"{job.key.namespace} {job.key.name}" for job in jobs(known, record)],
    "stated": lambda known, record: lawful.stated(record.document),
    "undeclared_recipients": undeclared_recipients,
    "unseen_recipients": unseen_recipients,
    "undeclared_countries": undeclared_countries,
    "unseen_countries": unseen_countries,
    "undeclared_categories": _left_out("categories", "dataCategories"),
    "undeclared_subjects": _left_out("subjects", "subjectCategories"),
    "found_tags": found_tags,
    "lineage_changed": lineage_changed,
    "sold_or_shared": _names(_sold),
    "sensitive_data": _names(_sensitive),
}
