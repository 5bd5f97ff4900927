"""Entities over a running service: declared on the command line, said and seen, shown by every door."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.commands import run
from tests.servers import plain
from tests.servers.asking import Asking

MANIFEST = """
kind: Dataset
namespace: shown
name: shop.orders
description: what we say
owners: [team:shown]
classification: confidential
fields:
  - {name: mail, description: an address, tags: [pii/email]}
---
kind: Tag
name: pii/email
---
kind: Tag
name: pii
---
kind: Team
name: shown
description: who answers
---
kind: Pipeline
namespace: shown
name: load
inputs: [{namespace: shown, name: never.seen}]
outputs: [{namespace: shown, name: shop.orders}]
"""
SEEN: dict[str, dict[str, Any]] = {
    "documentation": {"description": "what was seen"},
    "schema": {"fields": [{"name": "mail", "type": "text"}]},
}
FACET = {"_producer": "https://example.org/shown", "_schemaURL": "https://example.org/facet.json"}


@pytest.fixture(scope="module")
def declared(service: Asking, tmp_path_factory: pytest.TempPathFactory) -> Asking:
    """The service, with a manifest applied and a run seen."""
    folder = tmp_path_factory.mktemp("manifests")
    (folder / "shown.yaml").write_text(MANIFEST)
    applied = run(service.url, "apply", str(folder), "--manifest", "shown", "--yes", "--json")
    assert 0 == applied.returncode, applied.stdout + applied.stderr
    output = {"namespace": "shown", "name": "shop.orders", "facets": {k: {**FACET, **v} for k, v in SEEN.items()}}
    event = {
        "eventType": "COMPLETE",
        "eventTime": "2026-03-01T12:00:00Z",
        "producer": "https://example.org/shown",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json",
        "run": {"runId": "0195f0a2-7c1e-7a52-9d0f-6a4c8a2a1b11"},
        "job": {"namespace": "shown", "name": "load"},
        "inputs": [{"namespace": "shown", "name": "seen"}],
        "outputs": [output],
    }
    service.wait_applied(service.send(event))
    return service


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("entity", "show", "Team", "shown"), ("declared by shown", "who answers", "NAMED BY", "shop.orders")),
        (
            ("entity", "show", "dataset", "shown", "shop.orders"),
            ("what we say", "overruled", "what was seen", "manifest shown", "confidential", "tag pii/email", "team"),
        ),
        (("entity", "list", "--owner", "shown"), ("dataset", "shop.orders", "team:shown")),
        (("show", "dataset", "shown", "shop.orders"), ("declared by shown", "what was seen", "an address", "SAID")),
        (("show", "job", "shown", "load"), ("declared by shown",)),
        (("search", "shown", "--kind", "team"), ("team", "shown")),
        (
            ("lineage", "shown", "shop.orders"),
            ("never.seen  shown  [declared, never seen]", "seen  shown  [not declared]", "complete: 4 nodes, 4 edges"),
        ),
    ],
)
def test_people_see_who_says_what(declared: Asking, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    """Tables and trees, exit code 0."""
    done = run(declared.url, *arguments)

    assert 0 == done.returncode, done.stderr
    assert [] == [word for word in words if word not in done.stdout], done.stdout


def test_programs_get_all_of_it(declared: Asking) -> None:
    """JSON with the origin of each value; an entity that is nowhere exits 3, a wrong kind 2, a wrong question 1."""
    shown = json.loads(run(declared.url, "entity", "show", "Dataset", "shown", "shop.orders", "--json").stdout)
    listed = json.loads(run(declared.url, "entity", "list", "Team", "--json").stdout)

    assert ("DECLARED", "shown") == (shown["description"]["origin"], shown["description"]["by"])
    assert ["OBSERVED"] == [voice["origin"] for voice in shown["description"]["overruled"]]
    assert "shown" in [one["name"] for one in listed["entities"]]
    kinds = ("Team", "Boss", "Dataset")
    assert [3, 2, 1] == [run(declared.url, "entity", "show", kind, "nobody").returncode for kind in kinds]


def test_names_that_nobody_declares_nor_uses_are_told(declared: Asking) -> None:
    """A list that is empty says which name may be misspelled; what is known is no reason."""
    unknown = run(declared.url, "entity", "list", "--owner", "nobody", "--tag", "nope")
    known = run(declared.url, "entity", "list", "Policy", "--owner", "team:shown")

    assert ["nothing fits", "the owner 'nobody'", "the tag 'nope'"] == [
        line.partition("nobody declares or uses ")[2].partition(";")[0] or line for line in unknown.stderr.splitlines()
    ]
    assert (0, "nothing fits\n") == (unknown.returncode, known.stderr)


def test_bad_questions_are_answered_and_not_failed(declared: Asking) -> None:
    """Whatever is asked: an answer, or an error with its code; never 500."""
    questions = [
        'entity(kind: TEAM, namespace: "x", name: "y") { id }',
        f'entity(kind: TERM, name: "{"x" * 20_000}") {{ id }}',
        'entity(kind: TAG, name: "\\u0000") { id }',
        "entities(first: 501) { edges { cursor } }",
        'entities(after: "!!") { edges { cursor } }',
        'entities(knownAt: "99999999999999999999") { edges { cursor } }',
        'entity(kind: TEAM, name: "shown") { referencedBy(after: "e30") { edges { cursor } } }',
    ]
    answers = [plain.post(f"{declared.url}/graphql", json={"query": f"{{ {q} }}"}, timeout=30) for q in questions]

    assert {200} == {answer.status_code for answer in answers}
    codes = [e["extensions"]["code"] for answer in answers for e in answer.json().get("errors", ())]
    assert {"INVALID_QUESTION"} == set(codes)
    assert 5 == len(codes)
