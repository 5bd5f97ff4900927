"""Plan: what applying a manifest would change, by what the graph says once every apply is in it.

Nothing is written. A plan is made of a settled state: while an accepted apply is not in the graph yet, the answer waits
a little, and then says so instead of planning on sand.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from catalog.assets.keys import Key, Kind, entity_id
from catalog.checks.choosing import shipped_policies
from catalog.checks.loading import refused_policies
from catalog.errors import InvalidManifest, Unsettled
from catalog.graph import entities, entries
from catalog.graph.entities import Head
from catalog.graph.inbox import ACCEPTED
from catalog.graph.reader import Reader
from catalog.manifest.changes import Change, Document, compare
from catalog.manifest.effects import Effect, effects
from catalog.manifest.heading import Heading
from catalog.manifest.meaning import meaning
from catalog.manifest.plan import (
    MAX_REMOVED_SHARE,
    Around,
    HeadingChange,
    Plan,
    Reference,
    make,
    must_be_declared,
)
from catalog.manifest.sent import read_documents

SETTLE_SECONDS = 10.0
LOOK_SECONDS = 0.05
NAMES = 2_000
"""Names of a kind that a misspelt reference is compared with."""
USERS = 50
"""References to an entity that is to be removed, in one page."""


class Sent(NamedTuple):
    """What a client wants a manifest to be.

    Attributes:
        documents: as JSON.
        removable: the share of them that may be removed; None: what the heading says.
        heading: what it says of itself; None: what it said before.
    """

    manifest: str
    documents: Sequence[Any]
    removable: float | None = None
    heading: Heading | None = None


class Wanted(NamedTuple):
    """The same, understood: canonical documents by key."""

    manifest: str
    documents: Mapping[Key, Document]
    removable: float
    heading: HeadingChange | None = None


class Planned(NamedTuple):
    """A plan, the edges that come and go by it, and the apply that it stands on."""

    plan: Plan
    effects: tuple[Effect, ...]
    head: Head | None


def plan(reader: Reader, sent: Sent, *, patience: float = SETTLE_SECONDS) -> Planned:
    """What applying a manifest would change, and what forbids it.

    Raises:
        InvalidManifest: documents cannot be read, or policies do not do what their cases say.
        Unsettled: an accepted apply is not in the graph yet.
    """
    settled(reader, patience)
    head = entities.head_of(reader, sent.manifest)
    existing = entities.manifest_documents(reader, sent.manifest)
    documents, before = read_documents(sent.documents, existing), heading_now(reader, sent.manifest)
    after = before if sent.heading is None else sent.heading
    removable = after.get("maxRemovedShare", MAX_REMOVED_SHARE) if sent.removable is None else sent.removable
    change = None if after == before else HeadingChange(before, after)
    wanted = Wanted(sent.manifest, documents, removable, change)
    check_policies(wanted.documents, existing)
    made = plan_over(reader, wanted, head.entry if head else "", existing)
    return Planned(made, effects(wanted.documents, made.changes), head)


def check_policies(documents: Mapping[Key, Document], existing: Mapping[Key, Document]) -> None:
    """Pass, if the policies that are new or changed can be judged by.

    Raises:
        InvalidManifest: what is wrong with them; it has all of it.
    """
    changed = {key: document for key, document in documents.items() if existing.get(key) != document}
    if problems := refused_policies(changed):
        raise InvalidManifest(problems)


def plan_over(reader: Reader, wanted: Wanted, base: str, existing: Mapping[Key, Document]) -> Plan:
    """The plan that stands on one apply and what the manifest declares by it."""
    references = {key: _references(key, document) for key, document in wanted.documents.items()}
    around = _around(reader, wanted, references, compare(existing, wanted.documents))
    more: dict[str, Any] = {"removable": wanted.removable, "heading": wanted.heading}
    return make(wanted.manifest, base, existing, wanted.documents, references, around, **more)


def heading_now(reader: Reader, manifest: str) -> Heading:
    """What a manifest says of itself."""
    return entities.headings(reader, [manifest]).get(manifest, {})


def settled(reader: Reader, patience: float = SETTLE_SECONDS) -> list[Head]:
    """The newest applies of all manifests, once none of them waits.

    Each was accepted on a settled state itself, so behind a settled one nothing of its manifest waits.

    Raises:
        Unsettled: one of them waits still.
    """
    until = time.monotonic() + patience
    while True:
        heads = entities.manifests(reader)
        through = entries.progress(reader.store, reader.shards).applied_through
        behind = [head for head in heads if head.sequence > through]
        waiting = [head for head in behind if entries.ended(reader.store, head.entry) == ACCEPTED]
        if not waiting:
            return heads
        if time.monotonic() > until:
            raise Unsettled(
                f"entry {waiting[0].sequence}, an apply of the manifest {waiting[0].manifest!r}, is accepted and not "
                f"in the graph yet; try again, or look at `headwater inbox show {waiting[0].entry[:12]}`"
            )
        time.sleep(LOOK_SECONDS)


def _references(key: Key, document: Document) -> list[Reference]:
    return [(role, target) for role, target in meaning(key, dict(document)).refs]


def _around(
    reader: Reader, wanted: Wanted, references: Mapping[Key, Iterable[Reference]], changes: Iterable[Change]
) -> Around:
    """What others say of all that this plan touches and refers to."""
    changes = list(changes)
    targets = {target for found in references.values() for _, target in found if must_be_declared(target.kind)}
    asked = {entity_id(key): key for key in (targets - wanted.documents.keys()) | {c.key for c in changes}}
    owners = {asked[id_]: manifest for id_, manifest in entities.claims(reader, asked).items()}
    others = {key: manifest for key, manifest in owners.items() if manifest != wanted.manifest}
    shipped = {key for key in targets - others.keys() if key.kind is Kind.POLICY and key.name in shipped_policies()}
    known = others.keys() | shipped
    dangling = {target.kind for target in targets if target not in wanted.documents and target not in known}
    return Around(
        claims=others,
        declared=known,
        names={kind: _names(reader, kind) for kind in dangling},
        referring={
            change.key: _users(reader, change.key, wanted.manifest)
            for change in changes
            if change.after is None and must_be_declared(change.key.kind)
        },
    )


def _names(reader: Reader, kind: Kind) -> list[str]:
    found = entities.page(reader, kind, after="", limit=NAMES)
    owned = entities.claims(reader, [entity.id for entity in found])
    shipped = shipped_policies() if kind is Kind.POLICY else ()
    return [*(entity.name for entity in found if entity.id in owned), *shipped]


def _users(reader: Reader, key: Key, manifest: str) -> list[tuple[Key, str]]:
    """Who names an entity in another manifest; the first page that has some."""
    after = ""
    while True:
        found = entities.referring(reader, entity_id(key), after=after, limit=USERS)
        others = sorted({(ref.entity.key, ref.manifest) for ref in found if ref.manifest != manifest})
        if others or len(found) < USERS:
            return others
        after = found[-1].cursor
