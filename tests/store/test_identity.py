"""Names of things on a real store: closures, decisions and their undoing, against the definition."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import DocumentNode, parse

from catalog.api.graphql.context import Context
from catalog.api.graphql.schema import schema
from catalog.clock import to_iso
from catalog.errors import InvalidQuestion, UnknownKey
from catalog.graph import decisions, inbox
from catalog.graph.buckets import fill_buckets
from catalog.graph.fingerprint import fingerprint
from catalog.graph.identity import closures
from catalog.graph.inbox import Receipt
from catalog.graph.near import Likeness, conflicts
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.graph.walk import Moment
from catalog.identity import Name, dataset_id
from catalog.lineage.assertions import Verdict
from catalog.lineage.decisions import identity_entry
from catalog.usecases.accept import prepare_decision
from catalog.usecases.resolve_identity import check_decision
from tests.histories import DATASETS, random_history
from tests.oracle import Oracle
from tests.store.conftest import LATER, accept_events, drain
from tests.store.events import NOON, event
from tests.store.test_fold import applied

A, B, C, D = (Name("db", name) for name in "abcd")


def named(name: Name, *aliases: Name, kind: str = "TABLE", **facets: Any) -> dict[str, Any]:
    """A dataset with symlinks."""
    identifiers = [{**alias._asdict(), "type": kind} for alias in aliases]
    return {**name._asdict(), "facets": {**({"symlinks": {"identifiers": identifiers}} if aliases else {}), **facets}}


def decide(store: Store, a: Name, b: Name, *, same: bool, at: int = NOON) -> Receipt:
    """Accept and apply a decision."""
    entry = prepare_decision(identity_entry(Verdict(a, b, same, "ann", "because"), to_iso(at) or ""))
    (receipt,) = inbox.accept(store, [entry], LATER)
    drain(store)
    return receipt


def told(store: Store, *events: Any) -> None:
    """Accept and apply events."""
    accept_events(store, events)
    drain(store)


def names(store: Store, name: Name, known_at: int | None = None) -> set[Name]:
    """All names of a thing."""
    id_ = dataset_id(name)
    found = closures(Reader(store, None), [id_], Moment(known_at=known_at))[id_]
    return {name, *(Name(tie.namespace, tie.name) for tie in found.ties.values())}


@pytest.mark.parametrize("seed", range(6))
def test_closures_equal_the_oracle(store: Store, seed: int) -> None:
    """At every sequence all names of each thing, the same from each of them, and the one to show it by."""
    past = random_history(random.Random(f"names {seed}"), 30)
    applied(store, past.batches)
    oracle, reader = Oracle(past.entries), Reader(store, None)
    ids = {dataset_id(name): name for name in DATASETS}
    for known in past.sequences:
        facts = oracle.facts(known_at=known)
        things = {name: thing for thing in facts.things for name in thing}
        found = closures(reader, ids, Moment(known_at=known))
        for id_, name in ids.items():
            thing = things.get(name, frozenset({name}))
            assert thing == {ids[other] for other in found[id_].ids}, (name, known)
            if len(thing) > 1:
                assert facts.called(thing) == found[id_].canonical(name), (name, known)


def test_a_merge_that_is_taken_back_leaves_no_trace(store: Store) -> None:
    """The graph hash is what it was, as often as people change their minds."""
    told(store, event("1", inputs=[named(A)], outputs=[named(B)]))
    before = fingerprint(store)
    prints = []
    for at, same in enumerate((True, False, True, True, False)):
        decide(store, A, B, same=same, at=NOON + at)
        prints.append(fingerprint(store) == before)

    assert [False, True, False, False, True] == prints


def test_a_split_that_is_taken_back_leaves_no_trace(store: Store) -> None:
    """The same where a symlink had tied the names; a split against a symlink is another graph than one without."""
    told(store, event("1", inputs=[named(A, B)], outputs=[named(C)]))
    before = fingerprint(store)
    decide(store, A, B, same=False, at=NOON)
    apart = fingerprint(store)
    decide(store, A, B, same=True, at=NOON + 1)

    assert before == fingerprint(store)
    assert before != apart


def test_decisions_hold_in_any_order_of_acceptance(store: Store) -> None:
    """The newest by its own time wins, also when it was heard first; by then only what was known counts."""
    told(store, event("1", inputs=[named(A)], outputs=[named(B)]))
    newest = decide(store, A, B, same=True, at=NOON + 9)
    older = decide(store, A, B, same=False, at=NOON)

    assert {A, B} == names(store, A)
    assert {A} == names(store, A, newest.sequence - 1)
    assert {A, B} == names(store, A, newest.sequence) == names(store, A, older.sequence)


def test_a_symlink_that_comes_again_does_not_undo_a_split(store: Store) -> None:
    """Producers repeat themselves; a person's word stands."""
    told(store, event("1", inputs=[named(A, B)]))
    decide(store, A, B, same=False)
    told(store, event("2", NOON + 9, inputs=[named(A, B)]), event("3", NOON - 9, inputs=[named(B, A, kind="OTHER")]))

    assert {A} == names(store, A)


def test_who_ties_two_names_is_known(store: Store) -> None:
    """An observed tie gives its first sequence, a decided one who, why and its own; both from either side."""
    told(store, event("1", inputs=[named(A, B)], outputs=[named(C)]))
    receipt = decide(store, B, C, same=True)
    a, c = dataset_id(A), dataset_id(C)
    found = closures(Reader(store, None), [a, c])

    assert [("O", 1, ""), ("P", receipt.sequence, "because")] == _words(found[a].ties.values())
    assert [("P", receipt.sequence, "because"), ("O", 1, "")] == _words(found[c].ties.values())
    assert [B, C] == [Name(tie.namespace, tie.name) for tie in found[a].way_to(c)]


def test_decisions_that_could_not_mean_what_they_say_are_refused(store: Store) -> None:
    """Unknown names, one name twice, and names tied through others, with the way between them."""
    told(store, event("1", inputs=[named(A, B), named(B, C)], outputs=[named(D)]))
    reader = Reader(store, None)

    with pytest.raises(InvalidQuestion, match="db a = db b = db c"):
        check_decision(reader, Verdict(A, C, False, "", ""))
    with pytest.raises(InvalidQuestion, match="given twice"):
        check_decision(reader, Verdict(A, A, True, "", ""))
    with pytest.raises(UnknownKey, match="db nothing"):
        check_decision(reader, Verdict(A, Name("db", "nothing"), True, "", ""))
    for verdict in (Verdict(A, B, False, "", ""), Verdict(A, D, False, "", ""), Verdict(A, C, True, "", "")):
        check_decision(reader, verdict)


def test_everything_is_seen_from_every_name_once(store: Store) -> None:
    """Columns, facets, writers, readers: what is said under one name is said under all."""
    columns = {"fields": [{"name": "x"}]}
    told(
        store,
        event("1", outputs=[named(A, B, schema=columns, documentation={"description": "old"})]),
        {**event("2", NOON + 1, inputs=[named(B), named(A)]), "job": {"namespace": "jobs", "name": "reader"}},
        {
            **event("3", NOON + 2, outputs=[named(C, documentation={"description": "new"})]),
            "job": {"namespace": "jobs", "name": "other"},
        },
    )
    decide(store, B, C, same=True)
    query = """{ dataset(namespace: "db", name: "%s") { fields { name } facets writtenBy { name } readBy { name }
                 aliases { name } aliasesComplete canonical { name } } }"""
    answers = {name: ask(store, query % name)["dataset"] for name in "abc"}
    others = {name: {alias["name"] for alias in answer.pop("aliases")} for name, answer in answers.items()}
    writers = {name: sorted(job["name"] for job in answer.pop("writtenBy")) for name, answer in answers.items()}

    assert {"a": {"b", "c"}, "b": {"a", "c"}, "c": {"a", "b"}} == others
    assert {key: ["load", "other"] for key in "abc"} == writers
    assert dict.fromkeys("abc", answers["a"]) == answers
    assert {
        "fields": [{"name": "x"}],
        "facets": {"documentation": {"description": "new"}},
        "readBy": [{"name": "reader"}],
        "aliasesComplete": True,
        "canonical": {"name": "b"},
    } == answers["a"]


def test_all_decisions_are_listed_newest_first(store: Store) -> None:
    """In pages of any size, with who, why and the entry; a newer word about the same pair takes one back."""
    accept_events(store, [event("names", inputs=[named(name) for name in (A, B, C)])])
    receipts = [
        decide(store, A, B, same=True, at=NOON),
        decide(store, C, B, same=True, at=NOON + 5),
        decide(store, B, A, same=False, at=NOON + 1),
        decide(store, B, C, same=False, at=NOON + 2),
    ]
    reader = Reader(store, None)
    listed = decisions.page(reader, limit=10)
    pages: list[decisions.Decision] = []
    before = None
    while page := decisions.page(reader, before=before, limit=3):
        pages += page
        before = page[-1].sequence

    assert listed == pages
    assert [r.key for r in reversed(receipts)] == [one.entry for one in listed]
    assert [(B, C, False, False), (A, B, False, True), (B, C, True, True), (A, B, True, False)] == [
        (one.a, one.b, one.same, one.holds) for one in listed
    ]
    assert [] == decisions.page(Reader(store, None, grants=[]), limit=10)
    query = "{ identityDecisions(first: 1) { edges { node { sequence by reason } } pageInfo { hasNextPage } } }"
    (edge,) = ask(store, query)["identityDecisions"]["edges"]
    assert (listed[0].sequence, listed[0].by, listed[0].reason) == tuple(edge["node"].values())


def test_names_that_are_alike_are_listed_until_somebody_decides(store: Store) -> None:
    """With what makes them alike, in pages of any size; a merge or a split ends each question, and stays its end."""
    pairs = [
        (Name("postgres://db:5432", f"shop.public.t{i}"), Name("postgresql://db", f"shop.public.T{i}"))
        for i in range(5)
    ]
    told(store, event("1", inputs=[named(name) for pair in pairs for name in pair], outputs=[named(A), named(B)]))
    found = listed(store, 500)

    assert [sorted(pair) for pair in pairs] == sorted(sorted(names) for names, _ in found)
    assert {("CASE", "PORT", "SCHEME")} == {rules for _, rules in found}
    assert [found] * 3 == [listed(store, size) for size in (1, 2, 4)]
    assert [] == listed(store, 10, namespace="db")
    assert found == listed(store, 10, namespace="postgres://db:5432")
    decide(store, *pairs[0], same=True)
    decide(store, *pairs[1], same=False)
    assert 3 == len(listed(store, 500))
    decide(store, *pairs[0], same=False, at=NOON + 1)
    assert 3 == len(listed(store, 500))


def test_a_suggestion_carries_its_evidence_and_its_mutation(store: Store) -> None:
    """Columns in common, writers and readers, and the text that decides; what it says works."""
    a, b = Name("s3a://lake", "orders"), Name("s3://lake", "/orders/")
    fields = {"fields": [{"name": "x"}, {"name": "y"}]}
    told(store, event("1", inputs=[named(a, schema=fields)], outputs=[named(b, schema={"fields": [{"name": "y"}]})]))
    query = """{ identityConflicts { edges { node { columnsInCommon rules { name } open { merge split }
                 datasets { namespace writtenBy { name } readBy { name } } } } } }"""
    (edge,) = ask(store, query)["identityConflicts"]["edges"]

    assert ["y"] == edge["node"]["columnsInCommon"]
    assert [{"name": "SCHEME"}, {"name": "SLASH"}] == edge["node"]["rules"]
    for verb, text in edge["node"]["open"][0].items():
        assert text.startswith(f"mutation {{ {verb}Datasets(a: {{namespace: ")
        assert isinstance(parse(text), DocumentNode)


def test_datasets_of_old_stores_are_found_after_the_migration(store: Store) -> None:
    """Their buckets are worked out once, and again if that was cut off."""
    told(store, event("1", inputs=[named(Name("s3a://lake", "x"))], outputs=[named(Name("s3://lake", "x"))]))
    before = listed(store, 10)
    store.write(lambda tx: tx.run("MATCH (d:Dataset) REMOVE d.near"))

    assert 1 == len(before)
    assert [] == listed(store, 10)
    for _ in range(2):
        fill_buckets(store)
        assert before == listed(store, 10)


def listed(store: Store, size: int, namespace: str | None = None) -> list[tuple[tuple[Name, ...], tuple[str, ...]]]:
    """All groups of names that are alike, in pages, with their rules."""
    found: list[Likeness] = []
    after: tuple[str, str] | None = ("", "")
    while after:
        page = conflicts(Reader(store, None), namespace, after, size)
        assert len(page.found) <= size
        found += page.found
        after = page.after
    return [(tuple(Name(r["namespace"], r["name"]) for r in one.members), tuple(one.rules)) for one in found]


def _words(ties: Iterable[Any]) -> list[tuple[str, int, str]]:
    return [(tie.origin, tie.since, tie.reason) for tie in ties]


def ask(store: Store, query: str) -> Any:
    """An answer of the API."""
    service: Any = SimpleNamespace(reader=Reader(store, None))

    async def run() -> Any:
        return await schema.execute(query, context_value=Context(service))

    answer = asyncio.run(run())
    assert answer.errors is None, answer.errors
    return answer.data
