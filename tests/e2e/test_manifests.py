"""Manifests over a running service: the HTTP doors, GraphQL and the command line are one path."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from catalog.assets.keys import Key, Kind
from catalog.manifest.changes import compare
from catalog.manifest.plan import Plan
from tests.e2e.commands import run
from tests.servers import plain
from tests.servers.asking import Asking

PLAN = """query ($m: ManifestInput!) { plan(manifest: $m) {
  checksum base applicable created updated removed unchanged edgesAdded plan
  changes(first: 10) { action kind namespace name fields { path before after } }
  obstacles { type entity message } } }"""
APPLY = "mutation ($plan: JSON!, $by: String) { apply(plan: $plan, by: $by) { again entry { key state kind } } }"
POLICY: dict[str, Any] = {
    "kind": "Policy",
    "name": "tests.described",
    "version": "1",
    "severity": "low",
    "breaks": "Nobody knows what a dataset is.",
    "description": "A dataset without a description is used for what it was not made for.",
    "remedy": "Describe it.",
    "source": "these tests",
    "type": "entity",
    "target": "dataset",
    "assert": "dataset.description != ''",
    "message": "'The dataset ' + dataset.name + ' has no description.'",
    "tests": [
        {"name": "it has one", "input": {"dataset": {"name": "a", "description": "b"}}, "expect": "PASS"},
        {"name": "it has none", "input": {"dataset": {"name": "a", "description": ""}}, "expect": "FAIL"},
    ],
}
MANIFESTS = "{ manifests { name entities appliedBy entry } }"


def table(name: str, **rest: Any) -> dict[str, Any]:
    return {"kind": "Dataset", "namespace": "db", "name": name, **rest}


def post(service: Asking, verb: str, body: Any, *, by: str = "", packed: bool = False) -> httpx.Response:
    content = json.dumps(body).encode()
    headers = {"Content-Type": "application/json", **({"X-Headwater-As": by} if by else {})}
    if packed:
        content, headers["Content-Encoding"] = gzip.compress(content), "gzip"
    return plain.post(f"{service.url}/api/v1/manifests/{verb}", content=content, headers=headers, timeout=60)


def planned(service: Asking, manifest: str, *documents: dict[str, Any], **rest: Any) -> dict[str, Any]:
    answer = post(service, "plan", {"manifest": manifest, "documents": list(documents), **rest}, packed=True)
    assert 200 == answer.status_code, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_http_and_graphql_are_one_path(service: Asking) -> None:
    """The same plan by both doors; applied by either, the other knows; sent again it counts once."""
    documents = [{"kind": "Team", "name": "doors"}, table("doors", owners=["team:doors"])]
    by_http = planned(service, "doors", *documents)
    by_graphql = service.ask(PLAN, m={"name": "doors", "documents": documents})["plan"]
    applied = post(service, "apply", {"plan": by_http}, by="ada%20%C3%B6").json()
    again = service.ask(APPLY, plan=by_graphql["plan"], by="grace")["apply"]
    (listed,) = [one for one in service.ask(MANIFESTS)["manifests"] if one["name"] == "doors"]

    assert by_http == by_graphql["plan"]
    assert (True, 2, 0) == (by_graphql["applicable"], by_graphql["created"], by_graphql["removed"])
    assert ("APPLIED", False) == (applied["entry"]["state"], applied["again"])
    assert {
        "again": True,
        "entry": {"key": applied["entry"]["key"], "state": "APPLIED", "kind": "manifest/v1"},
    } == again
    assert {"name": "doors", "entities": 2, "appliedBy": "ada ö", "entry": applied["entry"]["key"]} == listed
    assert [] == planned(service, "doors", *documents)["changes"]
    assert documents == sorted(
        service.ask('{ exportManifest(name: "doors") }')["exportManifest"], key=lambda d: str(d["kind"]), reverse=True
    )


def test_files_as_they_stand_are_planned_like_documents(service: Asking) -> None:
    """YAML in any of the two doors is what its documents are as JSON; the head's defaults and share count."""
    documents = [table("filed", owners=["team:filed"]), {"kind": "Team", "name": "filed"}]
    head = (
        "kind: Manifest\nname: filed\nmaxRemovedShare: 0.5\ndefaults: {Dataset: {owners: ['team:filed']}}\n"
        "---\nkind: Team\nname: filed\n"
    )
    files = [
        {"name": "db/tables.yaml", "text": "# a comment\nkind: Dataset\nnamespace: db\nname: filed\n"},
        {"name": "headwater.yaml", "text": head},
    ]
    by_json = planned(service, "filed", *documents, heading={"maxRemovedShare": 0.5})
    by_http = post(service, "plan", {"manifest": "filed", "files": files}).json()
    by_graphql = service.ask(PLAN, m={"name": "filed", "files": files})["plan"]["plan"]
    one = service.ask(PLAN, m={"name": "filed", "files": [{"text": files[0]["text"]}]})["plan"]

    assert [by_json] * 2 == [by_http, by_graphql]
    assert 1 == one["created"]


def test_two_manifests_are_compared_without_being_applied(service: Asking) -> None:
    """By what they mean, as documents or as files, with the faults of either; nothing is there afterwards."""
    query = """query ($old: ManifestContent!, $new: ManifestContent!) { manifestDiff(old: $old, new: $new) {
      created updated removed changes(first: 9) { action kind name fields { path before after } } } }"""
    old = {
        "documents": [table("same", owners=["team:a", "team:b"]), table("unapplied", description="a"), table("gone")]
    }
    text = "".join(
        f"---\nkind: Dataset\nnamespace: db\nname: {rest}\n"
        for rest in ("unapplied\ndescription: b", "same\nowners: [team:b, team:a]", "new")
    )
    found = service.ask(query, old=old, new={"files": [{"text": text}]})["manifestDiff"]
    wrong = {"old": {"documents": []}, "new": {"files": [{"name": "x.yaml", "text": "kind: Tabel\nname: x\n"}]}}
    answer = plain.post(f"{service.url}/graphql", json={"query": query, "variables": wrong}, timeout=60).json()

    assert (1, 1, 1) == (found["created"], found["updated"], found["removed"])
    assert [
        ("REMOVE", "gone", []),
        ("CREATE", "new", []),
        ("UPDATE", "unapplied", [{"path": "description", "before": "a", "after": "b"}]),
    ] == [(c["action"], c["name"], c["fields"] if c["action"] == "UPDATE" else []) for c in found["changes"]]
    assert ["x.yaml:1:7"] == [p.split(": ")[0] for p in answer["errors"][0]["extensions"]["problems"]]
    assert [] == service.ask('{ search(text: "unapplied") { name } }')["search"]


def test_what_is_wrong_in_a_file_is_told_with_its_line(service: Asking) -> None:
    """All faults of all files at once, each with file:line:column; names of the service's own files mean nothing."""
    files = [
        {"name": "a.yaml", "text": "kind: Team\nname: a\n---\nkind: Datset\nname: x\n"},
        {"name": "/etc/passwd", "text": "kind: Domain\nname: d\nparent: domain:d\n"},
        {"name": "c.yaml", "text": "kind: Team\n  name: [c\n"},
    ]
    refused = post(service, "plan", {"manifest": "x", "files": files}).json()
    answer = plain.post(
        f"{service.url}/graphql",
        json={"query": PLAN, "variables": {"m": {"name": "x", "files": files}}},
        timeout=60,
    ).json()
    (error,) = answer["errors"]

    assert ["/etc/passwd:3:9", "a.yaml:4:7", "c.yaml:2:7"] == [p.split(": ")[0] for p in refused["problems"]]
    assert ("INVALID_MANIFEST", refused["problems"]) == (
        error["extensions"]["code"],
        error["extensions"]["problems"],
    )


def test_concurrent_applies_over_http_never_mix(service: Asking) -> None:
    """Exactly one of several is applied; the others hear 409 and what changed; nothing of theirs is there."""
    plans = [
        planned(service, "race", *(table(f"race{n}", description=f"by {i}") for n in range(i, i + 3))) for i in range(4)
    ]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda plan: post(service, "apply", {"plan": plan}), plans))
    won = [i for i, answer in enumerate(answers) if answer.status_code == 200]
    lost = [answer.json() for answer in answers if answer.status_code != 200]
    found = service.ask('{ exportManifest(name: "race") }')["exportManifest"]

    assert 1 == len(won), [answer.text for answer in answers]
    assert [(409, "STALE_PLAN", False)] * 3 == [(p["status"], p["code"], p["retryable"]) for p in lost]
    assert [f"by {won[0]}"] * 3 == [document["description"] for document in found]


@pytest.mark.parametrize(
    ("verb", "body", "status", "code", "words"),
    [
        ("plan", [], 400, "INVALID_QUESTION", "JSON object"),
        ("plan", {}, 400, "INVALID_QUESTION", "`manifest`"),
        ("plan", {"manifest": "x"}, 400, "INVALID_QUESTION", "`documents`"),
        ("plan", {"manifest": "x", "documents": [], "removable": 2}, 400, "INVALID_QUESTION", "`removable`"),
        ("plan", {"manifest": "x", "files": 7}, 400, "INVALID_QUESTION", "`files`"),
        ("plan", {"manifest": "x", "files": [7]}, 400, "INVALID_QUESTION", "`files[0]`"),
        ("plan", {"manifest": "x", "files": [{"text": ""}] * 2}, 400, "INVALID_QUESTION", "`files[1].name`"),
        ("plan", {"manifest": "x", "files": [{"text": " " * 4_000_001}]}, 400, "INVALID_QUESTION", "4,000,000"),
        ("plan", {"manifest": "x", "documents": [7]}, 400, "INVALID_MANIFEST", "documents[0]"),
        ("plan", {"manifest": "x", "documents": [{"kind": "Datset"}]}, 400, "INVALID_MANIFEST", "Datset"),
        (
            "plan",
            {"manifest": "x", "documents": [{"kind": "Team", "name": "a", "nmae": 1}]},
            400,
            "INVALID_MANIFEST",
            "nmae",
        ),
        (
            "plan",
            {"manifest": "x", "documents": [{"kind": "Team", "name": "a"}] * 2},
            400,
            "INVALID_MANIFEST",
            "say it once",
        ),
        (
            "plan",
            {"manifest": "x", "documents": [{"kind": "Domain", "name": "a", "parent": "domain:a"}]},
            400,
            "INVALID_MANIFEST",
            "its own parent",
        ),
        ("apply", {}, 400, "INVALID_PLAN", "no plan"),
        ("apply", {"plan": {"headwater": "plan/v1"}}, 400, "INVALID_PLAN", "cannot be read"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    service: Asking, verb: str, body: Any, status: int, code: str, words: str
) -> None:
    """A problem document with what is wrong; never a 500."""
    answer = post(service, verb, body)

    assert (status, code) == (answer.status_code, answer.json()["code"])
    assert words in answer.text


def test_a_plan_with_obstacles_is_shown_and_not_applied(service: Asking) -> None:
    """Both manifests are named, and the nearest name of what nobody declares."""
    post(service, "apply", {"plan": planned(service, "owner", {"kind": "Team", "name": "own"}, table("claimed"))})
    made = planned(service, "other", table("claimed"), table("x", owners=["team:onw"]))
    refused = post(service, "apply", {"plan": made})

    assert ["CLAIMED", "DANGLING"] == sorted(obstacle["type"] for obstacle in made["obstacles"])
    assert (409, "UNSAFE_PLAN") == (refused.status_code, refused.json()["code"])
    assert "'other' and 'owner'" in refused.text.replace("'owner' and 'other'", "'other' and 'owner'")
    assert "did you mean 'own'?" in refused.text


def plan_by_http(service: Asking, document: dict[str, Any]) -> tuple[str, str]:
    answer = post(service, "plan", {"manifest": "judged", "documents": [document]})
    return answer.json()["code"], answer.text


def plan_by_graphql(service: Asking, document: dict[str, Any]) -> tuple[str, str]:
    return refusal(service, PLAN, m={"name": "judged", "documents": [document]})


def apply_by_http(service: Asking, document: dict[str, Any]) -> tuple[str, str]:
    answer = post(service, "apply", {"plan": forged(document)})
    return answer.json()["code"], answer.text


def apply_by_graphql(service: Asking, document: dict[str, Any]) -> tuple[str, str]:
    return refusal(service, APPLY, plan=forged(document), by="ann")


def refusal(service: Asking, query: str, **variables: Any) -> tuple[str, str]:
    """Why GraphQL refuses it."""
    answer = plain.post(f"{service.url}/graphql", json={"query": query, "variables": variables}, timeout=30).json()
    return answer["errors"][0]["extensions"]["code"], json.dumps(answer["errors"])


def forged(document: dict[str, Any]) -> dict[str, Any]:
    """The plan of a policy that no service makes: with the checksum that is its own."""
    changes = compare({}, {Key(Kind.POLICY, "", document["name"]): document})
    return Plan("judged", "", 0, 0.2, changes).to_json()


@pytest.mark.parametrize("door", [plan_by_http, plan_by_graphql, apply_by_http, apply_by_graphql])
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"assert": "dataset.description == ''"}, "case 1, 'it has one': expected PASS, got FAIL"),
        ({"tests": POLICY["tests"][:1]}, "no case fails"),
        ({"assert": "dataset.description !="}, "`assert` 1:"),
        ({"assert": "dataset.descripton != ''"}, "descripton"),
        ({"assert": "dataset.nothing() != ''"}, "nothing"),
        ({"target": "tabel"}, "documents[0].target: 'tabel' cannot be `target`; expected one of dataset, field, "),
    ],
)
def test_a_policy_that_cannot_be_judged_by_is_refused(
    service: Asking, door: Callable[[Asking, dict[str, Any]], tuple[str, str]], wrong: dict[str, Any], words: str
) -> None:
    """At every door, by what is wrong with it, before anything is stored: a service would not judge by it either."""
    code, told = door(service, {**POLICY, **wrong})

    assert "INVALID_MANIFEST" == code
    assert words in told
    assert "judged" not in [one["name"] for one in service.ask(MANIFESTS)["manifests"]]


def test_a_policy_that_does_what_its_cases_say_is_applied(service: Asking) -> None:
    """The same document without a fault; a later one that has one is refused, and the good one stays."""
    applied = post(service, "apply", {"plan": planned(service, "fine", {**POLICY, "name": "tests.fine"})})
    refused = post(
        service, "plan", {"manifest": "fine", "documents": [{**POLICY, "name": "tests.fine", "assert": "true"}]}
    )
    (kept,) = service.ask('{ exportManifest(name: "fine") }')["exportManifest"]

    assert (200, "APPLIED") == (applied.status_code, applied.json()["entry"]["state"])
    assert (400, "INVALID_MANIFEST") == (refused.status_code, refused.json()["code"])
    assert "case 2, 'it has none': expected FAIL, got PASS" in refused.text
    assert POLICY["assert"] == kept["assert"]


@pytest.mark.slow
def test_the_command_line_from_init_to_export(service: Asking, tmp_path: Path) -> None:
    """init, plan, apply, a second plan that is empty, drift, export, a plan of the export that is empty."""
    event = {
        "eventType": "COMPLETE",
        "eventTime": "2026-03-01T12:00:00Z",
        "producer": "https://example.org/tests",
        "job": {"namespace": "cli-flows", "name": "load"},
        "run": {"runId": "0192d2bc-0000-7000-8000-00000000000c"},
        "inputs": [{"namespace": "cli-db", "name": "raw"}],
        "outputs": [
            {
                "namespace": "cli-db",
                "name": "orders",
                "facets": {"schema": {"fields": [{"name": "id", "type": "long"}]}},
            }
        ],
    }
    service.wait_applied(service.send(event))
    folder, out, copy = tmp_path / "begun", tmp_path / "begun.plan", tmp_path / "copy"
    spaces = ("--namespace", "cli-db", "--namespace", "cli-flows")
    begun = run(service.url, "init", *spaces, "--manifest", "begun", "--output", str(folder), "--json")
    kept = run(service.url, "plan", str(folder), "--detailed-exitcode", "--out", str(out))
    asked = run(service.url, "apply", str(folder))
    applied = run(service.url, "apply", str(out), "--as", "ada")
    again = run(service.url, "plan", str(folder), "--detailed-exitcode")
    drift = run(service.url, "drift", "begun", "--detailed-exitcode")
    (folder / "team.yaml").write_text("kind: Team\nname: sales\n---\nkind: Dataset\nnamespace: cli-db\nname: never\n")
    more = run(service.url, "apply", str(folder), "--yes", "--json")
    drifted = run(service.url, "drift", "begun", "--detailed-exitcode")
    exported = run(service.url, "export", "begun", "--output", str(copy))
    empty = run(service.url, "plan", str(copy), "--detailed-exitcode", "--json")
    listed = run(service.url, "manifests")

    assert (0, 3) == (begun.returncode, json.loads(begun.stdout)["manifests"][0]["documents"]), begun.stderr
    assert 2 == kept.returncode, kept.stderr
    assert "+ Dataset cli-db orders" in kept.stdout and "begun: 3 to create" in kept.stdout
    assert 1 == asked.returncode and "--yes" in asked.stderr
    assert (0, True) == (applied.returncode, "begun: applied as entry" in applied.stdout), applied.stderr
    assert (0, True) == (again.returncode, "nothing to change, 3 entities" in again.stdout), again.stderr
    assert (0, True) == (drift.returncode, "begun: 0 differences in 3 entities" in drift.stdout), drift.stdout
    assert (0, "APPLIED") == (more.returncode, json.loads(more.stdout)["entry"]["state"]), more.stderr
    assert (2, True) == (drifted.returncode, "MISSING\n  Dataset cli-db never" in drifted.stdout)
    assert 0 == exported.returncode, exported.stderr
    assert (0, []) == (empty.returncode, json.loads(empty.stdout)["changes"]), empty.stderr
    assert "begun" in listed.stdout and "ada" not in listed.stderr


def test_the_command_line_says_what_is_wrong(service: Asking, tmp_path: Path) -> None:
    """Broken files with their lines, a stale plan file, a manifest that never was; exit codes as everywhere."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "headwater.yaml").write_text("kind: Manifest\nname: broken\n")
    (tmp_path / "broken" / "a.yaml").write_text("kind: Team\nname: a\nonwers: [x]\n---\nkind: Teem\nname: b\n")
    (tmp_path / "stale").mkdir()
    (tmp_path / "stale" / "headwater.yaml").write_text("kind: Manifest\nname: stale\n")
    (tmp_path / "stale" / "a.yaml").write_text("kind: Team\nname: stale\n")
    kept = str(tmp_path / "stale.plan")
    run(service.url, "plan", str(tmp_path / "stale"), "--out", kept)
    (tmp_path / "stale" / "b.yaml").write_text("kind: Team\nname: other\n")
    first = run(service.url, "apply", str(tmp_path / "stale"), "--yes")
    stale = run(service.url, "apply", kept, "--json")
    broken = run(service.url, "plan", str(tmp_path / "broken"))
    nobody = run(service.url, "drift", "never applied", "--json")

    assert 0 == first.returncode, first.stderr
    assert (1, "STALE_PLAN") == (stale.returncode, json.loads(stale.stdout)["error"]["code"])
    assert 1 == broken.returncode
    assert "a.yaml:3:1" in broken.stderr and "a.yaml:5" in broken.stderr and "2 problems" in broken.stderr
    assert (3, "NOT_FOUND") == (nobody.returncode, json.loads(nobody.stdout)["error"]["code"])
