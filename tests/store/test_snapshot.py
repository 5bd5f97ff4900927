"""A snapshot says what the oracle says at its moment: things once, whatever their names, edges, columns, times.

What is expected is made of the entries by a plain walk; only ids are those of the service, since snapshots go by them.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from catalog.assets.keys import Kind, dataset_of, entity_id, job_of
from catalog.checks.snapshot import ColumnEdge, Edge, Observed, Place, Run, Snapshot, Thing
from catalog.checks.snapshot_hash import state_hash
from catalog.errors import InvalidQuestion
from catalog.graph.reader import Reader
from catalog.graph.snapshot import downstream_of, take
from catalog.graph.snapshot.nodes import APART
from catalog.graph.store import Store
from catalog.graph.walk import Moment
from catalog.identity import Name, dataset_id, job_id, run_id
from catalog.lineage.assertions import Assertions, DatasetAssertion, EventType, Origin, RunKey
from catalog.lineage.facets.dataset import Change
from tests.histories import History, random_history, renumbered
from tests.oracle import Entry, Oracle
from tests.oracle_datasets import dataset_facts
from tests.servers.stores import StoreServer
from tests.store import events
from tests.store.conftest import accept_events, drain
from tests.store.test_fold import applied, scattered, seasoned

NOW = 1_000
MOMENTS = 8
SAYS = {"O": "OBSERVED", "D": "DECLARED", "I": "INFERRED"}


@pytest.fixture
def reader(store: Store, server: StoreServer) -> Reader:
    return Reader(store, server.admin)


class Expected:
    """What a snapshot has to say, by the oracle."""

    def __init__(self, entries: Sequence[Entry], as_of: int | None, known_at: int | None) -> None:
        self.facts = Oracle(entries).facts(as_of, known_at)
        self.of_datasets = dataset_facts(entries, as_of, known_at)
        self.renames = self.of_datasets.renames
        self.counted = [
            e.assertions
            for e in entries
            if (as_of is None or e.assertions.time <= as_of) and (known_at is None or e.sequence <= known_at)
        ]
        called = {name: self.facts.called(thing) for thing in self.facts.things for name in thing}
        self._called = called

    def thing(self, name: Name) -> str:
        """The id of the thing that a dataset is."""
        return dataset_id(self._called.get(name, name))

    def edges(self) -> set[Edge]:
        """Between things, each once, with all who say so."""
        found: dict[tuple[str, str, str], set[str]] = {}

        def put(source: str, target: str, kind: str, origin: str) -> None:
            if source != target:
                found.setdefault((source, target, kind), set()).add(SAYS[origin])

        for job, dataset, origin in self.facts.reads:
            put(self.thing(dataset), job_id(job), "READS", origin)
        for job, dataset, origin in self.facts.writes:
            put(job_id(job), self.thing(dataset), "WRITES", origin)
        for job, other, origin in self.facts.fed_by:
            put(job_id(other), job_id(job), "FED_BY", origin)
        for _, flow, origin in self.facts.others:
            end = job_id(flow.source) if flow.by_job else self.thing(flow.source)
            put(end, job_id(flow.job), "FED_BY" if flow.by_job else "READS", origin)
        for (job_, output, origin), sources in self.facts.maps.items():
            for source in sources.datasets if job_ is None else ():
                put(self.thing(source), self.thing(output), "DERIVES_FROM", origin)
            for writer in sources.jobs if job_ is None else ():
                put(job_id(writer), self.thing(output), "WRITES", origin)
        for new, old, origin in self.renames:
            put(self.thing(old), self.thing(new), "DERIVES_FROM", origin)
        for _, declared in self.facts.entities.flows:
            kind, a, b, _ = declared
            if kind == "READS":
                put(self.thing(b), job_id(a), kind, "D")
            elif kind == "WRITES":
                put(job_id(a), self.thing(b), kind, "D")
            else:
                put(self.thing(b), self.thing(a), kind, "D")
        return {Edge(*place, tuple(sorted(origins))) for place, origins in found.items()}

    def column_edges(self) -> set[ColumnEdge]:
        """Between columns of things."""
        found: dict[ColumnEdge, set[str]] = {}
        told = [
            (output, edge, job_id(job) if job else "", origin)
            for (job, output, origin), edges in self.facts.columns.items()
            for edge in edges
        ]
        told += [(output, edge, "", "D") for _, output, edge in self.facts.entities.columns]
        for output, edge, job_, origin in told:
            ends = Place(self.thing(edge.dataset), edge.field), Place(self.thing(output), edge.out)
            made = ColumnEdge(ends[0], ends[1], job_, edge.type, edge.subtype, edge.masking, edge.description, ())
            found.setdefault(made, set()).add(SAYS[origin])
        return {edge._replace(origins=tuple(sorted(origins))) for edge, origins in found.items()}

    def columns(self) -> dict[str, set[str]]:
        """The columns of each thing that has any: of its schemas, named by lineage, or by a word or document."""
        found: dict[str, set[str]] = {}
        for (name, _, _), fields in self.facts.schemas.items():
            found.setdefault(self.thing(name), set()).update(part["name"] for part in fields)
        for edge in self.column_edges():
            for place in (edge.source, edge.target):
                found.setdefault(place.thing, set()).update({place.column} - {""})
        for key, _, field, _ in self.facts.entities.words:
            if field and (own := dataset_of(key)):
                found.setdefault(self.thing(own), set()).add(field)
            elif field:
                found.setdefault(job_id(Name(*key[1:])) if job_of(key) else entity_id(key), set()).add(field)
        return {thing: columns for thing, columns in found.items() if columns}

    def last(self) -> dict[str, int]:
        """When each job, and each dataset that it reads or writes, was spoken of last."""
        found: dict[str, int] = {}
        for said in self.counted:
            for id_ in _spoken_of(said, self.thing):
                found[id_] = max(found.get(id_, said.time), said.time)
        return found

    def handled(self, role: str) -> dict[str, int]:
        """When each dataset was read (input) or written (output) by a run last."""
        found: dict[str, int] = {}
        for said in self.counted:
            for name in (said.inputs if role == "input" else said.outputs) if said.run else ():
                found[self.thing(name)] = max(found.get(self.thing(name), said.time), said.time)
        return found

    def asserted(self) -> dict[tuple[str, str, str], int]:
        """When a run of a job said last that it reads or writes a dataset, by the ends and kind of the edge."""
        found: dict[tuple[str, str, str], int] = {}
        for said in self.counted:
            if said.run and said.job:
                job = job_id(said.job)
                ends = [(self.thing(name), job, "READS") for name in said.inputs]
                ends += [(job, self.thing(name), "WRITES") for name in said.outputs]
                found.update((place, max(found.get(place, said.time), said.time)) for place in ends)
        return found

    def writes(self) -> dict[str, list[int]]:
        """When runs that wrote datasets spoke of that last."""
        found: dict[str, dict[Any, int]] = {}
        for said in self.counted:
            for name in said.outputs if said.run else ():
                runs = found.setdefault(self.thing(name), {})
                runs[said.run] = max(runs.get(said.run, said.time), said.time)
        return {thing: sorted(set(runs.values())) for thing, runs in found.items()}

    def runs(self) -> dict[str, set[Run]]:
        """The runs of jobs that told anything."""
        found: dict[str, set[Run]] = {}
        for key, run in self.facts.runs.items():
            if run.state != "UNKNOWN":
                told = Run(run_id(*key), run.state, run.started_at, run.ended_at)
                found.setdefault(job_id(key.job), set()).add(told)
        return found

    def rows(self) -> dict[str, list[tuple[int, int]]]:
        """How many rows writes had."""
        found: dict[str, list[tuple[int, int]]] = {}
        for (name, _, facet, metric), (time, value) in self.of_datasets.numbers.items():
            if (facet, metric) == ("outputStatistics", "rowCount"):
                found.setdefault(self.thing(name), []).append((time, int(value)))
        return {thing: sorted(some) for thing, some in found.items()}

    def checks(self) -> dict[tuple[str, str], set[tuple[int, bool]]]:
        """The newest results of each check; of several at once any may be taken.

        A test of a run that another name of the dataset tells as a check is that check.
        """
        found: dict[tuple[str, str], set[tuple[int, bool]]] = {}
        told = {(self.thing(name), teller, check) for name, teller, what, check in self.of_datasets.checks if what}
        for (name, teller, what, check), (time, status) in self.of_datasets.checks.items():
            if not what and any((self.thing(name), teller, known) in told for known in (check, check[5:])):
                continue
            found.setdefault((self.thing(name), check), set()).add((time, status == "PASS"))
        return {place: {one for one in some if one[0] == max(some)[0]} for place, some in found.items()}


def _spoken_of(said: Assertions, thing: Any) -> Iterable[str]:
    if said.job:
        yield job_id(said.job)
        yield from (thing(name) for name in (*said.inputs, *said.outputs))
        yield from map(job_id, said.fed_by)


def moments(rng: random.Random, entries: Sequence[Entry]) -> list[tuple[int | None, int | None]]:
    """The present, and some of the past."""
    past = History(tuple(entries), ())
    some: list[tuple[int | None, int | None]] = [(t, k) for t in past.times for k in past.sequences]
    some += [(t, None) for t in past.times] + [(None, k) for k in past.sequences]
    return [(None, None), *rng.sample(some, min(MOMENTS, len(some)))]


def check(snapshot: Snapshot, expected: Expected) -> None:
    """The snapshot says what is expected."""
    assert expected.edges() == {Edge(e.source, e.target, e.kind, e.origins) for e in snapshot.edges}
    asserted = expected.asserted()
    told_by_others = {job_id(flow.job) for _, flow, _ in expected.facts.others}
    for edge in snapshot.edges:
        assert (edge.since or 0) <= (edge.last or 0)
        if edge.origins == ("OBSERVED",) and edge[:3] in asserted and edge.target not in told_by_others:
            assert asserted[edge.source, edge.target, edge.kind] == edge.last
    assert expected.column_edges() == set(snapshot.column_edges)
    assert expected.columns() == {id_: set(t.columns) for id_, t in snapshot.things.items() if t.columns}
    ends = {end for edge in snapshot.edges for end in (edge.source, edge.target)}
    assert set() == ends - snapshot.things.keys()
    facts = expected.facts
    declared = {key for _, key in facts.entities.documents}
    assert {
        expected.thing(d) if (d := dataset_of(k)) else job_id(j) if (j := job_of(k)) else entity_id(k) for k in declared
    } == {id_ for id_, thing in snapshot.things.items() if thing.declared}
    for id_, last in expected.last().items():
        assert snapshot.things[id_].observed.last is not None, id_
        assert last <= (snapshot.things[id_].observed.last or 0)
    jobs = {id_ for id_, thing in snapshot.things.items() if thing.key.kind is Kind.PIPELINE}
    told = expected.last()
    assert {id_: t for id_, t in told.items() if id_ in jobs} == {
        id_: snapshot.things[id_].observed.last for id_ in told if id_ in jobs
    }
    assert expected.handled("output") == {
        id_: t.observed.written for id_, t in snapshot.things.items() if t.observed.written is not None
    }
    assert expected.handled("input") == {
        id_: t.observed.read for id_, t in snapshot.things.items() if t.observed.read is not None
    }


def check_measured(snapshot: Snapshot, expected: Expected) -> None:
    """Runs, rows and checks are those that are expected."""
    seen = {id_: thing.observed for id_, thing in snapshot.things.items()}
    assert expected.runs() == {id_: set(one.runs) for id_, one in seen.items() if one.runs}
    assert expected.writes() == {id_: list(one.writes) for id_, one in seen.items() if one.writes}
    assert expected.rows() == {id_: sorted(one.rows) for id_, one in seen.items() if one.rows}
    checks = {(id_, check.name): (check.at, check.success) for id_, one in seen.items() for check in one.checks}
    allowed = expected.checks()
    assert allowed.keys() == checks.keys()
    assert set() == {place for place, told in checks.items() if told not in allowed[place]}


@pytest.mark.parametrize(("size", "seed"), [(6, 0), (6, 1), (16, 0), (16, 1), (30, 0), (30, 1)])
def test_it_says_what_the_oracle_says(store: Store, reader: Reader, size: int, seed: int) -> None:
    """At the present and at any (asOf, knownAt)."""
    rng = random.Random(f"snapshot {size} {seed}")
    past = seasoned(rng, random_history(rng, size))
    applied(store, past.batches)
    for as_of, known_at in moments(rng, past.entries):
        snapshot = take(reader, Moment(as_of, known_at), at=NOW)
        try:
            expected = Expected(past.entries, as_of, known_at)
            check(snapshot, expected)
            check_measured(snapshot, expected)
        except AssertionError as e:
            raise AssertionError(f"{as_of=} {known_at=}") from e


@pytest.mark.parametrize("seed", range(3))
def test_its_hash_is_that_of_the_facts(store: Store, reader: Reader, seed: int) -> None:
    """Accepted and recorded in another order, the same is said at every time; with less of it, something else is."""
    rng = random.Random(f"hash {seed}")
    past = seasoned(rng, random_history(rng, 24))
    times = [None, *rng.sample(past.times, min(4, len(past.times)))]
    applied(store, past.batches)
    first = [state_hash(take(reader, Moment(time), at=NOW)) for time in times]
    again = renumbered(rng, past.entries)
    applied(store, scattered(rng, again))

    assert first == [state_hash(take(reader, Moment(time), at=2 * NOW)) for time in times]


@pytest.mark.parametrize("seed", range(3))
def test_a_part_is_what_the_whole_says_of_it(store: Store, reader: Reader, seed: int) -> None:
    """Of what was asked for all that the whole says; all upstream of it; and what data never flow through."""
    rng = random.Random(f"part {seed}")
    past = seasoned(rng, random_history(rng, 30))
    applied(store, past.batches)
    for as_of, known_at in moments(rng, past.entries):
        moment = Moment(as_of, known_at)
        whole = take(reader, moment, at=NOW)
        if not whole.things:
            continue
        asked = rng.sample(sorted(whole.things), rng.randint(1, min(3, len(whole.things))))
        part = take(reader, moment, at=NOW, things=asked)

        assert not part.whole
        assert {id_: whole.things[id_] for id_ in asked} == {id_: part.things[id_] for id_ in asked}
        assert around(whole, asked) == around(part, asked)
        for id_ in above(whole, asked):
            assert bare(whole.things[id_]) == bare(part.things[id_])
            assert into(whole, id_) == into(part, id_)
        apart = {id_ for id_, thing in whole.things.items() if thing.key.kind in APART}
        assert apart == {id_ for id_, thing in part.things.items() if thing.key.kind in APART}


def bare(thing: Thing) -> Thing:
    """A thing without what is known of it by those who use it."""
    return replace(thing, observed=Observed(), seen=False, columns={})


def into(snapshot: Snapshot, id_: str) -> tuple[set[Edge], set[ColumnEdge]]:
    """All that leads to a thing."""
    return {e for e in snapshot.edges if e.target == id_}, {e for e in snapshot.column_edges if e.target.thing == id_}


def around(snapshot: Snapshot, things: Collection[str]) -> tuple[set[Edge], set[ColumnEdge]]:
    """All that touches things."""
    return {e for e in snapshot.edges if {e.source, e.target} & set(things)}, {
        e for e in snapshot.column_edges if {e.source.thing, e.target.thing} & set(things)
    }


def above(snapshot: Snapshot, things: Iterable[str]) -> set[str]:
    """All that flows into things, by edges and columns."""
    into: dict[str, set[str]] = {}
    for edge in snapshot.edges:
        into.setdefault(edge.target, set()).add(edge.source)
    for column in snapshot.column_edges:
        into.setdefault(column.target.thing, set()).add(column.source.thing)
    found, todo = set(things), list(things)
    while todo:
        new = into.get(todo.pop(), set()) - found
        found |= new
        todo += new
    return found


@pytest.mark.parametrize("seed", range(2))
def test_what_is_downstream_of_things_is_found(store: Store, reader: Reader, seed: int) -> None:
    """Of everything that things flow into at any time, so that what an edge that ended led to is judged again."""
    rng = random.Random(f"down {seed}")
    past = seasoned(rng, random_history(rng, 30))
    applied(store, past.batches)
    for as_of, known_at in moments(rng, past.entries):
        snapshot = take(reader, Moment(as_of, known_at), at=NOW)
        for id_ in rng.sample(sorted(snapshot.things), min(2, len(snapshot.things))):
            reached = downstream_of(reader, [id_], 1_000)
            assert reached is not None
            assert {other for other in snapshot.things if id_ in above(snapshot, [other])} <= reached


def test_a_table_that_is_emptied_every_day_was_erased_on_the_last_one(store: Store, reader: Reader) -> None:
    """Its register changed once; when it was said last is told by what was said, at every moment."""
    day, table = 86_400_000_000, Name("db", "staging")
    emptied = DatasetAssertion(table, "output", change=Change("TRUNCATE", None))
    told = [
        Assertions(
            number * day,
            Origin.OBSERVED,
            EventType.COMPLETE,
            "p",
            Name("etl", "empty"),
            RunKey(Name("etl", "empty"), str(number)),
            datasets=(emptied,),
        )
        for number in range(1, 8)
    ]
    entries = [Entry(f"{at:02}", at + 1, one) for at, one in enumerate(told)]
    applied(store, [entries[4:], entries[:4]])

    for until, last in ((None, 7), (7 * day, 7), (5 * day + 1, 5), (day, 1)):
        found = take(reader, Moment(until), at=NOW).things[dataset_id(table)]
        assert last * day == found.observed.dropped


def test_of_too_many_things_the_whole_is_read(store: Store, reader: Reader) -> None:
    """Whoever asked for a part sees that it is the whole, and looks downstream no further than told."""
    accept_events(store, [events.event(str(i), outputs=[events.dataset(f"t{i}")]) for i in range(4)])
    drain(store)
    whole = take(reader, at=NOW)
    job = next(id_ for id_, thing in whole.things.items() if thing.key.kind is Kind.PIPELINE)

    assert take(reader, at=NOW, things=list(whole.things), most=3) == whole
    assert downstream_of(reader, [job], 3) is None


def test_what_is_not_applied_yet_cannot_be_asked_for(reader: Reader) -> None:
    """An answer about it would be another one later."""
    with pytest.raises(InvalidQuestion, match="knownAt"):
        take(reader, Moment(None, 1), at=NOW)
