"""A company whose catalog is in order: no policy of any pack finds anything, whatever order its events arrive in."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from catalog.assets.keys import Kind
from catalog.checks.choosing import ALL, choose
from catalog.checks.engine import engine
from catalog.checks.evaluate import evaluate
from catalog.checks.renewal import Kept
from catalog.checks.snapshot_hash import state_hash
from catalog.checks.subjects_of import Subjects
from catalog.clock import from_datetime
from catalog.graph.reader import Reader
from catalog.graph.snapshot import MOST, beside, downstream_of, take, take_fresh
from catalog.graph.store import Store
from catalog.graph.walk import Moment
from tests.company.documents import at_first, documents
from tests.company.events import events, trained_again
from tests.company.tables import tables
from tests.planted import DECLARED, NOW, World, names, plant
from tests.servers.stores import StoreServer, empty
from tests.store.conftest import accept_events, drain
from tests.store.planting import Found, accept_worlds, judge

FOUNDED = NOW - timedelta(days=200)
WEEKS = 17
"""Months, so that its pipelines ran before anything is planted."""
UNCONCERNED = {
    *("ai-act.model.prohibited", "ccpa.activity.risk_assessment_existing", "ccpa.dataset.service_provider"),
    *("ccpa.model.risk_assessment", "ccpa.model.risk_assessment_existing", "gdpr.activity.automated_decisions"),
    *("gdpr.activity.legitimate_interest", "gdpr.activity.processor_record", "gdpr.field.protected"),
    *("hipaa.dataset.data_use_agreement", "hipaa.dataset.expert_determination", "hipaa.field.limited_data_set"),
    *("hipaa.field.safe_harbor", "hipaa.flow.data_use_agreement", "hygiene.dataset.contract_version"),
    *("hygiene.job.failed_run_incident", "hygiene.waiver.expired"),
}
"""Policies for which the company gives no occasion; their plants do."""
BRIEF = {"quality.dataset.cadence", "quality.dataset.volume"}
"""Those that need more weeks than a short test has."""


def settled(store: Store, server: StoreServer, weeks: int, *, planted: bool = False, seed: int | None = None) -> Reader:
    """The company in an empty store, with all plants if they are asked for; by a seed shuffled and doubled."""
    empty(store)
    kept, plants = tables(), [plant(name) for name in names()] if planted else []
    told = [*events(kept, NOW, weeks), *(event for one in plants for event in one.broken.events)]
    if seed is not None:
        told = [*told, *told]
        random.Random(seed).shuffle(told)
    whole = World(tuple(documents(kept, NOW)), ())
    first = World(at_first(whole.documents), ())
    accept_worlds(store, [("linden", first, None)], FOUNDED)
    accept_worlds(store, [(one.policy, one.broken, None) for one in plants], DECLARED)
    drain(store)
    accept_worlds(store, [("linden", whole, first)], trained_again(NOW, weeks))
    accept_events(store, told)
    drain(store)
    return Reader(store, server.admin)


def said(found: Found) -> list[tuple[object, ...]]:
    return sorted(
        (one.policy, found.at(one.place), one.outcome, one.message, len(one.witness.path))
        for one in found.judgement.findings
    )


def test_a_company_in_order_has_no_findings(store: Store, server: StoreServer) -> None:
    """Not one of the policies of all packs fails or errs, and all but a few have something to judge."""
    found = judge(settled(store, server, 3))

    assert [] == said(found)
    datasets = [one for one in found.snapshot.things.values() if one.key.kind is Kind.DATASET]
    assert len(datasets) == len(tables()) > 100
    judged = {one.policy for one in found.judgement.populations if one.outcomes.get("PASS")}
    assert UNCONCERNED | BRIEF == {one.policy for one in found.judgement.populations} - judged


@pytest.mark.slow
def test_what_is_remembered_of_it_is_what_would_be_read(store: Store, server: StoreServer) -> None:
    """Whatever is touched: the whole, renewed by that alone, is the whole, and is judged as what is read would be."""
    reader, at = settled(store, server, 1, planted=True), from_datetime(NOW)
    whole = take(reader, at=at)
    chosen, _ = choose(whole, [ALL], engine())
    drawn = random.Random(0).sample(sorted(whole.things), 20)
    parts, breaches = 0, 0
    for id_ in drawn:
        touched = downstream_of(reader, beside(reader, {id_}), MOST) or set()
        fresh = take_fresh(reader, Moment(None, whole.known_at), at=at, things=touched)
        if fresh is None:
            continue  # a record of processing or a request for erasure is among them: everything is read
        parts += 1
        kept = Kept(whole)
        assert kept.renew(fresh, touched)
        assert whole == kept.whole()
        if parts < 6 and (part := kept.cut(touched)) is not None:
            places = {place for target in ("entity", "field") for place in Subjects(whole).places(target)}
            asked = {place for place in places if place.thing in touched}
            judged = evaluate(part, chosen, places=asked)
            assert judged == evaluate(take(reader, at=at, things=touched), chosen, places=asked)
            breaches += len(judged.findings)
    assert parts > len(drawn) // 2
    assert breaches


@pytest.mark.soak
@pytest.mark.parametrize("as_of", [None, DECLARED, NOW - timedelta(days=30)])
def test_a_company_in_order_was_always(store: Store, server: StoreServer, as_of: datetime | None) -> None:
    """After some months, and as of each moment since its pipelines ran first and its models were in service."""
    assert [] == said(judge(settled(store, server, WEEKS), as_of))


@pytest.mark.soak
def test_the_order_of_events_makes_no_finding(store: Store, server: StoreServer) -> None:
    """Shuffled and doubled, the company with all plants gives the same findings and the same state."""
    found = judge(settled(store, server, 5, planted=True))
    again = judge(settled(store, server, 5, planted=True, seed=7))

    assert said(found) == said(again) != []
    assert state_hash(found.snapshot) == state_hash(again.snapshot)
