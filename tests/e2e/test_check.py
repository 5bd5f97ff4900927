"""The gate in CI: `headwater check` against a revision, a directory and a running service."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from catalog.cli.main import main
from tests.servers import plain
from tests.servers.asking import Asking

DB = "postgres://gate:5432"
HEAD = "kind: Manifest\nname: gate\n"
CONTRACT = f"""kind: Contract
name: gate-orders
version: {{version}}
status: active
schema:
  - name: orders
    dataset: {{{{namespace: "{DB}", name: shop.orders}}}}
"""
ORDERS = f"""kind: Dataset
namespace: {DB}
name: shop.orders
owners: [team:gate]
fields:
  - {{name: id, type: bigint, nullable: false}}
  - {{name: amount, type: "decimal(10,2)"}}
  - {{name: email, type: text}}
"""
TEAM = "kind: Team\nname: gate\n"
REPORT = f"""kind: Dashboard
namespace: https://bi.example.com
name: gate/revenue
owners: [team:gate]
inputs: [{{namespace: "{DB}", name: shop.daily}}]
"""
LESS = ORDERS.replace("  - {name: email, type: text}\n", "").replace("decimal(10,2)", "decimal(8,2)")


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "headwater.yaml").write_text(HEAD)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


@pytest.fixture
def manifests(tmp_path: Path) -> Path:
    """A manifest in a repository of git, as it is on main."""
    folder = write(
        tmp_path / "repo" / "catalog", a=CONTRACT.format(version="1.0.0"), orders=ORDERS, team=TEAM, report=REPORT
    )
    for arguments in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-q", "-m", "first")):
        git(folder.parent, *arguments)
    return folder


def git(folder: Path, *arguments: str) -> None:
    named = {f"GIT_{who}_{what}": "t@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, env={**os.environ, **named})


def run(url: str, *arguments: str) -> Result:
    """One command, in this process."""
    return CliRunner().invoke(main, list(arguments), env={"HEADWATER_URL": url or None})


def check(*arguments: str, url: str = "") -> Result:
    """The gate, without a service unless one is given."""
    return run(url, "check", *arguments)


def test_a_breach_of_what_main_promises_exits_five(manifests: Path) -> None:
    """Against a revision: the findings stand at files of the repository, and the exit code stops the merge."""
    same = check(str(manifests), "--against", "main")
    write(manifests, orders=LESS)
    broken = check(str(manifests), "--against", "main", "--json")
    write(manifests, a=CONTRACT.format(version="2.0.0"))
    announced = check(str(manifests), "--against", "main")
    found = json.loads(broken.stdout)

    assert (0, 5, 0) == (same.exit_code, broken.exit_code, announced.exit_code), broken.stderr
    assert "0 breaches" in same.stdout and "lineage impact not evaluated: " in same.stdout
    assert {("column-dropped", "email"), ("type-narrowed", "amount")} == {
        (one["rule"], one["field"]) for one in found["findings"]
    }
    assert {"file": "catalog/orders.yaml", "line": 1, "column": 1, "before": False} == found["findings"][0]["at"]
    assert found["against"].startswith("main (")


def test_a_directory_can_be_compared_with_another(manifests: Path, tmp_path: Path) -> None:
    """Breaking changes under no contract warn, and stop the merge only if that is asked for."""
    other = write(tmp_path / "new", orders=LESS, team=TEAM)
    (manifests / "a.yaml").unlink()
    loose = check(str(other), "--against", str(manifests))
    strict = check(str(other), "--against", str(manifests), "--strict")

    assert (0, 5) == (loose.exit_code, strict.exit_code)
    assert "0 breaches, 2 breaking under no contract" in loose.stdout


def test_reports_are_written_beside_what_is_printed(manifests: Path, tmp_path: Path) -> None:
    """One run gives every form that a CI system reads."""
    write(manifests, orders=LESS)
    files = {form: tmp_path / f"check.{form}" for form in ("json", "markdown", "junit", "sarif", "text")}
    options = [part for form, file in files.items() for part in ("--report", f"{form}={file}")]
    done = check(str(manifests), "--against", "main", *options, "--format", "markdown")
    (sarif,) = json.loads(files["sarif"].read_text())["runs"]

    assert 5 == done.exit_code
    assert files["markdown"].read_text() == done.stdout
    assert 2 == len(list(ET.parse(files["junit"]).getroot().iter("failure")))
    assert {"catalog/orders.yaml"} == {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in sarif["results"]
    }
    assert "✗ column-dropped" in files["text"].read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--against", "nowhere"), 1, "'nowhere' is neither a folder nor a revision that git knows here"),
        (("--against", "--help-me"), 1, "is no revision"),
        (("--against", "main", "--report", "pdf=x"), 2, "write FORMAT=FILE"),
        (("--against", "server", "--url", "http://127.0.0.1:9"), 4, "no service answers"),
        ((), 2, "Missing option '--against'"),
    ],
)
def test_what_cannot_be_compared_is_an_error_not_a_pass(
    manifests: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """A check that could not be evaluated never exits 0 (law 5)."""
    done = check(str(manifests), *arguments)

    assert (code, True) == (done.exit_code, words in done.stderr), done.stderr


def test_manifests_that_cannot_be_read_are_errors_on_both_sides(manifests: Path) -> None:
    """All problems of either side are told; the old side's at their places in the repository."""
    write(manifests, orders="kind: Dataset\nnamespace: x\n")
    new = check(str(manifests), "--against", "main")
    git(manifests.parent, "commit", "-qam", "broken")
    write(manifests, orders=ORDERS)
    old = check(str(manifests), "--against", "HEAD")
    outside = check(str(manifests), "--against", "HEAD~1")

    assert (1, 1, 0) == (new.exit_code, old.exit_code, outside.exit_code)
    assert "orders.yaml:1" in new.stderr and "catalog/orders.yaml:1" in old.stderr


def _event(job: str, **sides: Any) -> dict[str, Any]:
    return {
        "eventType": "COMPLETE",
        "eventTime": "2026-03-01T12:00:00Z",
        "producer": "https://example.org/tests",
        "job": {"namespace": "gate", "name": job},
        "run": {"runId": f"gate-{job}"},
        **sides,
    }


@pytest.fixture(scope="module")
def served(service: Asking) -> Asking:
    """The service with the lineage of the manifest's datasets, column by column."""
    used = {"namespace": DB, "name": "shop.orders", "field": "amount"}
    columns = {"fields": {"total": {"inputFields": [used]}}}
    orders, daily = {"namespace": DB, "name": "shop.orders"}, {"namespace": DB, "name": "shop.daily"}
    fields = {"fields": [{"name": name, "type": "text"} for name in ("id", "amount", "email")]}
    inputs = [{**orders, "facets": {"schema": fields}}]
    first = _event("sum", inputs=inputs, outputs=[{**daily, "facets": {"columnLineage": columns}}])
    mail = _event("mail", inputs=inputs, outputs=[{"namespace": DB, "name": "shop.mails"}])
    service.wait_applied(service.send(first, mail))
    return service


def test_the_impact_has_a_way_and_the_owners_of_whom_it_reaches(served: Asking, manifests: Path) -> None:
    """Against the service: what it has is what counts; a column leads to what uses it, and to what may."""
    for verb in ("plan", "apply"):
        given = ("--as", "ann", "--yes") if verb == "apply" else ()
        done = run(served.url, verb, str(manifests), *given)
        assert 0 == done.exit_code, done.stderr
    write(manifests, orders=LESS)
    checked = check(str(manifests), "--against", "server", "--json", url=served.url)
    found = json.loads(checked.stdout)
    (amount, email) = found["impact"]
    ways = {(one["kind"], one["name"], one["field"]): one for one in amount["reached"]}

    assert 5 == checked.exit_code, checked.stderr
    assert ("amount", "email", True) == (amount["field"], email["field"], found["complete"])
    assert ["shop.orders · amount", "shop.daily · total"] == ways["Dataset", "shop.daily", "total"]["path"]
    assert ways["Dataset", "shop.daily", "total"]["certain"]
    dashboard = ways["Dashboard", "gate/revenue", None]
    assert (["team:gate"], False) == (dashboard["owners"], dashboard["certain"])
    assert ["shop.orders", "sum", "shop.daily", "gate/revenue"] == dashboard["path"]
    assert not ways["Dataset", "shop.mails", None]["certain"]
    assert not [one for one in email["reached"] if one["field"]]
    assert ["team:gate"] == found["owners"]

    unapplied = check(str(manifests), "--against", "main", url=served.url)
    assert "things downstream" in unapplied.stdout


def test_contracts_of_other_manifests_count(served: Asking, tmp_path: Path) -> None:
    """A dataset is covered whoever declares the contract; a manifest that was never applied breaks nothing."""
    documents = [
        {"kind": "Contract", "name": "gate-other", "version": "1.0.0", "status": "active"}
        | {"schema": [{"name": "else", "dataset": {"namespace": DB, "name": "shop.else"}}]}
    ]
    plan = plain.post(f"{served.url}/api/v1/manifests/plan", json={"manifest": "gate-other", "documents": documents})
    applied = plain.post(f"{served.url}/api/v1/manifests/apply", json={"plan": plan.json()}, timeout=60)
    assert 200 == applied.status_code, applied.text
    other = ORDERS.replace("shop.orders", "shop.else").replace("owners: [team:gate]\n", "")
    before = write(tmp_path / "before", orders=other)
    after = write(tmp_path / "after", orders=other.replace("  - {name: email, type: text}\n", ""))
    for folder in (before, after):
        (folder / "headwater.yaml").write_text("kind: Manifest\nname: gate-third\n")
    fresh = check(str(after), "--against", "server", url=served.url)
    covered = check(str(after), "--against", str(before), url=served.url)

    assert (0, 5) == (fresh.exit_code, covered.exit_code), covered.output
    assert "[contract gate-other]" in covered.stdout
