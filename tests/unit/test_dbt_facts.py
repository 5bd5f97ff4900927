"""dbt artifacts of every version in the corpus -> facts, against a plain walk over their JSON."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from catalog.assets.keys import Key, Kind
from catalog.imports.dbt.artifacts import Owner
from catalog.imports.dbt.documents import owner_key
from catalog.imports.dbt.mapping import make_facts
from catalog.imports.dbt.read import read_target
from catalog.imports.dbt.tables import Tables
from catalog.lineage.canonical import canonical
from catalog.lineage.producers.dbt import Naming, other_names
from catalog.lineage.translate import translate
from catalog.lineage.wire import Kind as EventKind
from catalog.lineage.wire import check_structure
from catalog.manifest.canonical import canonical as canonical_document
from catalog.manifest.sent import read_documents
from tests import corpus
from tests.unit.dbt_facts import DUCK, facts_of, raw, unpacked

Flows = set[tuple[str, str, str]]


def all_nodes(name: str) -> dict[str, Any]:
    manifest = raw(name)
    return {**manifest["nodes"], **manifest["sources"]}


def is_ephemeral(node: dict[str, Any]) -> bool:
    return "ephemeral" == str(node["config"].get("materialized"))


def table_of(node: dict[str, Any]) -> str:
    last = node["name"] if node["resource_type"] == "source" else node["alias"]
    return ".".join(part for part in (node["database"], node["schema"], last) if part)


def behind(nodes: dict[str, Any], id_: str) -> set[str]:
    """The tables that a node is made of, one level down; what is ephemeral is no table."""
    found = set()
    for parent in nodes[id_]["depends_on"]["nodes"]:
        if parent in nodes and is_ephemeral(nodes[parent]):
            found |= behind(nodes, parent)
        elif parent in nodes:
            found.add(table_of(nodes[parent]))
    return found


def test_credentials_stay_behind(tmp_path: Path) -> None:
    """What a project says of its tables is declared without passwords: with them a service would refuse it."""
    folder = unpacked(sorted(corpus.DBT_PROJECTS)[-1], tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text())
    told = next(node for node in manifest["nodes"].values() if node["resource_type"] == "model")
    told["description"] = "Load it from postgres://etl:hunter2@db/shop."
    (folder / "manifest.json").write_text(json.dumps(manifest))
    artifacts = read_target(folder)
    tables = Tables(artifacts.manifest, "shop", "warehouse", "dbt", Naming.BUILD)
    documents = make_facts(artifacts, tables, runs=False).documents

    assert documents == read_documents(documents.values())
    assert "Load it from postgres://etl:***@db/shop." in {
        document.get("description") for document in documents.values()
    }


@pytest.mark.parametrize("name", corpus.DBT_PROJECTS)
def test_every_version_is_read_and_counted(name: str) -> None:
    """What the files have is what the report says they have, and each table is one document."""
    nodes = all_nodes(name)
    kinds = Counter(node["resource_type"] for node in nodes.values())
    tables = {
        table_of(n)
        for n in nodes.values()
        if n["resource_type"] in ("model", "seed", "snapshot", "source") and not is_ephemeral(n)
    }

    facts = facts_of(name)

    known = ("model", "seed", "snapshot", "source", "test")
    assert {k: kinds[k] for k in known if kinds[k]} == {k: facts.read[f"{k}s"] for k in known if facts.read[f"{k}s"]}
    assert tables == {key.name for key in facts.documents if key.kind is Kind.DATASET}
    others = {id_ for id_, node in nodes.items() if node["resource_type"] not in known}
    assert others <= {skipped.what for skipped in facts.skipped}
    assert set(raw(name).get("disabled") or ()) <= {skipped.what for skipped in facts.skipped}


@pytest.mark.parametrize("name", corpus.DBT_PROJECTS)
def test_declared_lineage_is_what_nodes_depend_on(name: str) -> None:
    """Each model and snapshot is a pipeline from the tables behind it to its own."""
    nodes = all_nodes(name)
    expected = {
        (id_, table_of(node), source)
        for id_, node in nodes.items()
        if node["resource_type"] in ("model", "snapshot") and not is_ephemeral(node)
        for source in behind(nodes, id_)
    }

    actual = {
        (body["custom"]["dbt"]["id"], body["outputs"][0]["name"], source["name"])
        for key, body in facts_of(name).documents.items()
        if key.kind is Kind.PIPELINE and "outputs" in body
        for source in body.get("inputs", ())
    }

    assert expected == actual


@pytest.mark.parametrize("name", corpus.DBT_PROJECTS)
def test_facts_are_made_of_files_alone(name: str) -> None:
    """Reading again gives the same, byte for byte; documents are canonical, events understood without a warning."""
    first, second = facts_of(name), facts_of(name)

    assert [canonical(event) for event in first.events] == [canonical(event) for event in second.events]
    assert canonical(list(first.documents.values())) == canonical(list(second.documents.values()))
    for body in first.documents.values():
        assert canonical_document(body) == body
    assert [()] * len(first.events) == [translate(event).warnings for event in first.events]


@pytest.mark.parametrize("name", corpus.DBT_PROJECTS)
def test_every_column_and_description_arrives(name: str) -> None:
    """Columns are declared with their words, apart from what the warehouse has."""
    nodes = all_nodes(name)
    tables = [n for n in nodes.values() if n["resource_type"] in ("model", "seed", "snapshot", "source")]
    expected = {
        (table_of(n), column["name"], column.get("data_type"))
        for n in tables
        if not is_ephemeral(n)
        for column in n["columns"].values()
    }

    documents = facts_of(name).documents
    actual = {
        (key.name, field["name"], field.get("type"))
        for key, body in documents.items()
        if key.kind is Kind.DATASET
        for field in body.get("fields", ())
    }

    assert {(table, column) for table, column, _ in expected} == {(table, column) for table, column, _ in actual}
    assert actual <= expected
    for node in tables:
        if node.get("description") and not is_ephemeral(node):
            assert documents[Key(Kind.DATASET, "warehouse", table_of(node))]["description"]


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in corpus.DBT_PROJECTS
        if "catalog.json.gz" in str([path.name for path in corpus.DBT_PROJECTS[name].iterdir()])
    ],
)
def test_the_warehouse_says_its_columns_itself(name: str) -> None:
    """Every column of the catalog, with its type, is told of the dataset by an event of the catalog's time."""
    catalog, nodes = raw(name, "catalog.json"), all_nodes(name)
    listed = {**catalog["nodes"], **catalog["sources"]}
    expected = {
        (table_of(nodes[id_]), column["name"], column["type"])
        for id_, table in listed.items()
        if id_ in nodes
        for column in table["columns"].values()
    }

    events = [event for event in facts_of(name).events if check_structure(event) is EventKind.DATASET]

    assert {catalog["metadata"]["generated_at"]} == {event["eventTime"] for event in events}
    actual = {
        (event["dataset"]["name"], field["name"], field["type"])
        for event in events
        for field in event["dataset"]["facets"]["schema"]["fields"]
    }
    assert expected == actual


def flows(events: list[dict[str, Any]]) -> Flows:
    """What jobs of models read and write."""
    return {
        (event["job"]["name"], role, dataset["name"])
        for event in events
        if event.get("eventType") == "COMPLETE" and ".sql." not in event["job"]["name"]
        for role in ("inputs", "outputs")
        for dataset in event[role]
        if "test" not in event["job"]["name"] and not event["job"]["name"].startswith("seed.")
    }


def results(events: list[dict[str, Any]]) -> set[tuple[str, str, str, bool]]:
    """What tests found: dataset, assertion, column, success."""
    return {
        (dataset["name"], found["assertion"], found.get("column") or "", found["success"])
        for event in events
        for dataset in event.get("inputs", ())
        for found in dataset.get("inputFacets", {}).get("dataQualityAssertions", {}).get("assertions", ())
    }


def test_names_are_those_of_the_openlineage_wrapper() -> None:
    """Artifacts of a project and the events that `dbt-ol build` sent of it name the same jobs and datasets."""
    sent = corpus.events(corpus.HERE.parents[1] / "catalog/demo/dbt.ndjson")
    made = facts_of("jaffle_shop", namespace=DUCK, jobs="jaffle_shop").events

    assert {(e["job"]["namespace"], e["job"]["name"]) for e in sent} == {
        (e["job"]["namespace"], e["job"]["name"]) for e in made if "job" in e
    }
    seeds = {f"jaffle_shop.shop_raw.{name}" for name in ("customers", "orders", "payments")}
    assert flows(sent) == {flow for flow in flows(made) if flow[2] not in seeds}
    assert {DUCK} == {d["namespace"] for e in sent + made for role in ("inputs", "outputs") for d in e.get(role, ())}
    singular = {found for found in results(sent) if found[1] == "assert_no_negative_amount"}
    assert results(sent) - singular == results(made)


def test_names_are_those_of_structured_logs_where_that_is_wanted() -> None:
    """With `node` names the models, and the tests one by one, are the jobs of `--consume-structured-logs`."""
    sent = corpus.events(corpus.RECORDED / "dbt-structured.ndjson")
    made = facts_of("jaffle_shop", namespace=DUCK, jobs="jaffle_shop", naming=Naming.NODE).events

    assert flows(sent) == flows(made)
    theirs = {e["job"]["name"] for e in sent if ".sql." not in e["job"]["name"]}
    assert {name for name in theirs if not name.startswith("seed.")} == {e["job"]["name"] for e in made if "job" in e}


def test_jobs_of_other_namings_are_tied() -> None:
    """However an import names jobs, its events lead to the names that the wrapper uses, and back."""
    by_naming = {
        naming: {
            event["job"]["facets"]["dbt_node"]["unique_id"]: translate(event)
            for event in facts_of("jaffle_shop", naming=naming).events
            if "job" in event and event["outputs"]
        }
        for naming in Naming
    }

    for id_, said in by_naming[Naming.BUILD].items():
        names = {by_naming[naming][id_].job for naming in Naming}
        assert said.job is not None
        assert names - {said.job} == set(other_names(said.job, said.job_facets))


def test_what_a_project_declares() -> None:
    """Owners, tags, contracts, exposures, tests and the allowed age of sources, of a project that has them all."""
    documents = facts_of("corner_shop").documents
    by_name = {(key.kind, key.name): body for key, body in documents.items()}
    mara, maras_address = owner_key(Owner("@mara", "")), owner_key(Owner("", "mara@example.org"))
    assert mara is not None and maras_address is not None

    revenue = by_name[Kind.DATASET, "corner_shop.shop.revenue_v2"]
    assert sorted([f"person:{mara.name}", "team:shop-data"]) == revenue["owners"]
    assert ["tag:finance/revenue"] == revenue["tags"]
    assert "contract:dbt:corner_shop.revenue.v2" == revenue["contract"]
    assert {"tier": "gold"} == revenue["custom"]["dbt"]["meta"]
    assert {"category": {"maturity": "stable"}} == revenue["custom"]["dbt"]["columns"]
    assert ("public", "shop_data", "2") == tuple(revenue["custom"]["dbt"][k] for k in ("access", "group", "version"))
    category = next(field for field in revenue["fields"] if field["name"] == "category")
    assert (False, ["tag:dimension"]) == (category["nullable"], category["tags"])

    contract = by_name[Kind.CONTRACT, "dbt:corner_shop.revenue.v2"]
    assert "2" == contract["version"]
    (table,) = contract["schema"]
    assert {"namespace": "warehouse", "name": "corner_shop.shop.revenue_v2"} == table["dataset"]
    assert {("category", "varchar", True), ("revenue", "double", False), ("day", "date", False)} == {
        (column["name"], column["physicalType"], column.get("required", False)) for column in table["properties"]
    }

    board = documents[Key(Kind.DASHBOARD, "dbt:corner_shop", "weekly_revenue")]
    assert [{"name": "Revenue of the week", "url": "https://bi.example.org/dashboards/7"}] == board["links"]
    assert {"corner_shop.shop.revenue_v2", "corner_shop.shop.stg_sales"} == {i["name"] for i in board["inputs"]}
    assert ["team:Office"] == board["owners"]
    assert [f"person:{maras_address.name}"] == documents[Key(Kind.DASHBOARD, "dbt:corner_shop", "forecast")]["owners"]

    sold = by_name[Kind.DATASET, "corner_shop.shop_raw.sales"]
    assert "P365000D" == sold["quality"]["freshness"]
    assert ["team:till-team"] == [owner for owner in sold["owners"] if owner != "team:shop-data"]
    sales = by_name[Kind.DATASET, "corner_shop.shop.stg_sales"]
    assert {("unique", "sale_id", "error"), ("not_null", "sale_id", "error"), ("positive", "amount", "warning")} == {
        (rule["rule"], rule["column"], rule["severity"]) for rule in sales["quality"]["expectations"]
    }
    assert "articles" == by_name[Kind.DATASET, "corner_shop.shop_raw.products"]["custom"]["dbt"]["identifier"]
    assert {"finance", "finance/revenue", "dimension", "staging", "till"} == {
        key.name for key in documents if key.kind is Kind.TAG
    }
    assert "example.org" not in str([b for k, b in documents.items() if k.kind in (Kind.PERSON, Kind.TEAM)])


def test_what_runs_and_tests_tell() -> None:
    """A model that failed, one behind it that was skipped, a warning, a query of its own, a stale source."""
    events = [event for event in facts_of("corner_shop").events if "job" in event]
    ends = {event["job"]["name"]: event for event in events if event["eventType"] != "START"}
    place = "corner_shop.shop.corner_shop"

    assert {
        "dbt-run-corner_shop": "FAIL",
        "corner_shop.shop_history.corner_shop.products_history.build.snapshot": "COMPLETE",
        "corner_shop.shop_raw.source.corner_shop.till.sales.build.test": "COMPLETE",
        "corner_shop.shop_raw.source.corner_shop.till.sales.freshness": "COMPLETE",
        "test.corner_shop.assert_revenue_is_all": "COMPLETE",
        f"{place}.stg_products.build.run": "COMPLETE",
        f"{place}.stg_sales.build.run": "COMPLETE",
        f"{place}.stg_sales.build.test": "COMPLETE",
        f"{place}.best_sellers.build.run": "COMPLETE",
        f"{place}.broken.build.run": "FAIL",
        f"{place}.revenue.v1.build.run": "COMPLETE",
        f"{place}.revenue.v2.build.run": "COMPLETE",
    } == {name: event["eventType"] for name, event in ends.items()}
    broken = ends[f"{place}.broken.build.run"]
    assert "no_such_column" in broken["run"]["facets"]["errorMessage"]["message"]
    assert [] == broken["outputs"]
    warned = [found for found in results(events) if found[1] == "positive"]
    assert [("corner_shop.shop.stg_sales", "positive", "amount", False)] == warned
    alone = ends["test.corner_shop.assert_revenue_is_all"]["run"]["facets"]["test"]["tests"]
    assert [("pass", "error", "0", "0")] == [(t["status"], t["severity"], t["expected"], t["actual"]) for t in alone]
    stale = ends["corner_shop.shop_raw.source.corner_shop.till.sales.freshness"]["inputs"][0]["inputFacets"]
    (found,) = stale["dataQualityAssertions"]["assertions"]
    assert (False, "warn", "warn after 12 hour, error after 365000 day", "138473 s") == tuple(
        found[key] for key in ("success", "severity", "expected", "actual")
    )
    assert "2026-11-20T09:30:00+00:00" == stale["dataQualityMetrics"]["lastUpdated"]
    assert len(events) == len({(e["run"]["runId"], e["job"]["name"], e["eventType"]) for e in events})


def test_without_runs_nothing_is_said_of_runs() -> None:
    """Who sends events with the wrapper imports without runs: what the warehouse has is told still."""
    events = facts_of("corner_shop", runs=False).events

    assert events
    assert {EventKind.DATASET} == {check_structure(event) for event in events}


@pytest.mark.parametrize("naming", Naming)
@pytest.mark.parametrize("name", ["corner_shop", "jaffle_shop", "datahub/sample_2", "openlineage/test"])
def test_jobs_that_ran_are_declared(name: str, naming: Naming) -> None:
    """Whatever an import sends of runs is of a pipeline that it declares: else each import would be drift."""
    facts = facts_of(name, naming=naming)

    declared = {(key.namespace, key.name) for key in facts.documents if key.kind is Kind.PIPELINE}
    ran = {(event["job"]["namespace"], event["job"]["name"]) for event in facts.events if "job" in event}
    assert ran
    assert ran <= declared


def test_documents_do_not_change_with_a_call_of_dbt() -> None:
    """Ids of calls and times are in no document, so that an unchanged project is an unchanged manifest."""
    manifest = raw("corner_shop")["metadata"]
    text = str(list(facts_of("corner_shop").documents.values()))

    for told in (manifest["invocation_id"], manifest["generated_at"], manifest["dbt_version"], "/tmp"):
        assert told not in text


def test_every_kind_of_document_is_made() -> None:
    """A project declares not only its tables: who owns them, what they promise, and who looks at them, too."""
    found = Counter(key.kind for key in facts_of("corner_shop").documents)

    assert (13, 2, 2, 3, 2, 5) == tuple(
        found[kind] for kind in (Kind.PIPELINE, Kind.CONTRACT, Kind.DASHBOARD, Kind.TEAM, Kind.PERSON, Kind.TAG)
    )
