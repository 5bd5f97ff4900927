"""How flows and populations are judged, step by step."""

from __future__ import annotations

from typing import Any

from catalog.checks.explain import Step, explain
from catalog.manifest.documents.policies import PolicyTest
from tests.unit.checks.worlds import chosen


def steps(policy: Any, **case: Any) -> list[Step]:
    return explain(policy.compiled, PolicyTest(name="x", expect="FAIL", **case)).steps


def test_a_flow_shows_where_it_begins_ends_and_is_stopped() -> None:
    """Each node and edge for which a predicate holds, the ways, and how many sources there were."""
    given = {"from": "'pii' in node.tags", "to": "node.external == true", "barrier": "edge.masking == true"}
    policy = chosen(type="flow", target="flow", message="sink.name + ' is reached'", **given)
    nodes = {"a": {"tags": ["pii"]}, "b": {}, "c": {"name": "c", "external": True}}
    edges = [{"from": "a", "to": "b"}, {"from": "b", "to": "c"}, {"from": "a", "to": "c", "masking": True}]

    assert [
        Step("from", given["from"], "1 of 3 nodes", 0),
        Step("from", "a", "true", 1),
        Step("to", given["to"], "1 of 3 nodes", 0),
        Step("to", "c", "true", 1),
        Step("barrier", given["barrier"], "1 of 3 edges", 0),
        Step("barrier", "a -> c", "true", 1),
        Step("way", "a -> b -> c", "c is reached"),
        Step("sources", "nodes that the walk began from", "1"),
    ] == steps(policy, graph={"nodes": nodes, "edges": edges})


def test_a_population_shows_who_matches_and_what_was_counted() -> None:
    """Then what is asserted of it."""
    policy = chosen(type="aggregate", **{"when": "size(dataset.owners) > 0", "assert": "population.share > 0.5"})
    members = [{"dataset": {"name": "a", "owners": ["team:x"]}}, {"dataset": {"name": "b"}}]

    assert [
        Step("when", "size(dataset.owners) > 0", "1 of 2 members", 0),
        Step("when", "a", "true", 1),
        Step("population", "total 2, matching 1, share 0.5", "counted"),
        Step("assert", "population.share > 0.5", "false"),
    ] == steps(policy, input={"members": members})
