"""Odd events over HTTP: every door still answers everybody, and an odd thing can be asked for by its name."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest

from tests.e2e.commands import apart, run
from tests.e2e.conftest import deployed
from tests.e2e.faults.pace import contention
from tests.poison import APPLIED, REFUSED, TEXTS, Odd, big, everywhere, good_events, named, small
from tests.servers import plain
from tests.servers.asking import Asking
from tests.servers.stores import LONG

GOOD = "good among odd"
PAGE = 9
ENTRY = "query($key: String!) { ingestion(key: $key) { state reason attempts } }"
LINEAGE = """query($namespace: String!, $name: String!) {
  lineage(root: {namespace: $namespace, name: $name}, direction: BOTH) {
    complete nodes { namespace name job { latestRun { state } } } edges { source target kind evidence { count } } } }"""
JOB = """query($namespace: String!, $name: String!) { job(namespace: $namespace, name: $name) {
    namespace name facets parents { name } latestRun { runId facets nominalStartTime parent { runId } }
    inputs { namespace name } outputs { namespace name facets fields { name type } aliases { name } } } }"""


class Sent(NamedTuple):
    """An odd event and its answer."""

    odd: Odd
    answer: httpx.Response


@pytest.fixture(scope="module", params=LONG)
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    """One of its own: other tests count on finding nothing odd."""
    with deployed(request.param, tmp_path_factory.mktemp("poisoned")) as running:
        yield running


@pytest.fixture(scope="module")
def poisoned(service: Asking) -> Asking:
    """The service after good events, all small odd ones, and good ones again; all of it settled."""
    good = good_events(GOOD)
    service.send(*good[:3])
    sent = [Sent(odd, _post(service, odd.make())) for odd in small()]
    service.wait_applied(service.send(*good[3:]), 120)
    for odd, answer in sent:
        _check(service, odd, answer)
    return service


def _post(service: Asking, body: bytes, **headers: str) -> httpx.Response:
    return plain.post(f"{service.url}/api/v1/lineage", content=body, headers=headers, timeout=60)


def _check(service: Asking, odd: Odd, answer: httpx.Response) -> None:
    """The answer is the documented one, and so is the entry's end."""
    if odd.end == REFUSED:
        assert (odd, 400, "application/problem+json") == (odd, answer.status_code, answer.headers["content-type"])
        problem = answer.json()
        assert odd.words in f"{problem.get('field', '')}: {problem['detail']}"
        return
    assert (odd, 201) == (odd, answer.status_code)
    entry = service.ask(ENTRY, key=answer.json()["key"])["ingestion"]
    assert (odd, odd.end, 0) == (odd, entry["state"], entry["attempts"])
    assert odd.words in (entry["reason"] or "")


def _pages(service: Asking, door: str, fields: str, **arguments: str) -> list[Any]:
    """All nodes of a listing, page by page."""
    given = ", ".join([f"first: {PAGE}", *(f"{key}: {value}" for key, value in arguments.items())])
    query = f"query($after: String) {{ {door}({given}, after: $after) {{ edges {{ node {{ {fields} }} }} " + (
        "pageInfo { hasNextPage endCursor } } }"
    )
    found: list[Any] = []
    after = None
    for _ in range(500):
        page = service.ask(query, after=after)[door]
        found += [edge["node"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]
    raise AssertionError(f"{door} does not end")


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_an_odd_thing_is_found_by_its_name(poisoned: Asking, text: str) -> None:
    """Job, run, datasets, columns, facets and lineage of a text in every place; names exactly as sent."""
    job = poisoned.ask(JOB, namespace=text, name=text)["job"]
    runs = poisoned.ask("query($id: String!) { runs(runId: $id) { edges { node { runId } } } }", id=text)["runs"]
    lineage = poisoned.ask(LINEAGE, namespace=text, name=f"out {text}")["lineage"]
    listed = poisoned.ask(
        "query($ns: String!) { datasets(namespace: $ns) { totalCount edges { node { name } } } }", ns=text
    )["datasets"]

    assert (text, text, {"of": text}) == (job["namespace"], job["name"], job["facets"][text])
    assert [{"namespace": text, "name": f"in {text}"}] == job["inputs"]
    (made,) = job["outputs"]
    assert (text, f"out {text}", {text: [text]}) == (made["namespace"], made["name"], made["facets"][f"facet {text}"])
    assert [{"name": text, "type": text}, {"name": f"{text}.{text}", "type": None}] == made["fields"]
    assert [[{"name": f"alias {text}"}], [{"name": f"parent {text}"}]] == [made["aliases"], job["parents"]]
    run = job["latestRun"]
    assert (text, text, f"parent {text}") == (run["runId"], run["nominalStartTime"], run["parent"]["runId"])
    assert [text] == [edge["node"]["runId"] for edge in runs["edges"]]
    names = {f"in {text}", f"out {text}", f"alias {text}"}
    assert names == {edge["node"]["name"] for edge in listed["edges"]}
    assert lineage["complete"]
    assert {(text, name) for name in {*names, text}} == {(node["namespace"], node["name"]) for node in lineage["nodes"]}


def test_listings_pass_over_the_odd_ones(poisoned: Asking) -> None:
    """Small pages lead through everything, once each, in order, in every listing."""
    for door in ("datasets", "jobs"):
        names = [(node["namespace"], node["name"]) for node in _pages(poisoned, door, "namespace name updatedAt")]
        assert len(set(names)) == len(names)
        assert {named(text) for text in TEXTS.values()} | {"odd", GOOD} <= {namespace for namespace, _ in names}
        assert poisoned.ask(f"{{ {door} {{ totalCount }} }}")[door]["totalCount"] == len(names)
    spaces = [node["name"] for node in _pages(poisoned, "namespaces", "name")]
    assert len(set(spaces)) == len(spaces)
    assert {*TEXTS.values(), "odd", GOOD} <= set(spaces)
    updated = _pages(poisoned, "jobs", "namespace name", sort="UPDATED")
    assert {*TEXTS.values()} <= {node["name"] for node in updated}
    runs = _pages(poisoned, "runs", "id runId state startedAt job { name }")
    assert {*TEXTS.values()} <= {node["runId"] for node in runs}
    entries = _pages(poisoned, "inbox", "key sequence subject reason warnings")
    assert [*range(len(entries), 0, -1)] == [entry["sequence"] for entry in entries]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_search_takes_any_text(poisoned: Asking, text: str) -> None:
    """A text with letters finds its things; any other finds nothing; none is a fault or a syntax."""
    query = "query($text: String!) { search(text: $text, limit: 100) { namespace name } }"
    hits = poisoned.ask(query, text=text[:2_000])["search"]

    assert hits or not any(c.isalnum() for c in text)


def test_halves_of_characters_are_asked_for_as_they_come_back(poisoned: Asking) -> None:
    """A lone surrogate is no character: it is kept as U+FFFD, and asking with one is the client's fault."""
    text = "lone \ufffd surrogate \ufffd"
    job = poisoned.ask(JOB, namespace=text, name=text)["job"]
    asked = json.dumps({"query": JOB, "variables": {"namespace": "lone \ud800", "name": "x"}}).encode()
    answer = plain.post(
        f"{poisoned.url}/graphql", content=asked, headers={"Content-Type": "application/json"}, timeout=30
    )

    assert text == job["name"]
    assert 400 == answer.status_code
    assert answer.json()["errors"]


def test_good_ones_are_as_ever(poisoned: Asking) -> None:
    """What was sent before and behind the odd ones is one graph, and nothing of it is missing."""
    answer = poisoned.ask(LINEAGE, namespace=GOOD, name="raw")["lineage"]

    assert {"raw", "job 0", "job 1", "made 0", "made 1"} == {node["name"] for node in answer["nodes"]}
    assert {"COMPLETED"} == {node["job"]["latestRun"]["state"] for node in answer["nodes"] if node["job"]}
    assert 4 == len(answer["edges"])
    assert answer["complete"]


def test_a_batch_takes_what_single_posts_take(poisoned: Asking) -> None:
    """One bad event costs itself only, and all get the receipts that they have already."""
    events = [*good_events(GOOD), *({**everywhere(text)} for text in TEXTS.values()), 5, {"job": "x"}]
    answer = plain.post(f"{poisoned.url}/api/v1/lineage/batch", json=events, timeout=60).json()

    assert (len(events) - 2, 2) == (answer["summary"]["successful"], answer["summary"]["failed"])
    assert {APPLIED} == {receipt["state"] for receipt in answer["receipts"]}


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (gzip.compress(b"0" * 40_000_000), "gzip", 413),
        (gzip.compress(gzip.compress(b"0" * 400_000_000)), "gzip", 400),
        (gzip.compress(b'{"a":"' + b"x" * 100_000 + b'"}')[:-12], "gzip", 400),
        (b"\x1f\x8b", "gzip", 400),
        (b"", "gzip", 400),
        (gzip.compress(b"{}") + b"\x00", "gzip", 400),
        (gzip.compress(b"{}"), "identity", 400),
        (b"{}", "gzip, gzip", 415),
    ],
    ids=["bomb", "bomb in a bomb", "cut off", "head only", "nothing", "something behind it", "not said", "twice"],
)
def test_packed_poison_is_refused(poisoned: Asking, body: bytes, encoding: str, status: int) -> None:
    """A bomb is not unpacked beyond the limit; damage is the client's."""
    started = time.monotonic()
    answer = _post(poisoned, body, **{"Content-Encoding": encoding})

    assert status == answer.status_code, answer.text
    assert "application/problem+json" == answer.headers["content-type"]
    assert time.monotonic() - started < 10 * contention()


@pytest.mark.parametrize("name", ["right to left", "controls", "line breaks", "emoji", "1,100 characters", "cypher"])
def test_the_command_line_shows_odd_names(poisoned: Asking, name: str) -> None:
    """Asked for by their arguments; whole in JSON, and harmless to a terminal without."""
    text = TEXTS[name]
    whole = apart(poisoned.url, "lineage", text, f"out {text}", "--json")
    shown = run(poisoned.url, "lineage", text, f"out {text}", "--direction", "both")

    assert [(0, ""), (0, "")] == [(whole.returncode, whole.stderr), (shown.returncode, shown.stderr)]
    assert (text, f"out {text}") in {(n["namespace"], n["name"]) for n in json.loads(whole.stdout)["nodes"]}
    assert all(c.isprintable() or c == "\n" for c in shown.stdout)


@pytest.mark.parametrize(
    "command",
    [
        ("runs", "--all"),
        ("runs", "--all", "--json"),
        ("inbox", "list", "--limit", "400"),
        ("inbox", "list", "--state", "rejected", "--json"),
        ("search", "a", "--limit", "100"),
        ("lineage", "no such", "thing " + "x" * 1_000),
    ],
    ids=lambda command: " ".join(command)[:30],
)
def test_lists_of_the_command_line_survive(poisoned: Asking, command: tuple[str, ...]) -> None:
    """Every list prints, odd ones and all, in lines that no name can break."""
    done = run(poisoned.url, *command)

    assert (3 if command[0] == "lineage" else 0) == done.returncode, done.stderr
    assert "Traceback" not in done.stderr
    assert "--json" in command or all(c.isprintable() or c == "\n" for c in done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("odd", [pytest.param(odd, id=odd.name) for odd in big()])
def test_large_ones_keep_nobody_waiting(service: Asking, odd: Odd) -> None:
    """While a large one is accepted and applied, small ones are answered, applied, and read."""
    answer = _post(service, odd.make())
    slowest, rounds = 0.0, 0
    while rounds < 3 or service.ask("{ status { lagSeconds } }")["status"]["lagSeconds"] > 0:
        started = time.monotonic()
        (event, *_) = good_events(f"{GOOD} {odd.name} {rounds}", 1)
        service.wait_applied(service.send(event), 90)
        service.ask(LINEAGE, namespace=f"{GOOD} {odd.name} {rounds}", name="raw")
        slowest, rounds = max(slowest, time.monotonic() - started), rounds + 1
    _check(service, odd, answer)

    assert slowest < 30 * contention()
