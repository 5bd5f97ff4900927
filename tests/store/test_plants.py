"""All plants in one catalog: a policy finds what breaks it, passes what nearly does, is content once it is mended.

The worlds go the whole way: documents and events are entries, entries become a graph, a snapshot is read and judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import pytest

from catalog.assets.keys import manifest_id
from catalog.checks.choosing import ALL, Chosen, choose
from catalog.checks.engine import engine
from catalog.checks.evaluate import evaluate
from catalog.checks.judgement import Finding, Judgement
from catalog.checks.law import APPLIES_FROM
from catalog.checks.loading import PACKS, read_policies
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
from tests.planted import BEFORE, DECLARED, MENDED, NOW, At, Expected, Plant, World, names, plant, whose
from tests.servers.stores import StoreServer, empty
from tests.store.conftest import LATER, accept_events, drain

pytestmark = pytest.mark.slow
TYPES = {policy.name: policy.type for policy in read_policies(PACKS)}
APART = [name for name in names() if TYPES[name] != "aggregate"]
"""Aggregates count the whole catalog: each is judged with its own world alone, in `unit/checks/test_plants_judged`."""


class Told(NamedTuple):
    """An outcome at a place, with the way there."""

    place: At
    outcome: str
    source: At | None = None
    path: tuple[At, ...] = ()


@dataclass(frozen=True)
class Found:
    """What a judgement says, by policy."""

    snapshot: Snapshot
    judgement: Judgement

    def at(self, place: Place) -> At:
        """A place by its key; the policy itself stands for the whole catalog."""
        thing = self.snapshot.things.get(place.thing)
        return At(thing.key, place.column) if thing else At(None)

    def findings(self, policy: str) -> list[Told]:
        """The findings of a policy in its own world."""
        return sorted(self._told(one) for one in self.judgement.findings if one.policy == policy and self._own(one))

    def outcome(self, policy: str, place: At) -> str:
        """What became of a place."""
        population = next(one for one in self.judgement.populations if one.policy == policy)
        found = [outcome for outcome, places in population.outcomes.items() for one in places if self.at(one) == place]
        return ", ".join(found) or "not judged"

    def _own(self, one: Finding) -> bool:
        key = self.at(one.place).key
        return key is None or whose(key) == one.policy

    def _told(self, one: Finding) -> Told:
        path = one.witness.path
        way = tuple(self.at(hop.source) for hop in path) + ((self.at(path[-1].target),) if path else ())
        return Told(self.at(one.place), one.outcome, self.at(one.source) if one.source else None, way)


class Sown(NamedTuple):
    """Both judgements, before and after the mending."""

    broken: Found
    mended: Found


@pytest.fixture(scope="module")
def sown(shared_store: Store, server: StoreServer) -> Iterator[Sown]:
    """All plants, judged by all packs; mended, and judged again."""
    empty(shared_store)
    reader, plants = Reader(shared_store, server.admin), [plant(name) for name in names()]
    _accept(shared_store, ((one.policy, one.broken, None) for one in plants), DECLARED)
    accept_events(shared_store, [event for one in plants for event in one.broken.events])
    drain(shared_store)
    broken = _judged(reader)
    _accept(shared_store, ((one.policy, one.mended, one.broken) for one in plants), MENDED)
    accept_events(shared_store, [event for one in plants for event in one.added])
    drain(shared_store)
    yield Sown(broken, _judged(reader))


def _accept(store: Store, worlds: Iterable[tuple[str, World, World | None]], at: datetime) -> None:
    entries = []
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
        entries.append(prepare_apply(entry))
    inbox.accept(store, entries, LATER)


def _judged(reader: Reader) -> Found:
    at = from_datetime(NOW)
    snapshot = take(reader, PRESENT, at=at)
    before = take(reader, Moment(from_datetime(BEFORE), snapshot.known_at), at=at)
    chosen, wrong = choose(snapshot, [ALL], engine())
    assert not wrong
    return Found(snapshot, evaluate(snapshot, [_now(one) for one in chosen], before=before))


def _now(chosen: Chosen) -> Chosen:
    """A policy that does not wait for its law."""
    policy = chosen.compiled.policy
    if policy.law is None:
        return chosen
    early = policy.model_copy(update={"parameters": {**policy.parameters, APPLIES_FROM: "2000-01-01"}})
    return chosen._replace(compiled=compile_policy(early, engine()))


def _fine(policy: str, near: Expected) -> set[str]:
    """What may become of a near miss; what a flow does not reach, or may reach, is no subject of its policy."""
    return {near.outcome, "NOT_APPLICABLE"} if TYPES[policy] == "flow" else {near.outcome}


def told(expected: Iterable[Expected]) -> list[Told]:
    """What is expected, in the form of what is found."""
    return sorted(Told(one.place, one.outcome, one.source, one.path) for one in expected)


@pytest.mark.parametrize("policy", APART)
def test_a_policy_finds_what_breaks_it(sown: Sown, policy: str) -> None:
    """With its way, and nothing else; what is nearly broken is judged, and not found."""
    one: Plant = plant(policy)

    assert told(one.found) == sown.broken.findings(policy)
    for near in one.near:
        assert sown.broken.outcome(policy, near.place) in _fine(policy, near), near.place


@pytest.mark.parametrize("policy", APART)
def test_a_policy_is_content_once_its_cause_is_gone(sown: Sown, policy: str) -> None:
    """Nothing of its world is found any more."""
    assert [] == sown.mended.findings(policy)
