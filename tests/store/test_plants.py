"""All plants in the midst of a company: a policy finds what breaks it and nothing else; mended, it is content.

The worlds go the whole way: documents and events are entries, entries become a graph, a snapshot is read and judged,
and findings are reconciled. Of a policy counts what it finds in its own world and in the company: the other worlds are
as bare as their own policies allow, and so break many of the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from catalog.checks.loading import PACKS, read_policies
from catalog.clock import from_datetime
from catalog.graph import finding_pages, findings, watch
from catalog.graph.finding_pages import Choice, Known
from catalog.graph.findings import WHOLE, Covered, Evaluation
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from tests.company.documents import documents
from tests.company.events import events
from tests.company.tables import tables
from tests.planted import DECLARED, MENDED, NOW, Expected, Plant, World, names, plant
from tests.servers.stores import StoreServer, empty
from tests.store.conftest import accept_events, drain
from tests.store.planting import Found, accept_worlds, judge, of_world, told

pytestmark = pytest.mark.slow
TYPES = {policy.name: policy.type for policy in read_policies(PACKS)}
WEEKS = 5
FOUNDED = NOW - timedelta(days=200)


class Sown(NamedTuple):
    """Both judgements, before and after the mending, and one as of before all that was planted.

    Attributes:
        opened, closed: the stored findings of policies in their own worlds after each of the first two.
    """

    broken: Found
    mended: Found
    earlier: Found
    opened: dict[str, Known]
    closed: dict[str, Known]


@pytest.fixture(scope="module")
def sown(shared_store: Store, server: StoreServer) -> Iterator[Sown]:
    """The company with all plants, judged by all packs; mended, and judged again."""
    empty(shared_store)
    reader, plants, kept = Reader(shared_store, server.admin), [plant(name) for name in names()], tables()
    accept_worlds(shared_store, [("linden", World(tuple(documents(kept, NOW)), ()), None)], FOUNDED)
    accept_worlds(shared_store, [(one.policy, one.broken, None) for one in plants], DECLARED)
    accept_events(shared_store, events(kept, NOW, WEEKS))
    accept_events(shared_store, [event for one in plants for event in one.broken.events])
    drain(shared_store)
    broken = judge(reader)
    opened = _reconciled(reader, broken, NOW)
    accept_worlds(shared_store, [(one.policy, one.mended, one.broken) for one in plants], MENDED)
    accept_events(shared_store, [event for one in plants for event in one.added])
    drain(shared_store)
    mended = judge(reader)
    closed = _reconciled(reader, mended, NOW + timedelta(minutes=1))
    yield Sown(broken, mended, judge(reader, DECLARED - timedelta(days=1)), opened, closed)


def _reconciled(reader: Reader, found: Found, at: datetime) -> dict[str, Known]:
    """The findings that are stored, by id, once those of policies in their own worlds are reconciled."""
    own = [one for one in found.judgement.findings if found.is_own(one)]
    moment, known = from_datetime(at), found.snapshot.known_at or 0
    mine = watch.claim(reader.store, owner="tests", now=moment)
    assert mine is not None
    evaluation = Evaluation(f"at {moment}", WHOLE, moment, known, ("all",), moment)
    keys = {thing.id: thing.key for thing in found.snapshot.things.values()}
    judgement = replace(found.judgement, findings=tuple(own))
    findings.reconcile(reader.store, mine, evaluation, judgement, keys, Covered(None), 0.5)
    watch.release(reader.store, mine)
    stored: list[Known] = []
    while new := finding_pages.page(reader, Choice(), stored[-1].ord if stored else None, 500):
        stored += new
    return {one.id: one for one in stored}


def _alone(found: Found, policy: str) -> Found:
    """Aggregates count the whole catalog, so that the other worlds are in their way."""
    return found.alone(policy) if TYPES[policy] == "aggregate" else found


def _fine(policy: str, near: Expected) -> set[str]:
    """What may become of a near miss; what a flow does not reach, or may reach, is no subject of its policy."""
    return {near.outcome, "NOT_APPLICABLE"} if TYPES[policy] == "flow" else {near.outcome}


@pytest.mark.parametrize("policy", names())
def test_a_policy_finds_what_breaks_it(sown: Sown, policy: str) -> None:
    """With its way, and nothing else, the company included; what is nearly broken is judged, and not found."""
    one: Plant = plant(policy)

    assert told(one.found) == _alone(sown.broken, policy).findings(policy)
    for near in one.near if TYPES[policy] != "aggregate" else ():
        assert sown.broken.outcome(policy, near.place) in _fine(policy, near), near.place


@pytest.mark.parametrize("policy", names())
def test_a_policy_is_content_once_its_cause_is_gone(sown: Sown, policy: str) -> None:
    """Nothing of its world is found any more."""
    assert [] == _alone(sown.mended, policy).findings(policy)


@pytest.mark.parametrize("policy", [name for name in names() if TYPES[name] != "aggregate"])
def test_a_finding_is_resolved_with_its_cause(sown: Sown, policy: str) -> None:
    """What was opened for a plant is the same finding, resolved, after the mending."""
    planted = [id_ for id_, one in sown.opened.items() if one.policy == policy]

    assert len(plant(policy).found) == len(planted)
    assert {(id_, "RESOLVED") for id_ in planted} == {(id_, sown.closed[id_].state) for id_ in planted}


def test_before_its_cause_nothing_is_found(sown: Sown) -> None:
    """As of the day before anything was planted no policy finds anything in its world."""
    found = sown.earlier
    told_of = [one for one in found.judgement.findings if (key := found.at(one.place).key) and of_world(key)]

    assert [] == [(one.policy, found.at(one.place)) for one in told_of if found.is_own(one)]
