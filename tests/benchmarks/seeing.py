"""What a client sees: how soon an event is visible, and what GraphQL adds to the bare walk."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import orjson

from catalog.identity import Name, run_id
from tests.benchmarks.figures import MIB, RATIO, Figure, in_turn, median, quantiles
from tests.benchmarks.layered import NAMESPACE, runs_of_one_job
from tests.benchmarks.machine import family, proportional
from tests.benchmarks.posting import load, sustainable
from tests.benchmarks.reading import ROOT, walk
from tests.benchmarks.service import LINEAGE, Client, Service, question
from tests.benchmarks.session import Session
from tests.benchmarks.size import COLUMNS, DEPTHS

PATIENCE = 60.0
PAUSE = 0.002
WATCHED = "watched"
SEEN = "query($id: ID!) { run(id: $id) { state } }"
WALK = """query($namespace: String!, $name: String!, $depth: Int!) {
  lineage(root: {namespace: $namespace, name: $name}, depth: $depth) {
    nodes { id kind namespace name } edges { source target kind origin job }
    complete truncatedBy frontier sequence appliedThrough
  }
}"""


PAGE = "{ jobs(first: 100) { edges { node { id namespace name } } pageInfo { hasNextPage endCursor } } }"
SEARCH = '{ search(text: "table_10_0", kind: DATASET, limit: 20) { namespace name } }'


def measure_visible(session: Session) -> Iterator[Figure]:
    """From the 201 of a run's START to its being in a GraphQL answer: nobody else there, and at half load."""
    service, size = session.service(), session.size
    starts = [e for e in runs_of_one_job(WATCHED, 2 * size.sights + 4, COLUMNS) if e["eventType"] == "START"]
    half = len(starts) // 2
    alone = _sights(service, starts[:half])
    yield from quantiles(
        "visible", "from 201 to visible in GraphQL", alone, f"{len(alone)} events, one after the other"
    )
    rate = sustainable(service, min(10.0, size.sustained)) / 2
    with load(service, rate):
        loaded = _sights(service, starts[half:])
    yield from quantiles("visible.half", "the same at half load", loaded, f"{rate:.0f} other events/s")


def _sights(service: Service, starts: list[dict[str, Any]]) -> list[float]:
    seconds = []
    with service.client() as client:
        for i, event in enumerate(starts):
            time.sleep(0.05 + i % 7 / 100)  # in no step with the sweeper
            status, _ = client.post(LINEAGE, orjson.dumps(event))
            accepted = time.perf_counter()
            if status != 201:
                raise RuntimeError(f"an event was answered {status}")
            _watch(client, run_id(Name(NAMESPACE, WATCHED), event["run"]["runId"]))
            seconds.append(time.perf_counter() - accepted)
    return seconds[2:]


def _watch(client: Client, run: str) -> None:
    until = time.monotonic() + PATIENCE
    while client.ask(SEEN, id=run)["run"] is None:
        if time.monotonic() > until:
            raise RuntimeError(f"an event was not visible within {PATIENCE:.0f} s")
        time.sleep(PAUSE)


def measure_graphql(session: Session) -> Iterator[Figure]:
    """Lineage over GraphQL beside the same walk in this process over the same store, in turn; a page; a search."""
    service, size = session.service(), session.size
    with service.client() as client, service.reader() as reader:
        for depth in DEPTHS:
            body = question(WALK, namespace=NAMESPACE, name=ROOT, depth=depth)
            nodes = len(walk(reader, depth).nodes)
            answered = client.ask(WALK, namespace=NAMESPACE, name=ROOT, depth=depth)["lineage"]
            if nodes != len(answered["nodes"]):
                raise RuntimeError(f"{len(answered['nodes'])} nodes over GraphQL, {nodes} without it")
            works: list[Callable[[], Any]] = [partial(walk, reader, depth), partial(client.post, "/graphql", body)]
            rounds = in_turn(works, times=size.asks, seconds=PATIENCE, discard=5)
            kilobytes = len(client.post("/graphql", body)[1]) / 1_000
            bare, asked = zip(*rounds, strict=True)
            note = f"{nodes} nodes, {kilobytes:.0f} kB"
            yield from quantiles(f"graphql.{depth}", f"lineage over GraphQL, depth {depth}", asked, note)
            yield from quantiles(f"graphql.{depth}.bare", f"the same walk without GraphQL, depth {depth}", bare)
            ratio = median(b / a for a, b in rounds)
            yield Figure(f"graphql.{depth}.ratio", f"lineage, GraphQL / bare walk, depth {depth}", ratio, RATIO)
        yield from _listings(client, size.asks)


def _listings(client: Client, times: int) -> Iterator[Figure]:
    page, search = question(PAGE), question(SEARCH)
    found = client.ask(PAGE)["jobs"]["edges"], client.ask(SEARCH)["search"]
    if [100, 20] != [len(one) for one in found]:
        raise RuntimeError(f"{len(found[0])} jobs and {len(found[1])} hits were found")
    works = [partial(client.post, "/graphql", page), partial(client.post, "/graphql", search)]
    paged, searched = zip(*in_turn(works, times=times, seconds=PATIENCE, discard=5), strict=True)
    yield from quantiles("graphql.page", "page of 100 jobs over GraphQL", paged)
    yield from quantiles("graphql.search", "search over GraphQL, best 20", searched)


def measure_memory(session: Session) -> Iterator[Figure]:
    """What the service holds after the measurements that ran before this one (shared pages divided)."""
    total = 0.0
    for part, pid in session.service().pids().items():
        held = sum(proportional(one) for one in family(pid))
        total += held
        yield Figure(f"after.{part}", f"memory after the work, {part}", held, MIB)
    yield Figure("after.total", "memory after the work, total", total, MIB)
