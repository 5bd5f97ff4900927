"""Plants in a real store: documents and events go the whole way, and what a judgement says is told by world."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from catalog.assets.keys import Key, manifest_id
from catalog.checks.choosing import ALL, Chosen, choose
from catalog.checks.engine import engine
from catalog.checks.evaluate import evaluate
from catalog.checks.judgement import Finding, Judgement
from catalog.checks.law import APPLIES_FROM
from catalog.checks.policy import compile_policy
from catalog.checks.snapshot import Place, Snapshot
from catalog.clock import from_datetime, to_iso
from catalog.graph import entities, inbox
from catalog.graph.reader import Reader
from catalog.graph.snapshot import take
from catalog.graph.store import Store
from catalog.graph.walk import PRESENT, Moment
from catalog.manifest.canonical import canonical
from catalog.manifest.entry import manifest_entry
from catalog.manifest.references import key_of
from catalog.usecases.accept import prepare_apply
from tests.planted import BEFORE, NOW, At, Expected, World, names, whose
from tests.store.conftest import LATER

WORLDS = frozenset(names())


class Told(NamedTuple):
    """An outcome at a place, with the way there."""

    place: At
    outcome: str
    source: At | None = None
    path: tuple[At, ...] = ()


@dataclass(frozen=True)
class Found:
    """What a judgement says, by policy.

    Attributes:
        before: what policies of type change compared with.
    """

    snapshot: Snapshot
    before: Snapshot
    judgement: Judgement

    def at(self, place: Place) -> At:
        """A place by its key; the policy itself stands for the whole catalog."""
        thing = self.snapshot.things.get(place.thing)
        return At(thing.key, place.column) if thing else At(None)

    def findings(self, policy: str) -> list[Told]:
        """The findings of a policy in its own world and in what is in no world at all."""
        return sorted(self._told(one) for one in self.judgement.findings if one.policy == policy and self.is_own(one))

    def outcome(self, policy: str, place: At) -> str:
        """What became of a place."""
        population = next(one for one in self.judgement.populations if one.policy == policy)
        found = [outcome for outcome, places in population.outcomes.items() for one in places if self.at(one) == place]
        return ", ".join(found) or "not judged"

    def alone(self, policy: str) -> Found:
        """The same without all worlds but that of a policy, judged by it."""
        kept = [cut(one, lambda key: of_world(key) in (policy, None)) for one in (self.snapshot, self.before)]
        return judged(kept[0], kept[1], policy)

    def is_own(self, one: Finding) -> bool:
        """Whether a finding is in its policy's own world, in none, or about the whole catalog."""
        key = self.at(one.place).key
        return key is None or of_world(key) in (one.policy, None)

    def _told(self, one: Finding) -> Told:
        path = one.witness.path
        way = tuple(self.at(hop.source) for hop in path) + ((self.at(path[-1].target),) if path else ())
        return Told(self.at(one.place), one.outcome, self.at(one.source) if one.source else None, way)


def of_world(key: Key) -> str | None:
    """The policy in whose world a thing is; None if it is in no planted world."""
    found = whose(key)
    return found if found in WORLDS else None


def cut(snapshot: Snapshot, kept: Callable[[Key], bool]) -> Snapshot:
    """A snapshot of some things, as if there were no others."""
    things = {id_: thing for id_, thing in snapshot.things.items() if kept(thing.key)}
    return replace(
        snapshot,
        things=things,
        edges=tuple(one for one in snapshot.edges if one.source in things and one.target in things),
        column_edges=tuple(
            one for one in snapshot.column_edges if one.source.thing in things and one.target.thing in things
        ),
    )


def told(expected: Iterable[Expected]) -> list[Told]:
    """What is expected, in the form of what is found."""
    return sorted(Told(one.place, one.outcome, one.source, one.path) for one in expected)


def accept_worlds(store: Store, worlds: Iterable[tuple[str, World, World | None]], at: datetime) -> None:
    """Accept the documents of worlds, each a manifest; of one that was there earlier what is different."""
    inbox.accept(store, list(_entries(store, worlds, at)), LATER)


def _entries(store: Store, worlds: Iterable[tuple[str, World, World | None]], at: datetime) -> Iterator[inbox.NewEntry]:
    for policy, world, earlier in worlds:
        documents = {key_of(document): canonical(document) for document in world.documents}
        before = {key_of(document): canonical(document) for document in earlier.documents} if earlier else {}
        if documents == before:
            continue
        head = entities.head_of(Reader(store, None), policy)
        base = head.entry if head else ""
        when = to_iso(from_datetime(at)) or ""
        entry = manifest_entry(
            policy,
            by="tests",
            applied_at=when,
            base=base,
            plan=f"{manifest_id(policy)} {when} {base}",
            documents={key: document for key, document in documents.items() if before.get(key) != document},
            removed=tuple(key for key in before if key not in documents),
        )
        yield prepare_apply(entry)


def judge(reader: Reader, as_of: datetime | None = None) -> Found:
    """What all packs say of what is there at `NOW`, or of what was at a moment."""
    at = from_datetime(as_of or NOW)
    snapshot = take(reader, PRESENT if as_of is None else Moment(at), at=at)
    before = take(reader, Moment(from_datetime(BEFORE) if as_of is None else at, snapshot.known_at), at=at)
    return judged(snapshot, before)


def judged(snapshot: Snapshot, before: Snapshot, policy: str | None = None) -> Found:
    """What all packs, or one policy, say of a snapshot; as if all laws applied already."""
    chosen, wrong = choose(snapshot, [ALL], engine())
    assert not wrong
    asked = [_now(one) for one in chosen if policy in (None, one.compiled.policy.name)]
    return Found(snapshot, before, evaluate(snapshot, asked, before=before))


def _now(chosen: Chosen) -> Chosen:
    """A policy that does not wait for its law."""
    policy = chosen.compiled.policy
    if policy.law is None:
        return chosen
    early = policy.model_copy(update={"parameters": {**policy.parameters, APPLIES_FROM: "2000-01-01"}})
    return chosen._replace(compiled=compile_policy(early, engine()))
