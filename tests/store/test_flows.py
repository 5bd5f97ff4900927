"""What feeds what, at any moment: the service's walk against the definition, over random histories."""

from __future__ import annotations

import random

import pytest

from catalog.graph.lineage import trace
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.graph.walk import Caps, Moment, Node
from catalog.identity import Name, dataset_id, job_id
from catalog.usecases.trace import lineage
from tests.flows import DATASET, DOWNSTREAM, JOB, UPSTREAM, Edge, Flows, Thing
from tests.histories import DATASETS, JOBS, random_history
from tests.oracle import Oracle
from tests.oracle_datasets import dataset_facts
from tests.store.test_fold import applied

MOMENTS = 4


def walked(reader: Reader, root: Thing, direction: str, moment: Moment) -> set[Edge]:
    """The edges of the service's answer by the names of their ends."""
    id_ = dataset_id(root.name) if root.kind == DATASET else job_id(root.name)
    walk = trace(reader, Node(id_, root.kind, *root.name), direction, Caps(depth=50), moment)
    things = {node.id: Thing(node.kind, Name(node.namespace, node.name)) for node in walk.nodes.values()}

    assert not walk.truncated_by
    edges = set()
    for edge in walk.edges.values():
        source, target = things[edge.source], things[edge.target]
        if edge.kind == "SAME_AS":
            source, target = sorted((source, target))
        edges.add(Edge(edge.kind, source, target, "" if edge.kind == "SAME_AS" else edge.origin))
    return edges


def derived(reader: Reader, root: Name, direction: str, moment: Moment) -> dict[tuple[Name, Name], str]:
    """The derivations through jobs of the service's answer, each with its basis."""
    found = lineage(
        reader,
        kind=DATASET,
        name=root,
        field=None,
        direction=direction,
        depth=50,
        granularity=DATASET,
        moment=moment,
    )
    if found is None:
        return {}
    names = {node.id: Name(node.namespace, node.name) for node in found.nodes}
    return {(names[e.source], names[e.target]): e.basis for e in found.edges if e.via}


@pytest.mark.parametrize("seed", range(8))
def test_what_feeds_what_is_walked_as_defined(store: Store, seed: int) -> None:
    """In both directions, from datasets and jobs, now and at random (T, K): the same edges, each by what is known."""
    rng = random.Random(f"flows {seed}")
    history = random_history(rng, rng.choice((6, 10, 16)))
    applied(store, history.batches)
    oracle, reader = Oracle(history.entries), Reader(store, None)
    moments = [Moment(), *(Moment(rng.choice(history.times), rng.choice(history.sequences)) for _ in range(MOMENTS))]
    for moment in moments:
        renames = dataset_facts(history.entries, moment.as_of, moment.known_at).renames
        flows = Flows(oracle.facts(moment.as_of, moment.known_at), renames)
        for direction in (UPSTREAM, DOWNSTREAM):
            roots = [Thing(DATASET, rng.choice(DATASETS)), Thing(DATASET, rng.choice(DATASETS))]
            for root in [*roots, Thing(JOB, rng.choice(JOBS))]:
                assert flows.around(root, direction) == walked(reader, root, direction, moment), (moment, root)
            name = roots[0].name
            told = flows.once(derived(reader, name, direction, moment))
            assert flows.once(flows.derivations(name, direction)) == told, (moment, name)
