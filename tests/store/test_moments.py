"""What is said of datasets, jobs and runs at a moment (asOf, knownAt), against the definition."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any, NamedTuple

import orjson
import pytest

from catalog.api.graphql.context import Context
from catalog.api.graphql.schema import schema
from catalog.clock import SECOND, FrozenClock, to_iso
from catalog.errors import InvalidEvent, InvalidQuestion
from catalog.graph import assets, past_runs
from catalog.graph.identity import closures
from catalog.graph.inbox import Receipt
from catalog.graph.reader import Reader
from catalog.graph.runs import asserted, attempts_of, links_of, runs
from catalog.graph.schemas import tellings
from catalog.graph.shapes import bodies
from catalog.graph.store import Store
from catalog.graph.walk import Moment
from catalog.identity import Name, dataset_id, job_id, run_id
from catalog.lineage.assertions import RunKey
from catalog.lineage.observe import READS, WRITES, observe
from catalog.lineage.scrub import scrub
from catalog.lineage.translate import translate
from catalog.settings import Settings
from catalog.usecases.moments import moment
from tests import corpus
from tests.histories import DATASETS, DEPLOYMENTS, JOBS, random_history
from tests.oracle import Entry, Facts, Oracle
from tests.store.conftest import LATER, accept_events, drain
from tests.store.events import NOON, event
from tests.store.test_fold import applied

MOMENTS = 12


def moments_of(rng: random.Random, entries: Iterable[Entry], n: int = MOMENTS) -> list[Moment]:
    """Random moments of a history, some of them bounded in one of the two times only."""
    times = [None, -1, *{entry.assertions.time for entry in entries}]
    sequences = [None, 0, *{entry.sequence for entry in entries}]
    return [Moment(rng.choice(times), rng.choice(sequences)) for _ in range(n)]


@pytest.mark.parametrize("seed", range(6))
def test_everything_said_at_a_moment_is_the_oracles(store: Store, seed: int) -> None:
    """Neighbours, schemas, facets, run states and latest runs at sampled (T, K), over histories of any disorder."""
    rng = random.Random(f"moments {seed}")
    past = random_history(rng, rng.choice((6, 16, 30)))
    applied(store, past.batches)
    reader, oracle = Reader(store, None), Oracle(past.entries)

    for at in moments_of(rng, past.entries):
        facts = oracle.facts(at.as_of, at.known_at)
        assert neighbours(facts) == read_neighbours(reader, at), at
        assert facts.schemas == read_schemas(reader, at), at
        own = facts.facets
        shown = read_facets(reader, at)
        passed: dict[Any, list[Any]] = {("Job", job, key): [] for job, _, key in facts.forwarded}
        for (job, _, key), facet in facts.forwarded.items():
            passed["Job", job, key].append(facet)
        assert own == {k: v for k, v in shown.items() if k in own or k not in passed}, at
        assert all(shown[k] in some for k, some in passed.items() if k not in own), at
        assert known_runs(facts) == read_runs(reader, past.entries, at), at
        assert latest(past.entries, at) == past_runs.latest_of_jobs(reader, map(job_id, JOBS), at), at


def test_everything_said_of_the_real_corpus_at_a_moment(store: Store) -> None:
    """Real events in any order, at sampled moments: all of the above, and what runs' own entries are asked for.

    That is a run's facets, the newest by (eventTime, rank, key), and its parent, where it went on later.
    """
    told = [scrub(said, orjson.dumps(said)) for _, said in corpus.all_events() if is_event(said)]
    random.Random(2).shuffle(told)
    receipts = accept_events(store, told)
    drain(store)
    entries = entries_of(told, receipts)
    rng = random.Random(5)
    reader, read_again = Reader(store, None), 0

    oracle, world = Oracle(entries), world_of(entries)
    for at in moments_of(rng, entries, 6):
        facts = oracle.facts(at.as_of, at.known_at)
        assert neighbours(facts) == read_neighbours(reader, at, world), at
        assert facts.schemas == read_schemas(reader, at, world), at
        assert facts.facets == read_facets(reader, at, world), at
        assert known_runs(facts) == read_runs(reader, entries, at, world), at
        assert latest(entries, at) == past_runs.latest_of_jobs(reader, map(job_id, world.jobs), at), at
        expected = facets_by_run(entries, at)
        rows = runs(reader, expected, at)
        late = sorted(id_ for id_, row in rows.items() if row["facets"] is None)
        read_again += len(late)
        assert expected.keys() == rows.keys()
        some = rng.sample(late, min(40, len(late)))
        said = past_runs.told(reader, some, at)
        assert {id_: expected[id_] for id_ in some} == {id_: (r["facets"], r["parent"]) for id_, r in said.items()}
    assert read_again


def test_nested_fields_answer_at_the_moment_of_their_root(store: Store) -> None:
    """A job, its input, that input's readers, their runs: all as of then, and they say so."""
    day = 86_400 * SECOND
    accept_events(
        store,
        [
            event("1", NOON, inputs=[named("x")], outputs=[named("y")]),
            event("2", NOON + day, inputs=[named("x", note={"v": 2}), named("z")], outputs=[named("y")]),
        ],
    )
    drain(store)
    query = """query($t: String, $k: String) { job(namespace: "jobs", name: "load", asOf: $t, knownAt: $k) {
      asOf knownAt stale updatedAt latestRun { runId state job { name } } runs { edges { node { runId } } }
      inputs { name facets readBy { name inputs { name } } } } }"""
    then = ask(store, query, t=to_iso(NOON))
    now = ask(store, query)
    known = ask(store, query, k="1")

    readers = [{"name": "load", "inputs": [{"name": "x"}]}]
    assert [{"name": "x", "facets": {}, "readBy": readers}] == then["job"]["inputs"]
    assert {"runId": "1", "state": "COMPLETED", "job": {"name": "load"}} == then["job"]["latestRun"]
    assert [{"node": {"runId": "1"}}] == then["job"]["runs"]["edges"]
    assert (to_iso(NOON), None, False) == (then["job"]["asOf"], then["job"]["knownAt"], then["job"]["stale"])
    assert "2" == now["job"]["latestRun"]["runId"]
    assert ["x", "z"] == [found["name"] for found in now["job"]["inputs"]]
    assert then["job"]["inputs"] == known["job"]["inputs"]
    assert (None, 1, False) == (known["job"]["asOf"], known["job"]["knownAt"], known["job"]["stale"])


def test_what_is_accepted_and_not_applied_makes_an_answer_stale(store: Store) -> None:
    """Also a sequence that nobody was given yet: the same question may be answered otherwise later."""
    accept_events(store, [event("1")])
    drain(store)
    accept_events(store, [event("2")])
    query = """{ job(namespace: "jobs", name: "load"%s) { stale }
      lineage(root: {kind: JOB, namespace: "jobs", name: "load"}%s) { stale } }"""

    for given, stale in (("", True), (', knownAt: "1"', False), (', knownAt: "2"', True), (', knownAt: "9"', True)):
        assert {"job": {"stale": stale}, "lineage": {"stale": stale}} == ask(store, query % (given, given))


def test_a_time_of_knowledge_is_the_newest_entry_received_by_then(store: Store) -> None:
    """Any number of entries, in commits of one time or of many; before the first one nothing is known."""
    received = []
    for commit, size in enumerate((1, 3, 200, 1, 60)):
        now = NOON + commit * SECOND
        received += [now] * len(accept_events(store, [event(f"{commit}.{i}") for i in range(size)], now))
    reader = Reader(store, None)

    for time in range(NOON - SECOND, NOON + 6 * SECOND, SECOND // 2):
        expected = sum(at <= time for at in received)
        assert expected == moment(reader, known_at=to_iso(time)).known_at


@pytest.mark.parametrize(
    "given", [("yesterday", None), (None, "soon"), (None, "-3"), ("1772366400000", None), (None, "9" * 30)]
)
def test_a_moment_that_is_none_is_refused_in_words(store: Store, given: tuple[str | None, str | None]) -> None:
    """The message names the argument and what to give instead."""
    with pytest.raises(InvalidQuestion, match=r"^(asOf|knownAt): .*; (give|the newest)"):
        moment(Reader(store, None), *given)


def ask(store: Store, query: str, *, now: int = LATER, **variables: Any) -> Any:
    """The data of a GraphQL answer without errors."""
    service: Any = SimpleNamespace(reader=Reader(store, None), clock=FrozenClock(now), settings=Settings())

    async def run() -> Any:
        return await schema.execute(query, variables, context_value=Context(service))

    answer = asyncio.run(run())
    assert answer.errors is None, answer.errors
    return answer.data


def is_event(said: Any) -> bool:
    try:
        translate(said)
    except InvalidEvent:
        return False
    return True


def named(name: str, **facets: Any) -> dict[str, Any]:
    return {"namespace": "db", "name": name, "facets": facets}


def entries_of(told: list[Any], receipts: list[Receipt]) -> list[Entry]:
    """What was accepted, each once."""
    pairs = zip(receipts, told, strict=True)
    return list({r.key: Entry(r.key, r.sequence, translate(said)) for r, said in pairs}.values())


class World(NamedTuple):
    """The names that are looked at."""

    datasets: tuple[Name, ...]
    jobs: tuple[Name, ...]


SMALL = World((*DATASETS, *DEPLOYMENTS), (*JOBS, Name("jobs", "outside")))


def world_of(entries: Iterable[Entry]) -> World:
    """All names of a history."""
    named = [observe(e.assertions, e.key, e.sequence).names for e in entries]
    found = {(label, name) for names in named for label, name in names.values()}
    return World(
        tuple(sorted(name for label, name in found if label == "Dataset")),
        tuple(sorted(name for label, name in found if label == "Job")),
    )


def neighbours(facts: Facts) -> dict[tuple[str, Name], set[Name]]:
    """Every relation of the small world."""
    found: dict[tuple[str, Name], set[Name]] = {}
    reads = {(job, dataset) for job, dataset, _ in facts.reads}
    reads |= {(flow.job, flow.source) for _, flow, _ in facts.others if not flow.by_job}
    writes = {(job, dataset) for job, dataset, _ in facts.writes}
    writes |= {(job, output) for (by, output, _), made in facts.maps.items() if by is None for job in made.jobs}
    reads |= {(flow.source, flow.target) for _, flow in facts.entities.flows if flow.kind == "READS"}
    writes |= {(flow.source, flow.target) for _, flow in facts.entities.flows if flow.kind == "WRITES"}
    for relation, edges in (("read_by", reads), ("written_by", writes)):
        for job, dataset in edges:
            found.setdefault((relation, dataset), set()).add(job)
            found.setdefault(({"read_by": "inputs", "written_by": "outputs"}[relation], job), set()).add(dataset)
    for job, parent in facts.child_of:
        found.setdefault(("parents", job), set()).add(parent)
    for thing in facts.things:
        found.update({("aliases", name): set(thing - {name}) for name in thing})
    return found


def read_neighbours(reader: Reader, at: Moment, world: World = SMALL) -> dict[tuple[str, Name], set[Name]]:
    names = {dataset_id(name): name for name in world.datasets}
    jobs = {job_id(name): name for name in world.jobs}
    names.update(jobs)
    found = {}
    for relation in assets.RELATIONS:
        ids = jobs if relation in ("inputs", "outputs", "parents") else names.keys() - jobs
        for id_, others in assets.around(reader, relation, ids, at).items():
            if others:
                found[relation, names[id_]] = {names[other] for other in others}
    for id_, known in closures(reader, names.keys() - jobs, at).items():
        if known.ties:
            found["aliases", names[id_]] = {names[other] for other in known.ties}
    return found


def read_schemas(reader: Reader, at: Moment, world: World = SMALL) -> dict[tuple[Name, Name | None, str], Any]:
    names = {job_id(name): name for name in world.jobs}
    said = tellings(reader, map(dataset_id, world.datasets), at)
    return {
        (name, names.get(told.teller.subject), f"{told.teller.origin}:{told.teller.role}"): told.fields
        for name in world.datasets
        for told in said[dataset_id(name)]
    }


def read_facets(reader: Reader, at: Moment, world: World = SMALL) -> dict[tuple[str, Name, str], Any]:
    of = {dataset_id(name): ("Dataset", name) for name in world.datasets}
    of.update((job_id(name), ("Job", name)) for name in world.jobs)
    return {
        (*of[id_], key): facet for id_, said in assets.facets(reader, of, at).items() for key, facet in said.items()
    }


def known_runs(facts: Facts) -> dict[RunKey, Any]:
    """Runs with events of their own."""
    return {key: run for key, run in facts.runs.items() if run.state != "UNKNOWN"}


def read_runs(reader: Reader, entries: Iterable[Entry], at: Moment, world: World = SMALL) -> dict[RunKey, Any]:
    keys = {run_id(*e.assertions.run): e.assertions.run for e in entries if e.assertions.run}
    names = {dataset_id(name): name for name in world.datasets}
    found = {}
    for id_, row in runs(reader, keys, at).items():
        links = links_of(bodies(reader, asserted(row)).values())
        io = (frozenset(names[d] for d in links[kind]) for kind in (READS, WRITES))
        tries = tuple(attempt.summary for attempt, _ in attempts_of(row, {}))
        found[keys[id_]] = (row["state"], row["startedAt"], row["endedAt"], bool(row["inferred"]), *io, tries)
    return found


def latest(entries: Iterable[Entry], at: Moment) -> dict[str, str]:
    """The run of each job's newest event."""
    newest: dict[str, tuple[int, str]] = {}
    for said in (e.assertions for e in in_view(entries, at)):
        if said.run:
            job = job_id(said.run.job)
            newest[job] = max(newest.get(job, (said.time, "")), (said.time, run_id(*said.run)))
    return {job: run for job, (_, run) in newest.items()}


def in_view(entries: Iterable[Entry], at: Moment) -> list[Entry]:
    asof, known = at.bounds["asof"], at.bounds["known"]
    return [e for e in entries if e.assertions.time <= asof and e.sequence <= known]


def facets_by_run(entries: Iterable[Entry], at: Moment) -> dict[str, tuple[dict[str, Any], str | None]]:
    """The newest of each facet, and the newest parent, of every run in view."""
    found: dict[str, tuple[dict[str, Any], tuple[int, str, str] | None]] = {}
    ordered = sorted(in_view(entries, at), key=lambda e: (e.assertions.time, e.assertions.event_type.rank, e.key))
    for entry in ordered:
        record = observe(entry.assertions, entry.key, entry.sequence)
        if record.run is None:
            continue
        facets, parent = found.get(record.run.id, ({}, None))
        if record.parents:
            told = (record.time, record.parents[0].id, record.parents[-1].id)
            parent = max(parent or told, told)
        found[record.run.id] = ({**facets, **record.run_facets}, parent)
    return {id_: (facets, parent[1] if parent else None) for id_, (facets, parent) in found.items()}
