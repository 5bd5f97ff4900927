"""GraphQL asks the store once per level, however many things a level has (no N+1)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest

from catalog.api.graphql.context import Context
from catalog.api.graphql.schema import schema
from catalog.assets.keys import Key, Kind
from catalog.clock import FrozenClock
from catalog.graph.migrate import ArcadeAdmin
from catalog.graph.reader import Reader
from catalog.graph.store import Store, Tx
from catalog.settings import Settings
from tests.benchmarks.layered import events
from tests.model_history import built, day, deployed, trained
from tests.store.conftest import LATER, accept_events, drain
from tests.store.events import event
from tests.store.saying import apply, document

T = TypeVar("T")


class CountingStore:
    """A store that counts the statements of its reads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.statements = 0

    def read(self, work: Callable[[Tx], T]) -> T:
        """Run a read through a transaction that counts."""
        return self._store.read(lambda tx: work(_CountingTx(tx, self)))

    def rows(self, text: str, **parameters: Any) -> list[dict[str, Any]]:
        """All rows of one counted statement."""
        self.statements += 1
        return self._store.rows(text, **parameters)


class _CountingTx:
    def __init__(self, tx: Tx, counter: CountingStore) -> None:
        self._tx = tx
        self._counter = counter

    def run(self, text: str, **parameters: Any) -> list[dict[str, Any]]:
        self._counter.statements += 1
        return self._tx.run(text, **parameters)


QUERIES = [
    """{ jobs(first: $N) { totalCount edges { node { name facets updatedAt latestRun { state facets nominalStartTime
       job { name } parent { runId } inputs { name } outputs { name } }
       inputs { name fields { name } } outputs { name facets } parents { name }
       simpleName children { name } dependencies { side type job { name } toldBy { name } }
       runs(first: 3) { edges { node { state inputs { name } outputs { name } } } } } } } }""",
    """{ datasets(first: $N) { edges { node { name fields { name type } facets aliases { name }
       writtenBy { name latestRun { state } } readBy { name } } } } }""",
    """{ jobs(first: $N) { edges { node { type { jobType } sql { query } documentation { since } owners { origin }
       tags { key } runs(first: 2) { edges { node { uuid attempts { state error { message } } error { message }
       engine { name } warnings tags { key } silent } } } } } } }""",
    """{ datasets(first: $N) { edges { node { documentation { since } owners { name } tags { field } source { uri }
       type { type } hierarchy { name } version { version run { runId } } } } } }""",
    """{ runs(first: $N) { edges { node { runId state facets job { name } inputs { name } outputs { name } } } } }""",
    """{ lineage(root: {namespace: "bench", name: "table_03_000"}, depth: $D) { nodes { name job { latestRun { state } }
       dataset { fields { name } } } edges { kind evidence { count lastRun producers ageSeconds } } } }""",
    """{ lineage(root: {namespace: "bench", name: "table_03_000"}, depth: $D, knownAt: "100000") { stale nodes { name
       job { latestRun { state } inputs { name } } dataset { fields { name } facets readBy { name } } } } }""",
    """{ lineage(root: {namespace: "bench", name: "table_03_000"}, depth: $D, view: LATEST_RUN, seenSince: "2000-01-01",
       origins: [OBSERVED]) { nodes { name } edges { kind } } }""",
]


@pytest.mark.parametrize("query", QUERIES)
def test_statements_do_not_grow_with_the_answer(store: Store, query: str) -> None:
    """Twenty times as many things cost no more statements, but for the few levels that the first ones do not have."""
    accept_events(store, events(4, 20, 3))
    drain(store)

    few, small = ask(store, query.replace("$N", "2").replace("$D", "3"))
    many, large = ask(store, query.replace("$N", "40").replace("$D", "3"))

    assert small != large or "lineage" in query
    assert many <= few + 4
    # A view asks eight things per level; a question about the past asks how far back is kept.
    assert few <= (45 if "LATEST_RUN" in query else 26 if "knownAt" in query else 25)


DECLARED = [
    """{ entities(kind: DATASET, first: $N) { edges { node { name description { value } owners { name entity { name
       description { value } } } tags { key entity { id } } domain { entity { name parent { name } } }
       declaredBy { manifest } references { edges { node { role entity { name owners { name } } } } }
       referencedBy { edges { node { role entity { name } } } } children { edges { node { name } } }
       dataset { name } columns { name description { value } } } } } }""",
    """{ datasets(first: $N) { edges { node { declared { name declaredBy { manifest } } attributes { owners { name }
       description { value overruled { by } } } } } } }""",
    "{ manifests { name appliedBy entities } }",
]


@pytest.mark.parametrize("query", DECLARED)
def test_what_is_declared_is_asked_for_together(store: Store, query: str) -> None:
    """So is what manifests and people say of things, by whom, and what names what."""

    def declare(numbers: range) -> None:
        for n in numbers:
            team, domain = Key(Kind.TEAM, "", f"t{n}"), Key(Kind.DOMAIN, "", f"d/{n}")
            said = {"owners": [f"team:t{n}"], "domain": f"d/{n}", "tags": ["pii"], "description": "x"}
            orders = document(Key(Kind.DATASET, "db", f"o{n}"), fields=[{"name": "a", "description": "y"}], **said)
            apply(store, f"m{n}", document(team), document(domain), orders)

    declare(range(2))
    drain(store)
    few, small = ask(store, query.replace("$N", "2"))
    declare(range(2, 12))
    drain(store)
    many, large = ask(store, query.replace("$N", "40"))

    assert small != large
    assert (few, True) == (many, few <= 16), query


def test_deployments_are_asked_for_together(store: Store) -> None:
    """Eight times as many deployments and versions cost as many statements."""
    query = "{ deployments { deployments { name now { modelVersion { version } } stints { from } } } }"
    counts = []
    for numbers in (range(1), range(1, 8)):
        said: list[Any] = []
        for n in numbers:
            said += trained(day(1, 2 + n), "m", str(n), "f1", ["a"], auc=0.5, depth=1, code="c")
            said.append(deployed(day(2, 2 + n), "prod", f"d{n}", "m", str(n)))
        accept_events(store, said)
        drain(store)
        counts.append(ask(store, query)[0])

    assert counts[1] <= counts[0] + 4, counts


IN_PRODUCTION = """{ production(on: "2026-03-20T00:00:00Z") { deployments { name } extent { complete }
  modelVersions { version metrics { name value } trainings { run { runId } }
                  data { dataset { name } versions columns columnsBasis } } } }"""
ROLLBACK = """{ rollbackCandidates(environment: "prod", deployment: "d", on: "2026-03-20T00:00:00Z") {
  current { modelVersion { version } } candidates { modelVersion { version } eligible reasonsFor reasonsAgainst } } }"""


@pytest.mark.parametrize("query", [IN_PRODUCTION, ROLLBACK])
def test_model_versions_are_asked_for_together(store: Store, query: str) -> None:
    """Six times as many versions in production, or served before, cost as many statements."""
    counts = []
    for numbers in (range(2), range(2, 12)):
        said: list[Any] = []
        for n in numbers:
            said += trained(day(1, 2 + n), "m", str(n), "f1", ["a"], auc=0.5, depth=1, code="c")
            deployment = "d" if query == ROLLBACK else f"d{n}"
            said.append(deployed(day(2, 2 + n), "prod", deployment, "m", str(n)))
        accept_events(store, said)
        drain(store)
        counts.append(ask(store, query)[0])

    assert counts[1] <= counts[0] + 4, counts


RAW_DATA = 'namespace: "lake", name: "raw"'


@pytest.mark.parametrize("bad", ['version: "r3"', 'field: "postcode"'])
def test_runs_of_model_versions_are_walked_together(store: Store, bad: str) -> None:
    """Six times as many versions, each trained on data that a run of its own made, cost as many statements."""
    asked = 'rollbackCandidates(environment: "prod", deployment: "d", on: "2026-03-20T00:00:00Z"'
    queries = [
        f"{{ {asked}, bad: {{{RAW_DATA}, {bad}}}) {{ candidates {{ eligible reasonsFor }} }} }}",
        f"{{ deploymentsTouchedBy(dataset: {{{RAW_DATA}}}, {bad}) {{ deployments {{ because }} }} }}",
    ]
    counts = []
    for numbers in (range(2), range(2, 12)):
        said: list[Any] = []
        for n in numbers:
            columns = ["segment"] if n % 2 else ["age"]
            said += built(day(1, 1 + n), f"r{n}", f"f{n}")
            said += trained(day(1, 2 + n), "m", str(n), f"f{n}", columns, auc=0.5, depth=1, code="c")
            said.append(deployed(day(2, 2 + n), "prod", "d", "m", str(n)))
        accept_events(store, said)
        drain(store)
        answers = [ask(store, query) for query in queries]
        counts.append([count for count, _ in answers])
    eligible = [one["eligible"] for one in answers[0][1]["rollbackCandidates"]["candidates"]]

    assert {True, False} == set(eligible)
    assert all(many <= few + 4 for few, many in zip(*counts, strict=True)), counts


def test_what_is_known_of_outputs_costs_the_present_nothing(store: Store) -> None:
    """A walk asks as much per level whether columns, the lineage facet or nothing tells what made each output."""
    worlds = ("none", "columns", "facet")
    accept_events(store, [said for world in worlds for said in _chain(world, 6)])
    drain(store)

    for direction, start in (("UPSTREAM", 6), ("DOWNSTREAM", 0)):
        for depth in (2, 5):
            asked = {}
            for world in worlds:
                root = f'root: {{namespace: "{world}", name: "t{start}"}}, direction: {direction}, depth: {depth}'
                asked[world], found = ask(store, f"{{ lineage({root}) {{ nodes {{ name }} edges {{ basis }} }} }}")
                assert 2 * depth == len(found["lineage"]["edges"])
                basis = {"none": None, "columns": "COLUMN", "facet": "EXPLICIT"}[world]
                assert {None, basis} == {edge["basis"] for edge in found["lineage"]["edges"]}
            assert asked == dict.fromkeys(worlds, asked["none"]), (direction, depth)


def _chain(world: str, length: int) -> list[dict[str, Any]]:
    """Jobs that each read the table that the one before wrote, and say so in one of three ways."""
    found = []
    for i in range(length):
        one, other = ({"namespace": world, "name": f"t{n}"} for n in (i, i + 1))
        said = event(f"{world}-{i}", inputs=[one], outputs=[other])
        said["job"]["name"] = f"{world}-{i}"
        if world == "columns":
            columns = {"fields": {"id": {"inputFields": [{**one, "field": "id"}]}}}
            said["outputs"] = [{**other, "facets": {"columnLineage": columns}}]
        if world == "facet":
            entry = {**other, "type": "DATASET", "inputs": [{**one, "type": "DATASET"}]}
            said["job"]["facets"] = {"lineage": {"entries": [entry]}}
        found.append(said)
    return found


def ask(store: Store, query: str, admin: ArcadeAdmin | None = None) -> tuple[int, Any]:
    """The statements that a question costs, and its answer."""
    counting: Any = CountingStore(store)
    service: Any = SimpleNamespace(reader=Reader(counting, admin), clock=FrozenClock(LATER), settings=Settings())

    async def run() -> Any:
        return await schema.execute(query, context_value=Context(service))

    answer = asyncio.run(run())
    assert answer.errors is None, answer.errors
    return counting.statements, answer.data
