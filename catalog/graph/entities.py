"""Entities as they are declared and curated: by key, by kind, by what names them, by manifest."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from catalog.assets.keys import Key, Kind
from catalog.graph.reader import Reader
from catalog.graph.walk import PRESENT, Moment


class Entity(NamedTuple):
    """An entity that was declared, curated or named at least once.

    Attributes:
        ord: its sort key among those of its kind.
    """

    id: str
    kind: Kind
    namespace: str
    name: str
    ord: str

    @property
    def key(self) -> Key:
        """Its natural key."""
        return Key(self.kind, self.namespace, self.name)


class Declaration(NamedTuple):
    """What a manifest says of an entity.

    Attributes:
        manifest: its name.
        document: the canonical document.
        since: event time from which on it says so, µs.
        sequence, entry: the apply that told it, by its place in the inbox and its key.
    """

    manifest: str
    document: dict[str, Any]
    since: int
    sequence: int
    entry: str


class Curation(NamedTuple):
    """What a person says of an entity; `field`, `item` are "" where an attribute has none.

    Attributes:
        since: event time of the word, µs.
        sequence, entry: the entry that told it.
    """

    attribute: str
    field: str
    item: str
    value: Any
    by: str
    verified: bool
    reason: str
    since: int
    sequence: int
    entry: str


class Reference(NamedTuple):
    """That an entity names another in its document.

    Attributes:
        entity: the other end: who names, or who is named.
        cursor: what the next page begins behind.
    """

    role: str
    entity: Entity
    manifest: str
    cursor: str


class Head(NamedTuple):
    """The newest accepted apply of a manifest, whether it is applied yet or not.

    Attributes:
        entry, sequence: its key and its place in the inbox.
        plan: checksum of its plan.
        at: its time, µs; the next one is later.
    """

    manifest: str
    entry: str
    sequence: int
    plan: str
    at: int


def entities(reader: Reader, ids: Iterable[str]) -> dict[str, Entity]:
    """Entities by id (`assets.keys.entity_id`); what is hidden or unknown is left out."""
    raise NotImplementedError


def page(reader: Reader, kind: Kind, *, after: str, limit: int, namespace: str | None = None) -> list[Entity]:
    """Entities of a kind by name, behind the sort key `after` ("" for the first page)."""
    raise NotImplementedError


def search(reader: Reader, text: str, limit: int, kind: Kind | None = None) -> list[Entity]:
    """Entities whose words match every word of the text, by prefix; best first."""
    raise NotImplementedError


def documents_of(reader: Reader, ids: Iterable[str], moment: Moment = PRESENT) -> dict[str, list[Declaration]]:
    """What manifests say of entities, by entity id, sorted by manifest; those of which none does are left out."""
    raise NotImplementedError


def manifest_documents(reader: Reader, manifest: str, moment: Moment = PRESENT) -> dict[Key, dict[str, Any]]:
    """All documents of a manifest by key, sorted."""
    raise NotImplementedError


def curated_of(reader: Reader, ids: Iterable[str], moment: Moment = PRESENT) -> dict[str, list[Curation]]:
    """What people say of entities, by entity id, sorted by (attribute, field, item); others are left out."""
    raise NotImplementedError


def claims(reader: Reader, ids: Iterable[str]) -> dict[str, str]:
    """The name of the manifest that declares each entity now; those that none does are left out."""
    raise NotImplementedError


def referring(
    reader: Reader,
    id_: str,
    roles: Collection[str] | None = None,
    *,
    after: str = "",
    limit: int,
    moment: Moment = PRESENT,
) -> list[Reference]:
    """Entities whose documents name this one, in any role or in these; behind a cursor."""
    raise NotImplementedError


def referred(
    reader: Reader,
    id_: str,
    roles: Collection[str] | None = None,
    *,
    after: str = "",
    limit: int,
    moment: Moment = PRESENT,
) -> list[Reference]:
    """Entities that this one names in its documents; behind a cursor."""
    raise NotImplementedError


def manifests(reader: Reader) -> list[Head]:
    """All manifests that were ever applied, by name."""
    raise NotImplementedError


def head_of(reader: Reader, manifest: str) -> Head | None:
    """The newest accepted apply of a manifest: what the next plan stands on."""
    raise NotImplementedError


def applies(reader: Reader) -> int:
    """How many applies of any manifest were accepted so far: pinned while claims are checked."""
    raise NotImplementedError
