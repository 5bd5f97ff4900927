"""Entries that are no events: what they say, what refuses them, and how decisions about one pair count."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import InvalidEvent
from catalog.identity import Name
from catalog.lineage.assertions import Origin, Verdict
from catalog.lineage.decisions import Ruled, identity_entry, read_entry, rests_on, tie
from catalog.lineage.steps import FOREVER, OPEN, value_at
from catalog.lineage.understand import Understanding
from catalog.lineage.wire import check_structure
from catalog.usecases.accept import prepare, prepare_decision

A, B = Name("db", "a"), Name("hive", "b")
WHEN = "2026-03-01T12:00:00Z"
SAID = Verdict(A, B, True, "ann", "one table")
ENTRY = identity_entry(SAID, WHEN)


def test_what_is_written_is_read_again() -> None:
    """A decision survives its way through the inbox, whichever name was given first."""
    turned = identity_entry(SAID._replace(a=B, b=A), WHEN)

    assert (SAID,) == read_entry(ENTRY).verdicts
    assert ENTRY == turned
    assert prepare_decision(ENTRY) == prepare_decision(turned)


def test_a_listing_shows_what_was_decided() -> None:
    """Kind and subject say it without the payload; both verdicts about a pair go to one shard."""
    same, apart = (prepare_decision(identity_entry(SAID._replace(same=said), WHEN)) for said in (True, False))

    assert ("identity/v1", "db a = hive b") == (same.kind, same.subject)
    assert "db a ≠ hive b" == apart.subject
    assert same.shard == apart.shard
    assert same.key != apart.key


def test_a_reason_keeps_no_credentials() -> None:
    """People paste addresses, too."""
    entry = prepare_decision({**ENTRY, "reason": "as in postgres://bob:hunter2@db/shop"})

    assert b"hunter2" not in entry.payload


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"headwater": "identity/v9"}, "headwater"),
        ({"headwater": None}, "headwater"),
        ({"verdict": "maybe"}, "verdict"),
        ({"verdict": ["same"]}, "verdict"),
        ({"a": None}, "a"),
        ({"a": "db a"}, "a"),
        ({"b": {"namespace": "db", "name": " "}}, "b"),
        ({"b": {"namespace": "db", "name": "x" * 500_001}}, "b"),
        ({"b": ENTRY["a"]}, "b"),
        ({"decidedAt": None}, "decidedAt"),
        ({"decidedAt": 7}, "decidedAt"),
        ({"decidedAt": "today"}, "eventTime"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_place(change: dict[str, Any], field: str) -> None:
    """Never a bug, never half understood."""
    with pytest.raises(InvalidEvent) as refused:
        Understanding().record({**ENTRY, **change}, "key", 1)

    assert field == refused.value.field


def test_words_that_are_none_cost_a_warning() -> None:
    """The verdict stands without its reason."""
    record = Understanding().record({**ENTRY, "reason": "x" * 3_000, "by": 7}, "key", 1)

    assert [("7", 2_000)] == [(r.by, len(r.reason)) for r in record.rulings.values()]
    assert ["by", "reason"] == [warning.split(":")[0] for warning in record.warnings]


@pytest.mark.parametrize("entry", [ENTRY, {**ENTRY, "job": {"namespace": "j", "name": "n"}, "eventTime": WHEN}])
def test_the_door_of_producers_takes_no_decisions(entry: dict[str, Any]) -> None:
    """Who may send events may not decide; the refusal says where one may."""
    for refuse in (check_structure, lambda e: prepare(e, b"{}")):
        with pytest.raises(InvalidEvent, match="mergeDatasets") as refused:
            refuse(entry)
        assert "headwater" == refused.value.field


decisions = st.lists(st.tuples(st.integers(0, 3), st.booleans()).map(lambda said: said), max_size=6).flatmap(
    lambda said: st.permutations(range(1, len(said) + 1)).map(lambda s: list(zip(said, s, strict=True)))
)


@given(decisions, st.none() | st.integers(0, 7))
def test_the_newest_decision_known_wins(said: list[tuple[tuple[int, bool], int]], seen: int | None) -> None:
    """At each sequence: the newest of those known by then, whatever symlinks say; without one, the symlinks."""
    ruled = [Ruled(t, f"{i}", s, same) for i, ((t, same), s) in enumerate(said)]
    points = tie(FOREVER if seen is None else seen, reversed(ruled))
    for known in range(9):
        told = max((r for r in ruled if r.s <= known), default=None)
        expected = told.same if told else seen is not None and seen <= known

        assert expected == (value_at(points, FOREVER, known) == OPEN), known


def test_a_tie_rests_on_a_person_where_nothing_was_observed() -> None:
    """Or where somebody had to decide against a decision; a merge of what is tied already rests on the symlink."""
    merge, split, again = Ruled(1, "a", 5, True), Ruled(2, "b", 6, False), Ruled(3, "c", 7, True)

    assert Origin.PERSON == rests_on(tie(FOREVER, [merge]))
    assert Origin.OBSERVED == rests_on(tie(1, [merge]))
    assert Origin.PERSON == rests_on(tie(1, [merge, split, again]))
    assert Origin.OBSERVED == rests_on(tie(1, [merge, split, again]), 5)
