"""Cells keep their points whole, however many there are and wherever they have to be put."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.graph.cells import (
    PACKED,
    SPILL,
    edge_values,
    is_spilled,
    list_values,
    read_points,
    register_cell,
    register_values,
)
from catalog.graph.packing import pack
from catalog.lineage.fold import Cell
from catalog.lineage.steps import ABSENT, OPEN, Point, Points, value_at

SIZES = (0, 1, 2, SPILL, SPILL + 1)


def edge_of(size: int, times: list[int], sequences: list[int]) -> Points:
    """The points of an edge: open and absent in turn, the last of them open."""
    values = [OPEN if (size - i) % 2 else ABSENT for i in range(size)]
    return [Point(t, s, v) for t, s, v in zip(sorted(times), sequences, values, strict=True)]


edges = st.sampled_from(SIZES).flatmap(
    lambda size: st.builds(
        edge_of,
        st.just(size),
        st.lists(st.integers(-(2**61), 2**61), min_size=size, max_size=size),
        st.lists(st.integers(0, 2**53), min_size=size, max_size=size),
    )
)


def stored(points: Points) -> tuple[dict[str, Any], dict[str, Any]]:
    """The row of an edge, and that of the register its lists may have gone to."""
    edge = edge_values(points, "O")
    return edge, {**list_values(points), "n": len(points)} if is_spilled(edge) else edge


@settings(max_examples=100, deadline=None)
@given(edges)
def test_points_come_back(points: Points) -> None:
    """Of 0, 1, 2, 16 and 17 points: from the edge itself, or from its register once it spilled."""
    edge, lists = stored(points)

    assert points == read_points(lists)
    assert (len(points) > SPILL) == is_spilled(edge)
    assert len(points) == edge["n"]


@settings(max_examples=100, deadline=None)
@given(edges)
def test_an_edge_always_says_whether_it_is_open_and_since_when(points: Points) -> None:
    """The present is decided by `open` alone; the two minima exclude an edge from a past that never saw it."""
    edge, _ = stored(points)

    assert edge["open"] == (value_at(points) == OPEN)
    assert all(edge["t0"] <= p.t and edge["s0"] <= p.s for p in points)
    assert not points or (edge["t0"], edge["s0"]) == (min(p.t for p in points), min(p.s for p in points))


@pytest.mark.parametrize("size", SIZES)
def test_lists_are_kept_where_they_are_needed(size: int) -> None:
    """One point is told by the minima; more than fit are not repeated on the edge."""
    edge, _ = stored(edge_of(size, list(range(size)), list(range(size))))

    assert (1 < size <= SPILL) == (edge["ts"] is not None)
    assert {edge["ts"] is None} == {edge[name] is None for name in ("ss", "vs")}


@pytest.mark.parametrize("values", [[OPEN], [OPEN, ABSENT], ["a shape\n", "another", ABSENT]])
def test_a_long_register_is_one_text(values: list[str]) -> None:
    """Beyond PACKED its points come back from it, whatever they are; up to it, they are lists."""
    ends = (-(2**61), 2**61)
    points = [Point(ends[i % 2] + i, i * 2**40, values[i % len(values)]) for i in range(PACKED + 1)]
    long, short = register_values(points), register_values(points[:PACKED])

    assert (str, None, None) == (type(long["ts"]), long["ss"], long["vs"])
    assert points == read_points(long)
    assert list_values(points[:PACKED]) == short
    assert points[:PACKED] == read_points(short)


def test_a_staircase_packs_well() -> None:
    """A backfill writes the whole text with each batch: a point of a regular job costs it a byte or two, not thirty."""
    points = [Point(i * 60_000_000, 20_000 - i, OPEN) for i in range(20_000)]

    assert len(pack(points)) < 2 * len(points)


def test_no_point_is_before_nothing() -> None:
    """An edge without points is in no past."""
    edge, _ = stored([])

    assert (False, 0, 2**62, 2**62) == (edge["open"], edge["n"], edge["t0"], edge["s0"])


def test_a_spilled_edge_alone_has_no_points() -> None:
    """Its lists are in a register; nothing is made up from its minima."""
    edge = edge_values([Point(i, i, OPEN) for i in range(SPILL + 1)], "D")

    assert ([], "D") == (read_points(edge), edge["origin"])


def test_a_register_keeps_every_value() -> None:
    """Also one point, and what is no edge's value."""
    points = [Point(1, 2, "shape"), Point(3, 1, ABSENT)]

    assert Cell(points, mixed=True) == register_cell({**list_values(points), "mixed": True})
    assert Cell(points[:1]) == register_cell({**list_values(points[:1]), "mixed": None})
    assert Cell() == register_cell({"ts": None, "mixed": None})
