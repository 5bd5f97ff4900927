"""The graph hash is equal for two graphs that say the same, and for no others."""

from __future__ import annotations

import random

import pytest

from catalog.clock import DAY, to_iso
from catalog.graph import fingerprint as module
from catalog.graph.fingerprint import fingerprint
from catalog.graph.store import Store
from tests import corpus
from tests.servers.stores import empty
from tests.store.conftest import accept_events, drain

FACTS = [
    "MATCH (n:Job) WITH n LIMIT 1 SET n.name = 'other' RETURN count(n) AS n",
    "MATCH (n:Dataset) WITH n LIMIT 1 SET n.namespace = 'other' RETURN count(n) AS n",
    "MATCH (n:Namespace) WITH n LIMIT 1 SET n.name = 'other' RETURN count(n) AS n",
    "MATCH (n:Job) WITH n LIMIT 1 SET n.latest = 'other' RETURN count(n) AS n",
    "MATCH ()-[r:READS]->() WITH r LIMIT 1 SET r.open = false RETURN count(r) AS n",
    "MATCH ()-[r:READS]->() WITH r LIMIT 1 SET r.t0 = r.t0 - 1 RETURN count(r) AS n",
    "MATCH ()-[r:WRITES {origin: 'O'}]->() WITH r LIMIT 1 SET r.origin = 'D' RETURN count(r) AS n",
    "MATCH ()-[r:WRITES {origin: 'D'}]->() WITH r LIMIT 1 DELETE r RETURN count(*) AS n",
    "MATCH ()-[r:CHILD_OF]->() WITH r LIMIT 1 DELETE r RETURN count(*) AS n",
    "MATCH ()-[r:SAME_AS]->() WITH r LIMIT 1 DELETE r RETURN count(*) AS n",
    "MATCH (:Field)-[r:DERIVES_FROM]->() WITH r LIMIT 1 SET r.subtype = 'OTHER' RETURN count(r) AS n",
    "MATCH (:Field)-[r:DERIVES_FROM]->() WITH r LIMIT 1 SET r.masking = true RETURN count(r) AS n",
    "MATCH (:Field)-[r:DERIVES_FROM]->(f) WITH f LIMIT 1 SET f.path = 'other' RETURN count(f) AS n",
    "MATCH (:Dataset)-[r:DERIVES_FROM]->(:Dataset) WITH r LIMIT 1 DELETE r RETURN count(*) AS n",
    "MATCH (:Dataset)-[r:DERIVES_FROM]->(:Field) WITH r LIMIT 1 DELETE r RETURN count(*) AS n",
    "MATCH (g:Reg {aspect: 'schema'}) WITH g LIMIT 1 SET g.cur = 'other' RETURN count(g) AS n",
    "MATCH (g:Reg {aspect: 'schema'}) WITH g LIMIT 1 SET g.vs = ['other'] RETURN count(g) AS n",
    "MATCH (g:Reg {aspect: 'facet'}) WITH g LIMIT 1 SET g.ts = [1] RETURN count(g) AS n",
    "MATCH (g:Reg {aspect: 'facet'}) WITH g LIMIT 1 SET g.name = 'other' RETURN count(g) AS n",
    "MATCH (u:Use) WITH u LIMIT 1 SET u.n = u.n + 1 RETURN count(u) AS n",
    "MATCH (u:Use) WITH u LIMIT 1 SET u.first = u.first - 1 RETURN count(u) AS n",
    "MATCH (u:Use) WITH u LIMIT 1 SET u.last = u.last + 1 RETURN count(u) AS n",
    "MATCH (u:Use) WITH u LIMIT 1 SET u.lastRun = 'other' RETURN count(u) AS n",
    "MATCH (u:Use) WITH u LIMIT 1 SET u.producer = 'other' RETURN count(u) AS n",
    "MATCH (r:Run) WITH r LIMIT 1 SET r.state = 'OTHER' RETURN count(r) AS n",
    "MATCH (r:Run {state: 'COMPLETED'}) WITH r LIMIT 1 SET r.endedAt = 1 RETURN count(r) AS n",
    "MATCH (r:Run {state: 'COMPLETED'}) WITH r LIMIT 1 SET r.ios = [x IN r.ios | 'other'] RETURN count(r) AS n",
    "MATCH (r:Run) WHERE r.facets <> '{}' WITH r LIMIT 1 SET r.facets = '{}' RETURN count(r) AS n",
    "MATCH (r:Run) WHERE r.parent IS NOT NULL WITH r LIMIT 1 SET r.root = 'other' RETURN count(r) AS n",
    "MATCH (:Run)-[e:RUN_OF]->() WITH e LIMIT 1 DELETE e RETURN count(*) AS n",
    "MATCH (r:Run) WITH r LIMIT 1 DETACH DELETE r RETURN count(*) AS n",
]
NO_FACTS = [
    "MATCH (e:Entry) SET e.received = e.received + 1, e.settledAt = 0 RETURN count(e) AS n",
    "MATCH (n:Job|Dataset) SET n.maxS = 0, n.lock = 0, n.signatures = [] RETURN count(n) AS n",
    "MATCH ()-[r:READS]->() WHERE r.n = 1 SET r.s0 = r.s0 + 7 RETURN count(r) AS n",
    "MATCH ()-[r:SAME_AS]->() SET r.s0 = r.s0 + 7 RETURN count(r) AS n",
    "MATCH (g:Reg {aspect: 'schema'}) WHERE size(g.ss) = 1 SET g.ss = [77] RETURN count(g) AS n",
    "MATCH (o:Obs) SET o.s = 0 RETURN count(o) AS n",
]
SOURCE = {"namespace": "db", "name": "source"}
DECLARED = [
    {
        "eventTime": to_iso(DAY),
        "producer": "tests",
        "job": {"namespace": "jobs", "name": "declared"},
        "outputs": [{"namespace": "db", "name": "target"}],
    },
    {
        "eventTime": to_iso(DAY),
        "producer": "tests",
        "dataset": {
            "namespace": "db",
            "name": "target",
            "facets": {
                "columnLineage": {
                    "fields": {"a": {"inputFields": [{**SOURCE, "field": "a"}]}},
                    "dataset": [{**SOURCE, "field": "b"}],
                }
            },
        },
    },
]


@pytest.fixture
def told(store: Store) -> str:
    """The print of a graph with something of every kind in it."""
    accept_events(store, [*corpus.scenario("CLL"), *DECLARED])
    drain(store)
    return fingerprint(store)


def test_an_empty_graph_has_a_print(store: Store) -> None:
    """The same one as any other empty graph, and not that of a graph with something in it."""
    empty_print = fingerprint(store)
    accept_events(store, DECLARED)
    assert empty_print == fingerprint(store)
    drain(store)

    assert empty_print != fingerprint(store)


@pytest.mark.parametrize("seed", range(2))
def test_order_and_duplication_leave_no_trace(store: Store, told: str, seed: int) -> None:
    """Another order of acceptance, other batches, each event twice: one print."""
    empty(store)
    rng = random.Random(seed)
    events = [*corpus.scenario("CLL"), *DECLARED] * 2
    rng.shuffle(events)
    for event in events:
        accept_events(store, [event], now=rng.randrange(1_000))
        if rng.random() < 0.5:
            drain(store)
    drain(store)

    assert told == fingerprint(store)


def test_every_fact_is_in_it(store: Store, told: str) -> None:
    """Whatever differs between two graphs, their prints differ."""
    prints, unseen, void = {told}, [], []
    for change in FACTS:
        if not store.write(lambda tx, text=change: tx.run(text))[0]["n"]:  # type: ignore[misc]
            void.append(change)
        now = fingerprint(store)
        if now in prints:
            unseen.append(change)
        prints.add(now)

    assert [] == void
    assert [] == unseen


def test_nothing_else_is_in_it(store: Store, told: str) -> None:
    """When an entry was received, and as which one, is no fact."""
    for change in NO_FACTS:
        assert store.write(lambda tx, text=change: tx.run(text))[0]["n"], change  # type: ignore[misc]
        assert told == fingerprint(store), change


def test_pages_are_no_facts(store: Store, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However little is read at once, nothing is lost or read twice at the seams."""
    for page, subjects in ((1, 1), (2, 3), (7, 2)):
        monkeypatch.setattr(module, "PAGE", page)
        monkeypatch.setattr(module, "SUBJECTS", subjects)

        assert told == fingerprint(store), (page, subjects)
