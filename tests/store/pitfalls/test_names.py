"""Pitfalls 11 to 15, 20 and 23: names and sizes. Each test is a row of docs/pitfalls.md, by its number and title."""

from __future__ import annotations

import inspect

from catalog.dispatch import Dispatcher
from catalog.graph.assets import search
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.identity import short
from tests import corpus
from tests.servers.stores import StoreServer
from tests.store.events import entries
from tests.store.facts import Graph
from tests.store.pitfalls.telling import (
    apply,
    ask,
    assert_any_order_is_one,
    data,
    dataset,
    job,
    latest_run,
    lineage,
    names,
    told,
    warnings,
)


def _alias(name: str, kind: str = "TABLE") -> dict[str, list[dict[str, str]]]:
    return {"identifiers": [{"namespace": "hive", "name": name, "type": kind}]}


def test_11_names_of_one_thing(store: Store, server: StoreServer) -> None:
    """Symlinks: physical or logical name first, the alias comes later."""
    path = data("/warehouse/orders", symlinks=_alias("shop.orders"))
    table = {"namespace": "hive", "name": "shop.orders", "facets": {}}
    writes, reads = (
        told("COMPLETE", "10:00", outputs=[path]),
        told("COMPLETE", "11:00", "2", job="report", inputs=[table]),
    )
    assert_any_order_is_one(store, [writes, reads])
    reached = {("JOB", "load"), ("JOB", "report"), ("DATASET", "/warehouse/orders"), ("DATASET", "shop.orders")}

    assert reached == lineage(store, "/warehouse/orders", "BOTH") == lineage(store, "shop.orders", "BOTH", "hive")
    assert {"shop.orders"} == names(dataset(store, "aliases { name }", "/warehouse/orders")["aliases"])
    assert {"/warehouse/orders"} == names(dataset(store, "aliases { name }", "shop.orders", "hive")["aliases"])
    reader = Reader(store, server.admin)
    assert ["/warehouse/orders", "shop.orders"] == [
        row["name"] for word in ("warehouse", "shop") for row in search(reader, "Dataset", f"{word} orders", 5)
    ]


def test_12_names_that_differ_in_case(store: Store) -> None:
    """Case: SHOP.ORDERS and shop.orders."""
    apply(store, told("COMPLETE", "10:00", outputs=[data("shop.orders")], inputs=[data("SHOP.ORDERS")]))
    found = ask(store, '{ datasets(namespace: "db") { edges { node { name } } } }')["datasets"]["edges"]

    assert ["SHOP.ORDERS", "shop.orders"] == [edge["node"]["name"] for edge in found]
    assert [] == dataset(store, "aliases { name }", "shop.orders")["aliases"]


def test_13_very_long_names(store: Store) -> None:
    """Very long names and URIs."""
    name = "s3://bucket/" + "x" * 230_888
    apply(store, told("COMPLETE", "10:00", name, outputs=[data(name)]))

    assert (name, name) == (dataset(store, "name", name)["name"], latest_run(store, "runId")["runId"])
    assert [] == warnings(store)
    assert len(short(name)) < 1_000


def test_14_empty_names(store: Store) -> None:
    """An empty namespace or name."""
    nameless = [{"namespace": "", "name": "x"}, {"namespace": "db", "name": " "}, {"name": "x"}]
    apply(store, told("COMPLETE", "10:00", inputs=[*nameless, data("raw")], outputs=[data("orders")]))

    assert {("JOB", "load"), ("DATASET", "raw"), ("DATASET", "orders")} == lineage(store, "orders")
    assert ["inputs[0]", "inputs[1]", "inputs[2]"] == [warning.partition(":")[0] for warning in warnings(store)]


def test_15_huge_events(store: Store) -> None:
    """Huge events, of which most is noise."""
    plan = [{"class": "org.apache.spark.Project", "text": "x" * 1_000}] * 5_000
    noise = {"spark.logicalPlan": {"plan": plan}, "spark_unknown": {"inputs": plan}, "small": {"a": 1}}
    apply(store, told("COMPLETE", "10:00", facets=noise, outputs=[data("orders")]))
    (entry,) = entries(store)

    assert {"run|small": {"a": 1}} == latest_run(store, "facets")["facets"]
    assert entry["chunks"] >= 1 and entry["size"] > 10_000_000
    assert max((len(str(body)) for body in Graph(store).bodies.values()), default=0) < 10_000
    assert ["self", "hashes"] == list(inspect.signature(Dispatcher.wake).parameters), "a message says whom to wake"


def test_20_partitions_as_datasets(store: Store) -> None:
    """Partition paths as datasets."""
    part = {"inputCondition": {"type": "partition", "partitions": [{"identifier": "dt=1", "dimensions": {"dt": "1"}}]}}
    whole = {**data("/data/orders"), "inputFacets": {"subset": part}}
    apply(store, told("COMPLETE", "10:00", inputs=[whole, data("/data/orders/dt=1"), data("/data/orders/dt=2")]))
    facets = latest_run(store, "facets")["facets"]

    assert {"/data/orders", "/data/orders/dt=1", "/data/orders/dt=2"} == names(job(store, "inputs { name }")["inputs"])
    assert [part] == [facet for key, facet in facets.items() if key.endswith("|subset")]


def test_23_temporary_datasets(store: Store) -> None:
    """Temporary and in-memory datasets, tables of test results."""
    audits = [e for e in corpus.events(corpus.RECORDED / "dbt-structured.ndjson") if "test__audit" in str(e["outputs"])]
    apply(store, *audits)
    apply(
        store,
        told("COMPLETE", "10:00", inputs=[{"namespace": "inmemory://", "name": "tmp_1"}], outputs=[data("orders")]),
    )
    audit = next(d for e in audits for d in e["outputs"] if "test__audit" in d["name"])
    found = dataset(store, "name writtenBy { name } readBy { name }", audit["name"], audit["namespace"])

    assert audit["name"] == found["name"]
    assert found["writtenBy"] and not found["readBy"]
    assert ("DATASET", "tmp_1") in lineage(store, "orders")
