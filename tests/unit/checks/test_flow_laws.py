"""Laws of `catalog.checks.flow`, held against a plain walk: random graphs with circles, barriers and many sources."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.checks.flow import judge_flow
from catalog.checks.flow_graph import Edge, Written
from tests.unit.checks.worlds import chosen

NODES = list("abcdefgh")
BEGINS, ENDS = "node.tier == 1 || node.tier == 3", "node.tier == 2 || node.tier == 3"
POLICY = chosen(type="flow", target="flow", barrier="edge.masking == true", **{"from": BEGINS, "to": ENDS})
EDGES = st.sets(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES), st.sampled_from([False, False, True])))
TIERS = st.dictionaries(st.sampled_from(NODES), st.sampled_from([1, 2, 2, 3]), min_size=2)
Pairs = set[tuple[str, str]]


def distances(start: str, pairs: Pairs) -> dict[str, int]:
    """How far everything is from a start that it leads to, one more step at a time."""
    far, step = {start: 0}, 0
    while more := {b for a, b in pairs if far.get(a) == step} - far.keys():
        step += 1
        far |= dict.fromkeys(more, step)
    return far


@settings(max_examples=300, deadline=None)
@given(EDGES, TIERS)
def test_what_is_found_is_what_a_plain_walk_from_each_source_finds(
    edges: set[tuple[str, str, bool]], tiers: dict[str, int]
) -> None:
    """Each sink that a source reaches, once; by a way that is there, and that none from where the data begin beats."""
    graph = Written(
        {name: {"tier": tiers.get(name)} for name in NODES}, [Edge(a, b, {"masking": masked}) for a, b, masked in edges]
    )
    pairs = {(a, b) for a, b, masked in edges if not masked}
    sources = [name for name in NODES if tiers.get(name) in (1, 3)]
    far = {source: distances(source, pairs) for source in sources}
    origins = [one for one in sources if not any(one in far[other] for other in sources if other != one)]
    reached = {
        sink for sink in NODES if tiers.get(sink) in (2, 3) and any(sink in far[one] for one in sources if one != sink)
    }

    verdict = judge_flow(POLICY.compiled, graph, datetime(2026, 1, 1, tzinfo=UTC))

    assert sorted(reached) == [NODES[one.sink] for one in verdict.violations]
    for one in verdict.violations:
        source, sink, length = one.names[0], NODES[one.sink], len(one.path) - 1
        assert sink == one.names[-1] and source in sources and source != sink
        assert set(zip(one.names, one.names[1:], strict=False)) <= pairs
        assert far[source][sink] == length
        assert length <= min(
            (far[each][sink] for each in origins if each != sink and sink in far[each]), default=length
        )
