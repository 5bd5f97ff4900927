"""Declarations and people's words -> what registers say: a value for each (who says so, entity).

What a document says of other things is stored by their ids, so that the edges that follow from it need nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

import orjson

from catalog.assets.keys import Key, dataset_of, entity_id, job_of, manifest_id
from catalog.errors import InvalidEvent
from catalog.identity import Name, dataset_id, job_id
from catalog.lineage.assertions import Assertions, Curated, Declared, DeclaredFlow, Json

DOCUMENT = "document"
HEADING = "heading"
CURATED = "curated"
MANIFEST, ENTITY = "Manifest", "Entity"
"""Labels of the subjects that say so: a manifest of what it declares, an entity of what people say of it."""
DERIVES_FROM = "DERIVES_FROM"
MAX_DECLARED = 100_000
"""Of one apply: documents, references, lineage. All of it is one transaction, and workers end what takes 120 s.

Half of this, in 10,000 documents, was applied in 28 s on the embedded store and in 14 s on Neo4j, on two busy cores.
"""


class Statement(NamedTuple):
    """One value that a subject gives, or (None) takes away.

    Attributes:
        label, subject: who says so.
        key: the entity it is about; None: the subject itself.
        things: datasets and jobs that it names, by label.
        named: other entities that it names.
    """

    label: str
    subject: str
    aspect: str
    name: str
    key: Key | None
    value: Json | None
    things: tuple[tuple[str, Name], ...] = ()
    named: tuple[Key, ...] = ()


def statements(said: Assertions) -> Iterator[Statement]:
    """What an entry says of entities."""
    for declared in said.declared:
        yield _document(said.manifest, declared)
    if said.heading is not None:
        value = {"manifest": said.manifest, "heading": said.heading} if said.heading else None
        yield Statement(MANIFEST, manifest_id(said.manifest), HEADING, "", None, value)
    for word in said.curated:
        yield _word(word, said.time)


def check_declared(declared: Collection[Declared]) -> int:
    """How many things an apply says; called before anything is accepted, and again before it is applied.

    Raises:
        InvalidEvent: these are more than can be written in one transaction.
    """
    things = sum(1 + len(d.refs) + len(d.flows) + len(d.columns) for d in declared)
    if things > MAX_DECLARED:
        raise InvalidEvent(
            f"the apply says {things:,} things (documents, references, lineage); {MAX_DECLARED:,} can be applied at "
            "once: apply it in parts, or split the manifest",
            "set",
        )
    return things


def _document(manifest: str, told: Declared) -> Statement:
    subject, own = manifest_id(manifest), _own(told.key)
    if told.body is None:
        return Statement(MANIFEST, subject, DOCUMENT, "", told.key, None, own)
    things = [*own]
    for flow in told.flows:
        things += _ends(flow)
    for output, edge in told.columns:
        things += [("Dataset", output), ("Dataset", edge.dataset)]
    value = {
        "manifest": manifest,
        "key": list(told.key),
        "document": told.body,
        "refs": sorted([role, entity_id(key)] for role, key in set(told.refs)),
        "flows": sorted([f.kind, _id(*a), _id(*b), f.type] for f in set(told.flows) for a, b in [_ends(f)]),
        "columns": sorted([dataset_id(o), e.out, dataset_id(e.dataset), *e[2:]] for o, e in set(told.columns)),
    }
    named = tuple(key for _, key in told.refs)
    return Statement(MANIFEST, subject, DOCUMENT, "", told.key, value, tuple(things), named)


def _word(word: Curated, time: int) -> Statement:
    id_ = entity_id(word.key)
    name = orjson.dumps([word.attribute, word.field, word.item]).decode()
    value = None
    if word.value is not None:
        value = {**word._asdict(), "key": list(word.key), "at": time}
    return Statement(ENTITY, id_, CURATED, name, word.key, value, _own(word.key))


def _own(key: Key) -> tuple[tuple[str, Name], ...]:
    """The nodes through which lineage reaches an entity."""
    found = (("Dataset", dataset_of(key)), ("Job", job_of(key)))
    return tuple((label, name) for label, name in found if name is not None)


def _ends(flow: DeclaredFlow) -> tuple[tuple[str, Name], tuple[str, Name]]:
    return ("Dataset" if flow.kind == DERIVES_FROM else "Job", flow.source), ("Dataset", flow.target)


def _id(label: str, name: Name) -> str:
    return dataset_id(name) if label == "Dataset" else job_id(name)
