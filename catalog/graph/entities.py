"""Entities as they are declared and curated: by key, by kind, by what names them, by manifest."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from catalog.assets.keys import Key, Kind, manifest_id
from catalog.graph.cells import read_points
from catalog.graph.reader import Question, Reader
from catalog.graph.shapes import load_bodies_for
from catalog.graph.store import Row
from catalog.graph.walk import PRESENT, Moment, holding
from catalog.identity import words
from catalog.lineage.declaring import CURATED, DOCUMENT, ENTITY, HEADING
from catalog.lineage.steps import ABSENT, Point, deciding


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
        by: who sent it, as they said; empty where nobody did.
    """

    manifest: str
    entry: str
    sequence: int
    plan: str
    at: int
    by: str


class _Said(NamedTuple):
    """A value that holds, of whom it is said, and the point that decides it."""

    of: str
    subject: str
    point: Point
    body: Any


def entities(reader: Reader, ids: Iterable[str]) -> dict[str, Entity]:
    """Entities by id (`assets.keys.entity_id`); what is hidden or unknown is left out."""
    rows = reader.ask(lambda q: q.rows_by_id("entities", "entities_by_id", sorted(set(ids))))
    return {row["id"]: _entity(row) for row in rows}


def page(reader: Reader, kind: Kind, *, after: str, limit: int, namespace: str | None = None) -> list[Entity]:
    """Entities of a kind by name, behind the sort key `after` ("" for the first page)."""
    bounds = {"after": after or f"{kind}\n", "until": f"{kind}\v"}  # behind a line break comes a vertical tab
    return [_entity(r) for r in reader.rows("entities", "page_entities", namespace=namespace, limit=limit, **bounds)]


def search(reader: Reader, text: str, limit: int, kind: Kind | None = None) -> list[tuple[float, Entity]]:
    """Entities whose words match every word of the text, by prefix, with their scores; best first.

    Without a kind, those are left out that are found as datasets and jobs by their names.
    """
    parts = words(text).split()
    if not parts:
        return []
    query = " AND ".join(f"{part}*" for part in parts)
    index, wanted = reader.full_text_index(ENTITY), str(kind) if kind else None
    found = reader.rows("entities", "search_entities", index=index, query=query, kind=wanted, limit=limit)
    return [(row["score"], _entity(row)) for row in found]


def documents_of(reader: Reader, ids: Iterable[str], moment: Moment = PRESENT) -> dict[str, list[Declaration]]:
    """What manifests say of entities, by entity id, sorted by manifest; those of which none does are left out."""
    found: dict[str, list[Declaration]] = {}
    said, keys = reader.ask(lambda q: _said_of(q, ids, DOCUMENT, moment))
    for told in said:
        t, s, _ = told.point
        one = Declaration(told.body["manifest"], told.body["document"], t, s, keys.get(s, ""))
        found.setdefault(told.of, []).append(one)
    return {id_: sorted(some, key=lambda d: d.manifest) for id_, some in found.items()}


def manifest_documents(reader: Reader, manifest: str, moment: Moment = PRESENT) -> dict[Key, dict[str, Any]]:
    """All documents of a manifest by key, sorted."""

    def work(q: Question) -> list[_Said]:
        return _decided(q, q.rows("entities", "documents_of_manifest", manifest=manifest_id(manifest)), moment)

    told = (said.body for said in reader.ask(work))
    return dict(sorted((_key(*body["key"]), body["document"]) for body in told))


def count_documents(reader: Reader, manifests: Iterable[str]) -> dict[str, int]:
    """How many entities each manifest declares now, by its name."""
    names = {manifest_id(name): name for name in manifests}
    counts = dict.fromkeys(names.values(), 0)
    for row in reader.ask(lambda q: q.rows_by_id("entities", "documents_of_manifests", sorted(names))):
        counts[names[row["manifest"]]] += _holds(row, PRESENT) is not None
    return counts


def curated_of(reader: Reader, ids: Iterable[str], moment: Moment = PRESENT) -> dict[str, list[Curation]]:
    """What people say of entities, by entity id, sorted by (attribute, field, item); others are left out."""
    found: dict[str, list[Curation]] = {}
    said, keys = reader.ask(lambda q: _said_of(q, ids, CURATED, moment))
    for told in said:
        _, s, _ = told.point
        parts = {name: told.body[name] for name in Curation._fields[:7]}
        one = Curation(**parts, since=told.body["at"], sequence=s, entry=keys.get(s, ""))
        found.setdefault(told.of, []).append(one)
    return {id_: sorted(some, key=lambda c: c[:3]) for id_, some in found.items()}


def claims(reader: Reader, ids: Iterable[str]) -> dict[str, str]:
    """The name of the manifest that declares each entity now; those that none does are left out."""

    def work(q: Question) -> dict[str, str]:
        rows = q.rows_by_id("entities", "said_of", sorted(set(ids)), aspect=DOCUMENT)
        held = {row["of"]: row["subject"] for row in rows if _holds(row, PRESENT)}
        names = q.rows_by_id("entities", "manifests_of", sorted(set(held.values())))
        by_id = {row["id"]: str(row["name"]) for row in names}
        return {of: by_id[subject] for of, subject in held.items()}

    return reader.ask(work)


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
    return reader.ask(lambda q: _references(q, "referring", id_, roles, after, limit, moment))


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
    return reader.ask(lambda q: _references(q, "referred", id_, roles, after, limit, moment))


def manifests(reader: Reader) -> list[Head]:
    """All manifests that were ever applied, by name."""
    return sorted(Head(**row) for row in reader.rows("entities", "manifests"))


def headings(reader: Reader, manifests: Iterable[str], moment: Moment = PRESENT) -> dict[str, dict[str, Any]]:
    """What manifests say of themselves (`manifest.heading`), by name; those that say nothing are left out."""
    ids = sorted({manifest_id(name) for name in manifests})
    said, _ = reader.ask(lambda q: _said_of(q, ids, HEADING, moment))
    return {told.body["manifest"]: told.body["heading"] for told in said}


def head_of(reader: Reader, manifest: str) -> Head | None:
    """The newest accepted apply of a manifest: what the next plan stands on."""
    rows = reader.rows("entities", "manifest", id=manifest_id(manifest))
    return Head(**rows[0]) if rows else None


def is_manifest(reader: Reader, id_: str) -> bool:
    """Whether an id (`assets.keys.manifest_id`) is that of a manifest."""
    return bool(reader.rows("entities", "manifests_of", ids=[id_]))


def applies(reader: Reader) -> int:
    """How many applies of any manifest were accepted so far: pinned while claims are checked."""
    rows = reader.rows("entities", "applies")
    return int(rows[0]["n"]) if rows else 0


def _references(
    q: Question, block: str, id_: str, roles: Collection[str] | None, after: str, limit: int, moment: Moment
) -> list[Reference]:
    given: dict[str, Any] = {"id": id_, "roles": None if roles is None else sorted(roles), "limit": limit}
    if not moment.past:
        return [reference(row) for row in q.rows("entities", block, after=after, **given)]
    found: list[Row] = []
    while len(found) < limit:
        rows = q.rows("entities", f"{block}_past", after=after, **given, **moment.bounds)
        found += holding(q, rows, moment)
        if len(rows) < limit:
            break
        after = rows[-1]["key"]
    return [reference(row) for row in sorted(found, key=lambda row: str(row["key"]))[:limit]]


def reference(row: Row) -> Reference:
    """A row of what names or is named."""
    return Reference(row["role"], _entity(row), row["manifest"], row["key"])


def _entity(row: Row) -> Entity:
    return Entity(row["id"], Kind(row["kind"]), row["namespace"], row["name"], row["ord"])


def _key(kind: str, namespace: str, name: str) -> Key:
    return Key(Kind(kind), namespace, name)


def _said_of(q: Question, ids: Iterable[str], aspect: str, moment: Moment) -> tuple[list[_Said], dict[int, str]]:
    """What holds of entities, and the keys of the entries that told it, by sequence."""
    said = _decided(q, q.rows_by_id("entities", "said_of", sorted(set(ids)), aspect=aspect), moment)
    sequences = sorted({told.point.s for told in said})
    keys: dict[int, str] = {}
    for at in range(0, len(sequences), 500):
        rows = q.rows("assets", "entries_by_sequence", sequences=sequences[at : at + 500])
        keys.update((row["sequence"], row["key"]) for row in rows)
    return said, keys


def _decided(q: Question, rows: Iterable[Row], moment: Moment) -> list[_Said]:
    held = [(row, point) for row in rows if (point := _holds(row, moment))]
    bodies = load_bodies_for(q, {point.v for _, point in held})
    return [_Said(row["of"], row["subject"], point, bodies[point.v]) for row, point in held]


def _holds(row: Row, moment: Moment) -> Point | None:
    """The point that decides a register at a moment, unless it says nothing then."""
    bounds = moment.bounds
    point = deciding(read_points(row), bounds["asof"], bounds["known"])
    return point if point and point.v != ABSENT else None
