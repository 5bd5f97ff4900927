"""Lineage as text: a tree that says when it repeats itself, and a last line that says what is missing."""

from __future__ import annotations

from typing import Any

import click

from catalog.cli.render import Screen
from catalog.cli.tree import summary, tree

Json = dict[str, Any]
RAN = {"state": "COMPLETED", "startedAt": "2024-08-06T13:00:00Z", "endedAt": "2024-08-06T13:26:49.980000Z"}


def dataset(id_: str) -> Json:
    return {"id": id_, "kind": "DATASET", "namespace": "db", "name": f"t.{id_}", "field": None, "job": None}


def job(id_: str, run: Json | None = RAN) -> Json:
    name = {"namespace": "air", "name": f"j.{id_}"}
    return {"id": id_, "kind": "JOB", **name, "field": None, "job": {"latestRun": run}}


def column(id_: str, of: str, path: str) -> Json:
    return {"id": id_, "kind": "FIELD", "namespace": "db", "name": f"t.{of}", "field": path, "job": None}


def edge(source: str, target: str, kind: str = "READS", **more: Any) -> Json:
    return {"source": source, "target": target, "kind": kind, "via": [], **more}


def answer(root: str, nodes: list[Json], edges: list[Json], **more: Any) -> Json:
    honest: Json = {"complete": True, "truncatedBy": [], "frontier": [], "hiddenCount": 0}
    now: Json = {"sequence": 9, "appliedThrough": 9, "asOf": None, "knownAt": None, "stale": False}
    return {"root": root, "nodes": nodes, "edges": edges, **honest, **now, **more}


def picture(text: str) -> list[str]:
    return text.splitlines()


def test_upstream_goes_against_the_flow() -> None:
    """Behind a dataset stands what wrote it, behind that what it read; jobs show their latest run."""
    nodes = [dataset("a"), dataset("b"), dataset("c"), job("j"), job("k", None)]
    edges = [edge("a", "j"), edge("b", "j"), edge("j", "c", "WRITES"), edge("k", "a", "WRITES")]

    assert [
        "dataset  t.c  db",
        "└── job  j.j  air  COMPLETED 2024-08-06 13:26:49Z",
        "    ├── dataset  t.a  db",
        "    │   └── job  j.k  air  no runs",
        "    └── dataset  t.b  db",
        "complete: 5 nodes, 4 edges",
    ] == picture(tree(answer("c", nodes, edges), "UPSTREAM"))


def test_a_node_met_again_is_not_drawn_again() -> None:
    """Diamonds and circles end; the mark says where to look."""
    nodes = [dataset("a"), dataset("b"), job("j"), job("k")]
    edges = [edge("a", "j"), edge("j", "b", "WRITES"), edge("b", "k"), edge("k", "a", "WRITES"), edge("a", "k")]

    assert [
        "dataset  t.a  db",
        "├── job  j.j  air  COMPLETED 2024-08-06 13:26:49Z",
        "│   └── dataset  t.b  db",
        "│       └── job  j.k  air  COMPLETED 2024-08-06 13:26:49Z",
        "│           └── dataset  t.a  db  (see above)",
        "└── job  j.k  air  COMPLETED 2024-08-06 13:26:49Z  (see above)",
        "complete: 4 nodes, 5 edges",
    ] == picture(tree(answer("a", nodes, edges), "DOWNSTREAM"))


def test_both_directions_are_two_trees() -> None:
    """Each with its own root; a direction without anything says so."""
    nodes = [dataset("a"), job("j", {**RAN, "endedAt": None, "state": "RUNNING"})]

    assert [
        "upstream",
        "dataset  t.a  db",
        "└── (nothing upstream)",
        "downstream",
        "dataset  t.a  db",
        "└── job  j.j  air  RUNNING 2024-08-06 13:00:00Z",
        "complete: 2 nodes, 1 edge",
    ] == picture(tree(answer("a", nodes, [edge("a", "j")]), "BOTH"))


def test_other_names_stand_with_their_thing() -> None:
    """Whichever way the edge was stored, and not back again."""
    nodes = [dataset("a"), dataset("b"), job("j")]
    edges = [edge("j", "a", "WRITES"), edge("a", "b", "SAME_AS")]

    for root, other in ("ab", "ba"):
        drawn = picture(tree(answer(root, nodes, edges), "UPSTREAM"))
        assert f"── also known as  dataset  t.{other}  db" in drawn[1]
        assert not any("see above" in line for line in drawn)
        assert 4 == len(drawn)


def test_columns_say_how_they_derive() -> None:
    """Type, subtype and masking of each edge, every one once; a dataset's columns stand under it."""
    nodes = [dataset("a"), column("a.x", "a", "x"), column("b.y", "b", "y.z")]
    how = {"transformationType": "DIRECT", "transformationSubtype": "AGGREGATION"}
    edges = [
        edge("b.y", "a.x", "DERIVES_FROM", **how, masking=True),
        edge("b.y", "a.x", "DERIVES_FROM", **how, masking=True),
        edge("b.y", "a.x", "DERIVES_FROM", transformationType="INDIRECT", transformationSubtype="FILTER"),
    ]

    assert [
        "dataset  t.a  db",
        "└── column  t.a . x  db",
        "    └── column  t.b . y.z  db  [DIRECT/AGGREGATION, masked; INDIRECT/FILTER]",
        "complete: 3 nodes, 3 edges",
    ] == picture(tree(answer("a", nodes, edges), "UPSTREAM"))


def test_a_rename_is_shown() -> None:
    """The old name stands behind the new one, and the edge says why."""
    edges = [edge("old", "new", "DERIVES_FROM", transformationType="RENAME", basis="EXPLICIT")]

    assert [
        "dataset  t.new  db",
        "└── dataset  t.old  db  [RENAME, explicit]",
        "complete: 2 nodes, 1 edge",
    ] == picture(tree(answer("new", [dataset("new"), dataset("old")], edges), "UPSTREAM"))


def test_a_dependency_of_a_whole_dataset_leads_to_its_columns() -> None:
    """HAS_FIELD is downstream of it."""
    nodes = [column("a.x", "a", "x"), dataset("b"), column("b.y", "b", "y")]
    edges = [
        edge("a.x", "b", "DERIVES_FROM", transformationType="INDIRECT", transformationSubtype="JOIN"),
        edge("b", "b.y", "HAS_FIELD"),
    ]

    assert [
        "column  t.a . x  db",
        "└── dataset  t.b  db  [INDIRECT/JOIN]",
        "    └── column  t.b . y  db",
        "complete: 3 nodes, 2 edges",
    ] == picture(tree(answer("a.x", nodes, edges), "DOWNSTREAM"))


def test_collapsed_and_declared_edges_say_so() -> None:
    """How many jobs stand between, and that nobody observed it."""
    nodes = [dataset("a"), dataset("b"), dataset("c")]
    edges = [
        edge("a", "c", "DERIVES_FROM", via=["j", "k"]),
        edge("b", "c", "DERIVES_FROM", origin="DECLARED"),
    ]

    drawn = picture(tree(answer("c", nodes, edges), "UPSTREAM"))

    assert ["├── dataset  t.a  db  [via 2 jobs]", "└── dataset  t.b  db  [declared]"] == drawn[1:3]


def test_what_is_declared_and_never_seen_says_so_and_what_was_seen_besides() -> None:
    """Only at jobs that declare something: where nobody declares anything, nothing is undeclared."""
    nodes = [dataset("a"), dataset("b"), dataset("c"), dataset("d"), dataset("e"), job("j", None), job("k", None)]

    def told(agreement: str, origin: str = "OBSERVED") -> Json:
        return {"agreement": agreement, "origin": origin}

    edges = [
        edge("a", "j", job="j", **told("DECLARED_ONLY", "DECLARED")),
        edge("b", "j", job="j", **told("BOTH", "DECLARED")),
        edge("b", "j", job="j", **told("BOTH")),
        edge("c", "j", job="j", **told("OBSERVED_ONLY")),
        edge("j", "d", "WRITES", job="j", **told("OBSERVED_ONLY")),
        edge("e", "k", job="k", **told("OBSERVED_ONLY")),
        edge("k", "d", "WRITES", job="k", **told("OBSERVED_ONLY")),
    ]

    assert [
        "dataset  t.d  db",
        "├── job  j.j  air  no runs  [not declared]",
        "│   ├── dataset  t.a  db  [declared, never seen]",
        "│   ├── dataset  t.b  db  [declared]",
        "│   └── dataset  t.c  db  [not declared]",
        "└── job  j.k  air  no runs",
        "    └── dataset  t.e  db",
    ] == picture(tree(answer("d", nodes, edges), "UPSTREAM"))[:-1]


def test_no_node_of_an_answer_is_kept_back() -> None:
    """What no path from the root reaches is drawn too, and marked."""
    nodes = [dataset("a"), dataset("b"), dataset("c")]

    assert [
        "dataset  t.a  db",
        "└── (nothing upstream)",
        "on no path from the root at this granularity:",
        "dataset  t.b  db",
        "on no path from the root at this granularity:",
        "dataset  t.c  db",
        "└── dataset  t.b  db  (see above)",
        "complete: 3 nodes, 1 edge",
    ] == picture(tree(answer("a", nodes, [edge("b", "c", "DERIVES_FROM")]), "UPSTREAM"))


def test_chains_may_be_longer_than_python_recurses() -> None:
    """A walk of 2000 steps is drawn."""
    nodes = [dataset(str(i)) for i in range(2000)]
    edges = [edge(str(i), str(i + 1), "DERIVES_FROM") for i in range(1999)]

    assert 2001 == len(picture(tree(answer("0", nodes, edges), "DOWNSTREAM")))


def test_the_last_line_says_what_is_missing() -> None:
    """By what it was cut, how many nodes go on, how many are hidden, and what is not applied yet."""
    cut = answer("a", [], [], complete=False, truncatedBy=["DEPTH"], frontier=["a", "b", "c"])
    full = {**cut, "truncatedBy": ["NODES", "TIME"], "frontier": ["a"], "hiddenCount": 2, "sequence": 21}

    assert "truncated by DEPTH: 3 nodes go on; use --depth" == summary(cut)
    assert (
        "truncated by NODES, TIME: 1 node goes on; ask again from one of them; 2 hidden; "
        "12 accepted events not applied yet"
    ) == summary(full)
    assert "complete: 0 nodes, 0 edges; 1 accepted event not applied yet" == summary(answer("a", [], [], sequence=10))


def test_what_was_not_known_then_is_not_nothing() -> None:
    """Of the past it is said that nothing was known, of the present that there is nothing."""
    now = answer("a", [dataset("a")], [])

    assert "└── (nothing upstream)" in tree(now, "UPSTREAM").splitlines()
    assert "└── (nothing upstream was known at that moment)" in tree({**now, "knownAt": 0}, "UPSTREAM").splitlines()


def test_where_it_goes_on_is_marked() -> None:
    """The frontier is visible in the tree."""
    nodes, edges = [dataset("a"), dataset("b")], [edge("b", "a", "DERIVES_FROM")]
    cut = answer("a", nodes, edges, complete=False, truncatedBy=["DEPTH"], frontier=["b"])

    assert "└── dataset  t.b  db  (goes on)" == picture(tree(cut, "UPSTREAM"))[1]


def test_colours_change_nothing_else() -> None:
    """Plain text is the coloured text without its colours."""
    asked = answer("a", [dataset("a"), job("j")], [edge("j", "a", "WRITES")])

    assert tree(asked, "BOTH") == click.unstyle(tree(asked, "BOTH", Screen(color=True)))
