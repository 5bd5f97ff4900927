"""People's words on a real store: said, shown beside manifests, taken back, and all of it kept."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import pytest

from catalog.assets.keys import Key, Kind, entity_id
from catalog.clock import FrozenClock, to_iso
from catalog.errors import InvalidQuestion, UnknownKey, Unsettled
from catalog.graph import inbox
from catalog.graph.curations import history
from catalog.graph.entities import curated_of
from catalog.graph.fingerprint import fingerprint
from catalog.graph.inbox import NewEntry, Receipt
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.graph.walk import Moment
from catalog.lineage.assertions import Curated
from catalog.manifest.entry import manifest_entry
from catalog.usecases.accept import prepare_apply
from catalog.usecases.curate import Said, curate, undo
from tests.servers.stores import StoreServer
from tests.store.conftest import LATER, accept_events, drain
from tests.store.events import NOON, event

ORDERS = Key(Kind.DATASET, "db", "shop.orders")
TEAM = Key(Kind.TEAM, "", "orders")


class People:
    """Those who speak about one catalog; each word is applied before the next."""

    def __init__(self, store: Store, server: StoreServer) -> None:
        self.store = store
        self.reader = Reader(store, server.admin)
        self.clock = FrozenClock(NOON)

    def submit(self, entries: Sequence[NewEntry]) -> list[Future[Receipt]]:
        done: list[Future[Receipt]] = []
        for receipt in inbox.accept(self.store, entries, LATER):
            done.append(Future())
            done[-1].set_result(receipt)
        return done

    def say(self, attribute: str, value: Any, *, item: str = "", field: str = "", by: str = "ann") -> Said:
        self.clock.at += 1_000
        word = Curated(ORDERS, attribute, field, item, value, by, False, "because")
        said = curate(self.reader, self.submit, self.clock, word)
        drain(self.store)
        return said

    def undo(self, said: Said, by: str = "bob") -> Said:
        self.clock.at += 1_000
        taken = undo(self.reader, self.submit, self.clock, said.receipt.key, by, "a mistake")
        drain(self.store)
        return taken

    def shown(self, attribute: str = "description") -> dict[tuple[str, str], Any]:
        told = curated_of(self.reader, [entity_id(ORDERS)]).get(entity_id(ORDERS), [])
        return {(one.field, one.item): one.value for one in told if one.attribute == attribute}

    def words(self, moment: Moment = Moment()) -> list[tuple[str, Any, str]]:
        told = history(self.reader, [entity_id(ORDERS)], moment)[entity_id(ORDERS)]
        return [(word.said.attribute, word.said.value, word.said.by) for word in told]


@pytest.fixture
def people(store: Store, server: StoreServer) -> People:
    """A catalog that heard of one dataset."""
    accept_events(store, [event("1", outputs=[ORDERS._asdict() | {"facets": {}}])])
    drain(store)
    return People(store, server)


def declare(store: Store, **document: Any) -> None:
    """A manifest declares the dataset."""
    body = {"kind": "Dataset", "namespace": ORDERS.namespace, "name": ORDERS.name, **document}
    at = to_iso(NOON) or ""
    entry = manifest_entry("shop", by="ann", applied_at=at, base="", plan="p", documents={ORDERS: body})
    inbox.accept(store, [prepare_apply(entry)], LATER)
    drain(store)


def test_a_word_is_kept_with_who_said_it_and_undone_by_another(people: People) -> None:
    """Undoing restores what people said before, and stays in the history itself."""
    first = people.say("description", "one")
    second = people.say("description", "two", by="bob")
    shown = [people.shown()]
    people.undo(second)
    shown.append(people.shown())
    last = people.undo(first_undone := people.say("description", "three"))
    shown.append(people.shown())

    assert [{("", ""): "two"}, {("", ""): "one"}, {("", ""): "one"}] == shown
    assert [first.counts, last.counts, first_undone.notice] == [True, True, "accepted"]
    assert [
        ("description", "one", "ann"),
        ("description", "two", "bob"),
        ("description", "one", "bob"),
        ("description", "three", "ann"),
        ("description", "one", "bob"),
    ] == people.words()


def test_what_stands_below_a_newer_word_is_not_undone(people: People) -> None:
    """The refusal names the word on top; what is undone already is told so; each in its own place."""
    first = people.say("description", "one")
    second = people.say("description", "two", by="bob")
    people.say("description", "of a column", field="id")

    with pytest.raises(InvalidQuestion, match=f"stands on top: entry {second.receipt.key[:12]} by bob"):
        people.undo(first)
    people.undo(second)
    with pytest.raises(InvalidQuestion, match="undone already"):
        people.undo(second)

    assert {("", ""): "one", ("id", ""): "of a column"} == people.shown()


def test_the_first_word_undone_leaves_nothing(people: People) -> None:
    """The graph is what it was before anybody spoke, and the history says what was."""
    before = fingerprint(people.store)
    people.undo(people.say("tags", True, item="tag:finance"))

    assert {} == people.shown("tags")
    assert [("tags", True, "ann"), ("tags", None, "bob")] == people.words()
    assert [("tags", True, "ann")] == people.words(Moment(as_of=NOON + 1_000))
    assert before != "" and {} == people.shown("tags")


def test_comments_accumulate_and_each_can_be_withdrawn(people: People) -> None:
    """Two comments are two, even of the same words; withdrawing one leaves the other."""
    first = people.say("comments", "late again")
    people.say("comments", "late again")
    people.undo(first)

    assert ["late again"] == list(people.shown("comments").values())


def test_a_manifest_that_says_otherwise_is_named(people: People) -> None:
    """Single values: the manifest's counts. Sets unite. Of classifications the strictest counts."""
    fields = [{"name": "id", "description": "The key."}]
    declare(people.store, description="Orders.", owners=["team:shop"], classification="confidential", fields=fields)

    described = people.say("description", "one")
    column = people.say("description", "one", field="id")
    same = people.say("description", "Orders.")
    owned = people.say("owners", True, item="team:orders")
    disowned = people.say("owners", None, item="team:shop")
    milder, stricter = people.say("classification", "internal"), people.say("classification", "restricted")

    assert [False, False, True, True, False, False, True] == [
        said.counts for said in (described, column, same, owned, disowned, milder, stricter)
    ]
    assert "manifest shop says 'Orders.', and that counts" in described.notice
    assert "manifest shop says 'The key.', and that counts" in column.notice
    assert "manifest shop still says 'team:shop', and that counts" in disowned.notice
    assert "manifest shop says 'confidential', and that counts" in milder.notice
    assert "manifest shop says 'confidential', and this word counts: it is stricter" in stricter.notice


def test_what_nobody_knows_is_refused_with_the_nearest_name(people: People) -> None:
    """Nothing is kept of a word about nothing."""
    wrong = [ORDERS._replace(name="shop.orderz"), TEAM, ORDERS._replace(kind=Kind.PIPELINE)]
    words = []
    for key in wrong:
        with pytest.raises(UnknownKey) as refused:
            curate(people.reader, people.submit, people.clock, Curated(key, "description", "", "", "x", "ann"))
        words.append(str(refused.value))

    assert [
        "nothing is known of Dataset db shop.orderz; did you mean Dataset db shop.orders?",
        "nothing is known of Team orders; declare it, or send an event that speaks of it",
        "nothing is known of Pipeline db shop.orders; declare it, or send an event that speaks of it",
    ] == words
    assert [] == people.words()


def test_what_a_word_names_and_nobody_knows_is_kept_with_a_doubt(people: People) -> None:
    """It may be declared or told of later; a notice says what is not known now."""
    unseen = people.say("tags", True, field="x", item="tag:pii/email").notice
    assert "accepted; no schema of it is known so far, so nothing tells whether it has a column 'x'" == unseen

    fields = {"fields": [{"name": "email"}, {"name": "amount"}]}
    accept_events(people.store, [event("2", outputs=[ORDERS._asdict() | {"facets": {"schema": fields}}])])
    drain(people.store)

    assert [
        "accepted; nobody declares team:nosuch so far",
        "accepted; no schema has a column 'emial' so far; did you mean 'email'?",
        "accepted",
        "accepted",
        "accepted; no person had said so",
        "accepted; 'restrictd' is no level of the scale, and counts as stricter than all; did you mean restricted?",
    ] == [
        people.say("owners", True, item="team:nosuch").notice,
        people.say("description", "Where to write to.", field="emial").notice,
        people.say("description", "Where to write to.", field="email").notice,
        people.say("owners", None, item="team:nosuch").notice,
        people.say("owners", None, item="team:nosuhc").notice,
        people.say("classification", "restrictd").notice,
    ]


def test_what_nobody_said_is_taken_back_with_a_word_about_it(people: People) -> None:
    """Of each attribute: what a person said is found there, also decisions and stops, and not twice."""
    given = (
        ("description", "one", ""),
        ("tags", True, "tag:finance"),
        ("suggestions", "REJECTED", "pii/email"),
        ("propagation", "STOP", "*"),
    )
    for attribute, value, item in given:
        people.say(attribute, value, field="id", item=item)

    assert [["accepted", "accepted; no person had said so"]] * len(given) == [
        [people.say(attribute, None, field="id", item=item).notice for _ in range(2)] for attribute, _, item in given
    ]


@pytest.mark.parametrize(
    ("word", "told"),
    [
        (Curated(ORDERS, "description", "", "", " ", "ann"), "is empty"),
        (
            Curated(ORDERS, "description", "", "", "x" * 100_001, "ann"),
            "`description` has 100,001 characters; it may have 100,000",
        ),
        (
            Curated(ORDERS, "comments", "", "", "x" * 10_001, "ann"),
            "a comment has 10,001 characters; it may have 10,000",
        ),
        (Curated(ORDERS, "description", "", "", "x", "ann", False, "y" * 2_001), "`reason` has 2,001"),
        (Curated(ORDERS, "description", "", "", "x", "y" * 2_001), "`by` has 2,001"),
        (Curated(TEAM, "description", "id", "", "x", "ann"), "only datasets have columns"),
    ],
)
def test_a_word_that_cannot_be_kept_is_refused(people: People, word: Curated, told: str) -> None:
    """What is wrong is said with the limit."""
    with pytest.raises(InvalidQuestion, match=told):
        curate(people.reader, people.submit, people.clock, word)


def test_only_settled_words_of_people_are_undone(people: People) -> None:
    """An unknown entry, an event, and a word while others are on their way are each told apart."""
    (heard,) = accept_events(people.store, [event("2", outputs=[ORDERS._asdict() | {"facets": {}}])])
    said = people.say("description", "one")
    with pytest.raises(UnknownKey, match="no entry 'beef'"):
        undo(people.reader, people.submit, people.clock, "beef", "ann", "")
    with pytest.raises(InvalidQuestion, match="only what people said can be undone"):
        undo(people.reader, people.submit, people.clock, heard.key, "ann", "")
    accept_events(people.store, [event("3", outputs=[ORDERS._asdict() | {"facets": {}}])])
    with pytest.raises(Unsettled, match="not applied yet"):
        undo(people.reader, people.submit, people.clock, said.receipt.key, "ann", "")

    assert {("", ""): "one"} == people.shown()
