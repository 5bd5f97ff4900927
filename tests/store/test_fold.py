"""Law 3 on a real store: the graph is a fold of its entries, whatever their order, duplication and batches.

The entries of random histories say things no producer would; the inbox carries an empty payload for each, and `record`
gets what they assert. The unit tests ask the fold alone at far greater volume; this is about what the store keeps.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from catalog.clock import SECOND
from catalog.errors import StoreTimeout, StoreUnavailable
from catalog.graph import inbox, leases
from catalog.graph.cells import SPILL
from catalog.graph.fingerprint import fingerprint
from catalog.graph.inbox import APPLIED, NewEntry, Settled
from catalog.graph.leases import Claim
from catalog.graph.record import record
from catalog.graph.store import Store
from catalog.identity import Name
from catalog.lineage.assertions import Assertions, ColumnEdge, DatasetAssertion, EventType, Json, Origin, RunKey
from catalog.lineage.observe import observe
from tests.histories import History, random_history, renumbered
from tests.oracle import Entry, Oracle
from tests.servers.stores import empty
from tests.store.conftest import LATER
from tests.store.facts import Graph, without_stubs

SOAK_SECONDS = float(os.environ.get("HEADWATER_SOAK_SECONDS", "120"))
MOMENTS = 80
REFUSED_AT_MOST = 5
SIZES = (3, 6, 10, 16, 30)

JOB, PARENT = Name("jobs", "load"), Name("jobs", "parent")
X, Y, Z = (Name("db", name) for name in "xyz")
START, COMPLETE = EventType.START, EventType.COMPLETE

Batches = Iterable[Iterable[Entry]]


def event(
    time: int,
    event_type: EventType,
    *datasets: DatasetAssertion,
    run: str = "1",
    complete: bool = False,
    parents: tuple[RunKey, ...] = (),
) -> Assertions:
    """What a run event asserts."""
    key = RunKey(JOB, run)
    return Assertions(time, Origin.OBSERVED, event_type, "p", JOB, key, parents, datasets, complete=complete)


def reads(name: Name, **facets: Json) -> DatasetAssertion:
    return DatasetAssertion(name, "input", facets=facets)


def writes(name: Name, *columns: ColumnEdge) -> DatasetAssertion:
    return DatasetAssertion(name, "output", columns=columns or None)


def entries_of(*told: Assertions) -> list[Entry]:
    """Entries accepted in the given order."""
    return [Entry(f"{i:04x}", i, said) for i, said in enumerate(told, 1)]


def accept(store: Store, entries: Iterable[Entry], shards: int = 1) -> None:
    """Accept entries, dealt out to shards; they get the sequences that they have in the history."""
    ordered = sorted(entries, key=lambda entry: entry.sequence)
    new = [NewEntry(e.key, b"{}", "RunEvent", "", e.sequence % shards) for e in ordered]

    assert [e.sequence for e in ordered] == [receipt.sequence for receipt in inbox.accept(store, new, LATER)]


def claim(store: Store, shard: int = 0, shards: int = 1) -> Claim:
    """The right to apply all entries of a shard."""
    held = leases.claim(
        store, shard, shards, owner="w", now=LATER, lease=SECOND, limit=1_000, max_bytes=2**30, forgive=False
    )
    assert held is not None
    return held


def record_batches(store: Store, held: Claim, batches: Batches) -> None:
    """Record batches, one transaction each, and give the shard back."""
    for batch in batches:
        said = {e.key: observe(e.assertions, e.key, e.sequence) for e in batch}
        settled = [Settled(r.key, r.sequence, APPLIED) for r in said.values()]
        record(store, held, list(said.values()), settled, now=LATER, lease=SECOND)
    leases.release(store, held)


def applied(store: Store, batches: Batches) -> Graph:
    """The graph of a store that was emptied and given these batches."""
    batches = [list(batch) for batch in batches]
    empty(store)
    accept(store, {e.key: e for batch in batches for e in batch}.values())
    record_batches(store, claim(store), batches)
    return Graph(store)


def assert_equal(entries: Sequence[Entry], graph: Graph, rng: random.Random | None = None) -> None:
    """The graph answers as the oracle does, now and at every (T, K), or at some of them."""
    oracle, past = Oracle(entries), History(tuple(entries), ())
    moments = [(t, k) for t in past.times for k in past.sequences]
    if rng and len(moments) > MOMENTS:
        moments = rng.sample(moments, MOMENTS)

    assert oracle.facts() == graph.facts()
    for t, k in moments:
        assert without_stubs(oracle.facts(t, k)) == without_stubs(graph.facts(t, k)), (t, k)


def one_by_one(store: Store, *told: Assertions) -> Graph:
    """The graph to which these came one by one; it agrees with the oracle at every (T, K)."""
    entries = entries_of(*told)
    graph = applied(store, [[entry] for entry in entries])
    assert_equal(entries, graph)
    return graph


def scattered(rng: random.Random, entries: Sequence[Entry]) -> list[list[Entry]]:
    """Any order, any batches, each entry once or more."""
    order = rng.sample(entries, len(entries))
    batches: list[list[Entry]] = [[]]
    for entry in order:
        batches[-1].append(entry)
        if rng.random() < 0.4:
            batches.append([rng.choice(order)] if rng.random() < 0.3 else [])
    return batches


def seasoned(rng: random.Random, past: History) -> History:
    """The history with column edges of all kinds: of whole datasets, masked, and described in other words."""

    def season(edge: ColumnEdge) -> ColumnEdge:
        if rng.random() < 0.3:
            edge = edge._replace(out="", type="INDIRECT", subtype="FILTER")
        return edge._replace(masking=rng.random() < 0.2, description=rng.choice(("", "", "once", "twice")))

    def told(dataset: DatasetAssertion) -> DatasetAssertion:
        return replace(dataset, columns=dataset.columns and tuple(sorted({season(edge) for edge in dataset.columns})))

    entries = {
        e.key: e._replace(assertions=replace(e.assertions, datasets=tuple(map(told, e.assertions.datasets))))
        for e in past.entries
    }
    return History(tuple(entries.values()), tuple(tuple(entries[e.key] for e in batch) for batch in past.batches))


def check_history(store: Store, seed: str, size: int) -> None:
    """Recorded as it came, and again accepted and recorded in other orders: the oracle's facts, one fingerprint."""
    rng = random.Random(seed)
    past = seasoned(rng, random_history(rng, size))
    assert_equal(past.entries, applied(store, past.batches), rng)
    first = fingerprint(store)
    again = renumbered(rng, past.entries)
    assert_equal(again, applied(store, scattered(rng, again)), rng)

    assert first == fingerprint(store)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("size", SIZES)
def test_the_store_equals_the_oracle(store: Store, size: int, seed: int) -> None:
    """`lineage(asOf, knownAt)` is the graph of only those entries; order and duplication leave no trace."""
    check_history(store, f"{size}-{seed}", size)


@pytest.mark.slow
def test_the_store_equals_the_oracle_for_a_long_time(store: Store) -> None:
    """The same for HEADWATER_SOAK_SECONDS, from another start each time; the seed that failed is in the message.

    A store that has no time on a busy machine says nothing of the law, so it is asked for the same again.
    """
    start, until, seed, refused = time.time_ns(), time.monotonic() + SOAK_SECONDS, 0, 0
    while time.monotonic() < until:
        name, size = f"{start}-{seed}", SIZES[seed % len(SIZES)]
        try:
            check_history(store, name, size)
        except (StoreTimeout, StoreUnavailable) as e:
            refused += 1
            print(f"check_history(store, {name!r}, {size}): {e.code}")
            if refused > REFUSED_AT_MOST:
                raise
            continue
        except Exception as e:
            raise AssertionError(f"check_history(store, {name!r}, {size})") from e
        seed, refused = seed + 1, 0


@pytest.mark.parametrize("seed", range(4))
def test_appliers_at_once_leave_what_one_leaves(store: Store, seed: int) -> None:
    """Three shards of the same jobs and datasets, applied at the same time by three workers, batch by batch.

    What the store refuses in the crowd was not written at all, so it is recorded again, as workers do.
    """
    rng = random.Random(f"at once {seed}")
    entries = random_history(rng, 30).entries
    empty(store)
    accept(store, entries, shards=3)

    def work(shard: int) -> None:
        mine = [entry for entry in entries if entry.sequence % 3 == shard]
        held = claim(store, shard, 3)
        for batch in scattered(random.Random(seed), mine):
            for refused in range(REFUSED_AT_MOST, -1, -1):
                try:
                    record_batches(store, held, [batch])
                    break
                except Exception:
                    if not refused:
                        raise

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))

    assert_equal(entries, Graph(store), rng)


def test_a_complete_set_that_comes_late_spares_what_came_after_it(store: Store) -> None:
    """The first complete set of a job happened before all that is known: nothing of it ends."""
    graph = one_by_one(store, event(2, START, writes(Z), run="2"), event(1, COMPLETE, writes(Z), complete=True))

    assert {(JOB, Z, "O")} == graph.facts().writes


def test_an_edge_that_was_closed_before_anyone_saw_it_is_known_to_its_run(store: Store) -> None:
    """It opens when its own run ends with it, though it never had a point until then."""
    entries = [
        Entry("a", 2, event(0, START, reads(X), run="1", complete=True)),
        Entry("b", 1, event(0, COMPLETE, run="1")),
        Entry("c", 3, event(0, START, reads(Y), run="2", complete=True)),
        Entry("d", 4, event(4, COMPLETE, run="2", complete=True)),
    ]
    graph = applied(store, [entries[:3], entries[3:]])

    assert_equal(entries, graph)
    assert {(JOB, Y, "O")} == graph.facts().reads


def test_a_known_bundle_is_not_quiet_where_it_may_close(store: Store) -> None:
    """The same COMPLETE as ever ends what it does not name, once its run has said that its set is complete."""
    graph = one_by_one(
        store,
        event(1, COMPLETE, reads(X), reads(Y)),
        event(2, COMPLETE, reads(X), run="2"),
        event(3, START, reads(X), run="3", complete=True),
        event(4, COMPLETE, reads(X), run="3"),
    )

    assert {(JOB, X, "O")} == graph.facts().reads


def test_identity_holds_from_the_earliest_sequence_that_told_it(store: Store) -> None:
    """Whichever of two tellings is applied first, and whatever time they speak of."""
    entries = entries_of(*(replace(event(t, COMPLETE, run=str(t)), symlinks=((X, Y),)) for t in (9, 1)))

    for order in (entries, list(reversed(entries))):
        graph = applied(store, [[entry] for entry in order])
        assert {(X, Y)} == graph.facts(0, 1).same_as
        assert_equal(entries, graph)


def test_a_dataset_event_with_nothing_but_another_name_is_heard(store: Store) -> None:
    """It asserts nothing about a subject, yet names two datasets and ties them."""
    said = Assertions(1, Origin.DECLARED, EventType.OTHER, "p", None, None, (), symlinks=((X, Y),))
    graph = one_by_one(store, said)

    assert {(X, Y)} == graph.facts().same_as


def test_a_root_that_is_named_later_than_the_parent_is_heard(store: Store) -> None:
    """A run names its parent on START and its root, too, on COMPLETE: the root's run is known."""
    parent, root = RunKey(PARENT, "p"), RunKey(PARENT, "r")
    told = [event(1, START, parents=(parent,)), event(2, COMPLETE, parents=(parent, root))]
    graph = one_by_one(store, *told)

    assert {RunKey(JOB, "1"), parent, root} == set(graph.facts().runs)


def test_of_two_roots_of_one_moment_the_same_one_wins(store: Store) -> None:
    """Parent and root of a run do not depend on which of its events came last."""
    parent, root = RunKey(PARENT, "p"), RunKey(PARENT, "r")
    entries = entries_of(event(1, START, parents=(parent,)), event(1, COMPLETE, parents=(parent, root)))
    prints = []
    for order in (entries, reversed(entries)):
        applied(store, [[entry] for entry in order])
        prints.append(fingerprint(store))

    assert prints[0] == prints[1]


def test_a_column_edge_says_what_was_said_of_it_then(store: Store) -> None:
    """Another description is another statement: the past keeps the old one."""
    old, new = (ColumnEdge("a", X, "b", "DIRECT", "IDENTITY", False, text) for text in ("old", "new"))
    graph = one_by_one(store, event(1, COMPLETE, writes(Y, old)), event(2, COMPLETE, writes(Y, new), run="2"))

    assert {(JOB, Y, "O"): frozenset({new})} == graph.facts().columns
    assert {(JOB, Y, "O"): frozenset({old})} == graph.facts(as_of=1).columns


@pytest.mark.parametrize("seed", range(3))
def test_packed_lists_say_the_same(store: Store, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """However long Steps must be to be packed into a text, every (T, K) is answered alike, with one print."""
    rng = random.Random(seed)
    past = seasoned(rng, random_history(rng, 16))
    applied(store, past.batches)
    listed = fingerprint(store)
    for name, most in (("PACKED", 0), ("SPILL", 1)):
        monkeypatch.setattr(f"catalog.graph.cells.{name}", most)
    for module in ("write", "fingerprint", "walk", "cut"):
        monkeypatch.setattr(f"catalog.graph.{module}.SPILL", 1, raising=False)

    assert_equal(past.entries, applied(store, past.batches), rng)
    assert listed == fingerprint(store)


def test_lists_move_out_of_an_edge_and_back(store: Store) -> None:
    """Heard of backwards an edge gets a point per event, beyond SPILL in a register; one early entry takes all back."""
    late = [event(t, COMPLETE, reads(X), run=str(t)) for t in range(SPILL + 4, 0, -1)]
    entries = entries_of(event(0, COMPLETE, reads(X), run="0"), *late)
    accept(store, entries)
    held = claim(store)
    record_batches(store, held, ([entry] for entry in entries[1:]))
    spilled = Graph(store)
    before = fingerprint(store)
    record_batches(store, held, [entries[:1]])

    assert [SPILL + 4] == [edge.row["n"] for edge in spilled.edges]
    assert_equal(entries[1:], spilled)
    assert [1] == [edge.row["n"] for edge in Graph(store).edges]
    assert_equal(entries, Graph(store))
    assert [1] == [edge.row["n"] for edge in applied(store, [entries_of(*reversed(late))]).edges]
    assert before == fingerprint(store)
