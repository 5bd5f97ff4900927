"""What real producers sent, all the way in: any order gives one graph, the oracle's, with the true numbers."""

from __future__ import annotations

import random
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple

import orjson
import pytest
from structlog.testing import capture_logs

from catalog.clock import DAY, FrozenClock
from catalog.errors import Conflict
from catalog.graph import inbox
from catalog.graph.fingerprint import fingerprint
from catalog.graph.inbox import NewEntry
from catalog.graph.store import Store
from catalog.identity import Name
from catalog.lineage.translate import translate
from catalog.resources import demo_dir
from catalog.usecases import ingest
from catalog.usecases.accept import prepare
from catalog.usecases.ingest import Ingester
from tests import corpus
from tests.oracle import Entry, Facts, Oracle
from tests.servers.stores import empty
from tests.store.conftest import LATER, accept_events, drain
from tests.store.facts import Graph, without_stubs

MOMENTS = 150

Arrival = list[NewEntry]


class Truth(NamedTuple):
    """The numbers of one scenario, as its authors count them.

    Runs and jobs are those that sent events: of `simple_producer_test` the parent application never did, and is not
    counted. Datasets are classes of names tied to each other; column edges are output column x input column x
    transformation; symlinks are the pairs.
    """

    events: int
    runs: int
    jobs: int
    datasets: int
    column_edges: int
    symlinks: int


TRUTH = {
    "CLL": Truth(9, 4, 4, 3, 21, 3),
    "airflow": Truth(32, 16, 16, 13, 16, 0),
    "simple_run_event": Truth(1, 1, 1, 2, 0, 0),
    "spark_dataproc_bigquery_shakespare": Truth(12, 3, 3, 2, 8, 0),
    "spark_dataproc_simple_producer_test": Truth(4, 1, 1, 2, 2, 2),
    "spark_dataproc_simple_producer_test_complete": Truth(16, 7, 6, 2, 2, 4),
}
STUBS = {
    "spark_dataproc_simple_producer_test": {
        ("cl_i_test_application", "019299c5-12f5-7946-b5b2-c6abab662e20"),
    }
}


@cache
def everything() -> tuple[NewEntry, ...]:
    """Every event there is, prepared as the door does, each once."""
    recorded = [*sorted(corpus.RECORDED.glob("*.ndjson")), *sorted(demo_dir().glob("*.ndjson"))]
    events = [event for _, event in corpus.all_events()]
    events += [event for path in recorded for event in corpus.events(path)]
    prepared = [prepare(event, orjson.dumps(event)) for event in events]
    return tuple({entry.key: entry for entry in prepared}.values())


def forwards() -> Arrival:
    return list(everything())


def backwards() -> Arrival:
    return list(reversed(everything()))


def shuffled() -> Arrival:
    return random.Random(1).sample(everything(), len(everything()))


def doubled() -> Arrival:
    return random.Random(2).sample([*everything(), *everything()], 2 * len(everything()))


def accept(store: Store, entries: Iterable[NewEntry], at_once: int = 100) -> list[Entry]:
    """Accept in this order; what the oracle needs to know of each entry."""
    entries = list(entries)
    receipts = []
    for at in range(0, len(entries), at_once):
        receipts += inbox.accept(store, entries[at : at + at_once], LATER)
    return [
        Entry(receipt.key, receipt.sequence, translate(orjson.loads(entry.payload)))
        for entry, receipt in zip(entries, receipts, strict=True)
    ]


@pytest.fixture(scope="module")
def expected(shared_store: Store) -> str:
    """The print of the graph of everything, applied in the order of the files."""
    empty(shared_store)
    accept(shared_store, forwards())
    drain(shared_store)
    return fingerprint(shared_store)


def classes(names: Iterable[Name], pairs: Iterable[tuple[Name, Name]]) -> set[frozenset[Name]]:
    """Names in groups of those that are tied to each other."""
    found = {name: {name} for name in names}
    for a, b in pairs:
        merged = found[a] | found[b]
        found.update(dict.fromkeys(merged, merged))
    return {frozenset(group) for group in found.values()}


def count(events: int, graph: Graph, facts: Facts) -> Truth:
    """The numbers of a graph."""
    spoke = {key for key, run in facts.runs.items() if run.state != "UNKNOWN"}
    datasets = [name for id_, name in graph.names.items() if graph.labels[id_] == "Dataset"]
    return Truth(
        events,
        len(spoke),
        len({key.job for key in spoke}),
        len(classes(datasets, facts.same_as)),
        sum(edge.kind == "DERIVES_FROM" and edge.row["open"] for edge in graph.edges),
        len(facts.same_as),
    )


def test_every_event_is_accepted_and_applied(store: Store) -> None:
    """Producers break the schema in one event out of four; none of theirs is lost, invalid on purpose or not."""
    entries = accept(store, forwards())

    assert len(entries) == drain(store).applied
    assert list(range(1, len(entries) + 1)) == [entry.sequence for entry in entries]


@pytest.mark.parametrize(
    ("arrival", "batch"),
    [(forwards, 7), (backwards, 250), (shuffled, 1), (shuffled, 250), (doubled, 7), (doubled, 250)],
)
def test_every_arrival_leaves_one_graph(
    store: Store, expected: str, monkeypatch: pytest.MonkeyPatch, arrival: Any, batch: int
) -> None:
    """Forwards, backwards, shuffled and doubled, in batches of 1, 7 and 250: what the oracle says, and one print."""
    monkeypatch.setattr(ingest, "BATCH_ENTRIES", batch)
    entries = accept(store, arrival())
    drain(store)

    assert Oracle(entries).facts() == Graph(store).facts()
    assert expected == fingerprint(store)


def test_what_is_applied_while_more_is_coming_leaves_the_same_graph(store: Store, expected: str) -> None:
    """Applied bit by bit as it arrives, everything being late at some time."""
    arriving = shuffled()
    for at in range(0, len(arriving), 40):
        accept(store, arriving[at : at + 40])
        drain(store)

    assert expected == fingerprint(store)


def test_four_workers_leave_the_same_graph(store: Store, expected: str) -> None:
    """Four shards, each with its worker, at the same time on the same datasets.

    What the store refused in the crowd is put off, or its task is delivered again; nothing of it was written.
    """
    accept(store, shuffled())

    def work(shard: int) -> None:
        worker = Ingester(store, FrozenClock(LATER), owner=f"worker {shard}", shards=4)
        while True:
            with suppress(Conflict):
                worker.drain(shard, seconds=300)
                return

    with capture_logs(), ThreadPoolExecutor(4) as workers:
        list(workers.map(work, range(4)))
    drain(store, FrozenClock(LATER + DAY), shards=4)

    assert expected == fingerprint(store)
    assert len(everything()) == store.rows("MATCH (e:Entry {state: 'APPLIED'}) RETURN count(e) AS n")[0]["n"]


def test_the_past_is_the_oracles(store: Store) -> None:
    """At random (T, K): the graph of only those events that had happened and were known."""
    rng = random.Random(3)
    entries = accept(store, shuffled())
    drain(store)
    graph, oracle = Graph(store), Oracle(entries)
    times = sorted({entry.assertions.time for entry in entries})

    for _ in range(MOMENTS):
        t, k = rng.choice([*times, None]), rng.choice([*range(len(entries) + 1), None])
        assert without_stubs(oracle.facts(t, k)) == without_stubs(graph.facts(t, k)), (t, k)


@pytest.mark.parametrize("name", corpus.SCENARIOS)
def test_the_consumer_scenarios_come_out_true(store: Store, name: str) -> None:
    """Events, runs, jobs, datasets, column edges and symlinks are those of OpenLineage's compatibility tests."""
    receipts = accept_events(store, corpus.scenario(name))
    drain(store)
    graph = Graph(store)
    facts = graph.facts()

    assert TRUTH[name] == count(len({receipt.sequence for receipt in receipts}), graph, facts)
    stubs = {(key.job.name, key.external) for key, run in facts.runs.items() if run.state == "UNKNOWN"}
    assert STUBS.get(name, set()) == stubs


def test_column_lineage_of_a_spark_job_is_exact(store: Store) -> None:
    """CLL: three direct dependencies, and a filter, a join and a group-by on each of the three columns."""
    accept_events(store, corpus.scenario("CLL"))
    drain(store)
    (edges,) = Graph(store).facts().columns.values()
    direct = {(e.out, e.dataset.name.rpartition("/")[2], e.field, e.subtype) for e in edges if e.type == "DIRECT"}
    indirect = {(e.dataset.name.rpartition("/")[2], e.field, e.subtype) for e in edges if e.type == "INDIRECT"}

    assert {
        ("ident", "cll_source1", "a", "IDENTITY"),
        ("trans", "cll_source1", "b", "TRANSFORMATION"),
        ("agg", "cll_source2", "c", "AGGREGATION"),
    } == direct
    both = {(source, "a", subtype) for source in ("cll_source1", "cll_source2") for subtype in ("FILTER", "JOIN")}
    assert both | {("cll_source1", column, "GROUP_BY") for column in "ab"} == indirect
    assert 3 + 3 * 6 == len(edges)
