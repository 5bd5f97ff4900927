"""Coarser granularities collapse one walk, so that every granularity agrees with every other."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.graph.walk import BY_EDGES, DATASET, FIELD, JOB, PRESENT, Caps, Edge, Node, Walk
from catalog.usecases.things import once
from catalog.usecases.trace import ALL, _collapsed


def walk(*edges: str, root: str = "A", caps: Caps = Caps()) -> Walk:
    """A walk over edges such as `A>j` and `j>B` (capital letters are datasets), `A~B` (alias), `A=>B` (derived)."""
    made = Walk(root, caps, PRESENT)
    made.start()
    made.add_node(_node(root))
    for text in edges:
        kind, sign = next((k, s) for k, s in (("DERIVES_FROM", "=>"), ("SAME_AS", "~"), ("", ">")) if s in text)
        source, target = text.split(sign)
        made.add_node(_node(source))
        made.add_node(_node(target))
        made.add_edge(Edge(source, target, kind or ("READS" if source.isupper() else "WRITES"), text))
    return made


def _node(id_: str) -> Node:
    return Node(id_, DATASET if id_.isupper() else JOB, "ns", id_)


def collapsed(found: Walk, granularity: str) -> set[tuple[str, str, str, tuple[str, ...]]]:
    return {(e.source, e.target, e.kind, e.via) for e in _collapsed(found, granularity)}


def ends(found: Walk, granularity: str) -> set[tuple[str, str]]:
    return {(e.source, e.target) for e in _collapsed(found, granularity)}


@pytest.mark.parametrize("granularity", [ALL, FIELD])
def test_nothing_is_collapsed_where_all_is_shown(granularity: str) -> None:
    """The walk as it is."""
    found = walk("A>j", "j>B", "B~C", "C=>D")

    assert list(found.edges.values()) == _collapsed(found, granularity)


def test_datasets_derive_from_datasets_through_jobs() -> None:
    """Each input of a job with each output, naming all jobs between."""
    found = walk("A>j", "B>j", "j>C", "j>D", "A>k", "k>C")

    assert {
        ("A", "C", "DERIVES_FROM", ("j", "k")),
        ("A", "D", "DERIVES_FROM", ("j",)),
        ("B", "C", "DERIVES_FROM", ("j",)),
        ("B", "D", "DERIVES_FROM", ("j",)),
    } == collapsed(found, DATASET)


def test_jobs_feed_jobs_through_datasets() -> None:
    """Each writer with each reader, naming all datasets between."""
    found = walk("j>A", "j>B", "A>k", "B>k", "k>C", "C>l", root="j")

    assert {("j", "k", "FEEDS", ("A", "B")), ("k", "l", "FEEDS", ("C",))} == collapsed(found, JOB)


def test_aliases_and_derivations_stay_among_datasets() -> None:
    """They are edges of datasets already, with their evidence."""
    found = walk("A>j", "j>B", "B~C", "C=>D")

    assert {("A", "B", "DERIVES_FROM", ("j",)), ("B", "C", "SAME_AS", ()), ("C", "D", "DERIVES_FROM", ())} == collapsed(
        found, DATASET
    )
    assert {"B~C", "C=>D", ""} == {edge.key for edge in _collapsed(found, DATASET)}


@pytest.mark.parametrize("alias", ["A~B", "B~A"])
def test_jobs_meet_at_a_thing_whichever_name_each_uses(alias: str) -> None:
    """An alias has no direction; neither is it hidden by who writes and who reads."""
    assert {("j", "k", "FEEDS", ("A",))} == collapsed(walk("j>A", alias, "B>k", root="j"), JOB)
    assert {("j", "k", "FEEDS", ("B",))} == collapsed(walk("j>B", alias, "A>k", root="j"), JOB)


def test_jobs_meet_over_chains_of_names_and_derivations() -> None:
    """Any number of aliases and datasets derived without a job lie between a writer and its readers."""
    found = walk("j>A", "A~B", "B~C", "C=>D", "D~E", "E>k", root="j")

    assert {("j", "k", "FEEDS", ("A",))} == collapsed(found, JOB)


def test_derivation_has_a_direction() -> None:
    """Nobody reads what was derived from later than it was read."""
    assert set() == collapsed(walk("j>B", "A=>B", "A>k", root="j"), JOB)


def test_nothing_feeds_itself() -> None:
    """A job that reads what it writes, a dataset updated in place, and an alias of both."""
    assert set() == collapsed(walk("A>j", "j>A"), DATASET)
    assert set() == collapsed(walk("j>A", "A>j", root="j"), JOB)
    assert set() == collapsed(walk("j>A", "A~B", "B>j", root="j"), JOB)


def test_cycles_are_kept_and_end() -> None:
    """A feeds B, B feeds A: both edges, once each; aliases in a ring do not go round for ever."""
    assert {("A", "B"), ("B", "A")} == ends(walk("A>j", "j>B", "B>k", "k>A"), DATASET)
    assert {("j", "k"), ("k", "j")} == ends(walk("j>A", "A>k", "k>B", "B>j", root="j"), JOB)
    assert {("j", "k")} == ends(walk("j>A", "A~B", "B~C", "C~A", "C>k", root="j"), JOB)


def test_the_jobs_around_a_dataset_stay_tied_to_it() -> None:
    """Asked for jobs from a dataset, the answer still says which of them write and read it."""
    found = walk("j>A", "A>k", "k>B", "B>l")

    assert {("j", "A"), ("A", "k"), ("j", "k"), ("k", "l")} == ends(found, JOB)


def test_collapsing_has_the_same_cap() -> None:
    """A job of many inputs and outputs multiplies them: beyond the cap it is said, not shown."""
    edges = [*(f"{name}>j" for name in "ABCDE"), *(f"j>{name}" for name in "VWXYZ")]
    full, cut = walk(*edges, caps=Caps(edges=25)), walk(*edges, caps=Caps(edges=10))

    assert (25, set()) == (len(_collapsed(full, DATASET)), full.truncated_by)
    assert (10, {BY_EDGES}) == (len(_collapsed(cut, DATASET)), cut.truncated_by)


def test_another_job_between_the_same_two_is_no_new_edge() -> None:
    """At the cap, what is already there still learns what lies between."""
    found = walk("A>j", "j>B", "A>k", "k>B", caps=Caps(edges=4))
    found.caps = Caps(edges=1)

    assert {("A", "B", "DERIVES_FROM", ("j", "k"))} == collapsed(found, DATASET)
    assert set() == found.truncated_by


@pytest.mark.parametrize("edges", [("A~B", "B>j"), ("A=>B", "B>j")])
def test_jobs_around_another_name_of_the_root_are_shown(edges: tuple[str, ...]) -> None:
    """The only reader of a thing must not be missing from the jobs that it feeds."""
    assert "j" in {end for pair in ends(walk(*edges), JOB) for end in pair}


@pytest.mark.parametrize("edges", [("A>j",), ("j>A",)])
def test_the_datasets_around_a_job_stay_tied_to_it(edges: tuple[str, ...]) -> None:
    """Asked for datasets from a job, the answer says which of them it reads and writes, as for jobs of a dataset."""
    assert set(ends(walk(*edges, root="j"), ALL)) <= ends(walk(*edges, root="j"), DATASET)


edges_between = st.tuples(st.sampled_from("ABCD"), st.sampled_from("jkl"), st.booleans()).map(
    lambda e: f"{e[0]}>{e[1]}" if e[2] else f"{e[1]}>{e[0]}"
)


@settings(max_examples=200, deadline=None)
@given(st.sets(edges_between, max_size=12))
def test_granularities_agree(edges: set[str]) -> None:
    """Without aliases a coarse edge is exactly a path over one thing between."""
    steps = {tuple(edge.split(">")) for edge in edges}
    paths = {(a, d, b) for a, b in steps for c, d in steps if b == c and a != d}

    for granularity, root in ((DATASET, "A"), (JOB, "j")):
        found = walk(*sorted(edges), root=root)
        expected: dict[tuple[str, str], set[str]] = {}
        for source, target, between in paths:
            if source.isupper() == root.isupper():
                expected.setdefault((source, target), set()).add(between)

        assert expected == {(e.source, e.target): set(e.via) for e in _collapsed(found, granularity)}


def told_once(found: Walk, granularity: str) -> set[tuple[str, str, tuple[str, ...]]]:
    kept = once(_collapsed(found, granularity), found.edges.values(), found.root)
    return {(e.source, e.target, e.via) for e in kept if e.kind != "SAME_AS"}


def test_a_things_edges_are_shown_once() -> None:
    """Read or written under several names, fed by several jobs: one edge, which names all of what lies between."""
    found = walk("A>j", "B>j", "A~B", "j>C", "k>D", "B>k", "C~D", root="C")

    assert {("A", "C", ("j", "k"))} == told_once(found, DATASET)


def test_the_edge_at_the_root_is_the_one_that_is_kept() -> None:
    """Whoever asks by a name sees it, and the ties to the others stay."""
    found = walk("A>j", "j>C", "A~B", "B>j", root="B")

    assert {("B", "C", ("j",))} == told_once(found, DATASET)
    kept = once(_collapsed(found, DATASET), found.edges.values(), "B")
    assert {("A", "B")} == {(e.source, e.target) for e in kept if e.kind == "SAME_AS"}


def test_jobs_meet_at_a_thing_once() -> None:
    """Two names between the same jobs are one thing between them."""
    assert {("j", "k", ("A",))} == told_once(walk("j>A", "j>B", "A~B", "A>k", "B>k", root="j"), JOB)


def test_a_thing_does_not_derive_from_itself() -> None:
    """Read under one name and written under another."""
    assert set() == told_once(walk("A>j", "j>B", "A~C", "C~B"), DATASET)


@settings(max_examples=200, deadline=None)
@given(st.sets(edges_between, max_size=12), st.sets(st.sampled_from(["A~B", "B~C", "A~C", "C~D"]), max_size=3))
def test_telling_once_loses_nothing_and_repeats_nothing(edges: set[str], ties: set[str]) -> None:
    """The pairs of things that are tied are those of all names, each once."""
    found = walk(*sorted(edges), *sorted(ties))
    thing = {name: {name} for name in "ABCDjkl"}
    for a, b in (tie.split("~") for tie in ties):
        united = thing[a] | thing[b]
        thing.update({name: united for name in united})
    for granularity in (DATASET, JOB):
        pairs = [
            (frozenset(thing[e.source]), frozenset(thing[e.target]), e.kind)
            for e in once(_collapsed(found, granularity), found.edges.values(), "A")
            if e.kind != "SAME_AS"
        ]
        expected = {
            (frozenset(thing[e.source]), frozenset(thing[e.target]), e.kind)
            for e in _collapsed(found, granularity)
            if e.kind != "SAME_AS" and thing[e.source] != thing[e.target]
        }

        assert len(pairs) == len(set(pairs))
        assert expected == set(pairs)
