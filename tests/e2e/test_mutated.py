"""Real events made wrong, through a whole service: none is lost, none stops it, none changes what others said.

`HEADWATER_TESTS_SEED=N` gives other events; a failure names its case, for `mutant(SEED, NUMBER)` of tests/mutated.py.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.corpus import scenario
from tests.e2e.conftest import deployed
from tests.mutated import Mutant, mutants, seed_from_environment
from tests.servers.asking import Asking
from tests.servers.stores import LONG

SEED = seed_from_environment()
FEW, MANY = 200, 2_000
SOAK_SECONDS = float(os.environ.get("HEADWATER_SOAK_SECONDS", "120"))
CLIENTS = 4
PAGE = 500

CONTROL = "untouched "
NAMED = "query($n: String!) { FIELD(namespace: $n, first: 500) { edges { node { name } } } }"
DATASET = """query($namespace: String!, $name: String!) {
  dataset(namespace: $namespace, name: $name) {
    id updatedAt fields { name type description } facets aliases { name } writtenBy { name } readBy { name } }
  lineage(root: {namespace: $namespace, name: $name}, direction: BOTH, depth: 100) {
    complete truncatedBy hiddenCount nodes { id kind namespace name } edges {
      source target kind origin evidence { count firstSeen lastSeen lastRun producers } } } }"""
JOB = """query($namespace: String!, $name: String!) { job(namespace: $namespace, name: $name) {
  id updatedAt facets inputs { name } outputs { name } parents { name } latestRun { id }
  runs { edges { node { id runId state startedAt endedAt startedInferred facets parent { id }
    inputs { name } outputs { name } } } } } }"""
INBOX = """query($after: String) { inbox(first: 500, after: $after) {
  edges { node { key state reason attempts } } pageInfo { hasNextPage endCursor } } }"""
STATUS = "{ status { sequence appliedThrough dead lagSeconds } }"


@pytest.fixture(scope="module", params=LONG)
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    """One of its own, with the untouched ones in it: other tests count on finding nothing odd."""
    with deployed(request.param, tmp_path_factory.mktemp("mutated")) as running:
        control = [_elsewhere(event) for name in ("CLL", "airflow") for event in scenario(name)]
        running.wait_applied(running.send(*control), 60)
        yield running


def _elsewhere(value: Any) -> Any:
    """An event whose every namespace is one that no mutant has."""
    if isinstance(value, list):
        return [_elsewhere(part) for part in value]
    if isinstance(value, dict):
        kept = {key: _elsewhere(part) for key, part in value.items()}
        return kept | ({"namespace": CONTROL + value["namespace"]} if isinstance(value.get("namespace"), str) else {})
    return value


def _answers(service: Asking) -> dict[tuple[str, str, str], Any]:
    """All that is said about the untouched jobs and datasets."""
    listed = service.ask("{ namespaces(first: 500) { edges { node { name } } } }")["namespaces"]["edges"]
    namespaces = [edge["node"]["name"] for edge in listed if edge["node"]["name"].startswith(CONTROL)]
    found: dict[tuple[str, str, str], Any] = {}
    for kind, one in (("datasets", DATASET), ("jobs", JOB)):
        for namespace in namespaces:
            page = service.ask(NAMED.replace("FIELD", kind), n=namespace)[kind]["edges"]
            for name in (edge["node"]["name"] for edge in page):
                found[kind, namespace, name] = service.ask(one, namespace=namespace, name=name)
    return found


def _post_all(service: Asking, wrong: Iterable[Mutant]) -> dict[str, Mutant]:
    """Post them, several at a time: the accepted ones by key. Whatever is not accepted is refused for a reason."""

    def post(client: httpx.Client, mutant: Mutant) -> tuple[str | None, Mutant]:
        answer = client.post(f"{service.url}/api/v1/lineage", content=mutant.body)
        if answer.status_code == 201:
            return answer.json()["key"], mutant
        assert answer.status_code in (400, 413), f"{answer.status_code} {answer.text[:300]}: {mutant}"
        assert answer.headers["content-type"] == "application/problem+json" and answer.json()["detail"], mutant
        return None, mutant

    with httpx.Client(timeout=60) as client, ThreadPoolExecutor(CLIENTS) as pool:
        return {key: mutant for key, mutant in pool.map(lambda m: post(client, m), wrong) if key}


def _entries(service: Asking) -> Iterator[dict[str, Any]]:
    after = None
    while True:
        page = service.ask(INBOX, after=after)["inbox"]
        yield from (edge["node"] for edge in page["edges"])
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


def check(service: Asking, wrong: Iterable[Mutant]) -> Counter[str]:
    """Send them all and hold the service against its promises; how many came to which end."""
    before = _answers(service)
    accepted = _post_all(service, wrong)
    service.wait_applied(service.ask(STATUS)["status"]["sequence"], 300)
    told = {entry["key"]: entry for entry in _entries(service)}
    status = service.ask(STATUS)["status"]

    assert {} == {key: str(mutant) for key, mutant in accepted.items() if key not in told}
    ends = Counter(told[key]["state"] for key in accepted)
    odd = {
        key: entry for key, entry in told.items() if entry["attempts"] or entry["state"] not in ("APPLIED", "REJECTED")
    }
    assert {} == {str(accepted.get(key, key)): entry for key, entry in odd.items()}
    assert all(told[key]["reason"] for key in accepted if told[key]["state"] == "REJECTED")
    assert (status["sequence"], 0, 0) == (status["appliedThrough"], status["dead"], status["lagSeconds"])
    assert len(before) > 30
    after = _answers(service)
    assert {} == {thing: (told, after.get(thing)) for thing, told in before.items() if told != after.get(thing)}
    assert before.keys() == after.keys()
    return ends


def test_wrong_events_harm_nobody(service: Asking) -> None:
    """Each 201 settles as applied or rejected with a reason, at the first attempt; what was there stays as it was."""
    ends = check(service, mutants(SEED, FEW))
    print(f"seed {SEED}: {dict(ends)} of {FEW}")

    assert all(ends[end] for end in ("APPLIED", "REJECTED"))


@pytest.mark.soak
def test_many_wrong_events_harm_nobody(service: Asking) -> None:
    """The same with others."""
    print(f"seed {SEED}: {dict(check(service, mutants(SEED, MANY, FEW)))} of {MANY}")


@pytest.mark.soak
def test_wrong_events_without_end_harm_nobody(service: Asking) -> None:
    """The same for HEADWATER_SOAK_SECONDS."""
    until, start = time.monotonic() + SOAK_SECONDS, FEW + MANY
    while time.monotonic() < until:
        print(f"seed {SEED}, from {start}: {dict(check(service, mutants(SEED, MANY, start)))}")
        start += MANY
