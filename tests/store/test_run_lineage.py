"""The lineage of one run: the graph of only its own events (law 3, for one run)."""

from __future__ import annotations

import random
from typing import Any

import pytest

from catalog.clock import to_iso
from catalog.graph.reader import Reader
from catalog.graph.run_lineage import trace_run
from catalog.graph.store import Store
from catalog.graph.walk import PRESENT, Moment
from catalog.identity import Name, job_id, run_id
from catalog.lineage.assertions import RunKey
from tests.histories import random_history
from tests.oracle import Entry, Oracle
from tests.store.conftest import accept_events, drain
from tests.store.events import NOON, event
from tests.store.test_fold import applied
from tests.store.test_moments import ask, moments_of, named


@pytest.mark.parametrize("seed", range(4))
def test_a_runs_lineage_is_the_graph_of_its_own_events(store: Store, seed: int) -> None:
    """Sets and columns of every run at sampled (T, K), over histories of any disorder; no events: no answer."""
    rng = random.Random(f"run lineage {seed}")
    past = random_history(rng, rng.choice((10, 30)))
    applied(store, past.batches)
    reader = Reader(store, None)

    for key in {e.assertions.run for e in past.entries if e.assertions.run}:
        own = [entry for entry in past.entries if entry.assertions.run == key]
        for at in [PRESENT, *moments_of(rng, own, 4)]:
            assert expected(key, own, at) == walked(reader, key, at), (key, at)


def test_a_run_and_those_above_and_below_it(store: Store) -> None:
    """Through GraphQL, at a moment: what it did by then, its parent, and the children heard of by then."""
    parent = {"parent": {"run": {"runId": "1"}, "job": {"namespace": "jobs", "name": "load"}}}
    child = event("2", NOON + 5, inputs=[named("y")])
    child["run"]["facets"], child["job"] = parent, {"namespace": "jobs", "name": "part"}
    accept_events(store, [event("1", NOON, inputs=[named("x")]), event("1", NOON + 9, outputs=[named("z")]), child])
    drain(store)
    job, part = (job_id(Name("jobs", name)) for name in ("load", "part"))
    query = """query($id: ID!, $t: String) { runLineage(id: $id, asOf: $t) { root asOf stale childrenComplete
      nodes { kind name } edges { kind } parent { runId } children { runId } run { runId state } } }"""
    whole = ask(store, query, id=run_id(Name("jobs", "load"), "1"))["runLineage"]
    early = ask(store, query, id=run_id(Name("jobs", "load"), "1"), t=to_iso(NOON))["runLineage"]
    below = ask(store, query, id=run_id(Name("jobs", "part"), "2"))["runLineage"]

    assert {"READS", "WRITES"} == {edge["kind"] for edge in whole["edges"]}
    assert [{"runId": "2"}] == whole["children"]
    assert [{"kind": "READS"}] == early["edges"]
    assert [] == early["children"]
    assert to_iso(NOON) == early["asOf"]
    assert (part, {"runId": "1"}) == (below["root"], below["parent"])
    assert job == whole["root"]
    assert ask(store, query, id="none")["runLineage"] is None


def expected(key: RunKey, own: list[Entry], at: Moment) -> Any:
    facts = Oracle(own).facts(at.as_of, at.known_at)
    if facts.runs.get(key) is None:
        return None
    run = facts.runs[key]
    columns = {(output, e) for (_, output, _), edges in facts.columns.items() for e in edges}
    return run.state, run.reads, run.writes, columns


def walked(reader: Reader, key: RunKey, at: Moment) -> Any:
    walk = trace_run(reader, run_id(*key), at)
    if walk is None:
        return None
    names = {id_: Name(node.namespace, node.name) for id_, node in walk.nodes.items()}
    reads = frozenset(names[e.source] for e in walk.edges if e.kind == "READS")
    writes = frozenset(names[e.target] for e in walk.edges if e.kind == "WRITES")
    columns = {
        (
            names[e.target],
            (
                *(walk.nodes[e.target].field or "", names[e.source], walk.nodes[e.source].field),
                *(e.type, e.subtype, e.masking, e.description),
            ),
        )
        for e in walk.edges
        if e.kind == "DERIVES_FROM"
    }
    return walk.run["state"], reads, writes, columns
