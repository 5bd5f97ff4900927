"""Walks at any moment, and with any cap, against the definition."""

from __future__ import annotations

import random
from typing import Any

import pytest

from catalog.clock import to_iso
from catalog.graph import inbox
from catalog.graph.columns import trace_columns
from catalog.graph.lineage import trace
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.graph.walk import BOTH, DATASET, FIELD, UPSTREAM, Caps, Moment, Node
from catalog.identity import Name, dataset_id, field_id
from catalog.lineage.assertions import Verdict
from catalog.lineage.decisions import identity_entry
from catalog.lineage.translate import translate
from catalog.usecases.accept import prepare_decision
from tests import corpus
from tests.benchmarks.layered import events as layered
from tests.oracle import Entry, Facts, Oracle
from tests.store.conftest import accept_events, drain
from tests.store.events import NOON, dataset, event
from tests.store.test_moments import ask

MOMENTS = 12


def filled(store: Store) -> tuple[Reader, Oracle, list[int], int]:
    """Two scenarios, shuffled, in the store; with their oracle, event times and newest sequence."""
    told = [*corpus.scenario("CLL"), *corpus.scenario("airflow")]
    random.Random(3).shuffle(told)
    receipts = accept_events(store, told)
    drain(store)
    pairs = zip(receipts, told, strict=True)
    entries = [Entry(receipt.key, receipt.sequence, translate(event)) for receipt, event in pairs]
    times = sorted({entry.assertions.time for entry in entries})
    return Reader(store, None), Oracle(entries), times, max(e.sequence for e in entries)


def test_the_past_is_walked_as_it_was(store: Store) -> None:
    """At sampled (T, K), the neighbours of every dataset and its column edges are the oracle's."""
    reader, oracle, times, newest = filled(store)
    rng = random.Random(11)
    datasets = {name for facts in [oracle.facts()] for _, name, _ in facts.reads | facts.writes}
    moments = [Moment(), Moment(times[-1], newest)]
    moments += [Moment(rng.choice(times), rng.randint(1, newest)) for _ in range(MOMENTS)]

    for moment in moments:
        facts = oracle.facts(moment.as_of, moment.known_at)
        assert _expected(facts) == _walked(reader, datasets, moment), moment
        assert _expected_columns(facts) == _walked_columns(reader, datasets, moment), moment


@pytest.mark.parametrize(
    ("caps", "reason"),
    [
        (Caps(depth=2), "DEPTH"),
        (Caps(depth=50, nodes=10), "NODES"),
        (Caps(depth=50, edges=10), "EDGES"),
        (Caps(depth=50, seconds=-1), "TIME"),
    ],
)
def test_every_cap_says_its_name_and_where_to_go_on(store: Store, caps: Caps, reason: str) -> None:
    """A cut answer is within its cap, names the reason, and has a frontier; no edge hangs in the air."""
    accept_events(store, layered(8, 6, 2))
    drain(store)
    name = Name("bench", "table_07_000")
    walk = trace(Reader(store, None), Node(dataset_id(name), DATASET, *name), UPSTREAM, caps, Moment())

    assert {reason} == walk.truncated_by
    assert walk.frontier
    assert walk.frontier <= set(walk.nodes)
    assert len(walk.nodes) <= caps.nodes
    assert len(walk.edges) <= caps.edges
    assert {end for e in walk.edges.values() for end in (e.source, e.target)} <= set(walk.nodes)


def test_a_reader_sees_only_its_namespaces_and_is_told_how_much_is_hidden(store: Store) -> None:
    """Grants are in every statement: what is hidden is counted, never shown, and never walked through."""
    reader, _, _, _ = filled(store)
    name = Name("file", "/tmp/cll_test/tbl1")
    root = Node(dataset_id(name), DATASET, *name)
    own = Reader(reader.store, None, grants=["file"])
    everything = trace(reader, root, UPSTREAM, Caps(), Moment())
    some = trace(own, root, UPSTREAM, Caps(), Moment())

    assert {"file"} == {node.namespace for node in some.nodes.values()}
    assert 2 == len(some.hidden)
    assert len(everything.nodes) > len(some.nodes)


def _expected(facts: Facts) -> set[tuple[Any, ...]]:
    reads = {("READS", dataset.name, job.name, origin) for job, dataset, origin in facts.reads}
    return reads | {("WRITES", dataset.name, job.name, origin) for job, dataset, origin in facts.writes}


def _walked(reader: Reader, datasets: set[Name], moment: Moment) -> set[tuple[Any, ...]]:
    found = set()
    for name in datasets:
        walk = trace(reader, Node(dataset_id(name), DATASET, *name), BOTH, Caps(depth=1), moment)
        for edge in walk.edges.values():
            if edge.kind in ("READS", "WRITES"):
                ends = walk.nodes[edge.source], walk.nodes[edge.target]
                dataset, job = ends if edge.kind == "READS" else ends[::-1]
                found.add((edge.kind, dataset.name, job.name, edge.origin))
    return found


def _expected_columns(facts: Facts) -> set[tuple[Any, ...]]:
    return {
        (output.name, e.out, e.dataset.name, e.field, e.type, e.subtype)
        for (_, output, _), edges in facts.columns.items()
        for e in edges
    }


def _walked_columns(reader: Reader, datasets: set[Name], moment: Moment) -> set[tuple[Any, ...]]:
    found = set()
    for name in datasets:
        walk = trace_columns(reader, Node(dataset_id(name), DATASET, *name), UPSTREAM, Caps(depth=1), moment)
        for edge in walk.edges.values():
            source, target = walk.nodes[edge.source], walk.nodes[edge.target]
            if edge.kind == "DERIVES_FROM":
                found.add((target.name, target.field, source.name, source.field, edge.type, edge.subtype))
    return found


def test_columns_are_walked_under_every_name_once(store: Store) -> None:
    """A column of a thing has the same sources under each of its names, over names that carry no columns, too."""
    source = {"namespace": "db", "name": "s", "field": "y"}
    lineage = {"fields": {"x": {"inputFields": [source]}}, "dataset": [{**source, "field": "z"}]}
    names = [{"namespace": "db", "name": name, "type": "TABLE"} for name in "abc"]
    accept_events(
        store,
        [
            event("1", outputs=[dataset("a", columnLineage=lineage, symlinks={"identifiers": [names[1]]})]),
            event("2", NOON + 1, inputs=[dataset("b", symlinks={"identifiers": [names[2]]})]),
        ],
    )
    drain(store)
    reader = Reader(store, None)

    for name in (Name("db", letter) for letter in "abc"):
        id_ = dataset_id(name)
        for root in (Node(id_, DATASET, *name), Node(field_id(id_, "x"), FIELD, *name, "x")):
            walk = trace_columns(reader, root, UPSTREAM, Caps(), Moment())
            sources = [(walk.nodes[e.source].field, e.type) for e in walk.edges.values() if e.kind == "DERIVES_FROM"]
            assert [("y", "DIRECT"), ("z", "INDIRECT")] == sorted(sources), root
            assert (root.id == id_) == (id_ in walk.nodes)
            assert field_id(id_, "x") in walk.nodes


@pytest.mark.parametrize("granularity", ["ALL", "DATASET"])
def test_a_rename_says_that_it_is_one(store: Store, granularity: str) -> None:
    """From both of its names, also where column edges are chosen; lineage that a dataset event declares is none."""
    change = {"lifecycleStateChange": "RENAME", "previousIdentifier": {"namespace": "db", "name": "x"}}
    renamed = dataset("y", lifecycleStateChange=change)
    made = {"inputs": [{"namespace": "db", "name": "w", "type": "DATASET"}]}
    told = {"eventTime": to_iso(NOON), "producer": "tests", "dataset": dataset("x", lineage=made)}
    accept_events(store, [event("1", NOON + 1, outputs=[renamed]), told])
    drain(store)
    x, y, w = (dataset_id(Name("db", name)) for name in "xyw")
    said = ("kind", "source", "target", "transformationType", "basis", "masking", "wholeDataset")

    for root, direction in (("y", "UPSTREAM"), ("x", "BOTH"), ("w", "DOWNSTREAM")):
        query = f"""{{ lineage(root: {{namespace: "db", name: "{root}"}}, direction: {direction}, $MORE
          granularity: {granularity}) {{ edges {{ {" ".join(said)} }} }} }}"""
        for more in ("", "transformations: [DIRECT],"):
            edges = ask(store, query.replace("$MORE", more))["lineage"]["edges"]
            assert {
                ("DERIVES_FROM", x, y, "RENAME", "EXPLICIT", None, None),
                ("DERIVES_FROM", w, x, None, "EXPLICIT", None, None),
            } == {tuple(edge[key] for key in said) for edge in edges if edge["kind"] == "DERIVES_FROM"}


def test_a_split_ends_the_walk_between_two_names(store: Store) -> None:
    """For tables and columns, now and at every sequence that knows of it; before, and of any time, they were one."""
    lineage = {"fields": {"x": {"inputFields": [{"namespace": "db", "name": "s", "field": "y"}]}}}
    other = {"identifiers": [{"namespace": "db", "name": "b", "type": "TABLE"}]}
    accept_events(
        store, [event("1", inputs=[dataset("s")], outputs=[dataset("a", columnLineage=lineage, symlinks=other)])]
    )
    a, b = Name("db", "a"), Name("db", "b")
    split = prepare_decision(identity_entry(Verdict(a, b, False, "", ""), to_iso(NOON + 5) or ""))
    inbox.accept(store, [split], NOON)
    drain(store)
    reader, root = Reader(store, None), Node(dataset_id(b), DATASET, *b)

    for moment, found in (
        (Moment(), False),
        (Moment(NOON, 2), False),
        (Moment(NOON, 1), True),
        (Moment(None, 1), True),
    ):
        tables = {n.name for n in trace(reader, root, UPSTREAM, Caps(), moment).nodes.values() if n.kind == DATASET}
        columns = {n.name for n in trace_columns(reader, root, UPSTREAM, Caps(), moment).nodes.values()}
        assert ({"a", "b", "s"} if found else {"b"}) == tables == columns, moment
