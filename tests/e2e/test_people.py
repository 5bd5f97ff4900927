"""What people say, over a running service: by GraphQL with a header, and by commands."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from catalog.cli.main import main
from tests.servers import plain
from tests.servers.asking import Asking

ORDERS = {"namespace": "postgres://people:5432", "name": "shop.public.orders"}
NAMES = (ORDERS["namespace"], ORDERS["name"])
TEAM = {"kind": "Team", "name": "people"}
SHOWN = """query ($namespace: String!, $name: String!) { entity(kind: DATASET, namespace: $namespace, name: $name) {
  description { value origin by verified } owners { name origin } lifecycle { value } classification { value }
  tags { key origin } } }"""


@pytest.fixture(scope="module")
def declared(service: Asking) -> Asking:
    """The service with a dataset that a manifest describes."""
    document = {
        "kind": "Dataset",
        **ORDERS,
        "tags": ["tag:spoken-of"],
        "owners": ["team:people"],
        "lifecycle": "retired",
    }
    documents = [document, TEAM, {"kind": "Tag", "name": "spoken-of"}]
    plan = plain.post(f"{service.url}/api/v1/manifests/plan", json={"manifest": "people", "documents": documents})
    applied = plain.post(f"{service.url}/api/v1/manifests/apply", json={"plan": plan.json()}, timeout=60)
    assert 200 == applied.status_code, applied.text
    return service


def run(url: str, *arguments: str) -> Result:
    """One command, in this process."""
    return CliRunner().invoke(main, list(arguments), env={"HEADWATER_URL": url})


def say(service: Asking, *arguments: str) -> dict[str, Any]:
    """A word by the command line, applied."""
    done = run(service.url, *arguments, "--as", "ann", "--json")
    assert 0 == done.exit_code, done.output
    said: dict[str, Any] = json.loads(done.stdout)
    service.wait_applied(said["entry"]["sequence"])
    return said


def test_words_are_shown_with_who_said_them_and_taken_back(declared: Asking) -> None:
    """Each command is an entry; the manifest's word counts where there can be one only, and the answer says so."""
    described = say(declared, "describe", *NAMES, "One row for each order.", "--reason", "asked by sales")
    say(declared, "tag", *NAMES, "pii/email")
    say(declared, "own", *NAMES, "person:7f3a")
    say(declared, "classify", *NAMES, "restricted")
    deprecated = say(declared, "deprecate", *NAMES)
    shown = declared.ask(SHOWN, **ORDERS)["entity"]

    assert (True, "accepted", "curation/v1") == (
        described["counts"],
        described["notice"],
        described["entry"]["kind"],
    )
    assert not deprecated["counts"]
    assert "manifest people says 'retired', and that counts" in deprecated["notice"]
    assert {"value": "One row for each order.", "origin": "PERSON", "by": "ann", "verified": False} == (
        shown["description"]
    )
    assert {"people", "7f3a"} == {owner["name"].rpartition(":")[2] for owner in shown["owners"]}
    assert ({"spoken-of", "pii/email"}, "retired") == (
        {tag["key"] for tag in shown["tags"]},
        shown["lifecycle"]["value"],
    )

    say(declared, "undo", described["entry"]["key"][:12])
    assert declared.ask(SHOWN, **ORDERS)["entity"]["description"] is None
    again = run(declared.url, "undo", described["entry"]["key"])
    assert (1, True) == (again.exit_code, "undone already" in again.stderr)


def test_words_are_listed_newest_first(declared: Asking) -> None:
    """Who, what and why, page by page, what was taken back included."""
    for text in ("one", "two", "three"):
        say(declared, "comment", "team:people", text)
    taken = say(declared, "undo", say(declared, "comment", "team:people", "four")["entry"]["key"])
    listed = json.loads(run(declared.url, "words", "team:people", "--limit", "3", "--json").stdout)
    text = run(declared.url, "words", "team:people").stdout

    assert [None, "four", "three"] == [word["value"] for word in listed["words"]]
    assert (False, taken["entry"]["key"]) == (listed["complete"], listed["words"][0]["key"])
    assert 6 == len(text.splitlines())
    assert "ann (unverified)" in text


def test_an_entity_tells_whether_it_is_certified_and_what_people_comment(declared: Asking) -> None:
    """In the same breath as what manifests say; a comment that was withdrawn is none."""
    query = """{ entity(kind: TAG, name: "spoken-of") { deprecated certified { value by reason } commentCount
      comments(first: 1) { text field by verified } } }"""
    nothing: dict[str, Any] = {"deprecated": False, "certified": None, "commentCount": 0, "comments": []}
    assert nothing == declared.ask(query)["entity"]

    say(declared, "certify", "tag:spoken-of", "--reason", "checked")
    say(declared, "deprecate", "tag:spoken-of")
    for text in ("one", "two"):
        say(declared, "comment", "tag:spoken-of", text)
    say(declared, "undo", say(declared, "comment", "tag:spoken-of", "three")["entry"]["key"])
    shown = run(declared.url, "entity", "show", "tag", "spoken-of").stdout

    assert {
        "deprecated": True,
        "certified": {"value": True, "by": "ann", "reason": "checked"},
        "commentCount": 2,
        "comments": [{"text": "two", "field": None, "by": "ann", "verified": False}],
    } == declared.ask(query)["entity"]
    assert ["two", "one"] == [line.split()[-1] for line in shown.partition("COMMENTED")[2].splitlines()[1:3]]
    assert "certified" in shown


def test_the_header_names_the_speaker(declared: Asking) -> None:
    """Without `by` the header counts; with neither nobody is named."""
    query = 'mutation { certify(entity: {kind: TEAM, name: "people"}, reason: "known") { entry { key sequence } } }'
    for headers in ({"X-Headwater-As": "grace"}, {}):
        answer = plain.post(f"{declared.url}/graphql", json={"query": query}, headers=headers, timeout=30).json()
        declared.wait_applied(answer["data"]["certify"]["entry"]["sequence"])
    words = declared.ask(
        '{ curations(entity: {kind: TEAM, name: "people"}, first: 2) { edges { node { by reason value verified } } } }'
    )["curations"]["edges"]

    assert [("", False), ("grace", False)] == [(word["node"]["by"], word["node"]["verified"]) for word in words]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("describe", *NAMES[:1], "shop.public.ordes", "x"), 3, "did you mean Dataset postgres://people:5432"),
        (("describe", "team:nobody", "x"), 3, "nothing is known of Team nobody"),
        (
            ("own", *NAMES, "orders"),
            1,
            "owners: 'orders' does not say what kind of thing it is; expected team:orders or person:orders",
        ),
        (("tag", *NAMES, " "), 1, "spaces at an end"),
        (("describe", *NAMES, " "), 1, "`description` is empty"),
        (("describe", "orders", "x"), 2, "'orders' names no entity"),
        (("describe", *NAMES), 2, "names no entity"),
        (("tag", "pii"), 2, "Missing argument 'TAG'"),
        (("undo", "beef"), 3, "no entry 'beef'"),
        (("words", "team:nobody"), 3, "nothing is known of Team nobody"),
    ],
)
def test_what_cannot_be_said_is_refused_with_what_to_do(
    declared: Asking, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """Unknown things exit 3, wrong usage 2, what cannot be kept 1."""
    done = run(declared.url, *arguments)

    assert (code, True) == (done.exit_code, words in done.stderr.replace("\n", " ")), done.stderr
