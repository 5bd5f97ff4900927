"""Law 3: the graph is a fold of its entries. Any order, any duplication, any batches: what the oracle says."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.identity import Name
from catalog.lineage.assertions import Assertions, ColumnEdge, DatasetAssertion, EventType, Json, Origin, RunKey
from catalog.lineage.steps import Point
from tests.histories import History, arrivals, histories, random_history, renumbered
from tests.ledger import Ledger, ledger_of
from tests.oracle import Entry, Facts, Oracle

JOB, OTHER_JOB = Name("jobs", "load"), Name("jobs", "copy")
X, Y, Z = (Name("db", name) for name in "xyz")
START, COMPLETE = EventType.START, EventType.COMPLETE


def event(
    time: int,
    event_type: EventType = COMPLETE,
    *datasets: DatasetAssertion,
    job: Name = JOB,
    run: str = "1",
    complete: bool = False,
) -> Assertions:
    """What a run event asserts."""
    key = RunKey(job, run)
    return Assertions(time, Origin.OBSERVED, event_type, "p", job, key, datasets=datasets, complete=complete)


def declared(time: int, *datasets: DatasetAssertion) -> Assertions:
    """What a JobEvent asserts."""
    return Assertions(time, Origin.DECLARED, EventType.OTHER, "p", JOB, None, datasets=datasets)


def reads(name: Name, **facets: Json) -> DatasetAssertion:
    return DatasetAssertion(name, "input", facets=facets)


def writes(name: Name, schema: Json = None, columns: tuple[ColumnEdge, ...] | None = None) -> DatasetAssertion:
    return DatasetAssertion(name, "output", schema, columns)


def column(out: str, source: Name) -> tuple[ColumnEdge, ...]:
    return (ColumnEdge(out, source, "c", "DIRECT", "IDENTITY", False, ""),)


def entries_of(*told: Assertions) -> list[Entry]:
    """Entries accepted in the given order."""
    return [Entry(f"{i:02x}", i, said) for i, said in enumerate(told, 1)]


def one_by_one(*told: Assertions) -> Ledger:
    """The ledger to which these came one by one; it agrees with the oracle at every (T, K)."""
    entries = entries_of(*told)
    ledger = ledger_of([entry] for entry in entries)
    assert_equal_everywhere(History(tuple(entries), ()), ledger)
    return ledger


def assert_equal_everywhere(past: History, ledger: Ledger) -> None:
    oracle = Oracle(past.entries)
    for t in past.times:
        for k in past.sequences:
            assert replace(oracle.facts(t, k), run_facets={}) == ledger.facts(t, k), (t, k)


def read_by(facts: Facts) -> set[Name]:
    """What the job is observed to read."""
    return {dataset for job, dataset, origin in facts.reads if job == JOB and origin == "O"}


@settings(max_examples=350, deadline=None)
@given(histories())
def test_the_fold_equals_the_oracle(past: History) -> None:
    """`lineage(asOf, knownAt)` is the graph of only those entries, at every (T, K), however they came."""
    assert_equal_everywhere(past, ledger_of(past.batches))


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_the_order_of_arrival_leaves_no_trace(data: st.DataObject) -> None:
    """Any order, any duplication and any batches leave the same points, not only the same answers."""
    past = data.draw(histories())
    again = data.draw(arrivals(past.entries))

    assert ledger_of(past.batches).points() == ledger_of(again).points()


@settings(max_examples=100, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_acceptance_leaves_no_trace_in_the_present_past(past: History, rng: random.Random) -> None:
    """For someone who knows everything, sequences do not matter: the graph hash is equal after any reordering."""
    again = [[entry] for entry in renumbered(rng, past.entries)]

    assert ledger_of(past.batches).histories() == ledger_of(again).histories()


@pytest.mark.parametrize("size", [3, 6, 12, 25])
def test_many_histories_equal_the_oracle(size: int) -> None:
    """Seeded histories of many sizes, asked at random (T, K); every way into the cells is taken."""
    counts = dict.fromkeys(("quiet", "in order", "late", "rebuilt", "closing", "duplicate"), 0)
    for seed in range(200):
        rng = random.Random(f"{size}-{seed}")
        past = random_history(rng, size)
        oracle, ledger = Oracle(past.entries), ledger_of(past.batches)
        for t, k in [(rng.choice(past.times), rng.choice(past.sequences)) for _ in range(15)]:
            assert replace(oracle.facts(t, k), run_facets={}) == ledger.facts(t, k), (size, seed, t, k)
        for way in counts:
            counts[way] += ledger.counts[way]

    assert [] == [way for way, count in counts.items() if count < 10]


def test_late_start_does_not_reopen_a_finished_run() -> None:
    """START is folded by its time, not by its arrival."""
    ledger = one_by_one(event(2, COMPLETE), event(1, START))

    assert ("COMPLETED", 1, 2) == ledger.facts().runs[RunKey(JOB, "1")][:3]
    assert ("COMPLETED", 2, 2) == ledger.facts(known_at=1).runs[RunKey(JOB, "1")][:3]


def test_a_parent_that_never_spoke_is_unknown() -> None:
    """A run that is only mentioned exists from its mention on, without state or times."""
    parent = RunKey(OTHER_JOB, "9")
    ledger = one_by_one(replace(event(5, START), parents=(parent,)))

    assert ("UNKNOWN", None, None, False) == ledger.facts().runs[parent][:4]
    assert {(JOB, OTHER_JOB)} == ledger.facts().child_of
    assert {} == ledger.facts(as_of=4).runs


def test_newest_column_map_wins() -> None:
    """A column map replaces the whole map of its job and output, even when an older one comes later."""
    newest = event(2, COMPLETE, writes(Y, columns=column("b", X)))
    older = event(1, COMPLETE, writes(Y, columns=column("a", X)), run="2")

    assert {(JOB, Y, "O"): frozenset(column("b", X))} == one_by_one(newest, older).facts().columns
    assert {(JOB, Y, "O"): frozenset(column("a", X))} == one_by_one(newest, older).facts(as_of=1).columns


def test_two_jobs_writing_one_dataset_never_erase_each_other() -> None:
    """Column lineage and schemas belong to the job that asserts them."""
    schemas = [{"name": "a"}], [{"name": "b"}]
    ledger = one_by_one(
        event(1, COMPLETE, writes(Z, schemas[0], column("a", X))),
        event(2, COMPLETE, writes(Z, schemas[1], column("b", Y)), job=OTHER_JOB),
    )

    assert {
        (JOB, Z, "O"): frozenset(column("a", X)),
        (OTHER_JOB, Z, "O"): frozenset(column("b", Y)),
    } == ledger.facts().columns
    assert {(Z, JOB, "O:output"): schemas[0], (Z, OTHER_JOB, "O:output"): schemas[1]} == ledger.facts().schemas


def test_a_tombstone_before_everything_removes_an_older_assertion_that_comes_late() -> None:
    """A removal of nothing is no point, but is remembered: nothing that it removed may come back."""
    ledger = one_by_one(event(2, COMPLETE, reads(X, doc=None)), event(1, START, reads(X, doc={"v": 1})))

    assert {} == ledger.facts().facets
    assert {("Dataset", X, "doc"): {"v": 1}} == ledger.facts(as_of=1).facets


def test_a_late_tombstone_between_two_assertions_holds_between_them() -> None:
    """The second assertion was dropped as a repetition; the tombstone that comes late brings it back."""
    said = {"v": 1}
    ledger = one_by_one(
        event(1, START, reads(X, doc=said)),
        event(3, COMPLETE, reads(X, doc=said)),
        event(2, EventType.RUNNING, reads(X, doc=None)),
    )

    assert [{}, {("Dataset", X, "doc"): said}] == [ledger.facts(as_of=t).facets for t in (2, 3)]


def test_a_complete_set_closes_at_the_terminal_event() -> None:
    """What a run does not assert ends when it ends: not while it runs, and not by a run without a complete set."""
    ledger = one_by_one(
        event(1, COMPLETE, reads(X), reads(Y)),
        event(2, START, reads(X), run="2", complete=True),
        event(3, COMPLETE, reads(Z), run="2"),
        event(4, COMPLETE, run="3"),
    )

    assert [{X, Y}, {X, Y}, {X, Z}, {X, Z}] == [read_by(ledger.facts(as_of=t)) for t in (1, 2, 3, 4)]


def test_a_known_bundle_is_not_quiet_where_it_may_close() -> None:
    """The same COMPLETE as ever ends what it does not name, once its run has said that its set is complete."""
    ledger = one_by_one(
        event(1, COMPLETE, reads(X), reads(Y)),
        event(2, COMPLETE, reads(X), run="2"),
        event(3, START, reads(X), run="3", complete=True),
        event(4, COMPLETE, reads(X), run="3"),
    )

    assert [{X, Y}, {X}] == [read_by(ledger.facts(as_of=t)) for t in (3, 4)]


def test_a_complete_set_known_later_closes_from_then_on() -> None:
    """Who did not yet know that the set was complete saw the edge stay."""
    ledger = one_by_one(
        event(1, COMPLETE, reads(X), reads(Y)),
        event(3, COMPLETE, reads(X), run="2"),
        event(2, START, run="2", complete=True),
    )

    assert [{X, Y}, {X}] == [read_by(ledger.facts(known_at=k)) for k in (2, 3)]


def test_an_edge_asserted_late_within_a_complete_run_stays() -> None:
    """The run's own START may arrive after its end; what it read was read."""
    ledger = one_by_one(
        event(1, COMPLETE, reads(X), reads(Y)),
        event(3, COMPLETE, reads(X), run="2", complete=True),
        event(2, START, reads(Y), run="2"),
    )

    assert [{X}, {X, Y}] == [read_by(ledger.facts(known_at=k)) for k in (2, 3)]


def test_a_job_event_replaces_what_was_declared_and_nothing_else() -> None:
    """Empty means none on a job event; observed edges stand (law 4)."""
    ledger = one_by_one(event(1, COMPLETE, reads(X)), declared(2, reads(X), reads(Y)), declared(3))

    assert {(JOB, X, "O"), (JOB, X, "D"), (JOB, Y, "D")} == ledger.facts(as_of=2).reads
    assert {(JOB, X, "O")} == ledger.facts().reads


def test_symlinks_hold_at_every_time() -> None:
    """Identity is bounded by what was known, never by when it was said to have happened."""
    ledger = one_by_one(event(1), replace(event(9), symlinks=((X, Y),)))

    assert {(X, Y)} == ledger.facts(as_of=0).same_as
    assert set() == ledger.facts(known_at=1).same_as


def test_a_repeated_run_is_quiet_and_changes_no_cell() -> None:
    """Repeat runs are cheap: once a START was seen to add nothing to the last COMPLETE, all are only logged."""
    first = [event(1, START, reads(X)), event(2, COMPLETE, reads(X), writes(Y, [{"name": "c"}], column("c", X)))]
    repeats = [replace(said, time=said.time + 2 * n, run=RunKey(JOB, str(n))) for n in range(5) for said in first]
    ledger = one_by_one(*repeats)

    assert 2 * 4 - 1 == ledger.counts["quiet"]
    assert one_by_one(*first).points() == ledger.points()
    assert {1} == {len(points) for points in ledger.points().values()}


def test_a_contradicted_bundle_is_not_quiet() -> None:
    """The old bundle again, after another one said otherwise, is news."""
    ledger = one_by_one(documented(1, 1), documented(2, 2), documented(3, 1))

    assert 0 == ledger.counts["quiet"]
    assert [1, 2, 1] == [ledger.facts(as_of=t).facets["Job", JOB, "doc"]["v"] for t in (1, 2, 3)]


def documented(time: int, v: int) -> Assertions:
    """A run event whose bundle is told apart by one facet alone."""
    return replace(event(time), job_facets={"doc": {"v": v}})


def test_a_bundle_that_lost_its_tie_is_not_quiet() -> None:
    """It came last but holds not: said again later, it is news."""
    told = [Entry("b", 1, documented(1, 1)), Entry("a", 2, documented(1, 2)), Entry("c", 3, documented(2, 2))]
    ledger = ledger_of([entry] for entry in told)

    assert_equal_everywhere(History(tuple(told), ()), ledger)
    assert 0 == ledger.counts["quiet"]


def test_a_bundle_overruled_while_a_cell_was_rebuilt_is_not_quiet() -> None:
    """A batch with a late contradiction rebuilds the cell; what else it says in order is not taken for settled."""
    told = entries_of(*(documented(t, v) for t, v in ((5, 1), (1, 2), (6, 1), (7, 2), (8, 1))))
    ledger = ledger_of([told[:1], told[1:4], told[4:]])

    assert_equal_everywhere(History(tuple(told), ()), ledger)
    assert (1, 0) == (ledger.counts["rebuilt"], ledger.counts["quiet"])


def test_a_bundle_known_earlier_than_the_newest_is_not_quiet() -> None:
    """Entries are not applied in the order of their acceptance: for who knows less, the repetition is news."""
    told = [documented(1, 1), documented(2, 2), documented(3, 1), event(4), documented(5, 1)]
    entries = [Entry(f"{s}", s, said) for s, said in zip((1, 3, 5, 2, 4), told, strict=True)]
    ledger = ledger_of([entry] for entry in entries)

    assert_equal_everywhere(History(tuple(entries), ()), ledger)
    assert 0 == ledger.counts["quiet"]


@pytest.mark.parametrize("keys", [("a", "b"), ("b", "a")])
def test_ties_are_ordered_by_rank_then_key(keys: tuple[str, str]) -> None:
    """Of two events of one moment the one of higher rank holds; of one rank, the one of greater key."""
    told = [event(1, COMPLETE, reads(X, doc={"v": v}), run=v) for v in "12"]
    alike = [Entry(key, s, said) for s, (key, said) in enumerate(zip(keys, told, strict=True), 1)]
    ranked = [alike[0], alike[1]._replace(assertions=replace(told[1], event_type=START))]
    for entries, winner in ((alike, "12"[keys.index("b")]), (ranked, "1")):
        for batches in ([entries], [[entries[0]], [entries[1]]], [[entries[1]], [entries[0]]]):
            facts = ledger_of(batches).facts()

            assert {("Dataset", X, "doc"): {"v": winner}} == facts.facets
            assert Oracle(entries).facts() == facts


def test_a_staircase_keeps_what_was_known_when() -> None:
    """An edge heard of backwards has one point per entry; heard of in order, one."""
    told = [event(t, COMPLETE, reads(X), run=str(t)) for t in (3, 2, 1)]
    steps = [Point(1, 3, "1"), Point(2, 2, "1"), Point(3, 1, "1")]

    assert [steps] == list(one_by_one(*told).points().values())
    assert [[Point(1, 1, "1")]] == list(one_by_one(*reversed(told)).points().values())
