"""A walk takes in what fits, and says by what it was cut."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from catalog.graph import walk as walking
from catalog.graph.cells import SPILL, edge_values, list_values
from catalog.graph.reader import ID_BATCH, Question
from catalog.graph.store import Row, Tx
from catalog.graph.walk import BY_EDGES, BY_NODES, BY_TIME, DATASET, Caps, Edge, Moment, Node, Walk
from catalog.lineage.steps import ABSENT, FOREVER, OPEN, Point, Points

PRESENT = Moment()


def node(id_: str) -> Node:
    return Node(id_, DATASET, "db", id_)


def walk(caps: Caps = Caps(), moment: Moment = PRESENT) -> Walk:
    begun = Walk("a", caps, moment)
    begun.start()
    return begun


class Rows(Tx):
    """A transaction that answers from a list, and remembers what it was asked."""

    def __init__(self, answer: Callable[[str, dict[str, Any]], list[Row]]) -> None:
        self.asked: list[dict[str, Any]] = []
        self._answer = answer

    def run(self, text: str, **parameters: Any) -> list[Row]:
        """The rows for a statement."""
        self.asked.append(parameters)
        return self._answer(text, parameters)


def edge_row(key: str, points: Points) -> Row:
    """An edge as a `_past` block returns it."""
    return {"key": key, **edge_values(points, "O")}


def test_nodes_are_taken_in_once_and_up_to_the_cap() -> None:
    """The one too many is refused, and the answer says NODES; a known one costs nothing."""
    begun = walk(Caps(nodes=2))

    assert [True, True, False, False] == [begun.add_node(node(id_)) for id_ in "abac"]
    assert ({"a", "b"}, {BY_NODES}) == (set(begun.nodes), begun.truncated_by)


def test_a_full_walk_is_not_a_cut_one() -> None:
    """As many as fit are complete."""
    begun = walk(Caps(nodes=2, edges=1))
    begun.add_node(node("a"))
    begun.add_node(node("b"))
    begun.add_edge(Edge("a", "b", "READS", "k"))
    begun.add_node(node("b"))
    begun.add_edge(Edge("a", "b", "READS", "k"))

    assert (set(), False) == (begun.truncated_by, begun.exhausted())


def test_edges_are_taken_in_up_to_the_cap() -> None:
    """Two origins of one edge are two edges; the one too many says EDGES."""
    begun = walk(Caps(edges=2))
    begun.add_node(node("a"))
    begun.add_node(node("b"))
    for key in "kkjl":
        begun.add_edge(Edge("a", "b", "READS", key))

    assert (["k", "j"], {BY_EDGES}) == ([edge.key for edge in begun.edges.values()], begun.truncated_by)


def test_an_edge_needs_both_ends() -> None:
    """An end that did not fit or may not be seen takes its edges with it."""
    begun = walk()
    begun.add_node(node("a"))
    begun.add_edge(Edge("a", "b", "READS"))
    begun.add_edge(Edge("b", "a", "READS"))

    assert ({}, set()) == (begun.edges, begun.truncated_by)


@pytest.mark.parametrize("by", [BY_NODES, BY_EDGES, BY_TIME])
def test_a_cut_walk_goes_no_further(by: str) -> None:
    """Nodes, edges and time stop it; depth alone is decided level by level."""
    begun = walk()
    begun.truncated_by.add(by)

    assert begun.exhausted()


def test_time_is_a_cap() -> None:
    """What takes too long is cut and says TIME."""
    late, early = walk(Caps(seconds=-1.0)), walk(Caps(seconds=3_600.0))

    assert (True, {BY_TIME}) == (late.exhausted(), late.truncated_by)
    assert (False, set()) == (early.exhausted(), early.truncated_by)


def test_starting_again_forgets_everything() -> None:
    """A read transaction's body may run twice."""
    begun = walk(Caps(nodes=1))
    begun.add_node(node("a"))
    begun.add_node(node("b"))
    begun.frontier.add("a")
    begun.hidden.add("x")
    begun.start()

    assert ({}, {}, set(), set(), set()) == (begun.nodes, begun.edges, begun.frontier, begun.truncated_by, begun.hidden)


@pytest.mark.parametrize(
    ("moment", "past", "bounds"),
    [
        (Moment(), False, {"asof": FOREVER, "known": FOREVER}),
        (Moment(as_of=0), True, {"asof": 0, "known": FOREVER}),
        (Moment(known_at=0), True, {"asof": FOREVER, "known": 0}),
        (Moment(7, 8), True, {"asof": 7, "known": 8}),
    ],
)
def test_moments(moment: Moment, past: bool, bounds: dict[str, int]) -> None:
    """Both times absent is the present; zero is a time."""
    assert (past, bounds) == (moment.past, moment.bounds)


def test_the_present_is_asked_for_in_portions() -> None:
    """Ids in bounded portions, each with one more edge than fits, and the reader's grants."""
    tx = Rows(lambda _, parameters: [{"key": id_, "n": None} for id_ in parameters["ids"]])
    ids = [f"{i}" for i in range(ID_BATCH + 1)]

    rows = walk(Caps(edges=2_000)).around(Question(tx, ["db"]), "upstream_of_datasets", ids)

    assert ids == [row["key"] for row in rows]
    assert [ID_BATCH, 1] == [len(asked["ids"]) for asked in tx.asked]
    assert [(2_001, ["db"])] * 2 == [(asked["limit"], asked["grants"]) for asked in tx.asked]


def test_nothing_is_asked_about_nothing() -> None:
    """A level without nodes costs no statement."""
    tx = Rows(lambda *_: [])

    assert ([], []) == (walk().around(Question(tx, None), "upstream_of_datasets", []), tx.asked)


@pytest.mark.parametrize(("found", "cut"), [(2, set()), (3, {BY_EDGES})])
def test_more_edges_than_fit_are_said(found: int, cut: set[str]) -> None:
    """The store was asked for one more than fits."""
    tx = Rows(lambda *_: [{"key": f"{i}", "n": None} for i in range(found)])
    begun = walk(Caps(edges=2))
    begun.around(Question(tx, None), "upstream_of_datasets", ["a"])

    assert cut == begun.truncated_by


def test_a_cut_past_is_said_too() -> None:
    """The store cut its answer, whether or not all that it returned held at that moment."""
    rows = [edge_row("open", [Point(1, 1, OPEN)]), edge_row("closed", [Point(1, 1, OPEN), Point(2, 2, ABSENT)])]
    begun = walk(Caps(edges=1), Moment(as_of=5))
    begun.around(Question(Rows(lambda *_: rows), None), "upstream_of_datasets", ["a"])

    assert {BY_EDGES} == begun.truncated_by


def test_the_past_is_decided_by_each_edge_s_points() -> None:
    """Open at (T, K), or not; one with more points than an edge holds is read from its register."""
    closed = [Point(1, 1, OPEN), Point(5, 5, ABSENT)]
    long = [Point(i, i, OPEN if i % 2 else ABSENT) for i in range(1, SPILL + 3)]
    edges = [
        edge_row("open", [Point(1, 1, OPEN)]),
        edge_row("late", [Point(9, 1, OPEN)]),
        edge_row("unheard", [Point(1, 9, OPEN)]),
        edge_row("closed", closed),
        edge_row("spilled", long),
        {"key": "alias", "n": None},
    ]
    register = {"id": "spilled", "n": len(long), **list_values(long)}
    tx = Rows(lambda text, _: edges if "READS" in text or "WRITES" in text else [register])

    def holding(as_of: int, known_at: int) -> list[str]:
        begun = walk(moment=Moment(as_of, known_at))
        return [row["key"] for row in begun.around(Question(tx, None), "upstream_of_datasets", ["a"])]

    assert ["open", "closed", "spilled", "alias"] == holding(3, 8)
    assert ["open", "spilled", "alias"] == holding(5, 8)
    assert ["open", "closed", "alias"] == holding(8, 4)
    assert ["open", "late", "unheard", "spilled", "alias"] == holding(99, 17)


def test_the_caps_of_a_walk_have_names() -> None:
    """They reach clients as an enumeration."""
    assert ("DEPTH", "NODES", "EDGES", "TIME") == (walking.BY_DEPTH, BY_NODES, BY_EDGES, BY_TIME)
