"""Declared and observed edges side by side: which are declared only, which were only seen."""

from __future__ import annotations

from catalog.graph.views import EVERYTHING, View
from catalog.graph.walk import DATASET, JOB, Edge, Node
from catalog.usecases.agreement import Agreement, agreements, told_apart

BOTH, DECLARED_ONLY, OBSERVED_ONLY = Agreement
NODES = [*(Node(id_, DATASET, "db", id_) for id_ in ("a", "b", "A")), Node("j", JOB, "air", "j")]


def edge(source: str, target: str, origin: str, kind: str = "READS") -> Edge:
    return Edge(source, target, kind, key=f"{source}{target}{kind}{origin}", origin=origin)


def test_an_edge_is_told_by_who_asserts_it() -> None:
    """One that is declared and was seen is both, whichever of its two edges is looked at."""
    both = [edge("a", "j", "D"), edge("a", "j", "O")]
    never_seen, undeclared, inferred = edge("b", "j", "D"), edge("j", "b", "O", "WRITES"), edge("j", "a", "I", "WRITES")

    assert {
        both[0]: BOTH,
        both[1]: BOTH,
        never_seen: DECLARED_ONLY,
        undeclared: OBSERVED_ONLY,
        inferred: OBSERVED_ONLY,
    } == agreements([*both, never_seen, undeclared, inferred], NODES)


def test_one_thing_is_one_thing_under_each_of_its_names() -> None:
    """What is declared of one name is seen where events use another."""
    declared, seen = edge("a", "j", "D"), edge("A", "j", "O")
    tie = Edge("A", "a", "SAME_AS", "t", "O")

    assert {declared: BOTH, seen: BOTH} == agreements([declared, seen, tie], NODES)
    assert {declared: DECLARED_ONLY, seen: OBSERVED_ONLY} == agreements([declared, seen], NODES)


def test_lineage_declared_without_a_job_is_seen_in_a_job() -> None:
    """A job that was seen to read the one and write the other does what is declared; one half of it does not."""
    declared = edge("a", "b", "D", "DERIVES_FROM")
    read, write = edge("a", "j", "O"), edge("j", "b", "O", "WRITES")

    assert dict.fromkeys([declared, read, write], BOTH) == agreements([write, declared, read], NODES)
    assert {declared: DECLARED_ONLY, read: OBSERVED_ONLY} == agreements([declared, read], NODES)
    assert {read: OBSERVED_ONLY, write: OBSERVED_ONLY} == agreements([read, write], NODES)


def test_collapsed_edges_are_left_out() -> None:
    """Nobody asserts them."""
    assert {} == agreements([Edge("a", "b", "DERIVES_FROM", via=("j",))], NODES)


def test_nothing_is_called_undeclared_where_something_was_left_out() -> None:
    """A view by origin or age, or a cut among the edges, may have taken the other half away."""
    assert told_apart(EVERYTHING, ["DEPTH"])
    assert not told_apart(EVERYTHING, ["EDGES"])
    assert not any(told_apart(view, []) for view in (View(latest=True), View(since=1), View(origins=frozenset({"D"}))))
