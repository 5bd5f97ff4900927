"""Odd events in the store: each ends as it should, and the good ones around it are applied as if it were not there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import orjson
import pytest
from structlog.testing import capture_logs

from catalog.errors import InvalidEvent
from catalog.graph import inbox, leases
from catalog.graph.inbox import NewEntry
from catalog.graph.leases import LARGE
from catalog.graph.store import Store
from catalog.identity import Name
from catalog.lineage.assertions import RunKey
from catalog.lineage.canonical import parse
from catalog.usecases.accept import prepare
from catalog.usecases.ingest import Drained
from tests.oracle import Facts
from tests.oracle_entities import EntityFacts
from tests.poison import APPLIED, REFUSED, REJECTED, Odd, big, everywhere, good_events, small, wrong_types
from tests.servers.stores import empty
from tests.store.conftest import LATER, drain
from tests.store.events import entries
from tests.store.facts import Graph

GOOD = "good"
ALL = [pytest.param(odd, id=odd.name) for odd in small()]
ALL += [pytest.param(odd, id=odd.name, marks=pytest.mark.slow) for odd in big()]


@pytest.fixture(autouse=True)
def errors() -> Iterator[list[Any]]:
    """What workers log: nothing, for nothing here is a bug."""
    with capture_logs() as told:
        yield told
    assert [] == told


@pytest.fixture(scope="module")
def undisturbed(shared_store: Store) -> Facts:
    """The graph of the good ones alone."""
    empty(shared_store)
    _accept(shared_store, [_prepared(e) for e in good_events(GOOD)])
    drain(shared_store)
    return Graph(shared_store).facts()


@pytest.mark.parametrize("odd", ALL)
def test_an_odd_event_harms_no_other(store: Store, undisturbed: Facts, odd: Odd) -> None:
    """It ends as it should, with its reason; all others are applied in the same drain, as if it were not there."""
    good = [_prepared(e) for e in good_events(GOOD)]
    strange = _strange(odd)
    before, behind = good[:3], good[3:]
    _accept(store, [*before, *strange, *behind])

    rejected = len(strange) if odd.end == REJECTED else 0
    assert Drained(applied=len(good) + len(strange) - rejected, rejected=rejected) == drain(store)
    told = entries(store)
    assert [e.key for e in (*before, *strange, *behind)] == [row["id"] for row in told]
    assert [odd.end] * len(strange) == [row["state"] for row in told[len(before) : len(told) - len(behind)]]
    assert not strange or odd.words in (told[len(before)].get("reason") or "")
    keys = {entry.key for entry in good}
    assert {(APPLIED, None)} == {(row["state"], row.get("warnings")) for row in told if row["id"] in keys}
    assert undisturbed == _of_good(Graph(store).facts())


def test_wrong_types_in_every_place(store: Store, undisturbed: Facts) -> None:
    """Whatever stands where: an entry is applied or rejected, at the first attempt, or the event refused."""
    good = [_prepared(e) for e in good_events(GOOD)]
    wrong, refused = {}, 0
    for _, event in wrong_types():
        try:
            entry = _prepared(event)
            wrong[entry.key] = entry
        except InvalidEvent as e:
            refused += bool(e.field)
    _accept(store, [*good[:3], *wrong.values(), *good[3:]])

    done = drain(store)
    assert (0, 0, len(good) + len(wrong)) == (done.dead, done.put_off, done.settled)
    assert 50 < refused < done.rejected + refused < 80 < 600 < done.applied
    assert all(row["reason"] for row in entries(store) if row["state"] == REJECTED)
    assert undisturbed == _of_good(Graph(store).facts())


def test_the_graph_of_one_odd_text_is_whole(store: Store) -> None:
    """A text in every place comes back from every place exactly as it was sent."""
    text = "a,b ~%\x00'\"`\\ {x} продажи 🧨\u202e Z\u0351 +(c)^* DELETE"
    _accept(store, [_prepared(everywhere(text))])

    assert Drained(applied=1) == drain(store)
    facts = Graph(store).facts()
    job, source, made = (Name(text, name) for name in (text, f"in {text}", f"out {text}"))
    assert {(job, source, "O")} == facts.reads
    assert {(job, made, "O")} == facts.writes
    assert {(job, Name(text, f"parent {text}"))} == facts.child_of
    assert {RunKey(job, text), RunKey(Name(text, f"parent {text}"), f"parent {text}")} == set(facts.runs)
    assert {(made, Name(text, f"alias {text}"))} == {tuple(sorted(pair, reverse=True)) for pair in facts.same_as}
    field = {"name": text, "type": text, "description": text, "fields": [{"name": text}]}
    assert {(made, job, "O:output"): [field]} == facts.schemas
    assert {("", text), (text, text)} == {(e.out, e.field) for edges in facts.columns.values() for e in edges}
    assert {text: [text]} == facts.facets["Dataset", made, f"facet {text}"]
    assert {"of": text} == facts.facets["Job", job, text]


def _prepared(event: Any) -> NewEntry:
    return prepare(event, orjson.dumps(event))


def _strange(odd: Odd) -> list[NewEntry]:
    """The entry of an odd event; none if it is refused, for the reason it should be."""
    body = odd.make().removeprefix(b"\xef\xbb\xbf")  # the door takes a byte order mark off
    if odd.end != REFUSED:
        return [prepare(parse(body), body)]
    with pytest.raises(InvalidEvent) as refusal:
        prepare(parse(body), body)
    assert odd.words in f"{refusal.value.field}: {refusal.value}"
    return []


def _accept(store: Store, new: list[NewEntry]) -> None:
    for at in range(0, len(new), 500):
        inbox.accept(store, new[at : at + 500], LATER)


def _of_good(facts: Facts) -> Facts:
    """What is said about things whose namespace is the good ones'."""
    kept: dict[str, Any] = {}
    for part in fields(facts):
        said = getattr(facts, part.name)
        if isinstance(said, dict):
            kept[part.name] = {place: told for place, told in said.items() if _is_good(place)}
        elif isinstance(said, EntityFacts):
            kept[part.name] = said  # events say nothing of entities
        else:
            kept[part.name] = frozenset(place for place in said if _is_good(place))
    return Facts(**kept)


def _is_good(place: Name | tuple[Any, ...]) -> bool:
    if isinstance(place, Name):
        return place.namespace == GOOD
    return any(isinstance(part, Name) and part.namespace == GOOD for part in place)


def test_good_ones_do_not_wait_for_large_ones(store: Store) -> None:
    """A large entry is applied alone, and in turn with batches of the others: neither waits for all of the other."""
    large = [_prepared(everywhere(f"{i}" + "x" * LARGE)) for i in range(3)]
    good = [_prepared(e) for e in good_events(GOOD)]
    _accept(store, [*large, *good])

    claimed = []
    for first in (True, False):
        held = leases.claim(
            store, 0, 1, owner="w", now=LATER, lease=9, limit=9, max_bytes=10**9, forgive=True, suspects_first=first
        )
        assert held
        claimed.append([entry.key for entry in held.entries])
    assert [[large[0].key], [entry.key for entry in good]] == claimed
