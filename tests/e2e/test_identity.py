"""Decisions about names over a running service: by mutations and the command line, not by the producers' door."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.e2e.commands import run
from tests.servers import plain
from tests.servers.asking import Asking

A = {"namespace": "s3://lake", "name": "identity/orders"}
B = {"namespace": "hive://hive:10000", "name": "identity.orders"}
C = {"namespace": "kafka://broker:9092", "name": "identity.orders"}
MERGE, SPLIT = "mergeDatasets", "splitDatasets"
SEEN = """query ($namespace: String!, $name: String!) {
  dataset(namespace: $namespace, name: $name) {
    aliases { namespace name origin by reason } canonical { namespace name }
    writtenBy { name } readBy { name } fields { name }
  }
  lineage(root: {kind: DATASET, namespace: $namespace, name: $name}, direction: BOTH, depth: 1, granularity: ALL) {
    nodes { kind name }
  }
}"""


def _event(job: str, **sides: Any) -> dict[str, Any]:
    return {
        "eventType": "COMPLETE",
        "eventTime": "2026-03-01T12:00:00Z",
        "producer": "https://example.org/tests",
        "job": {"namespace": "identity", "name": job},
        "run": {"runId": f"identity-{job}"},
        **sides,
    }


@pytest.fixture(scope="module")
def told(service: Asking) -> Asking:
    """The service with three names: one is written, the others are read."""
    schema = {"schema": {"fields": [{"name": "id", "type": "long"}]}}
    written = _event("writer", outputs=[{**A, "facets": schema}])
    service.wait_applied(service.send(written, _event("reader", inputs=[B]), _event("third", inputs=[C])))
    return service


def _post(service: Asking, verb: str, **given: Any) -> httpx.Response:
    query = f"""mutation ($a: DatasetRef!, $b: DatasetRef!, $reason: String!, $by: String) {{
      decision: {verb}(a: $a, b: $b, reason: $reason, by: $by) {{ key sequence state kind subject }} }}"""
    return plain.post(f"{service.url}/graphql", json={"query": query, "variables": given}, timeout=30)


def _decide(service: Asking, verb: str, a: dict[str, str], b: dict[str, str]) -> dict[str, Any]:
    answer = _post(service, verb, a=a, b=b, reason="one table", by="ada").json()
    assert "errors" not in answer, answer
    entry: dict[str, Any] = answer["data"]["decision"]
    service.wait_applied(entry["sequence"])
    return entry


def _seen(service: Asking, name: dict[str, str]) -> tuple[list[Any], dict[str, Any]]:
    """Its other names; and all else that is asked about it."""
    found = service.ask(SEEN, **name)
    nodes = sorted((node["kind"], node["name"]) for node in found["lineage"]["nodes"])
    return found["dataset"].pop("aliases"), {**found["dataset"], "nodes": nodes}


def test_merged_names_are_one_thing_until_they_are_split(told: Asking) -> None:
    """Writers, readers, columns and lineage are seen from each name; the opposite decision restores what was seen."""
    before = _seen(told, A), _seen(told, B)
    entry = _decide(told, MERGE, A, B)
    (names_of_a, a), (names_of_b, b) = _seen(told, A), _seen(told, B)
    _decide(told, SPLIT, B, A)
    after = _seen(told, A), _seen(told, B)

    assert "identity/v1" == entry["kind"]
    assert {**B, "origin": "PERSON", "by": "ada", "reason": "one table"} == names_of_a[0]
    assert {**A, "origin": "PERSON", "by": "ada", "reason": "one table"} == names_of_b[0]
    assert ["writer"] == [job["name"] for job in a["writtenBy"]]
    assert ["reader"] == [job["name"] for job in a["readBy"]]
    assert ["id"] == [column["name"] for column in b["fields"]]
    assert {("JOB", "writer"), ("JOB", "reader")} <= set(a["nodes"])
    assert a["canonical"] == b["canonical"]
    assert a == b
    assert before == after
    assert ([], []) == (after[0][0], after[1][0])
    assert after[0][1] != after[1][1]


def test_a_decision_is_an_entry_like_all_others(told: Asking) -> None:
    """Listed with the names it is about, applied, and shown as it was accepted."""
    entry = _decide(told, MERGE, A, C)
    _decide(told, SPLIT, A, C)
    found = told.ask(
        "query ($k: String!) { ingestion(key: $k) { state kind subject job { name } run { runId } } event(key: $k) }",
        k=entry["key"],
    )
    newest = told.ask("{ inbox(first: 2) { edges { node { key } } } }")["inbox"]["edges"]

    assert {"state": "APPLIED", "kind": "identity/v1", "job": None, "run": None} == {
        key: found["ingestion"][key] for key in ("state", "kind", "job", "run")
    }
    assert found["ingestion"]["subject"] == f"{C['namespace']} {C['name']} = {A['namespace']} {A['name']}"
    assert ("identity/v1", "same", "ada", "one table") == tuple(
        found["event"][key] for key in ("headwater", "verdict", "by", "reason")
    )
    assert entry["key"] in [edge["node"]["key"] for edge in newest]


@pytest.mark.parametrize("verdict", ["same", "apart", "perhaps"])
def test_the_producers_door_takes_no_decisions(told: Asking, verdict: str) -> None:
    """400, with the mutation to use instead, alone or in a batch."""
    document = {
        "headwater": "identity/v1",
        "verdict": verdict,
        "a": A,
        "b": B,
        "decidedAt": "2026-03-01T12:00:00Z",
        "by": "",
        "reason": "",
    }
    one = plain.post(f"{told.url}/api/v1/lineage", json=document, timeout=30)
    dressed = plain.post(f"{told.url}/api/v1/lineage", json={**_event("writer"), **document}, timeout=30)
    batch = plain.post(f"{told.url}/api/v1/lineage/batch", json=[document], timeout=30)

    assert [400, 400] == [one.status_code, dressed.status_code]
    assert ("INVALID_EVENT", "headwater") == (one.json()["code"], one.json()["field"])
    assert MERGE in one.json()["detail"] and "/graphql" in one.json()["detail"]
    assert one.json() == dressed.json()
    (failed,) = batch.json()["failed_events"]
    assert MERGE in json.dumps(failed)


@pytest.mark.parametrize("verb", [MERGE, SPLIT])
@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        ({"b": A}, "INVALID_QUESTION", "is given twice"),
        ({"b": {**B, "name": "identity.none"}}, "NOT_FOUND", "identity.none"),
        ({"b": {"namespace": "", "name": ""}}, "NOT_FOUND", "no dataset is called"),
        ({"b": {**B, "name": "x" * 100_000}}, "NOT_FOUND", "no dataset is called"),
        ({"b": {**B, "name": "\x00'\"\\\n{}"}}, "NOT_FOUND", "no dataset is called"),
        ({"reason": "x" * 2_001}, "INVALID_QUESTION", "`reason` has 2,001 characters"),
        ({"by": "x" * 2_001}, "INVALID_QUESTION", "`by` has 2,001 characters"),
        ({"a": {"namespace": "s3://lake"}}, None, "name"),
        ({"a": None}, None, "'$a' has invalid value"),
        ({"reason": None}, None, "'$reason' has invalid value"),
        ({"reason": 7}, None, "String cannot represent"),
    ],
)
def test_a_decision_that_cannot_be_meant_is_refused(
    told: Asking, verb: str, given: dict[str, Any], code: str | None, words: str
) -> None:
    """With a reason that names what is wrong; it is the caller's mistake, never a fault of the service."""
    answer = _post(told, verb, **{"a": A, "b": B, "reason": "", **given})
    (error,) = answer.json()["errors"]

    assert answer.status_code < 500
    assert words in error["message"]
    assert "INTERNAL" != error.get("extensions", {}).get("code")
    assert code is None or (code, False) == (error["extensions"]["code"], error["extensions"]["retryable"])


def test_texts_of_any_kind_are_kept_as_given(told: Asking) -> None:
    """Who and why are people's words: nothing in them is markup, a query or a path."""
    reason = "\x00 '; MATCH (n) DETACH DELETE n // \n\u202e\U0001f600 </script>"
    answer = _post(told, MERGE, a=A, b=B, reason=reason, by=None).json()
    assert "errors" not in answer, answer
    told.wait_applied(answer["data"]["decision"]["sequence"])
    shown = _seen(told, A)[0]
    _decide(told, SPLIT, A, B)

    assert [reason] == [alias["reason"] for alias in shown]


def test_names_tied_through_others_are_split_where_they_are_tied(told: Asking) -> None:
    """The refusal has the way; each pair on it can be split."""
    _decide(told, MERGE, A, B)
    _decide(told, MERGE, B, C)
    tied = [alias["name"] for alias in _seen(told, A)[0]]
    (error,) = _post(told, SPLIT, a=A, b=C, reason="").json()["errors"]
    _decide(told, SPLIT, B, C)
    left = [alias["name"] for alias in _seen(told, A)[0]]
    _decide(told, SPLIT, A, B)

    assert [B["name"], C["name"]] == tied
    assert "INVALID_QUESTION" == error["extensions"]["code"]
    way = " = ".join(f"{name['namespace']} {name['name']}" for name in (A, B, C))
    assert f"tied through others only: {way}; split one of these pairs" in error["message"]
    assert [B["name"]] == left


def test_the_command_line_decides_and_shows(told: Asking) -> None:
    """merge -> show -> split -> show; exit codes as everywhere."""
    a, b = (A["namespace"], A["name"]), (B["namespace"], B["name"])
    merged = run(told.url, "identity", "merge", *a, *b, "--reason", "same files", "--by", "ada", "--json")
    assert 0 == merged.returncode, merged.stderr
    told.wait_applied(json.loads(merged.stdout)["sequence"])
    shown = run(told.url, "identity", "show", *b)
    past = run(told.url, "identity", "show", *b, "--known-at", "0", "--json")
    split = run(told.url, "identity", "split", *a, *b, "--reason", "a copy", "--json")
    told.wait_applied(json.loads(split.stdout)["sequence"])
    alone = run(told.url, "identity", "show", *b)
    alike = run(told.url, "identity", "conflicts", "--namespace", B["namespace"], "--json")
    twice = run(told.url, "identity", "merge", *a, *a, "--reason", "x")
    nobody = run(told.url, "identity", "split", *a, "no", "such", "--reason", "x", "--json")

    assert f"{A['namespace']} {A['name']}" in shown.stdout and "ada, entry" in shown.stdout
    assert [] == json.loads(past.stdout)["aliases"]
    assert "no other names are known" in alone.stdout
    assert 0 == alike.returncode and json.loads(alike.stdout)["complete"]
    assert 1 == twice.returncode and "is given twice" in twice.stderr
    assert (3, "NOT_FOUND") == (nobody.returncode, json.loads(nobody.stdout)["error"]["code"])
