"""GraphQL over a real service: lists, pages, search, runs, bad questions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.corpus import scenario
from tests.servers import plain
from tests.servers.asking import Asking


@pytest.fixture(scope="module")
def filled(service: Asking) -> Asking:
    """The service with two scenarios in it."""
    service.wait_applied(service.send(*scenario("CLL"), *scenario("airflow")))
    return service


def _pages(service: Asking, query: str, path: str, **variables: Any) -> list[Any]:
    nodes: list[Any] = []
    after = None
    while True:
        page = service.ask(query, after=after, **variables)[path]
        nodes += [edge["node"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            return nodes
        after = page["pageInfo"]["endCursor"]


@pytest.mark.parametrize("size", [1, 2, 7, 500])
@pytest.mark.parametrize("field", ["datasets", "jobs"])
def test_pages_of_any_size_give_one_list(filled: Asking, field: str, size: int) -> None:
    """Each item once, in order, and as many as the total says."""
    query = f"""query($after: String) {{ {field}(first: {size}, after: $after) {{
      totalCount edges {{ node {{ namespace name }} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
    names = [(n["namespace"], n["name"]) for n in _pages(filled, query, field)]

    assert len(set(names)) == len(names)
    assert filled.ask(query, after=None)[field]["totalCount"] == len(names)
    assert sorted(names, key=lambda n: "\n".join(n)) == names


def test_runs_page_newest_first(filled: Asking) -> None:
    """Small pages and one large page agree; a filter by state or job keeps the order."""
    query = """query($n: Int!, $after: String, $s: RunState) { runs(first: $n, after: $after, state: $s) {
      edges { node { id state job { name } } } pageInfo { hasNextPage endCursor } } }"""
    small = _pages(filled, query, "runs", n=3)
    large = _pages(filled, query, "runs", n=500)
    done = _pages(filled, query, "runs", n=4, s="COMPLETED")

    assert [r["id"] for r in large] == [r["id"] for r in small]
    assert len({r["id"] for r in small}) == len(small)
    assert [r["id"] for r in large if r["state"] == "COMPLETED"] == [r["id"] for r in done]


def test_a_run_in_full(filled: Asking) -> None:
    """By runId: state, times, parent, facets, inputs and outputs."""
    event = next(e for e in scenario("CLL") if e["outputs"] and e["eventType"] == "COMPLETE")
    query = """query($r: String!) { runs(runId: $r) { edges { node { id runId state startedAt endedAt durationSeconds
      parent { runId job { name } } facets outputs { name }
      job { namespace name runs { edges { node { id } } } } } } } }"""
    (edge,) = filled.ask(query, r=event["run"]["runId"])["runs"]["edges"]
    run = edge["node"]

    assert "COMPLETED" == run["state"]
    assert run["durationSeconds"] > 0
    assert event["run"]["facets"]["parent"]["run"]["runId"] == run["parent"]["runId"]
    assert "run|processing_engine" in run["facets"]
    assert {o["name"] for o in event["outputs"]} == {o["name"] for o in run["outputs"]}
    assert run["id"] in {e["node"]["id"] for e in run["job"]["runs"]["edges"]}


def test_a_dataset_in_full(filled: Asking) -> None:
    """Columns, facets, aliases, writers and readers."""
    query = """{ dataset(namespace: "file", name: "/tmp/cll_test/tbl1") {
      fields { name type } facets aliases { name } writtenBy { name } readBy { name } updatedAt } }"""
    dataset = filled.ask(query)["dataset"]

    assert [("ident", "integer"), ("trans", "string"), ("agg", "long")] == [
        (f["name"], f["type"]) for f in dataset["fields"]
    ]
    assert {"name": "file", "uri": "file"} == dataset["facets"]["dataSource"]
    assert ["default.tbl1"] == [a["name"] for a in dataset["aliases"]]
    assert 1 == len(dataset["writtenBy"])
    assert [] == dataset["readBy"]


@pytest.mark.parametrize("text", ["cll tbl", "CLL_TBL", "tmp/cll_test/tbl1", "tbl*", "cll AND tbl1 OR", "tbl1~"])
def test_search_finds_names_by_their_words(filled: Asking, text: str) -> None:
    """In any case, with any punctuation, by prefix; no text is a syntax error."""
    hits = filled.ask("query($t: String!) { search(text: $t, kind: DATASET) { name } }", t=text)["search"]

    assert ("/tmp/cll_test/tbl1" in {h["name"] for h in hits}) == (" OR" not in text)


@pytest.mark.parametrize("text", ["", "   ", "!!", "no-such-thing-anywhere", '"', "\\", "a:b[c TO d]"])
def test_search_for_nothing_finds_nothing(filled: Asking, text: str) -> None:
    """An empty answer, not an error."""
    assert {"search": []} == filled.ask("query($t: String!) { search(text: $t) { name } }", t=text)


def test_granularities_agree(filled: Asking) -> None:
    """DATASET and JOB are what is left of ALL when the other kind is collapsed."""
    query = """query($g: Granularity!) {
      lineage(root: {namespace: "file", name: "/tmp/cll_test/tbl1"}, granularity: $g) {
      nodes { id kind name field } edges { source target kind via } complete } }"""
    answers = {g: filled.ask(query, g=g)["lineage"] for g in ("ALL", "DATASET", "JOB", "FIELD")}

    assert {"DATASET": 6, "JOB": 3} == _kinds(answers["ALL"])
    assert {"DATASET": 6} == _kinds(answers["DATASET"])
    assert {"DATASET": 1, "JOB": 3} == _kinds(answers["JOB"])
    assert {"FIELD": 7, "DATASET": 1} == _kinds(answers["FIELD"])
    assert 21 == len(answers["FIELD"]["edges"])
    assert 2 == sum(e["kind"] == "DERIVES_FROM" for e in answers["DATASET"]["edges"])
    assert 2 == sum(e["kind"] == "FEEDS" for e in answers["JOB"]["edges"])
    assert all(a["complete"] for a in answers.values())


def test_downstream_is_upstream_seen_from_the_other_end(filled: Asking) -> None:
    """The same edges, whichever end the question starts at."""
    query = """query($n: String!, $d: Direction!) { lineage(root: {namespace: "file", name: $n}, direction: $d) {
      edges { source target kind } } }"""
    up = filled.ask(query, n="/tmp/cll_test/tbl1", d="UPSTREAM")["lineage"]["edges"]
    down = filled.ask(query, n="/tmp/cll_test/cll_source1", d="DOWNSTREAM")["lineage"]["edges"]

    common = [e for e in down if e in up]
    assert {"READS", "WRITES", "SAME_AS"} == {e["kind"] for e in common}
    assert common == down


def test_a_cut_answer_says_so(filled: Asking) -> None:
    """Depth 1 stops at the sources and names them as the frontier."""
    query = """{ lineage(root: {namespace: "file", name: "/tmp/cll_test/tbl1"}, depth: 1) {
      nodes { id name } complete truncatedBy frontier } }"""
    answer = filled.ask(query)["lineage"]
    names = {n["id"]: n["name"] for n in answer["nodes"]}

    assert (False, ["DEPTH"]) == (answer["complete"], answer["truncatedBy"])
    assert {"/tmp/cll_test/cll_source1", "/tmp/cll_test/cll_source2"} == {names[i] for i in answer["frontier"]}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ('{ lineage(root: {namespace: "file", name: "x"}, depth: 0) { complete } }', "INVALID_QUESTION"),
        ('{ lineage(root: {namespace: "file", name: "x"}, depth: 101) { complete } }', "INVALID_QUESTION"),
        ('{ lineage(root: {kind: JOB, namespace: "a", name: "b", field: "c"}) { complete } }', "INVALID_QUESTION"),
        ("{ datasets(first: 0) { totalCount } }", "INVALID_QUESTION"),
        ("{ datasets(first: 501) { totalCount } }", "INVALID_QUESTION"),
        ('{ datasets(after: "nonsense") { totalCount } }', "INVALID_QUESTION"),
        ("{ " + " ".join(f"a{i}: status {{ sequence }}" for i in range(60)) + " }", "OPERATION_TOO_COMPLEX"),
    ],
)
def test_bad_questions_get_a_code_and_a_reason(filled: Asking, query: str, code: str) -> None:
    """Errors have a stable code for programs and words for people."""
    answer = plain.post(f"{filled.url}/graphql", json={"query": query}).json()

    assert code == answer["errors"][0]["extensions"]["code"]
    assert answer["errors"][0]["message"]


def test_what_is_not_there_is_null(filled: Asking) -> None:
    """No such dataset, job, run, entry or root: null, not an error."""
    query = """{ dataset(namespace: "a", name: "b") { id } job(namespace: "a", name: "b") { id } run(id: "x") { id }
      ingestion(key: "0") { key } lineage(root: {namespace: "a", name: "b"}) { complete } }"""

    assert {"dataset", "job", "run", "ingestion", "lineage"} == {k for k, v in filled.ask(query).items() if v is None}


def _kinds(answer: Any) -> dict[str, int]:
    kinds = [n["kind"] for n in answer["nodes"]]
    return {kind: kinds.count(kind) for kind in set(kinds)}
