"""`headwater import dbt` against a running service, on both stores: once, again, and after the project has changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from catalog.cli.client import connect
from catalog.cli.main import main
from tests import corpus
from tests.servers.asking import Asking
from tests.unit.dbt_facts import unpacked

NAMESPACE = "duckdb:///tmp/corner_shop/corner_shop.duckdb"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The target folder of a dbt project, as dbt leaves it."""
    folder = tmp_path_factory.mktemp("corner_shop")
    for file in ("profiles.yml", "dbt_project.yml"):
        shutil.copy(corpus.RECORDED / "corner_shop" / file, folder)
    (folder / "target").mkdir()
    return unpacked("corner_shop", folder / "target")


def bring(service: Asking, folder: Path, *options: str, code: int = 0) -> dict[str, Any]:
    """One import; its report."""
    done = CliRunner().invoke(
        main, ["import", "dbt", str(folder), "--json", "--as", "ci@shop", *options, "--url", service.url]
    )
    assert code == done.exit_code, done.output
    return dict(json.loads(done.stdout))


def walk(service: Asking, namespace: str, name: str) -> set[tuple[str, str]]:
    """The datasets and jobs upstream of a dataset, itself too."""
    root = f"{{namespace: {json.dumps(namespace)}, name: {json.dumps(name)}}}"
    found = service.ask(f"{{ lineage(root: {root}) {{ nodes {{ kind name }} complete }} }}")["lineage"]
    assert found["complete"]
    return {(node["kind"], node["name"]) for node in found["nodes"]}


def documents(report: dict[str, Any]) -> tuple[int, ...]:
    """Created, changed, removed, unchanged."""
    return tuple(report["documents"][name] for name in ("created", "changed", "removed", "unchanged"))


def test_importing_again_changes_nothing_and_what_left_goes(service: Asking, project: Path) -> None:
    """A dry run writes nothing; the second import is known; another manifest's word is left to it; removals follow."""
    office = {"kind": "Team", "name": "Office", "description": "Counts the money."}
    with connect(service.url) as client:
        client.apply_plan(client.plan_manifest({"manifest": "house", "documents": [office]}), "")

    dry = bring(service, project, "--dry-run")
    first = bring(service, project)
    again = bring(service, project)

    assert (37, 0, 0, 0) == documents(dry) == documents(first)
    assert {"made": 32, "new": None, "known": 0, "refused": []} == dry["events"]
    assert (32, 0) == (first["events"]["new"], first["events"]["known"])
    assert (0, 0, 0, 37) == documents(again)
    assert (0, 32) == (again["events"]["new"], again["events"]["known"])
    assert ["Team Office"] in [reason["what"] for reason in first["skipped"]]

    service.wait_applied(_sequence(service), 90)
    upstream = walk(service, "dbt:corner_shop", "weekly_revenue")
    assert {
        ("DATASET", "weekly_revenue"),
        ("DATASET", "corner_shop.shop.revenue_v2"),
        ("DATASET", "corner_shop.shop.stg_sales"),
        ("DATASET", "corner_shop.shop.stg_products"),
        ("DATASET", "corner_shop.shop_raw.sales"),
    } <= upstream

    drift = CliRunner().invoke(main, ["drift", "dbt:corner_shop", "--json", "--url", service.url])
    (found,) = json.loads(drift.stdout)["manifests"]
    assert {
        ("MISSING", "corner_shop.shop.behind_broken", ""),
        ("MISSING", "corner_shop.shop.corner_shop.behind_broken.build.run", ""),
        ("SCHEMA", "corner_shop.shop.stg_sales", "fields[article]"),
        ("SCHEMA", "corner_shop.shop.stg_sales", "fields[sold_at]"),
        ("SCHEMA", "corner_shop.shop_raw.sales", "fields[cents]"),
        ("SCHEMA", "corner_shop.shop_raw.sales", "fields[sold_at]"),
    } == {(item["type"], item["name"], item["path"]) for item in found["items"]}

    manifest = json.loads((project / "manifest.json").read_text())
    del manifest["nodes"]["model.corner_shop.behind_broken"]
    del manifest["exposures"]["exposure.corner_shop.weekly_revenue"]
    (project / "manifest.json").write_text(json.dumps(manifest))
    after = bring(service, project)

    # The two, the job of one of them, and what only they referred to; Office is the house's.
    assert (0, 0, 3, 34) == documents(after)
    service.wait_applied(_sequence(service), 90)
    assert {("DATASET", "weekly_revenue")} == walk(service, "dbt:corner_shop", "weekly_revenue")
    assert 0 == after["events"]["new"]


def test_a_team_is_handed_over(service: Asking, project: Path) -> None:
    """Left once, taken by another manifest, referred to from then on; until then the reference is out, and said."""
    bring(service, project)
    left = bring(service, project, "--leave", "team:shop-data")
    asked = {"manifest": "handed-over", "documents": [{"kind": "Team", "name": "shop-data"}]}
    with connect(service.url) as client:
        client.apply_plan(client.plan_manifest(asked), "")
    after = bring(service, project)

    removed = left["documents"]["removed"]
    changed = left["documents"]["changed"]
    assert 1 == removed
    assert any("refers to Team shop-data, which nobody declares" in reason["why"] for reason in left["skipped"])
    assert (0, changed, 0) == documents(after)[:3]
    assert ["Team shop-data"] in [reason["what"] for reason in after["skipped"]]


def test_a_project_that_cannot_be_named_sends_nothing(service: Asking, tmp_path: Path) -> None:
    """Without a namespace, and with a manifest that lost most of itself: an error, and nothing was written."""
    folder = unpacked("jaffle_shop", tmp_path)
    before = _sequence(service)

    lost = CliRunner().invoke(main, ["import", "dbt", str(folder), "--url", service.url], env={"HOME": str(tmp_path)})

    assert 1 == lost.exit_code
    assert "where the tables of this duckdb project are is not known: no profiles.yml was found" in lost.stderr
    assert before == _sequence(service)


def test_events_of_the_wrapper_and_artifacts_are_one(service: Asking, tmp_path: Path) -> None:
    """What `dbt-ol` sent, and what is imported of the same project: the import brings no other node."""
    sent = corpus.events(corpus.HERE.parents[1] / "catalog/demo/dbt.ndjson")
    (namespace,) = {dataset["namespace"] for event in sent for dataset in event["outputs"]}
    with connect(service.url) as client:
        client.post_batch(sent)
    before = _names(service, namespace)

    folder = unpacked("jaffle_shop", tmp_path)
    report = bring(service, folder, "--namespace", namespace, "--job-namespace", "jaffle_shop")

    assert (20, 0, 0, 0) == documents(report)
    assert {event["job"]["name"] for event in sent} <= before[1]
    assert before == _names(service, namespace)


def _names(service: Asking, namespace: str) -> tuple[set[str], set[str]]:
    """All datasets of a namespace and all jobs of the project's, once everything is applied."""
    service.wait_applied(_sequence(service), 90)
    found = service.ask(
        f"{{ datasets(namespace: {json.dumps(namespace)}, first: 100) {{ edges {{ node {{ name }} }} }}"
        ' jobs(namespace: "jaffle_shop", first: 100) { edges { node { name } } } }'
    )
    datasets, jobs = ({edge["node"]["name"] for edge in found[kind]["edges"]} for kind in ("datasets", "jobs"))
    return datasets, jobs


def _sequence(service: Asking) -> int:
    return int(service.ask("{ status { sequence } }")["status"]["sequence"])
