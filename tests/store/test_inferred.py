"""What SQL shows stands beside what producers say, and neither touches the other (law 4)."""

from __future__ import annotations

import random
from typing import Any

from catalog.clock import SECOND
from catalog.graph.columns import trace_columns
from catalog.graph.fingerprint import fingerprint
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.graph.walk import DATASET, UPSTREAM, Caps, Moment, Node
from catalog.identity import Name, dataset_id
from catalog.lineage.translate import translate
from tests.oracle import Entry, Oracle
from tests.servers.stores import empty
from tests.store.conftest import accept_events, drain
from tests.store.events import NOON, dataset, event
from tests.store.facts import Graph

CLEAN = Name("db", "clean")
OBSERVED = {"fields": {"k": {"inputFields": [{"namespace": "db", "name": "raw", "field": "other"}]}}}

Column = tuple[str, str, str]
"""Input column, output column, origin."""


def told(run: int, query: str, **facets: Any) -> dict[str, Any]:
    """A run that reads `raw` and writes `clean`."""
    outputs = [dataset("clean", **facets)]
    return event(str(run), NOON + run * SECOND, inputs=[dataset("raw")], outputs=outputs, sql={"query": query})


STORY = [
    told(1, "select x as k from raw"),
    told(2, "select y as k from raw"),
    told(3, "select y as k from raw", columnLineage=OBSERVED),
    told(4, "call vendor_procedure()"),
]
"""A query, another one, one whose producer tells the columns, and one that shows nothing."""

EXPECTED: list[set[Column]] = [
    {("x", "k", "I")},
    {("y", "k", "I")},
    {("y", "k", "I"), ("other", "k", "O")},
    {("other", "k", "O")},
]
"""What holds after each of them."""


def columns(store: Store, moment: Moment) -> set[Column]:
    """The column edges of the output at a moment."""
    root = Node(dataset_id(CLEAN), DATASET, *CLEAN)
    walk = trace_columns(Reader(store, None), root, UPSTREAM, Caps(), moment)
    fields = {node.id: node.field or "" for node in walk.nodes.values()}
    return {(fields[e.source], fields[e.target], e.origin) for e in walk.edges.values() if e.kind == "DERIVES_FROM"}


def test_each_origin_has_a_past_of_its_own(store: Store) -> None:
    """The newest query counts, also when it shows nothing; what the producer said stays, now and as it was then."""
    accept_events(store, STORY)
    drain(store)

    assert EXPECTED == [columns(store, Moment(NOON + run * SECOND)) for run in range(1, len(STORY) + 1)]
    assert EXPECTED == [columns(store, Moment(known_at=run)) for run in range(1, len(STORY) + 1)]
    assert EXPECTED[-1] == columns(store, Moment())


def test_any_order_of_queries_gives_one_graph(store: Store) -> None:
    """As everything else: the definition's graph, and one hash."""
    prints = set()
    rng = random.Random(5)
    for _ in range(4):
        empty(store)
        order = rng.sample(STORY, len(STORY))
        receipts = accept_events(store, [*order, order[0]])[: len(order)]
        drain(store)
        entries = [Entry(r.key, r.sequence, translate(e)) for r, e in zip(receipts, order, strict=True)]
        prints.add(fingerprint(store))
        assert Oracle(entries).facts() == Graph(store).facts()

    assert 1 == len(prints)


def test_inference_adds_no_input(store: Store) -> None:
    """Table lineage is what the producer says, whatever the query names."""
    accept_events(store, [told(1, "select r.x as k, o.y as l from raw r join elsewhere.other o on r.i = o.i")])
    drain(store)

    assert [{"name": "raw", "origin": "O"}] == store.rows(
        "MATCH (:Job)-[r:READS]->(d:Dataset) RETURN d.name AS name, r.origin AS origin"
    )
