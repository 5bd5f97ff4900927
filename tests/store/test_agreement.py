"""What is declared and what was seen, beside each other in lineage."""

from __future__ import annotations

from typing import Any

from catalog.graph.store import Store
from tests.store.conftest import accept_events, drain
from tests.store.events import NOON, dataset, event
from tests.store.test_loaders import ask

QUESTION = """{ lineage(root: {namespace: "db", name: "out"} %s) {
  edges { kind origin agreement source target } nodes { id name } } }"""


def declared(*inputs: str, time: int = NOON) -> dict[str, Any]:
    """The job's own event, which declares what it reads; it writes `out`."""
    said = event("none", time, inputs=map(dataset, inputs), outputs=[dataset("out")])
    return {key: said[key] for key in said.keys() - {"run", "eventType"}}


def test_a_declared_edge_never_seen_and_a_seen_edge_never_declared_are_told_apart(store: Store) -> None:
    """A job that declares that it reads `a` and `b`, and was seen to read `b` and `c`."""
    accept_events(
        store, [declared("a", "b"), event("1", inputs=[dataset("b"), dataset("c")], outputs=[dataset("out")])]
    )
    drain(store)

    assert {
        ("a", "load", "DECLARED", "DECLARED_ONLY"),
        ("b", "load", "DECLARED", "BOTH"),
        ("b", "load", "OBSERVED", "BOTH"),
        ("c", "load", "OBSERVED", "OBSERVED_ONLY"),
        ("load", "out", "DECLARED", "BOTH"),
        ("load", "out", "OBSERVED", "BOTH"),
    } == told(store, "")


def test_a_question_that_leaves_edges_out_calls_nothing_undeclared(store: Store) -> None:
    """What may have been left out is not missing."""
    accept_events(store, [declared("a"), event("1", inputs=[dataset("a")], outputs=[dataset("out")])])
    drain(store)

    assert {("a", "load", "DECLARED", None), ("load", "out", "DECLARED", None)} == told(store, ", origins: [DECLARED]")
    assert {(None, None)} == {found[2:] for found in told(store, ", granularity: DATASET")}


def test_what_is_not_declared_any_more_was_still_seen(store: Store) -> None:
    """Taking a declaration back leaves the observation (law 4); the past still has both."""
    accept_events(
        store, [declared("a"), event("1", inputs=[dataset("a")], outputs=[dataset("out")]), declared(time=NOON + 10)]
    )
    drain(store)

    assert ("a", "load", "OBSERVED", "OBSERVED_ONLY") in told(store, "")
    assert ("a", "load", "OBSERVED", "BOTH") in told(store, ', asOf: "2024-10-04T00:00:00Z"')


def told(store: Store, arguments: str) -> set[tuple[Any, ...]]:
    """Every edge by the names of its ends."""
    _, found = ask(store, QUESTION % arguments)
    names = {node["id"]: node["name"] for node in found["lineage"]["nodes"]}
    edges = found["lineage"]["edges"]
    return {(names[e["source"]], names[e["target"]], e["origin"], e["agreement"]) for e in edges}
