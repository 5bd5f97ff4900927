"""Evaluations: what changed is judged as everything would be; what is asked of the past changes nothing."""

from __future__ import annotations

import random
from typing import Any, cast

import pytest

from catalog.assets.keys import Key, Kind, entity_id
from catalog.checks.choosing import choose, pack_names
from catalog.checks.engine import engine
from catalog.checks.evaluate import evaluate
from catalog.checks.judgement import Finding
from catalog.clock import DAY, SECOND, FrozenClock, to_iso
from catalog.errors import UnknownKey
from catalog.graph import entries, finding_pages, orders, watch
from catalog.graph.finding_pages import Choice, Known
from catalog.graph.findings import PLACES, TOUCHED, WHOLE
from catalog.graph.reader import Reader
from catalog.graph.snapshot import take
from catalog.graph.store import Store
from catalog.graph.walk import Moment
from catalog.identity import Name, dataset_id
from catalog.lineage.observe import Record, observe
from catalog.lineage.understand import Understanding
from catalog.manifest.readers import READERS
from catalog.usecases.evaluate import Evaluator, Schedule
from catalog.usecases.evaluation_orders import EVALUATE, Asked, evaluating
from catalog.usecases.orders import Orders
from catalog.usecases.remembering import Memory
from tests.histories import random_history
from tests.oracle import Entry
from tests.store.conftest import LATER, accept_events, drain
from tests.store.events import NOON, dataset, event
from tests.store.saying import ORDERS, apply, document, say
from tests.store.test_fold import accept, claim, record_batches, seasoned

ALL = ("hygiene", "quality")


class Meaning:
    """What the entries of a history mean, by key."""

    def __init__(self, past: dict[str, Entry]) -> None:
        self._past = past

    def record(self, _: Any, key: str, sequence: int) -> Record:
        return observe(self._past[key].assertions, key, sequence)


def evaluator(
    store: Store,
    clock: FrozenClock | None = None,
    packs: tuple[str, ...] = ALL,
    meaning: Any = None,
    *,
    after: float = 0.0,
    memory: Memory | None = None,
) -> Evaluator:
    return Evaluator(
        Reader(store, None),
        clock or FrozenClock(LATER),
        Schedule(packs, 3600.0, after),
        owner="tests",
        understanding=cast(Understanding, meaning or Understanding(readers=READERS)),
        memory=memory,
    )


def test_what_cannot_be_judged_is_told_until_it_is(store: Store) -> None:
    """Since when and why; an evaluation of some things does not end it, one of what is due does."""
    accept_events(store, [event("1", outputs=[dataset("t")])])
    drain(store)
    clock = FrozenClock(LATER)
    mine = evaluator(store, clock)
    mine.look()
    for why in ("too large", "too large still"):
        clock.at += SECOND
        mine.broke(why)
    told = watch.watch(store)
    mine.present([dataset_id(Name("db", "t"))])
    places = watch.watch(store)
    clock.at += DAY
    mine.look()
    mended = watch.watch(store)
    mine.broke("again")
    accept_events(store, [event("2", LATER)])
    drain(store)
    clock.at += SECOND
    mine.look()

    assert ("too large still", LATER + SECOND) == (told.broken, told.broken_since)
    assert told.broken_since == places.broken_since
    assert ("", None) == (mended.broken, mended.broken_since)
    assert ("", None) == (watch.watch(store).broken, watch.watch(store).broken_since)


def live(store: Store) -> dict[str, Known]:
    found: list[Known] = []
    reader = Reader(store, None)
    while new := finding_pages.page(reader, Choice(), found[-1].ord if found else None, 500):
        found += new
    return {each.id: each for each in found if each.state != "RESOLVED"}


def judged(store: Store, at: int, packs: tuple[str, ...] = ALL, moment: Moment = Moment()) -> dict[str, Finding]:
    """All findings, by judging everything from scratch."""
    snapshot = take(Reader(store, None), moment, at=at)
    chosen, _ = choose(snapshot, packs, engine())
    return {each.id: each for each in evaluate(snapshot, chosen).findings}


def said(found: dict[str, Known] | dict[str, Finding]) -> dict[str, Any]:
    return {id_: (each.policy, each.outcome, each.severity, each.message) for id_, each in found.items()}


@pytest.mark.parametrize("seed", range(4))
def test_what_entries_touched_is_judged_as_everything_would_be(store: Store, seed: int) -> None:
    """After every few entries of any history: findings are those of a judgement of everything, by the same moment.

    And the catalog that is remembered meanwhile is the one that would be read.
    """
    rng = random.Random(f"evaluated {seed}")
    past = seasoned(rng, random_history(rng, 16))
    accept(store, past.entries)
    memory = Memory()
    mine = evaluator(store, meaning=Meaning({entry.key: entry for entry in past.entries}), memory=memory)
    mine.look()
    for batch in past.batches:
        record_batches(store, claim(store), [batch])
        mine.look()
        now = watch.watch(store)
        assert entries.progress(store, 1).applied_through == now.through
        assert said(judged(store, now.at)) == said(live(store))
        if memory.kept is not None:
            kept = memory.kept.whole()
            assert take(Reader(store, None), Moment(None, now.through), at=kept.at) == kept

    kinds = {each.kind for each in finding_pages.evaluations(Reader(store, None))}
    assert {WHOLE, TOUCHED} >= kinds > set()


def test_a_finding_comes_and_goes_with_its_cause(store: Store) -> None:
    """Opened by the event that shows it, resolved by the word that ends it, reopened when that is taken back."""
    clock = FrozenClock(LATER)
    mine = evaluator(store, clock, ("hygiene",))
    mine.look()
    accept_events(store, [event("1", outputs=[dataset("orders")])])
    drain(store)
    mine.look()
    owner = "hygiene.dataset.owner"
    (found,) = [each for each in live(store).values() if each.policy == owner]
    say(store, ORDERS, "owners", True, item="team:orders")
    mine.look()
    assert owner not in {each.policy for each in live(store).values()}
    say(store, ORDERS, "owners", None, item="team:orders", at=NOON + 1)
    mine.look()

    history = finding_pages.histories(Reader(store, None), [found.id])[found.id]
    assert ["OPENED", "RESOLVED", "REOPENED"] == [each.kind for each in history]
    (again,) = [each for each in live(store).values() if each.policy == owner]
    assert (found.id, found.first, 90 * DAY) == (again.id, again.first, (again.due or 0) - again.since)


def test_nothing_is_judged_that_nothing_touched(store: Store) -> None:
    """Looking again costs a look; an evaluation of everything comes when its time has come."""
    clock = FrozenClock(LATER)
    mine = evaluator(store, clock, ("hygiene",))
    mine.look()
    mine.look()
    assert [WHOLE] == [each.kind for each in finding_pages.evaluations(Reader(store, None))]
    clock.at += 3600 * SECOND
    mine.look()

    assert [WHOLE, WHOLE] == [each.kind for each in finding_pages.evaluations(Reader(store, None))]


def test_other_packs_are_judged_at_once(store: Store) -> None:
    """Whoever changes the setting need not wait for the next hour."""
    evaluator(store, packs=("hygiene",)).look()
    evaluator(store, packs=("hygiene", "quality")).look()

    assert [("hygiene", "quality"), ("hygiene",)] == [
        each.packs for each in finding_pages.evaluations(Reader(store, None))
    ]


def test_what_comes_together_is_judged_together(store: Store) -> None:
    """An entry waits for those behind it, for as long as is set."""
    mine = evaluator(store, FrozenClock(LATER), ("hygiene",), after=2.0)
    mine.look()
    accept_events(store, [event("1", outputs=[dataset("orders")])])
    drain(store, FrozenClock(LATER))

    assert 2.0 == mine.look()
    assert 0 == watch.watch(store).through
    evaluator(store, FrozenClock(LATER + 2 * SECOND), ("hygiene",), after=2.0).look()
    assert 1 == watch.watch(store).through


def test_the_past_is_answered_and_changes_nothing(store: Store) -> None:
    """As of before the cause there is no finding; asked by an order, the answer is kept with it."""
    accept_events(store, [event("1", outputs=[dataset("orders")])])
    drain(store)
    mine = evaluator(store, packs=("hygiene",))
    mine.look()
    before = live(store)
    answer = mine.answer(("hygiene",), Moment(NOON - 1, None), None, lambda *_: None)
    later = mine.answer(("quality",), Moment(), None, lambda *_: None)

    assert () == answer.judgement.findings
    assert (None, None) == (answer.kept, later.kept)
    assert before == live(store)
    assert said(before) == said(judged(store, LATER, ("hygiene",)))


def test_an_ordered_evaluation_of_a_thing_judges_it_alone(store: Store) -> None:
    """And reconciles its findings, whichever of its names it was asked by."""
    accept_events(store, [event("1", outputs=[dataset("orders"), dataset("others")])])
    drain(store)
    clock = FrozenClock(LATER)
    mine = evaluator(store, clock, ("hygiene",))
    asked = Asked(entities=(ORDERS,))
    order, _ = orders.place(store, EVALUATE, asked.to_json(), by="ann", now=LATER)
    works = {EVALUATE: lambda order, tell: evaluating(mine, order, tell)}
    Orders(store, clock, works, owner="a").work(seconds=60)

    ended = orders.order(store, order.id)
    assert ended is not None and (orders.DONE, "1") == (ended.state, ended.result)
    assert {dataset_id(Name("db", "orders"))} == {each.thing for each in live(store).values()}
    (kept,) = finding_pages.evaluations(Reader(store, None))
    assert (PLACES, 1) == (kept.kind, kept.things)
    assert 0 == watch.watch(store).through


def test_a_request_for_erasure_alone_is_judged_by_all_that_its_data_reach(store: Store) -> None:
    """What is far from it counts; and a write that brings data back is found with the event that tells of it."""
    key = {"contains": True, "subjects": ["customers"], "subjectKey": ["id"]}
    people, case = Key(Kind.DATASET, "db", "people"), Key(Kind.ERASURE_REQUEST, "", "er-1")
    told = {"received": to_iso(NOON - DAY), "owner": "team:privacy", "subjects": ["customers"]}
    letters = {"asset": {"namespace": "db", "name": "letters"}, "status": "DONE", "at": to_iso(NOON)}
    apply(store, "shop", document(people, personalData=key), document(case, **told, leaves=[letters]))
    copying = [dataset("people")], [dataset("letters")]
    accept_events(store, [event("1", NOON - SECOND, inputs=copying[0], outputs=copying[1])])
    drain(store)
    mine = evaluator(store, packs=("gdpr",))
    found = mine.present([entity_id(case)], lambda *_: None)

    assert {"gdpr.erasure_request.leaves"} == {each.policy for each in live(store).values()}
    assert found.snapshot.whole and "leaves out people" in found.judgement.findings[0].message
    assert ("team:privacy",) == found.judgement.findings[0].owners
    mine.look()
    assert "gdpr.dataset.brought_back" not in {each.policy for each in live(store).values()}
    accept_events(store, [event("2", NOON + SECOND, inputs=copying[0], outputs=copying[1])])
    drain(store)
    evaluator(store, FrozenClock(LATER + SECOND), ("gdpr",)).look()
    (back,) = [each for each in live(store).values() if each.policy == "gdpr.dataset.brought_back"]
    assert dataset_id(Name("db", "letters")) == back.thing
    assert TOUCHED == next(iter(finding_pages.evaluations(Reader(store, None)))).kind
    assert said(judged(store, watch.watch(store).at, ("gdpr",))) == said(live(store))


def test_what_is_not_known_cannot_be_evaluated(store: Store) -> None:
    """The order ends and says so; a pack that is nearly spelled so is named."""
    clock = FrozenClock(LATER)
    mine = evaluator(store, clock, ("hygiene",))
    asked = Asked(entities=(Key(Kind.DATASET, "no", "such"),))
    order, _ = orders.place(store, EVALUATE, asked.to_json(), by="ann", now=LATER)
    Orders(store, clock, {EVALUATE: lambda order, tell: evaluating(mine, order, tell)}, owner="a").work(seconds=60)

    ended = orders.order(store, order.id)
    assert ended is not None and orders.FAILED == ended.state
    assert "nothing of what is to be judged is known at that moment: Dataset no such" == ended.error
    with pytest.raises(UnknownKey, match="did you mean hygiene"):
        pack_names(["hygene"])


def test_a_waiver_waives_and_a_declared_policy_is_judged(store: Store) -> None:
    """A manifest touches everything: its policies and waivers count at once."""
    mine = evaluator(store, packs=("hygiene",))
    accept_events(store, [event("1", outputs=[dataset("orders")])])
    drain(store)
    mine.look()
    owner = "hygiene.dataset.owner"
    assert "OPEN" == next(each for each in live(store).values() if each.policy == owner).state
    waiver = document(
        Key(Kind.WAIVER, "", "later"),
        policy=owner,
        select={"name": "orders", "namespace": "db"},
        approver="team:privacy",
        reason="soon",
        expires="2999-01-01",
    )
    apply(store, "shop", waiver)
    mine.look()

    found = next(each for each in live(store).values() if each.policy == owner)
    assert ("WAIVED", "later", None) == (found.state, found.waiver, found.due)
