"""A choice of edges: by origin, by age, or of each job's latest completed run, against the definition."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest

from catalog.api.graphql.context import Context
from catalog.api.graphql.schema import schema
from catalog.clock import DAY, FrozenClock
from catalog.graph.columns import trace_columns
from catalog.graph.lineage import trace
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.graph.views import EVERYTHING, View
from catalog.graph.walk import BOTH, DATASET, PRESENT, UPSTREAM, Caps, Moment, Node
from catalog.identity import Name, dataset_id, job_id, run_id
from catalog.lineage.assertions import Assertions, RunKey
from catalog.lineage.observe import link_key
from catalog.settings import Settings
from tests.histories import DATASETS, JOBS, random_history
from tests.oracle import Entry, Facts, Oracle
from tests.store.conftest import LATER, accept_events, drain
from tests.store.events import NOON, event
from tests.store.test_fold import applied
from tests.store.test_moments import ask, in_view, moments_of, named

Edges = set[tuple[Any, ...]]
JOBS_BY_ID = {job_id(name): name for name in JOBS}


@pytest.mark.parametrize("seed", range(6))
def test_a_view_has_the_edges_it_names_and_no_others(store: Store, seed: int) -> None:
    """Table and column edges of every view, over histories of any disorder."""
    rng = random.Random(f"views {seed}")
    past = random_history(rng, rng.choice((8, 16, 30)))
    applied(store, past.batches)
    reader, oracle = Reader(store, None), Oracle(past.entries)
    times = sorted({entry.assertions.time for entry in past.entries})

    facts = oracle.facts()
    now = edges_of(facts)
    assert now == walked(reader, PRESENT, EVERYTHING)
    for origins in (frozenset("O"), frozenset("D"), frozenset("OI")):
        assert {e for e in now if e[3] in origins} == walked(reader, PRESENT, View(origins=origins))
    for since in rng.sample(times, min(3, len(times))):
        recent = asserted(e.assertions for e in past.entries if e.assertions.time >= since)
        assert now & recent == walked(reader, PRESENT, View(since=since)), since
    for at in [PRESENT, *moments_of(rng, past.entries, 4)]:
        facts = oracle.facts(at.as_of, at.known_at)
        assert edges_of(facts) == walked(reader, at, EVERYTHING), at
        expected = edges_of(facts) & of_latest_runs(facts, in_view(past.entries, at))
        assert expected == walked(reader, at, View(latest=True)), at


def test_an_edge_says_its_age(store: Store) -> None:
    """Since its last evidence; stale beyond the setting, and still an edge."""
    accept_events(store, [event("1", NOON, inputs=[named("x")]), event("2", NOON + DAY, inputs=[named("x")])])
    drain(store)
    query = """{ lineage(root: {kind: JOB, namespace: "jobs", name: "load"}) {
      edges { evidence { count ageSeconds stale } } } }"""

    for days, stale in ((3, False), (32, True)):
        edges = ask(store, query, now=NOON + DAY + days * DAY)["lineage"]["edges"]
        assert [{"evidence": {"count": 2, "ageSeconds": days * 86_400, "stale": stale}}] == edges


def test_columns_are_shown_by_how_they_depend(store: Store) -> None:
    """DIRECT, INDIRECT or both, up and down; what the dataset as a whole depends on is told from a column's own."""
    x, direct, indirect = named("x"), ("DIRECT", False), ("INDIRECT", False)
    columns = {
        "fields": {"id": {"inputFields": [from_x("a", "DIRECT"), from_x("b", "INDIRECT")]}},
        "dataset": [from_x("c", "INDIRECT")],
    }
    accept_events(store, [event("1", inputs=[x], outputs=[named("y", columnLineage=columns)])])
    drain(store)

    by = {"a": direct, "b": indirect, "c": ("INDIRECT", True)}
    for given, shown in (("", "abc"), ("[DIRECT]", "a"), ("[INDIRECT]", "bc"), ("[DIRECT, INDIRECT]", "abc")):
        chosen = f", transformations: {given}" if given else ""
        found = ask(store, COLUMNS_OF_Y.replace("$CHOSEN", chosen))["lineage"]
        assert {column: by[column] for column in shown} == sources_of(found), given
    for column, how in by.items():
        for given in ("DIRECT", "INDIRECT"):
            found = ask(store, COLUMNS_FROM_X.replace("$FIELD", column).replace("$CHOSEN", given))["lineage"]
            assert ({column: how} if how[0] == given else {}) == sources_of(found), (column, given)
    assert by == sources_of(ask(store, COLUMNS_OF_RUN)["runLineage"])


COLUMN_EDGES = "nodes { id field } edges { source kind transformationType wholeDataset }"
COLUMNS_OF_Y = f"""{{ lineage(root: {{namespace: "db", name: "y", field: "id"}}, direction: UPSTREAM $CHOSEN) {{
  {COLUMN_EDGES} }} }}"""
COLUMNS_FROM_X = f"""{{ lineage(root: {{namespace: "db", name: "x", field: "$FIELD"}}, direction: DOWNSTREAM,
  transformations: [$CHOSEN]) {{ {COLUMN_EDGES} }} }}"""
COLUMNS_OF_RUN = f"""{{ runLineage(id: "{run_id(Name("jobs", "load"), "1")}") {{ {COLUMN_EDGES} }} }}"""


def from_x(column: str, type_: str) -> dict[str, Any]:
    """An input field of column lineage."""
    return {"namespace": "db", "name": "x", "field": column, "transformations": [{"type": type_}]}


def sources_of(found: Any) -> dict[str, tuple[str, bool]]:
    """How something depends on each column that anything derives from."""
    columns = {node["id"]: node["field"] for node in found["nodes"]}
    edges = [edge for edge in found["edges"] if edge["kind"] == "DERIVES_FROM"]
    return {columns[edge["source"]]: (edge["transformationType"], edge["wholeDataset"]) for edge in edges}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("origins: []", "origins: [] leaves nothing"),
        ('seenSince: "lately"', "seenSince: 'lately' is no moment"),
        ('seenSince: "2026-03-01", asOf: "2026-03-02"', "seenSince counts all that is known now"),
    ],
)
def test_a_view_that_is_none_is_refused_in_words(store: Store, given: str, words: str) -> None:
    """With a code of its own, before anything is walked."""
    query = f'{{ lineage(root: {{namespace: "db", name: "x"}}, {given}) {{ stale }} }}'
    service: Any = SimpleNamespace(reader=Reader(store, None))
    answer = asyncio.run(schema.execute(query, context_value=Context(service)))

    assert answer.errors is not None
    assert [words] == [error.message[: len(words)] for error in answer.errors]
    assert [{"code": "INVALID_QUESTION", "retryable": False}] == [error.extensions for error in answer.errors]


def edges_of(facts: Facts) -> Edges:
    """Every table and column edge that speaks for itself: kind, job or manifest, dataset, origin, a column's words."""
    found: Edges = {("READS", job, dataset, origin) for job, dataset, origin in facts.reads}
    found |= {("WRITES", job, dataset, origin) for job, dataset, origin in facts.writes}
    for (job, output, origin), columns in facts.columns.items():
        found |= {("COLUMN", job, output, origin, *edge) for edge in columns}
    found |= {("COLUMN", manifest, output, "D", *edge) for manifest, output, edge in facts.entities.columns}
    return found


def asserted(told: Iterable[Assertions]) -> Edges:
    """Every edge that these say themselves."""
    found: Edges = set()
    for said in told:
        origin = str(said.origin)
        found |= {("READS", said.job, name, origin) for name in said.inputs if said.job}
        found |= {("WRITES", said.job, name, origin) for name in said.outputs if said.job}
        for output, edge in (column for declared in said.declared for column in declared.columns):
            found.add(("COLUMN", said.manifest, output, "D", *edge))
        for dataset in said.datasets:
            found |= {("COLUMN", said.job, dataset.name, origin, *edge) for edge in dataset.columns or ()}
            found |= {("COLUMN", said.job, dataset.name, "I", *edge) for edge in dataset.inferred or ()}
    return found


def of_latest_runs(facts: Facts, entries: Iterable[Entry]) -> Edges:
    """What the completed run of each job that ended last asserted."""
    latest: dict[Name, RunKey] = {}
    for key, run in facts.runs.items():
        if run.state == "COMPLETED":
            stamp = (run.ended_at, run_id(*key))
            best = latest.get(key.job)
            if best is None or (facts.runs[best].ended_at, run_id(*best)) < stamp:
                latest[key.job] = key
    runs = set(latest.values())
    return asserted(e.assertions for e in entries if e.assertions.run in runs)


def walked(reader: Reader, at: Moment, view: View) -> Edges:
    """Every edge that is met from the datasets of the small world, but for those that others tell of a job."""
    found: Edges = set()
    for name in DATASETS:
        root = Node(dataset_id(name), DATASET, *name)
        walk = trace(reader, root, BOTH, Caps(depth=1), at, view)
        for edge in walk.edges.values():
            if edge.kind in ("READS", "WRITES"):
                source, target = (Name(n.namespace, n.name) for n in (walk.nodes[edge.source], walk.nodes[edge.target]))
                job, dataset = (target, source) if edge.kind == "READS" else (source, target)
                if edge.key == link_key(edge.kind, edge.origin, job_id(job), dataset_id(dataset)):
                    found.add((edge.kind, job, dataset, edge.origin))
        walk = trace_columns(reader, root, UPSTREAM, Caps(depth=1), at, view)
        for edge in walk.edges.values():
            if edge.kind == "DERIVES_FROM":
                input_, output_ = walk.nodes[edge.source], walk.nodes[edge.target]
                said = (edge.type, edge.subtype, edge.masking, edge.description)
                output = Name(output_.namespace, output_.name)
                column = (output_.field or "", Name(input_.namespace, input_.name), input_.field, *said)
                found.add(("COLUMN", edge.manifest or JOBS_BY_ID.get(edge.job), output, edge.origin, *column))
    return found


def test_a_column_that_nobody_tells_of_is_no_root(store: Store) -> None:
    """It is refused with the nearest name, at every moment, and so is its difference; a column of a schema is not."""
    fields = {"fields": [{"name": "email"}, {"name": "address", "fields": [{"name": "city"}]}]}
    told = {"namespace": "db", "name": "x", "facets": {"schema": fields}}
    accept_events(store, [event("1", outputs=[told, {"namespace": "db", "name": "bare"}])])
    drain(store)

    service: Any = SimpleNamespace(reader=Reader(store, None), clock=FrozenClock(LATER), settings=Settings())

    def asked(name: str, column: str, moment: str = "") -> list[str]:
        """What is said of it, and of what changed in it: words, or that it is complete."""
        root = f'root: {{namespace: "db", name: "{name}", field: "{column}"}}'
        told = []
        for question in (f"lineage({root}, {moment})", f'lineageDiff({root}, from: {{knownAt: "0"}})'):
            answer = asyncio.run(schema.execute(f"{{ a: {question} {{ complete }} }}", context_value=Context(service)))
            told.append(answer.errors[0].message if answer.errors else str((answer.data or {})["a"]["complete"]))
        return told

    assert [
        ["db x has no column 'emial'; did you mean email?"] * 2,
        ["db x has no column 'emial'; did you mean email?"] * 2,
        ["db bare has no column 'emial'; nobody tells which it has"] * 2,
        *[["True", "True"]] * 4,
    ] == [
        asked("x", "emial"),
        asked("x", "emial", 'knownAt: "0"'),
        asked("bare", "emial"),
        *[asked("x", column) for column in ("email", "address", "address.city")],
        asked("x", "email", 'asOf: "2001-01-01"'),
    ]
