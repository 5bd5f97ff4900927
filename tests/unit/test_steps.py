"""Steps alone: the fewest points that answer every (T, K), held against the whole list of what was told."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.lineage.steps import ABSENT, Point, Points, derive, history, insert, push, value_at
from catalog.lineage.steps import told as changes

MANY = settings(max_examples=300, deadline=None)
QUESTIONS = [(t, k) for t in range(-1, 9) for k in range(-1, 13)]

# One value per sequence and time, as an entry tells it; times tie often.
told_in_order = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 11), st.sampled_from(["a", "b", ABSENT])), max_size=9
).map(lambda told: [Point(*point) for point in sorted(told, key=lambda point: point[0])])
told_alike = st.lists(st.builds(Point, st.integers(0, 7), st.integers(0, 11), st.just("a")), max_size=12)


def heard(told: Sequence[Point], t: int, k: int) -> str:
    """The definition: the last thing told that happened by `t` and was known at `k`."""
    return ([ABSENT] + [v for at, s, v in told if at <= t and s <= k])[-1]


def answers(points: Points) -> list[str]:
    return [value_at(points, t, k) for t, k in QUESTIONS]


def pushed(told: Sequence[Point]) -> Points:
    points: Points = []
    for point in told:
        push(points, point)
    return points


def superfluous(points: Points) -> Points:
    """The points without which every answer would be the same."""
    return [p for i, p in enumerate(points) if answers(points[:i] + points[i + 1 :]) == answers(points)]


@MANY
@given(told_in_order)
def test_pushed_points_answer_every_question(told: list[Point]) -> None:
    """Points pushed in order of happening give at every (T, K) the last value told by T and known at K."""
    assert [heard(told, t, k) for t, k in QUESTIONS] == answers(pushed(told))


@MANY
@given(told_in_order)
def test_told_is_every_change_as_seen_from_each_sequence(told: list[Point]) -> None:
    """One point for each event time at which the answer changes, and from its sequence on the answer was that."""
    points = pushed(told)
    for k in range(13):
        seen = changes(points, known_at=k)
        answered = [value_at(points, t, k) for t in range(-1, 9)]
        assert [(t, v) for t, (u, v) in enumerate(pairwise(answered)) if u != v] == [(p.t, p.v) for p in seen]
        for point in seen:
            assert {point.v} == {value_at(points, point.t, sequence) for sequence in range(point.s, k + 1)}
            assert changes(points, point.t, k)[-1] == point


@MANY
@given(told_in_order)
def test_no_kept_point_is_superfluous(told: list[Point]) -> None:
    """A point that changes no answer is not kept."""
    assert [] == superfluous(pushed(told))


@MANY
@given(told_in_order)
def test_push_says_whether_the_points_changed(told: list[Point]) -> None:
    """The caller may keep what it stored exactly when `push` says that nothing changed."""
    points: Points = []
    for point in told:
        before = list(points)

        assert push(points, point) == (before != points)


@MANY
@given(told_alike)
def test_inserted_points_answer_every_question(told: list[Point]) -> None:
    """A cell that never had two values takes points in any order, and stays as short as if they came in order."""
    points: Points = []
    for point in told:
        before = list(points)

        assert insert(points, point) == (before != points)

    assert [heard(told, t, k) for t, k in QUESTIONS] == answers(points)
    assert pushed(sorted(told)) == points


@MANY
@given(told_alike)
def test_pushing_and_inserting_mix(told: list[Point]) -> None:
    """A cell of one value takes what is new at its end, what is late in place."""
    points: Points = []
    last = -1
    for point in told:
        (push if point.t > last else insert)(points, point)
        last = max(last, point.t)

    assert pushed(sorted(told)) == points


@MANY
@given(told_in_order, st.fixed_dictionaries({"a": st.sampled_from(["1", ABSENT]), "b": st.sampled_from(["1", "2"])}))
def test_derived_points_follow_their_register(told: list[Point], meaning: dict[str, str]) -> None:
    """What follows from a register follows from it at every (T, K), without superfluous points."""
    derived = derive(pushed(told), meaning.__getitem__)

    assert [meaning.get(heard(told, t, k), ABSENT) for t, k in QUESTIONS] == answers(derived)
    assert [] == superfluous(derived)


@MANY
@given(told_in_order, st.randoms(use_true_random=False))
def test_history_is_free_of_sequences(told: list[Point], rng: random.Random) -> None:
    """Entries accepted in another order tell the same history."""
    sequences = [s for _, s, _ in told]
    rng.shuffle(sequences)
    renumbered = [Point(t, s, v) for (t, _, v), s in zip(told, sequences, strict=True)]

    assert history(pushed(told)) == history(pushed(renumbered))


@MANY
@given(told_in_order)
def test_history_lists_the_changes(told: list[Point]) -> None:
    """It says from when each value held, for someone who knows everything, and nothing twice."""
    values = [heard(told, t, 12) for t in range(8)]
    changes = [(t, v) for t, (before, v) in enumerate(zip([ABSENT, *values], values, strict=False)) if before != v]

    assert changes == history(pushed(told))


def test_a_well_behaved_producer_costs_one_point() -> None:
    """A thousand repetitions, in order, are one point."""
    assert [Point(0, 0, "a")] == pushed([Point(i, i, "a") for i in range(1_000)])


def test_a_late_repetition_costs_a_step() -> None:
    """What was heard later to have begun earlier keeps both: the past as known before, and as known now."""
    points = [Point(5, 1, "a")]

    assert insert(points, Point(3, 2, "a"))
    assert [Point(3, 2, "a"), Point(5, 1, "a")] == points


def test_a_removal_of_nothing_is_no_point() -> None:
    """Absence before anything was told says nothing new."""
    assert [] == pushed([Point(0, 0, ABSENT)])
