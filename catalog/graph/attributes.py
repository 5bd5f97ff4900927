"""What counts of what manifests, people and events say of things, at any moment, for many things at once.

Every value is traced to the version of a document, or the word of a person, that began it: reading the registers with
their Steps tells that for all of them in a handful of statements.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from catalog.assets.attributes import (
    LEVELS,
    SCALE,
    Held,
    Strictness,
    Version,
    Voice,
    VoiceOrigin,
    beginning,
    levels_of,
    merge_all,
    strictness,
)
from catalog.assets.keys import Key, Kind, dataset_of, entity_id, job_of
from catalog.graph.cells import read_points
from catalog.graph.reader import ID_BATCH, Question, Reader
from catalog.graph.shapes import load_bodies_for
from catalog.graph.told import Told, told
from catalog.graph.walk import PRESENT, Moment
from catalog.identity import Name, dataset_id, job_id
from catalog.lineage.declaring import CURATED, DOCUMENT
from catalog.lineage.facets.known import DATASET, JOB
from catalog.lineage.steps import ABSENT
from catalog.lineage.steps import told as changes
from catalog.manifest.voices import FACETS, Said, accepted, said_by_person, said_in_document, said_in_facet

Voices = dict[tuple[str, str], list[Voice]]
"""By column and attribute."""


class Declaration(NamedTuple):
    """A document that tells of a thing.

    Attributes:
        key: the entity it declares: the thing, under one of its names.
        since: event time from which on it says exactly this, µs.
        sequence, entry: the apply that told it, by its place in the inbox and its key.
        columns: the column edges it declares, as rows of the id of the dataset made, its column, the id and column of
            the dataset it is made of, type, subtype, masking, description.
    """

    key: Key
    manifest: str
    document: dict[str, Any]
    since: int
    sequence: int
    entry: str
    columns: tuple[list[Any], ...] = ()


class Description(NamedTuple):
    """What holds of a thing.

    Attributes:
        values: by column ("" for the thing itself) and attribute.
        declarations: the documents that tell of it, under any of its names, those of manifests before imported ones.
        curated: whether a person says anything of it.
    """

    values: Mapping[str, Mapping[str, tuple[Held, ...]]]
    declarations: tuple[Declaration, ...]
    curated: bool


class _Spoken(NamedTuple):
    """What manifests and people say of one entity."""

    voices: Voices
    declarations: tuple[Declaration, ...]


class Spoken(NamedTuple):
    """What manifests and people say, by entity id, and how strict their levels of classification are."""

    of: Mapping[str, _Spoken]
    strict: Strictness


class Thing(NamedTuple):
    """Under which ids a thing is spoken of.

    Attributes:
        entities: of the entities that it is, under all of its names.
        nodes: of the datasets or jobs that it is.
        place: whose facets those have: `DATASET`, `JOB`, or "" for what events never speak of.
    """

    entities: tuple[str, ...]
    nodes: tuple[str, ...] = ()
    place: str = ""


def thing_of(key: Key, names: Iterable[Name] = ()) -> Thing:
    """Where to look for what is said of an entity; `names` are the other names of the dataset that it is."""
    if (own := dataset_of(key)) is not None:
        all_ = list(dict.fromkeys([own, *names]))
        ids = dict.fromkeys([entity_id(key), *(entity_id(k) for name in all_ for k in keys_of(name))])
        return Thing(tuple(ids), tuple(dataset_id(name) for name in all_), DATASET)
    if (job := job_of(key)) is not None:
        return Thing((entity_id(key),), (job_id(job),), JOB)
    return Thing((entity_id(key),))


def keys_of(name: Name) -> list[Key]:
    """What a dataset of this name may be as an entity, the most particular first."""
    found = [Key(Kind.DASHBOARD, *name), Key(Kind.DATASET, *name)]
    if "/" in name.name:
        found.insert(0, Key(Kind.MODEL_VERSION, *name))
    word, colon, environment = name.namespace.partition(":")
    if word == "deployment" and colon:
        found.insert(0, Key(Kind.DEPLOYMENT, environment, name.name))
    return found


def describe(reader: Reader, things: Mapping[Key, Thing], moment: Moment = PRESENT) -> dict[Key, Description]:
    """What holds of entities at a moment, by key; attributes that nobody speaks of are left out."""
    ids = {id_ for thing in things.values() for id_ in thing.entities}
    said = reader.ask(lambda q: spoken(q, ids, moment))
    places = {id_: thing.place for thing in things.values() for id_ in thing.nodes}
    facets = told(reader, sorted(places), moment) if places else {}
    seen = {id_: observed(places[id_], some) for id_, some in facets.items()}
    return {key: described(thing, said, seen) for key, thing in things.items()}


def observed(place: str, facets: Mapping[str, Told]) -> Voices:
    """What shared facets of one dataset or job, by key, say of it; `place` is that of a `Thing`."""
    return _collect(
        (said, Voice(VoiceOrigin.OBSERVED, facet.producer, said.value, facet.since, facet.entry))
        for key in FACETS
        if (facet := facets.get(key))
        for said in said_in_facet(place, key, facet.value)
    )


def described(thing: Thing, said: Spoken, seen: Mapping[str, Voices]) -> Description:
    """What holds of a thing by all that speak of it: manifests and people by entity, events by dataset or job."""
    return _merged(
        [said.of[id_] for id_ in thing.entities if id_ in said.of],
        [seen[id_] for id_ in thing.nodes if id_ in seen],
        said.strict,
    )


def _merged(spoken: list[_Spoken], seen: list[Voices], strict: Strictness) -> Description:
    together: dict[str, dict[str, list[Voice]]] = {}
    for voices in (*(some.voices for some in spoken), *seen):
        for (field, attribute), said in voices.items():
            together.setdefault(field, {}).setdefault(attribute, []).extend(said)
    declarations = [declaration for some in spoken for declaration in some.declarations]
    people = any(voice.origin is VoiceOrigin.PERSON for s in spoken for said in s.voices.values() for voice in said)
    return Description(
        {field: merge_all(said, strict) for field, said in sorted(together.items())},
        tuple(sorted(declarations, key=lambda d: (origin_of(d.manifest), -d.since, d.manifest))),
        people,
    )


def spoken(q: Question, ids: Iterable[str], moment: Moment) -> Spoken:
    """What manifests and people say of entities."""
    scale = entity_id(SCALE)
    wanted = sorted({*ids, scale})
    rows = [
        (aspect, row["of"], list(changes(read_points(row), moment.bounds["asof"], moment.bounds["known"])))
        for aspect in (DOCUMENT, CURATED)
        for row in q.rows_by_id("entities", "said_of", wanted, aspect=aspect)
    ]
    rows = [(aspect, of, points) for aspect, of, points in rows if points and points[-1].v != ABSENT]
    bodies = load_bodies_for(q, {point.v for _, _, points in rows for point in points if point.v != ABSENT})
    entries = _entries(q, {point.s for _, _, points in rows for point in points})
    said: dict[str, list[tuple[Said, Voice]]] = {}
    declarations: dict[str, list[Declaration]] = {}
    levels: tuple[str, ...] = LEVELS
    for aspect, of, points in rows:
        versions = [Version(point.t, point.s, bodies.get(point.v)) for point in points]
        if aspect == CURATED:
            said.setdefault(of, []).extend(_curated(versions, entries))
            continue
        time, sequence, last = versions[-1]
        said.setdefault(of, []).extend(_declared(versions, entries))
        kind, namespace, name = last["key"]
        key, entry = Key(Kind(kind), namespace, name), entries.get(sequence, "")
        declarations.setdefault(of, []).append(
            Declaration(key, last["manifest"], last["document"], time, sequence, entry, tuple(last["columns"]))
        )
        if of == scale:
            levels = levels_of(last["document"], levels)
    found = {of: _Spoken(_collect(some), tuple(declarations.get(of, ()))) for of, some in said.items()}
    return Spoken(found, strictness(levels))


def _declared(versions: list[Version], entries: Mapping[int, str]) -> Iterable[tuple[Said, Voice]]:
    last = versions[-1].said
    origin = origin_of(last["manifest"])
    spoken = [
        version._replace(said={_place(said) for said in said_in_document(version.said["document"])})
        if version.said
        else version
        for version in versions[:-1]
    ]
    for said in said_in_document(last["document"]):
        first = (beginning(spoken, _holding(_place(said))) if spoken else None) or versions[-1]
        yield said, Voice(origin, last["manifest"], said.value, first.time, entries.get(first.sequence, ""))


def _curated(versions: list[Version], entries: Mapping[int, str]) -> Iterable[tuple[Said, Voice]]:
    last = versions[-1].said
    said = said_by_person(last["attribute"], last["field"], last["item"], last["value"])
    first = beginning(versions, lambda word: (word["value"], word["by"]) == (last["value"], last["by"])) or versions[-1]
    more = (entries.get(first.sequence, ""), last["verified"], last["reason"])
    for one in (said, accepted(said)):
        if one is not None:
            yield one, Voice(VoiceOrigin.PERSON, last["by"], one.value, first.time, *more)


def origin_of(manifest: str) -> VoiceOrigin:
    """Importers write manifests, too, whose names begin with the tool's: `dbt:shop`."""
    return VoiceOrigin.IMPORTED if ":" in manifest else VoiceOrigin.DECLARED


def _place(said: Said) -> tuple[str, str, str]:
    return said.attribute, said.field, json.dumps(said.value, sort_keys=True)


def _holding(place: tuple[str, str, str]) -> Callable[[Any], bool]:
    return lambda said: place in said


def _collect(spoken: Iterable[tuple[Said, Voice]]) -> Voices:
    found: Voices = {}
    for said, voice in spoken:
        found.setdefault((said.field, said.attribute), []).append(voice)
    return found


def _entries(q: Question, sequences: Iterable[int]) -> dict[int, str]:
    wanted = sorted(set(sequences))
    rows = (
        row
        for at in range(0, len(wanted), ID_BATCH)
        for row in q.rows("assets", "entries_by_sequence", sequences=wanted[at : at + ID_BATCH])
    )
    return {row["sequence"]: row["key"] for row in rows}
