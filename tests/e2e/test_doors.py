"""The HTTP doors as clients and people use them, good input and bad, against a real `headwater up`."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.transport.http import ApiKeyTokenProvider, HttpCompression, HttpConfig, HttpTransport

from tests.corpus import all_events, scenario
from tests.e2e.conftest import serving
from tests.servers import plain
from tests.servers.asking import Asking
from tests.servers.stores import STORES

EVENT: dict[str, Any] = {
    "eventType": "COMPLETE",
    "eventTime": "2026-03-01T12:00:00Z",
    "producer": "https://example.org/tests",
    "run": {"runId": "0192f0c0-0000-7000-8000-000000000001"},
    "job": {"namespace": "doors", "name": "load"},
    "inputs": [{"namespace": "doors", "name": "raw"}],
    "outputs": [{"namespace": "doors", "name": "clean"}],
}


@pytest.fixture(scope="module", params=STORES)
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    """On both stores in every run: through these doors goes all else."""
    yield from serving(request, tmp_path_factory)


ODD_TIMES = (
    "2026-03-01T12:00:00",
    "2026-03-01",
    "2026-03-01T13:00:00+01:00[Europe/Berlin]",
    "yesterday",
    "9999-01-01T00:00:00Z",
)


def test_an_event_is_visible_soon_after_its_receipt(service: Asking) -> None:
    """201 with key, sequence and state; the same event again is the same entry; the lineage follows."""
    first = plain.post(f"{service.url}/api/v1/lineage", json=EVENT)
    again = plain.post(f"{service.url}/api/v1/lineage/", json=EVENT)
    service.wait_applied(first.json()["sequence"])

    assert [201, 201] == [first.status_code, again.status_code]
    assert {"key", "sequence", "state", "created"} == set(first.json())
    assert [True, False] == [first.json()["created"], again.json()["created"]]
    assert first.json()["key"] == again.json()["key"]
    assert first.json()["sequence"] == again.json()["sequence"]
    answer = service.ask(
        """{ lineage(root: {namespace: "doors", name: "clean"}) {
          nodes { kind name job { latestRun { state runId durationSeconds job { name } } } }
          edges { id kind origin evidence { count firstSeen lastSeen producers lastRun } }
          complete truncatedBy frontier hiddenCount sequence appliedThrough } }"""
    )["lineage"]
    assert {("DATASET", "clean"), ("DATASET", "raw"), ("JOB", "load")} == {
        (n["kind"], n["name"]) for n in answer["nodes"]
    }
    assert ["READS", "WRITES"] == sorted(e["kind"] for e in answer["edges"])
    assert (True, [], [], 0) == tuple(answer[k] for k in ("complete", "truncatedBy", "frontier", "hiddenCount"))
    evidence = answer["edges"][0]["evidence"]
    assert (1, "2026-03-01T12:00:00.000000Z") == (evidence["count"], evidence["lastSeen"])
    assert ["https://example.org/tests"] == evidence["producers"]
    behind = service.ask(
        "query ($e: ID!) { evidence(edge: $e) { summary { count } entries(first: 1) {"
        " edges { node { key sequence eventTime run { runId } } } pageInfo { hasNextPage } } } }",
        e=answer["edges"][0]["id"],
    )["evidence"]
    (entry,) = behind["entries"]["edges"]
    assert 1 == behind["summary"]["count"]
    assert not behind["entries"]["pageInfo"]["hasNextPage"]
    assert "2026-03-01T12:00:00.000000Z" == entry["node"]["eventTime"]
    told = service.ask("query ($k: String!) { event(key: $k) ingestion(key: $k) { sequence } }", k=entry["node"]["key"])
    assert entry["node"]["sequence"] == told["ingestion"]["sequence"]
    assert entry["node"]["run"]["runId"] == told["event"]["run"]["runId"]


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("gzip", gzip.compress), ("x-gzip", gzip.compress), ("deflate", zlib.compress), ("identity", bytes)],
)
def test_every_encoding_clients_use(service: Asking, encoding: str, pack: Any) -> None:
    """Compressed in every way, and chunked as the Java client does, it is the same entry."""
    body = pack(json.dumps(EVENT).encode())
    headers = {"Content-Encoding": encoding, "Content-Type": "application/json; charset=UTF-8"}

    def chunks() -> Iterator[bytes]:
        for i in range(0, len(body), 7):
            yield body[i : i + 7]

    key = plain.post(f"{service.url}/api/v1/lineage", json=EVENT).json()["key"]
    whole = plain.post(f"{service.url}/api/v1/lineage", content=body, headers=headers)
    chunked = plain.post(f"{service.url}/api/v1/lineage", content=chunks(), headers=headers)

    assert [(201, key), (201, key)] == [(a.status_code, a.json()["key"]) for a in (whole, chunked)]


def _without(*keys: str) -> bytes:
    return json.dumps({k: v for k, v in EVENT.items() if k not in keys}).encode()


@pytest.mark.parametrize(
    ("body", "status", "field", "words"),
    [
        (b"", 400, None, "empty"),
        (b"{", 400, None, "not JSON"),
        (b"hello", 400, None, "not JSON"),
        (b"[]", 400, None, "/api/v1/lineage/batch"),
        (b'"text"', 400, None, "string"),
        (b"null", 400, None, "null"),
        (b"{}", 400, "job", "has none"),
        (_without("eventTime"), 400, "eventTime", "missing"),
        (json.dumps({**EVENT, "eventTime": 5}).encode(), 400, "eventTime", "number"),
        (_without("job"), 400, "job", "object"),
        (json.dumps({**EVENT, "job": {"name": "x"}}).encode(), 400, "job.namespace", "missing"),
        (json.dumps({**EVENT, "run": {}}).encode(), 400, "run.runId", "missing"),
        (json.dumps({**EVENT, "run": "x"}).encode(), 400, "run", "object"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 400, None, "nested deeper"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, 400, None, "nested deeper"),
    ],
)
def test_what_is_no_event_is_refused_with_a_reason(
    service: Asking, body: bytes, status: int, field: str | None, words: str
) -> None:
    """A problem document (RFC 9457) names the field and what to do; nothing is stored."""
    before = service.ask("{ status { sequence } }")
    answer = plain.post(f"{service.url}/api/v1/lineage", content=body)

    assert status == answer.status_code
    assert "application/problem+json" == answer.headers["content-type"]
    problem = answer.json()
    assert {"type", "title", "status", "detail", "code", "retryable"} <= set(problem)
    assert field == problem.get("field")
    assert words in problem["detail"]
    assert before == service.ask("{ status { sequence } }")


def test_an_edit_of_what_nobody_sent_is_not_found(service: Asking) -> None:
    """Status and code agree, and the key that was looked for is named."""
    answer = plain.post(f"{service.url}/api/v1/lineage?edits=zzz", json=EVENT)

    assert (404, "NOT_FOUND", "zzz") == (answer.status_code, answer.json()["code"], answer.json()["key"])


def test_size_is_capped_before_and_after_unpacking(service: Asking) -> None:
    """50 MB plain, and a bomb of a few kB, get 413 and name the limit."""
    bomb = gzip.compress(b'{"a":"' + b"x" * 60_000_000 + b'"}')
    gz = {"Content-Encoding": "gzip"}
    large = plain.post(f"{service.url}/api/v1/lineage", content=b" " * 50_000_000, timeout=60)
    packed = plain.post(f"{service.url}/api/v1/lineage", content=bomb, headers=gz, timeout=60)

    assert [413, 413] == [large.status_code, packed.status_code]
    assert 32_000_000 == packed.json()["limit"]


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Content-Encoding": "br"}, b"{}", 415),
        ({"Content-Encoding": "gzip"}, b"not gzip", 400),
        ({"Content-Encoding": "gzip"}, gzip.compress(json.dumps(EVENT).encode())[:-9], 400),
        ({"Content-Type": "application/json; charset=klingon"}, b"{}", 415),
        ({"Content-Type": "application/json; charset=ascii"}, b"\xff", 400),
    ],
)
def test_broken_encodings_are_said(service: Asking, headers: dict[str, str], body: bytes, status: int) -> None:
    """Never a 500 for something a client did."""
    assert status == plain.post(f"{service.url}/api/v1/lineage", content=body, headers=headers).status_code


@pytest.mark.parametrize("charset", ["utf-16", "utf-8-sig", "latin-1"])
def test_other_charsets_are_read(service: Asking, charset: str) -> None:
    """What the header says is how the body is read."""
    event = {**EVENT, "job": {"namespace": "doors", "name": f"größe {charset}"}}
    body = json.dumps(event, ensure_ascii=False).encode(charset)
    headers = {"Content-Type": f"application/json; charset={charset}"}

    answer = plain.post(f"{service.url}/api/v1/lineage", content=body, headers=headers)
    service.wait_applied(answer.json()["sequence"])

    name = f"größe {charset}"
    assert {"job": {"name": name}} == service.ask(
        'query($n: String!) { job(namespace: "doors", name: $n) { name } }', n=name
    )


def test_odd_times_are_understood_or_rejected_with_a_reason(service: Asking) -> None:
    """No zone and date only: applied with a warning or without; no time at all: an entry with a reason."""
    states = []
    for text in ODD_TIMES:
        event = {**EVENT, "eventTime": text, "job": {"namespace": "doors", "name": f"at {text}"}}
        receipt = plain.post(f"{service.url}/api/v1/lineage", json=event).json()
        service.wait_applied(receipt["sequence"])
        entry = service.ask("query($k: String!) { ingestion(key: $k) { state reason warnings } }", k=receipt["key"])
        states.append(entry["ingestion"])

    assert ["APPLIED", "APPLIED", "APPLIED", "REJECTED", "REJECTED"] == [s["state"] for s in states]
    assert "no time zone" in states[0]["warnings"][0]
    assert "ISO-8601" in states[3]["reason"]
    assert "future" in states[4]["reason"]
    listed = service.ask("{ inbox(state: REJECTED, first: 1) { edges { node { state } } pageInfo { hasNextPage } } }")
    assert {"edges": [{"node": {"state": "REJECTED"}}], "pageInfo": {"hasNextPage": True}} == listed["inbox"]


def test_a_batch_answers_for_each_event(service: Asking) -> None:
    """One bad event costs itself only; failures carry index, reason and whether a retry helps."""
    events = [*scenario("CLL"), {"no": "event"}, 5, EVENT]
    answer = plain.post(f"{service.url}/api/v1/lineage/batch", json=events).json()

    assert "partial_success" == answer["status"]
    assert {"received": 12, "successful": 10, "failed": 2, "retriable": 0, "non_retriable": 2} == answer["summary"]
    assert [9, 10] == [f["index"] for f in answer["failed_events"]]
    assert [*range(9), 11] == [r["index"] for r in answer["receipts"]]
    assert 400 == plain.post(f"{service.url}/api/v1/lineage/batch", json=EVENT).status_code
    assert "success" == plain.post(f"{service.url}/api/v1/lineage/batch", json=[]).json()["status"]


def test_every_real_event_is_accepted(service: Asking) -> None:
    """All 138 events of the corpus get 201 and become APPLIED."""
    receipts = [plain.post(f"{service.url}/api/v1/lineage", json=event, timeout=30) for _, event in all_events()]
    service.wait_applied(max(r.json()["sequence"] for r in receipts))

    assert {201} == {r.status_code for r in receipts}
    states = {
        service.ask("query($k: String!) { ingestion(key: $k) { state } }", k=r.json()["key"])["ingestion"]["state"]
        for r in receipts
    }
    assert {"APPLIED"} == states


@pytest.mark.parametrize("compression", [None, HttpCompression.GZIP])
def test_the_python_client_unmodified(service: Asking, compression: HttpCompression | None) -> None:
    """openlineage-python's HTTP transport, plain and compressed, with an API key it does not need."""
    name = f"client {compression}"
    config = HttpConfig(url=service.url, compression=compression, auth=ApiKeyTokenProvider({"api_key": "any"}))
    client = OpenLineageClient(transport=HttpTransport(config))
    run = Run(runId="0192f0c0-0000-7000-8000-00000000000a")
    for state, time in ((RunState.START, "2026-03-01T12:00:00Z"), (RunState.COMPLETE, "2026-03-01T12:00:05Z")):
        client.emit(
            RunEvent(
                eventType=state,
                eventTime=time,
                run=run,
                job=Job(namespace="doors", name=name),
                producer="https://example.org/tests",
                outputs=[OutputDataset(namespace="doors", name=f"made by {name}")],
            )
        )
    client.close()
    service.wait_applied(service.ask("{ status { sequence } }")["status"]["sequence"])

    query = """query($n: String!) {
      job(namespace: "doors", name: $n) { latestRun { state durationSeconds } outputs { name } } }"""
    expected = {"latestRun": {"state": "COMPLETED", "durationSeconds": 5.0}, "outputs": [{"name": f"made by {name}"}]}
    assert {"job": expected} == service.ask(query, n=name)


def test_unknown_paths_and_methods_say_what_there_is(service: Asking) -> None:
    """404 and 405 as problem documents that list the doors."""
    missing = plain.get(f"{service.url}/nope")
    wrong = plain.get(f"{service.url}/api/v1/lineage")

    assert [404, 405] == [missing.status_code, wrong.status_code]
    assert "/graphql" in missing.json()["detail"]
    assert "POST" in wrong.headers["allow"]


def test_health_and_metrics(service: Asking) -> None:
    """Counters of API and workers, and the inbox's gauges, in one exposition; every answer has a request id."""
    service.wait_applied(service.send(EVENT))
    text = plain.get(f"{service.url}/metrics").text

    assert {"status": "ok"} == plain.get(f"{service.url}/healthz").json()
    assert "ready" == plain.get(f"{service.url}/readyz").json()["status"]
    assert "mine" == plain.get(f"{service.url}/healthz", headers={"X-Request-Id": "mine"}).headers["x-request-id"]
    for name in (
        "headwater_events_accepted_total",
        'headwater_entries_settled_total{state="APPLIED"}',
        "headwater_inbox_lag_entries 0.0",
        "headwater_inbox_lag_seconds 0.0",
        "headwater_drain_seconds_count",
        "headwater_http_request_seconds_count",
    ):
        assert name in text
