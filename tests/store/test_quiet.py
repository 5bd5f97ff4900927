"""A repeated run is cheap: a known job's next run rewrites neither schema nor column edges, nor any other edge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from catalog.clock import SECOND, to_iso
from catalog.graph.queries import FOLDER, blocks
from catalog.graph.store import Row, Store, Tx
from tests.store.conftest import accept_events, drain
from tests.store.facts import Graph

T = TypeVar("T")
Event = dict[str, Any]

NAMES = {text: f"{path.stem}.{name}" for path in FOLDER.glob("*.cypher") for name, text in blocks(path.stem).items()}
LOG = {"record.put_uses", "record.put_obs"}
"""The log below: what a quiet event leaves of itself."""

SCALARS = {"record.guard_jobs", "record.guard_datasets", "record.put_jobs", "record.put_datasets", "record.put_runs"}
"""Nodes whose scalars move: the subjects and the run."""

NEW_RUN = {"record.put_run_of"}


class Watched(Store):
    """A store that remembers which named statements its committed writes ran, and with how many rows."""

    def __init__(self, store: Store) -> None:
        super().__init__(store._driver, store._database, 30.0)
        self.rows_by_block: Counter[str] = Counter()

    def write(self, work: Callable[[Tx], T]) -> T:
        """As the store's, watched; what an attempt ran that was not committed is forgotten."""
        attempt: Counter[str] = Counter()

        def watched(tx: Tx) -> T:
            attempt.clear()
            return work(_WatchedTx(tx, attempt))

        done = super().write(watched)
        self.rows_by_block.update(attempt)
        return done

    def wrote(self) -> dict[str, int]:
        """Rows by block of everything that writes to the graph since it was last asked; the inbox's own left out."""
        rows = {
            name: n for name, n in self.rows_by_block.items() if name.startswith("record.") and ".load_" not in name
        }
        self.rows_by_block.clear()
        return rows


class _WatchedTx:
    def __init__(self, tx: Tx, seen: Counter[str]) -> None:
        self._tx = tx
        self._seen = seen

    def run(self, text: str, **parameters: Any) -> list[Row]:
        self._seen[NAMES[text]] += len(parameters.get("rows", ()))
        return self._tx.run(text, **parameters)


@pytest.fixture
def watched(store: Store) -> Watched:
    """The emptied store, watched."""
    return Watched(store)


def run(number: int, shared_facets: bool, column: str = "a") -> list[Event]:
    """START and COMPLETE of one run of one job, with schemas and column lineage as Spark sends them."""
    shared = {"dataSource": {"name": "db", "uri": "db://x"}} if shared_facets else {}
    source = {"namespace": "db", "name": "source", "facets": {"schema": {"fields": [{"name": "a"}]}, **shared}}
    lineage = {"fields": {column: {"inputFields": [{"namespace": "db", "name": "source", "field": "a"}]}}}
    facets = {"schema": {"fields": [{"name": column}]}, "columnLineage": lineage, **shared}
    target = {
        "namespace": "db",
        "name": "target",
        "facets": facets,
        "outputFacets": {"outputStatistics": {"rowCount": number}},
    }
    return [
        {
            "eventType": event_type,
            "eventTime": to_iso((10 * number + seconds) * SECOND),
            "producer": "tests",
            "run": {"runId": str(number), "facets": {"nominalTime": {"nominalStartTime": str(number)}}},
            "job": {"namespace": "jobs", "name": "load", "facets": {"jobType": {"integration": "TEST"}}},
            "inputs": [source],
            "outputs": [target] if event_type == "COMPLETE" else [],
        }
        for seconds, event_type in enumerate(("START", "COMPLETE"))
    ]


def send(store: Store, *events: Event) -> None:
    accept_events(store, events)
    drain(store)


@pytest.mark.parametrize("shared_facets", [False, True])
def test_a_repeated_run_writes_the_log_and_scalars_only(watched: Watched, shared_facets: bool) -> None:
    """START and COMPLETE of the tenth run touch no shape, register, field, dataset's name or edge but its RUN_OF."""
    send(watched, *run(1, shared_facets))
    first = watched.wrote()
    send(watched, *run(2, shared_facets))
    watched.wrote()
    before = Graph(watched)
    send(watched, *run(3, shared_facets))
    third = watched.wrote()

    assert {"record.put_registers", "record.put_field_from_field", "record.put_reads", "record.put_shapes"} <= set(
        first
    )
    allowed = LOG | SCALARS | NEW_RUN
    assert {} == {block: rows for block, rows in third.items() if block not in allowed and rows}
    assert (1, 1) == (third["record.put_runs"], third["record.put_run_of"])
    assert (before.edges, before.registers) == (Graph(watched).edges, Graph(watched).registers)


def test_what_is_quiet_counts_all_the_same(watched: Watched) -> None:
    """The evidence of edges, the run and what is newest of the job go on."""
    for number in (1, 2, 3):
        send(watched, *run(number, True))
    facts = Graph(watched).facts()

    assert {"1", "2", "3"} == {key.external for key in facts.runs}
    assert {"COMPLETED"} == {told.state for told in facts.runs.values()}
    (job,) = watched.rows("MATCH (j:Job) RETURN j.lastT AS lastT, j.latestT AS latestT")
    assert {"lastT": 31 * SECOND, "latestT": 31 * SECOND} == job
    assert [6] == [row["n"] for row in watched.rows("MATCH (u:Use {label: 'Job'}) RETURN sum(u.n) AS n")]


def test_a_changed_schema_is_not_quiet(watched: Watched) -> None:
    """The same job with another column rewrites its registers and column edges, and no edge to a dataset."""
    for number in (1, 2):
        send(watched, *run(number, False))
    watched.wrote()
    send(watched, *run(3, False, column="b"))
    wrote = watched.wrote()

    assert 2 == wrote["record.put_registers"]
    assert 2 == wrote["record.put_field_from_field"]
    assert 0 == wrote.get("record.put_reads", 0) + wrote.get("record.put_writes", 0)


def test_the_same_event_again_writes_nothing(watched: Watched) -> None:
    """A second delivery is known by its key, and nothing waits."""
    send(watched, *run(1, True))
    watched.wrote()
    send(watched, *run(1, True))

    assert {} == watched.wrote()
