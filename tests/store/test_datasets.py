"""What the service says about datasets besides lineage, at any moment, equals the definition (law 3)."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from catalog.graph import containers, lifecycle, samples
from catalog.graph.fingerprint import fingerprint
from catalog.graph.reader import Reader
from catalog.graph.samples import Page, Place
from catalog.graph.store import Store
from catalog.graph.walk import PRESENT, Moment
from catalog.identity import Name, dataset_id, run_id
from catalog.lineage import series
from catalog.lineage.assertions import Assertions, DatasetAssertion, EventType, Origin, RunKey
from catalog.lineage.containers import top
from catalog.lineage.facets.dataset import Change
from catalog.lineage.steps import OPEN, value_at
from tests.histories import DATASETS, History, random_history, renumbered
from tests.oracle import Entry
from tests.oracle_datasets import DatasetFacts, dataset_facts
from tests.store.facts import Graph
from tests.store.test_fold import applied, entries_of, scattered

MOMENTS = 8
JOB, OTHER_JOB = Name("jobs", "load"), Name("jobs", "other")
X, Y = Name("db", "x"), Name("db", "y")
START, COMPLETE = EventType.START, EventType.COMPLETE


def everything(reader: Reader, of: Name, at: Moment, read: Any, size: int, **more: Any) -> list[series.Told[Any, Any]]:
    """All pages of what samples of a dataset say, oldest first."""
    found, after = [], None
    while True:
        page: Page[Any, Any] = samples.page_told(reader, [dataset_id(of)], read, size, moment=at, after=after, **more)
        found += [told for _, told in page.told]
        assert len(page.told) <= size
        if page.more is None:
            return found[::-1]
        after = page.more


def read_facts(reader: Reader, graph: Graph, entries: Iterable[Entry], at: Moment, size: int) -> DatasetFacts:
    """What the service answers."""
    runs = {run_id(*e.assertions.run): e.assertions.run for e in entries if e.assertions.run}
    keys = {row["id"]: row["key"] for row in reader.store.rows("MATCH (x:Sample) RETURN x.id AS id, x.key AS key")}
    ids = [dataset_id(name) for name in DATASETS]
    names = {dataset_id(name): name for name in DATASETS}
    found = DatasetFacts()
    for id_, told in lifecycle.lifecycles(reader, ids, at).items():
        if told:
            found.lifecycle[names[id_]] = (told.state, told.since, told.other)
    for id_, places in containers.containers_of(reader, ids, at).items():
        if places:
            found.containers[names[id_]] = tuple((place.type, place.name) for place in places)
    for name in DATASETS:
        for one in everything(reader, name, at, series.numbers, size):
            facet, _, metric = one.key.name.partition(".")
            found.numbers[name, runs.get(one.run, keys[one.sample]), facet, metric] = (one.t, one.value)
        for one in everything(reader, name, at, series.checks, size, settle=series.only_once):
            teller = runs.get(one.run, keys[one.sample])
            found.checks[name, teller, one.key.assertion, one.key.name] = (one.t, one.value.status)
        for one in everything(reader, name, at, series.versions, size):
            found.versions[name, runs.get(one.run, keys[one.sample]), one.key.version, one.key.use] = one.t
    bounds = at.bounds
    for edge in graph.edges:
        if edge.row.get("type") == "RENAME" and value_at(edge.points, bounds["asof"], bounds["known"]) == OPEN:
            found.renames.add((graph.names[edge.source], graph.names[edge.target], edge.row["origin"]))
    return found


def assert_equal(store: Store, entries: Sequence[Entry], rng: random.Random) -> None:
    """The service answers as the definition does, now and at some moments."""
    reader, graph, past = Reader(store, None), Graph(store), History(tuple(entries), ())
    moments = [(t, k) for t in past.times for k in past.sequences]
    for t, k in [(None, None), *rng.sample(moments, min(MOMENTS, len(moments)))]:
        at = Moment(t, k)
        expected, size = dataset_facts(entries, t, k), rng.choice((1, 2, 100))
        assert expected == read_facts(reader, graph, entries, at, size), (t, k)
        assert_tree(reader, expected, at)


def assert_tree(reader: Reader, expected: DatasetFacts, at: Moment) -> None:
    """Walked from the namespace down, the tree has each dataset in its place, and no empty container."""
    found: dict[Name, tuple[tuple[str, str], ...]] = {}

    def walk(parent: str, above: tuple[tuple[str, str], ...]) -> None:
        rows, more = containers.page_containers(reader, parent, after="", limit=100, moment=at)
        assert more is None
        counted = containers.sizes(reader, [row["id"] for row in rows], at)
        for row in rows:
            place = (*above, (row["type"], row["name"]))
            inside, more = containers.page_datasets_in(reader, row["id"], after="", limit=100, moment=at)
            assert more is None
            found.update((Name(r["namespace"], r["name"]), place) for r in inside)
            walk(row["id"], place)
            assert counted[row["id"]] == sum(p[: len(place)] == place for p in found.values())

    walk(top("db"), ())
    assert expected.containers == found


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("size", [6, 20])
def test_datasets_are_as_defined(store: Store, size: int, seed: int) -> None:
    """Lifecycle, containers, series, checks, versions and renames at every moment; one hash in every order."""
    rng = random.Random(f"datasets {size}-{seed}")
    past = random_history(rng, size)
    applied(store, past.batches)
    assert_equal(store, past.entries, rng)
    first = fingerprint(store)
    again = renumbered(rng, past.entries)
    applied(store, scattered(rng, again))
    assert_equal(store, again, rng)

    assert first == fingerprint(store)


def event(time: int, *datasets: DatasetAssertion, run: str = "1", job: Name = JOB, last: bool = True) -> Assertions:
    kind = COMPLETE if last else START
    return Assertions(time, Origin.OBSERVED, kind, "p", job, RunKey(job, run), datasets=datasets)


def writes(name: Name, change: str = "", previous: Name | None = None) -> DatasetAssertion:
    return DatasetAssertion(name, "output", change=Change(change, previous) if change else None)


def states(store: Store, *told: Assertions, at: Moment = PRESENT) -> dict[Name, tuple[str, int]]:
    entries = entries_of(*told)
    applied(store, [entries])
    names = {dataset_id(name): name for name in (X, Y)}
    found = lifecycle.lifecycles(Reader(store, None), names, at)
    return {names[id_]: (state.state, state.since) for id_, state in found.items() if state}


def test_a_staging_table_is_gone_and_comes_again(store: Store) -> None:
    """Written and dropped in each run, over days: each moment has its state, though the word is always the same."""
    day = 86_400_000_000
    told = []
    for number in range(40):
        told.append(event(10 * number * day, writes(X), run=f"w{number}"))
        told.append(event((10 * number + 5) * day, writes(X, "DROP"), run=f"d{number}", job=OTHER_JOB))

    assert {X: ("DROP", 395 * day)} == states(store, *told)
    reader = Reader(store, None)
    for t, state in [(4, None), (6, "DROP"), (12, "EXISTS"), (17, "DROP"), (391, "EXISTS")]:
        found = lifecycle.lifecycles(reader, [dataset_id(X)], Moment(t * day)).get(dataset_id(X))
        assert state == (found.state if found else None)
        assert found is None or t // 5 * 5 * day == found.since


def test_the_run_that_dropped_it_does_not_bring_it_back(store: Store) -> None:
    """Its COMPLETE names the dataset as an output still; another run's does bring it back."""
    dropped = [event(1, writes(X, "DROP"), last=False), event(2, writes(X))]

    assert {X: ("DROP", 1)} == states(store, *dropped)
    assert {X: ("EXISTS", 3)} == states(store, *dropped, event(3, writes(X), run="2"))


def test_a_declaration_brings_it_back(store: Store) -> None:
    """A DatasetEvent, or a JobEvent that writes it, says that it exists; one that reads it does not."""
    own = Assertions(2, Origin.DECLARED, EventType.OTHER, "p", None, None, datasets=(DatasetAssertion(X, "dataset"),))
    declares = Assertions(2, Origin.DECLARED, EventType.OTHER, "p", JOB, None, datasets=(writes(X),))
    reads = Assertions(2, Origin.DECLARED, EventType.OTHER, "p", JOB, None, datasets=(DatasetAssertion(X, "input"),))
    dropped = event(1, writes(X, "DROP"))

    assert {X: ("EXISTS", 2)} == states(store, dropped, own) == states(store, dropped, declares)
    assert {X: ("DROP", 1)} == states(store, dropped, reads)


def test_a_rename_leaves_no_old_name(store: Store) -> None:
    """The old name is gone since then, and was not before."""
    told = [event(1, writes(X, "CREATE")), event(5, writes(Y, "RENAME", X), run="2")]

    assert {X: ("RENAMED", 5), Y: ("RENAME", 5)} == states(store, *told)
    assert {X: ("CREATE", 1)} == states(store, *told, at=Moment(4))


def test_pages_cut_through_a_sample(store: Store) -> None:
    """A page may end between two checks of one event; the next one goes on with the other."""
    checks = {"assertions": [{"assertion": "a", "name": str(i), "success": True} for i in range(5)]}
    asserted = DatasetAssertion(X, "input", run_facets={"dataQualityAssertions": checks})
    applied(store, [entries_of(event(1, asserted))])
    reader = Reader(store, None)
    after: Place | None = None
    pages = []
    while True:
        page = samples.page_told(reader, [dataset_id(X)], series.checks, 2, after=after)
        pages.append([told.key.name for _, told in page.told])
        after = page.more
        if after is None:
            break

    assert [["0", "1"], ["2", "3"], ["4"]] == pages
