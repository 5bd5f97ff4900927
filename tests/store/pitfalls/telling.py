"""How the tests of pitfalls tell events and ask: as clients do, without the sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from itertools import permutations
from types import SimpleNamespace
from typing import Any

import orjson

from catalog.api.graphql.context import Context
from catalog.api.graphql.schema import schema
from catalog.clock import FrozenClock
from catalog.graph import inbox
from catalog.graph.fingerprint import fingerprint
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.lineage.canonical import parse
from catalog.settings import read_settings
from catalog.usecases.accept import prepare
from tests.servers.stores import empty
from tests.store.conftest import LATER, drain
from tests.store.events import entries

Event = dict[str, Any]

JOB = {"namespace": "jobs", "name": "load"}
RUN = 'query { job(namespace: "jobs", name: "load") { latestRun { %s } } }'


NOON = 1_772_366_400_000_000
"""Of the first of March 2026, in microseconds."""


def ask(store: Store, query: str, *, now: int = NOON) -> Any:
    """The answer to a GraphQL query, which has no errors."""
    service: Any = SimpleNamespace(reader=Reader(store, None), clock=FrozenClock(now), settings=read_settings())

    async def run() -> Any:
        return await schema.execute(query, context_value=Context(service))

    answer = asyncio.run(run())
    assert answer.errors is None, answer.errors
    return answer.data


def told(kind: str, at: str, run: str = "1", *, job: str = "load", facets: Any = None, **more: Any) -> Event:
    """A run event of the first of March; `facets` are the run's."""
    return {
        "eventType": kind,
        "eventTime": f"2026-03-01T{at}:00Z",
        "producer": "https://example.org/tests",
        "run": {"runId": run, "facets": facets or {}},
        "job": {**JOB, "name": job},
        **more,
    }


def data(name: str, **facets: Any) -> Event:
    """A dataset as an input or output names it."""
    return {"namespace": "db", "name": name, "facets": facets}


def apply(store: Store, *events: Event) -> None:
    """Accept them one after the other as the door does, and apply them."""
    for event in events:
        body = orjson.dumps(event)
        inbox.accept(store, [prepare(parse(body), body)], LATER)
    drain(store)


def latest_run(store: Store, fields: str) -> Any:
    """The newest run of the one job."""
    return ask(store, RUN % fields)["job"]["latestRun"]


def dataset(store: Store, fields: str, name: str = "orders", namespace: str = "db") -> Any:
    """What is known of a dataset."""
    return ask(store, f'{{ dataset(namespace: "{namespace}", name: "{name}") {{ {fields} }} }}')["dataset"]


def job(store: Store, fields: str, name: str = "load") -> Any:
    """What is known of a job."""
    return ask(store, f'{{ job(namespace: "jobs", name: "{name}") {{ {fields} }} }}')["job"]


def names(things: Iterable[Event]) -> set[str]:
    """Their names."""
    return {thing["name"] for thing in things}


def lineage(store: Store, name: str, direction: str = "UPSTREAM", namespace: str = "db") -> set[tuple[str, str]]:
    """The nodes reached from a dataset: kind and name."""
    asked = f'root: {{namespace: "{namespace}", name: "{name}"}}, direction: {direction}'
    return {
        (n["kind"], n["name"])
        for n in ask(store, f"{{ lineage({asked}) {{ nodes {{ kind name }} }} }}")["lineage"]["nodes"]
    }


def warnings(store: Store) -> list[str]:
    """Of all entries; every one of them is applied."""
    rows = entries(store)
    assert {"APPLIED"} == {row["state"] for row in rows}, rows
    return [warning for row in rows for warning in row.get("warnings") or ()]


def assert_any_order_is_one(store: Store, events: Sequence[Event]) -> None:
    """Every order, each event twice, leaves the same graph."""
    prints = set()
    for order in permutations(events):
        empty(store)
        apply(store, *order, *order)
        prints.add(fingerprint(store))

    assert 1 == len(prints)
