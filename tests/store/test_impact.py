"""Whom a change reaches, on a real store: columns for sure, readers perhaps, each by a shortest way."""

from __future__ import annotations

import pytest

from catalog.assets.keys import Key, Kind
from catalog.clock import to_iso
from catalog.errors import InvalidQuestion
from catalog.graph import inbox
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.graph.walk import Caps
from catalog.manifest.entry import manifest_entry
from catalog.usecases.accept import prepare_apply
from catalog.usecases.impact import MOST_STARTS, Start, impact
from tests.store.conftest import LATER, accept_events, drain
from tests.store.events import NOON, event

ORDERS, DAILY, MAILS = (Key(Kind.DATASET, "db", name) for name in ("orders", "daily", "mails"))
BOARD = Key(Kind.DASHBOARD, "bi", "revenue")


@pytest.fixture
def reader(store: Store) -> Reader:
    """Orders feed a sum, column by column, which a dashboard shows; and mails, of which no columns are known."""
    used = {"namespace": "db", "name": "orders", "field": "amount"}
    columns = {"columnLineage": {"fields": {"total": {"inputFields": [used]}}}}
    source = {"namespace": "db", "name": "orders", "facets": {"schema": {"fields": [{"name": "amount"}]}}}
    told = [
        event("1", inputs=[source], outputs=[{"namespace": "db", "name": "daily", "facets": columns}]),
        event("2", inputs=[source], outputs=[{"namespace": "db", "name": "mails"}]),
    ]
    jobs = ({"namespace": "jobs", "name": name} for name in ("sum", "mail"))
    accept_events(store, [{**one, "job": job} for one, job in zip(told, jobs, strict=True)])
    shown = [{"namespace": "db", "name": "daily"}]
    named = {"kind": "Dashboard", "namespace": "bi", "name": "revenue"}
    body = {**named, "owners": ["team:bi"], "inputs": shown}
    at = to_iso(NOON) or ""
    entry = manifest_entry("shop", by="ann", applied_at=at, base="", plan="p", documents={BOARD: body})
    inbox.accept(store, [prepare_apply(entry)], LATER)
    drain(store)
    return Reader(store, None)


def test_a_column_reaches_what_uses_it_and_perhaps_what_reads_its_dataset(reader: Reader) -> None:
    """What column lineage leads to is certain; kinds, owners and ways are told of all."""
    (found,) = impact(reader, [Start(ORDERS, "amount")], depth=10).impacts
    reached = {(one.key.kind, one.key.name, one.field): one for one in found.reached}

    assert (True, (), 0) == (found.known, found.truncated_by, found.hidden)
    assert {
        (Kind.DATASET, "daily", "total"): True,
        (Kind.DATASET, "daily", ""): True,
        (Kind.DATASET, "mails", ""): False,
        (Kind.DASHBOARD, "revenue", ""): False,
        (Kind.PIPELINE, "sum", ""): False,
        (Kind.PIPELINE, "mail", ""): False,
    } == {place: one.certain for place, one in reached.items()}
    board = reached[Kind.DASHBOARD, "revenue", ""]
    assert (("team:bi",), ["orders", "sum", "daily", "revenue"]) == (board.owners, [node.name for node in board.path])


def test_what_was_not_seen_is_said(reader: Reader) -> None:
    """A walk that stops says why; what the graph has not is unknown, not without impact."""
    near, nothing = impact(reader, [Start(ORDERS), Start(ORDERS._replace(name="nothing"))], depth=1).impacts
    (cut,) = impact(reader, [Start(ORDERS)], depth=10, caps=Caps(nodes=2)).impacts

    assert (("DEPTH",), ("NODES",)) == (near.truncated_by, cut.truncated_by)
    assert (False, ()) == (nothing.known, nothing.reached)


def test_questions_that_cannot_be_answered_are_refused(reader: Reader) -> None:
    """Data flow from no team, a job has no columns, and one question has a bound."""
    for starts, words in (
        ([Start(Key(Kind.TEAM, "", "bi"))], "not from a Team"),
        ([Start(Key(Kind.PIPELINE, "etl", "sum"), "amount")], "has no columns"),
        ([Start(ORDERS)] * (MOST_STARTS + 1), "ask in portions"),
    ):
        with pytest.raises(InvalidQuestion, match=words):
            impact(reader, starts, depth=10)
