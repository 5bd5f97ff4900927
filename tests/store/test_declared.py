"""Manifests and people's words on a real store: who is accepted, what is read back, what stays when something goes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from catalog.assets.keys import Key, Kind, entity_id
from catalog.clock import DAY, SECOND, FrozenClock, SystemClock, to_iso
from catalog.errors import AppliedMeanwhile, InvalidEvent, StalePlan
from catalog.graph import inbox
from catalog.graph.entities import (
    applies,
    claims,
    curated_of,
    documents_of,
    entities,
    head_of,
    manifest_documents,
    manifests,
    page,
    referred,
    referring,
    search,
)
from catalog.graph.inbox import ACCEPTED, APPLIED, NewEntry, Receipt
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.graph.walk import Moment
from catalog.lineage.assertions import Curated
from catalog.lineage.declaring import MAX_DECLARED
from catalog.manifest.curation import curation_entry
from catalog.manifest.entry import manifest_entry
from catalog.usecases.accept import prepare_apply, prepare_curation
from catalog.usecases.prune import Ages, prune
from catalog.usecases.rebuild import verify
from tests.servers.stores import StoreServer
from tests.store.conftest import LATER, accept_events, drain
from tests.store.events import NOON, dataset, event, states

ORDERS = Key(Kind.DATASET, "db", "orders")
SALES = Key(Kind.TEAM, "", "sales")
DOCUMENTS: dict[Key, dict[str, Any]] = {
    ORDERS: {"description": "what was bought", "owners": ["team:sales"]},
    SALES: {"description": "those who sell"},
}


def an_apply(
    base: str = "",
    plan: str = "p1",
    documents: dict[Key, dict[str, Any]] | None = None,
    removed: tuple[Key, ...] = (),
    *,
    manifest: str = "shop",
    at: int = NOON,
    applies: int | None = None,
) -> NewEntry:
    """The entry of an apply."""
    told = manifest_entry(
        manifest,
        by="ann",
        applied_at=to_iso(at) or "",
        base=base,
        plan=plan,
        documents=DOCUMENTS if documents is None else documents,
        removed=removed,
    )
    return prepare_apply(told, applies=applies)


def accept(store: Store, *entries: NewEntry) -> list[Receipt]:
    """As the door does."""
    return inbox.accept(store, list(entries), LATER)


def say(store: Store, key: Key, value: Any, at: int = NOON) -> Receipt:
    """A person describes an entity."""
    return accept(store, a_word(key, value, at))[0]


def a_word(key: Key, value: Any, at: int) -> NewEntry:
    """The entry of a description."""
    return prepare_curation(
        curation_entry(Curated(key, "description", "", "", value, "bob", reason="so"), to_iso(at) or "")
    )


@pytest.fixture
def reader(store: Store, server: StoreServer) -> Reader:
    return Reader(store, server.admin)


def test_of_many_applies_on_one_base_one_is_accepted(store: Store, reader: Reader) -> None:
    """Whoever comes second stands on what is not the newest any more: nothing of it is kept, and it hears so."""

    def attempt(i: int) -> Receipt | StalePlan:
        try:
            return accept(store, an_apply(plan=f"p{i}", at=NOON + i))[0]
        except StalePlan as e:
            return e

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(attempt, range(8)))

    won = [t for t in told if isinstance(t, Receipt)]
    head = head_of(reader, "shop")
    assert 1 == len(won)
    assert {"shop"} == {t.manifest for t in told if isinstance(t, StalePlan)}
    assert [ACCEPTED] == states(store)
    assert head and (won[0].key, 1) == (head.entry, head.sequence)
    assert 1 == applies(reader)


def test_a_plan_that_is_sent_again_is_answered_as_it_was(store: Store) -> None:
    """The answer was lost, not the apply; the server's time made another entry of it."""
    (first,) = accept(store, an_apply())
    drain(store)
    (again,) = accept(store, an_apply(at=NOON + 1))

    assert Receipt(first.key, 1, APPLIED) == again
    assert [APPLIED] == states(store)


def test_a_plan_that_was_followed_by_another_is_stale(store: Store) -> None:
    """Sending an old plan again does not bring back what a newer one changed."""
    (first,) = accept(store, an_apply())
    accept(store, an_apply(first.key, "p2", {}, (SALES,), at=NOON + 1))

    with pytest.raises(StalePlan, match="plan again"):
        accept(store, an_apply(at=NOON + 2))


def test_an_apply_that_is_refused_leaves_others_alone(store: Store) -> None:
    """Another manifest has a base of its own; one that checked claims before is told to check again."""
    accept(store, an_apply(applies=0))

    with pytest.raises(AppliedMeanwhile):
        accept(store, an_apply(manifest="bank", applies=0))
    accept(store, an_apply(manifest="bank", applies=1))
    assert [ACCEPTED, ACCEPTED] == states(store)


def test_an_apply_is_later_than_the_one_before(store: Store) -> None:
    """Two applies of one time would be ordered by chance."""
    (first,) = accept(store, an_apply())

    with pytest.raises(InvalidEvent, match="later"):
        accept(store, an_apply(first.key, "p2", {}, (SALES,)))


def test_what_was_declared_is_read_back(store: Store, reader: Reader) -> None:
    """By entity, by manifest, by kind, by word, and by what names it; each with the entry that told it."""
    (receipt,) = accept(store, an_apply())
    drain(store)
    ids = {key: entity_id(key) for key in (ORDERS, SALES)}
    (told,) = documents_of(reader, [ids[ORDERS]])[ids[ORDERS]]
    (owner,) = referred(reader, ids[ORDERS], limit=9)
    (owned,) = referring(reader, ids[SALES], ["owner"], limit=9)

    assert ("shop", DOCUMENTS[ORDERS], NOON, 1, receipt.key) == told
    assert dict(sorted(DOCUMENTS.items())) == manifest_documents(reader, "shop")
    assert {id_: "shop" for id_ in ids.values()} == claims(reader, ids.values())
    assert ("owner", SALES, "shop") == (owner.role, owner.entity.key, owner.manifest)
    assert ("owner", ORDERS) == (owned.role, owned.entity.key)
    assert [] == referring(reader, ids[SALES], ["steward"], limit=9)
    assert [] == referring(reader, ids[SALES], limit=9, after=owned.cursor)
    assert {ORDERS, SALES} == {e.key for e in entities(reader, ids.values()).values()}
    assert [ORDERS] == [e.key for e in page(reader, Kind.DATASET, after="", limit=9)]
    assert [] == page(reader, Kind.TEAM, after=entities(reader, [ids[SALES]])[ids[SALES]].ord, limit=9)
    assert [SALES] == [e.key for _, e in search(reader, "sale", 9)]
    assert [] == search(reader, "sale", 9, Kind.DATASET)
    assert ["shop"] == [head.manifest for head in manifests(reader)]


def test_the_past_of_a_document_is_kept(store: Store, reader: Reader) -> None:
    """asOf and knownAt: what was declared then, by what was known then."""
    (first,) = accept(store, an_apply())
    newer = {ORDERS: {"description": "orders"}}
    accept(store, an_apply(first.key, "p2", newer, (SALES,), at=NOON + SECOND))
    drain(store)
    id_ = entity_id(SALES)

    assert newer == manifest_documents(reader, "shop")
    for moment in (Moment(NOON, None), Moment(None, 1)):
        assert DOCUMENTS == manifest_documents(reader, "shop", moment)
        assert ["owner"] == [r.role for r in referring(reader, id_, limit=9, moment=moment)]
        assert [DOCUMENTS[SALES]] == [d.document for d in documents_of(reader, [id_], moment)[id_]]
    assert {} == documents_of(reader, [id_])
    assert {} == manifest_documents(reader, "shop", Moment(NOON - 1, None))
    assert [] == referring(reader, id_, limit=9)
    assert {entity_id(ORDERS): "shop"} == claims(reader, [id_, entity_id(ORDERS)])


def test_a_declared_edge_goes_and_the_observed_one_stays(store: Store) -> None:
    """Law 4: a pipeline's document says what its runs say; taking it away takes its own edge alone."""
    pipeline = Key(Kind.PIPELINE, "jobs", "load")
    accept_events(store, [event("1", inputs=[dataset("orders")])])
    said = {pipeline: {"inputs": [{"namespace": "db", "name": "orders"}]}}
    (first,) = accept(store, an_apply(documents=said))
    drain(store)
    edges = "MATCH (j:Job)-[r:READS]->(d:Dataset) WHERE r.open RETURN r.origin AS origin, r.manifest AS manifest"
    both = store.rows(edges)
    accept(store, an_apply(first.key, "p2", {}, (pipeline,), at=NOON + 1))
    drain(store)

    assert {("O", None), ("D", "shop")} == {(row["origin"], row["manifest"]) for row in both}
    assert [("O", None)] == [(row["origin"], row["manifest"]) for row in store.rows(edges)]


def test_a_persons_word_stands_until_it_is_taken_back(store: Store, reader: Reader) -> None:
    """The newest counts, with who said it, and null takes it away; the past keeps it."""
    first = say(store, ORDERS, "one")
    second = say(store, ORDERS, "two", NOON + 1)
    drain(store)
    id_ = entity_id(ORDERS)
    (word,) = curated_of(reader, [id_])[id_]
    (before,) = curated_of(reader, [id_], Moment(NOON, None))[id_]
    say(store, ORDERS, None, NOON + 2)
    drain(store)

    assert ("description", "", "", "two", "bob", False, "so", NOON + 1, 2, second.key) == word
    assert ("one", first.key) == (before.value, before.entry)
    assert {} == curated_of(reader, [id_])


def test_retention_keeps_what_is_declared_and_replay_gives_it_again(store: Store, fresh: Store, reader: Reader) -> None:
    """However old the newest document or word is, it stands; what was replaced goes, and a replay agrees."""
    old, recent = NOON, NOON + 90 * DAY
    clock = FrozenClock(NOON + 100 * DAY)
    accept_events(store, [event("1", old, inputs=[dataset("orders")])], now=old)
    (first,) = inbox.accept(store, [an_apply(at=old)], old)
    inbox.accept(store, [a_word(SALES, "sellers", old)], old)
    (second,) = inbox.accept(store, [an_apply(first.key, "p2", {SALES: {"description": "new"}}, at=old + 1)], old + 1)
    drain(store, clock)

    prune(store, clock, Ages(history=50, runs=50, payloads=50), max_share=1)

    left = {ORDERS: DOCUMENTS[ORDERS], SALES: {"description": "new"}}
    assert left == manifest_documents(reader, "shop")
    assert left == manifest_documents(reader, "shop", Moment(old + 50 * DAY, None))
    assert ["sellers"] == [word.value for word in curated_of(reader, [entity_id(SALES)])[entity_id(SALES)]]
    assert 2 == store.rows("MATCH (g:Reg {aspect: 'document'}) RETURN sum(size(g.ts)) AS n")[0]["n"]
    inbox.accept(store, [an_apply(second.key, "p3", {}, (ORDERS,), at=recent)], recent)
    drain(store, clock)
    verdict = verify(store, fresh, SystemClock(), shards=1, say=lambda *_: None)
    assert verdict.equal, verdict.differences
    assert {SALES: {"description": "new"}} == manifest_documents(reader, "shop")


def test_an_apply_that_no_transaction_could_hold_is_refused_at_the_door() -> None:
    """It says how much there is, how much there may be, and what to do."""
    tags = [f"tag:t{i}" for i in range(MAX_DECLARED // 10)]
    documents: dict[Key, dict[str, Any]] = {
        Key(Kind.DATASET, "db", f"t{i}"): {"kind": "Dataset", "tags": tags} for i in range(10)
    }

    with pytest.raises(InvalidEvent, match=r"says 100,010 things .* split the manifest"):
        an_apply(documents=documents)
