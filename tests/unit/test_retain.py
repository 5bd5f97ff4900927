"""What retention may take from a cell: nothing that a question from the horizon on could see."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from catalog.lineage.retain import Horizon, cut
from catalog.lineage.steps import ABSENT, Point, Points, push, value_at

TIMES = range(7)


@st.composite
def cells(draw: st.DrawFn) -> Points:
    """Points as the fold leaves them."""
    told = draw(st.lists(st.tuples(st.sampled_from(TIMES), st.sampled_from(("a", "b", ABSENT))), max_size=9))
    sequences = draw(st.permutations(range(1, len(told) + 1)))
    points: Points = []
    for (t, v), s in sorted(zip(told, sequences, strict=True), key=lambda told: told[0][0]):
        push(points, Point(t, s, v))
    return points


horizons = st.builds(Horizon, st.sampled_from(TIMES), st.integers(0, 9))


@given(cells(), horizons)
def test_every_question_from_the_horizon_on_has_the_same_answer(points: Points, horizon: Horizon) -> None:
    """For all T >= history and K >= known: the value of what is left is the value of what was."""
    left = cut(points, horizon)

    for t in range(horizon.history, 8):
        for k in range(horizon.known, 11):
            assert value_at(points, t, k) == value_at(left, t, k), (t, k)


@given(cells(), horizons)
def test_at_most_one_point_stays_behind_the_horizon(points: Points, horizon: Horizon) -> None:
    """What is behind it is one baseline, and none for what ended there."""
    behind = [p for p in cut(points, horizon) if horizon.behind(p.t, p.s)]

    assert len(behind) <= 1
    assert all(p.v != ABSENT for p in behind)


@given(cells(), horizons, horizons)
def test_cutting_again_is_cutting_once(points: Points, one: Horizon, two: Horizon) -> None:
    """A cut is idempotent, and a later horizon asks nothing of an earlier one."""
    once = cut(points, one)
    both = Horizon(max(one.history, two.history), max(one.known, two.known))

    assert once == cut(once, one)
    assert cut(points, both) == cut(once, both)
