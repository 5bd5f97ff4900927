"""What entries carry may be purged, edited and sent again; the entries themselves stay."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from catalog.clock import FrozenClock
from catalog.errors import InvalidQuestion, UnknownKey
from catalog.graph import inbox
from catalog.graph.entries import entry
from catalog.graph.fingerprint import fingerprint
from catalog.graph.payloads import payloads
from catalog.graph.store import Store
from catalog.usecases.accept import prepare
from catalog.usecases.edit import edit
from catalog.usecases.purge import PAGE, purge
from tests.store.conftest import LATER, accept_events, drain
from tests.store.events import entries, event, states

Event = dict[str, Any]


def bad(run: str) -> Event:
    """An event that is accepted, and rejected when it is understood."""
    return {**event(run), "eventTime": "someday"}


def purge_all(store: Store, before: int = LATER + 1, *, dry_run: bool = False, state: str = "REJECTED") -> int:
    total, behind = 0, None
    while True:
        done = purge(store, FrozenClock(LATER), shards=1, state=state, before=before, dry_run=dry_run, behind=behind)
        total, behind = total + done.entries, done.behind
        if behind is None:
            return total


def held(store: Store, key: str) -> bytes | None:
    row = entry(store, key)
    assert row
    return payloads(store, {key: row["chunks"]}).get(key)


def test_a_purge_takes_what_failed_long_ago_and_nothing_else(store: Store) -> None:
    """Applied entries keep theirs, and so do those that failed later; a dry run takes nothing; sequences stay."""
    receipts = accept_events(store, [event("1"), bad("2"), bad("3")])
    drain(store)
    young = accept_events(store, [bad("4")])
    drain(store, FrozenClock(LATER + 10))
    before = fingerprint(store)

    assert [2, 0, 2, 0] == [
        purge_all(store, dry_run=True),
        purge_all(store, before=LATER),
        purge_all(store),
        purge_all(store),
    ]
    assert [True, False, False, True] == [held(store, r.key) is not None for r in (*receipts, *young)]
    assert [1, 2, 3, 4] == [row["sequence"] for row in entries(store)]
    assert before == fingerprint(store)


def test_a_purge_goes_through_pages(store: Store) -> None:
    """Whatever their number."""
    accept_events(store, [bad(str(i)) for i in range(PAGE + 7)])
    drain(store)

    assert PAGE + 7 == purge_all(store)


def test_only_what_failed_is_purged(store: Store) -> None:
    """The replay of the graph needs the others."""
    with pytest.raises(InvalidQuestion, match="APPLIED entries are not purged"):
        purge_all(store, state="APPLIED")


def test_a_purged_entry_is_not_retried_until_its_event_comes_again(store: Store) -> None:
    """Then it has its payload back under its old sequence, and may be."""
    (first,) = accept_events(store, [bad("1")])
    drain(store)
    purge_all(store)

    assert inbox.retry(store, first.key) is None
    (again,) = accept_events(store, [bad("1")])
    assert (first.key, first.sequence, "REJECTED", False) == again
    assert inbox.retry(store, first.key) is not None
    drain(store)
    assert ["REJECTED"] == states(store)


def test_an_edit_and_what_it_edits_name_each_other(store: Store) -> None:
    """In the commit that accepts it; twice is once; another edit comes behind it."""
    (old,) = accept_events(store, [bad("1")])
    drain(store)
    for changed in (event("1"), event("1"), event("1", time=7)):
        inbox.accept(store, [edit(store, prepare(changed, orjson.dumps(changed)), old.key[:12])], LATER)
    drain(store)
    first, second, third = entries(store)

    assert [second["id"], third["id"]] == first["editedAs"]
    assert [None, old.key, old.key] == [row.get("edits") for row in (first, second, third)]
    assert ["REJECTED", "APPLIED", "APPLIED"] == states(store)


def test_what_cannot_be_edited(store: Store) -> None:
    """What is applied or waits, what is unknown, and what was not changed."""
    accept_events(store, [event("1"), bad("2")])
    applied, rejected = (prepare(e, orjson.dumps(e)) for e in (event("1"), bad("2")))
    waiting = "is ACCEPTED; only REJECTED or DEAD"
    with pytest.raises(InvalidQuestion, match=waiting):
        edit(store, applied, rejected.key)
    drain(store)

    with pytest.raises(InvalidQuestion, match="is APPLIED; only REJECTED or DEAD"):
        edit(store, rejected, applied.key)
    with pytest.raises(InvalidQuestion, match="nothing was changed"):
        edit(store, rejected, rejected.key)
    with pytest.raises(UnknownKey):
        edit(store, rejected, "f" * 64)


def test_receipts_tell_what_was_new(store: Store) -> None:
    """Once for each key, within a commit too."""
    told = [
        r.created
        for r in (
            *accept_events(store, [event("1"), event("2"), event("1")]),
            *accept_events(store, [event("2"), event("3")]),
        )
    ]

    assert [True, True, False, False, True] == told


def test_what_a_listing_shows_has_no_credentials() -> None:
    """The namespace of a dataset may be a connection's address."""
    told = {"eventTime": "2026-03-01T12:00:00Z", "dataset": {"namespace": "postgres://me:pa55@db", "name": "t"}}

    assert "postgres://me:***@db t" == prepare(told, orjson.dumps(told)).subject
