"""Pitfalls 16 to 19, 21 and 22: facets. Each test is a row of docs/pitfalls.md, by its number and title."""

from __future__ import annotations

import zlib

from catalog.graph.store import Store
from tests.store.pitfalls.telling import (
    Event,
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

PAYLOADS = "MATCH (c:Chunk) RETURN c.data AS data UNION ALL MATCH (e:Entry) RETURN e.payload AS data"


def test_16_unknown_and_malformed_facets(store: Store) -> None:
    """Unknown or malformed facets."""
    odd = {"my_facet": {"deep": [{"a": 1}]}, "additionalProperties": {}, "text": "x", "list": [1], "sql": "select"}
    apply(
        store,
        told("COMPLETE", "10:00", job_facets=None, facets=odd, outputs=[data("orders", my_other={"b": 2}, schema=5)]),
    )
    kept = latest_run(store, "facets")["facets"]

    assert odd == {key.partition("|")[2]: value for key, value in kept.items()}
    assert {"my_other": {"b": 2}} == dataset(store, "facets")["facets"]
    assert any("schema" in warning for warning in warnings(store))


def test_17_one_bad_facet_among_good_ones(store: Store) -> None:
    """A facet that cannot be read, column lineage with null members."""
    source = {"namespace": "db", "name": "raw", "field": "id"}
    fields = {"id": {"inputFields": [None, source, {"namespace": None, "name": None, "field": None}]}, "x": None}
    facets: Event = {"columnLineage": {"fields": fields}, "schema": {"fields": [{"name": "id"}, None, {"name": 5}]}}
    apply(store, told("COMPLETE", "10:00", facets={"parent": 7}, outputs=[data("orders", **facets)]))
    asked = '{ lineage(root: {namespace: "db", name: "orders", field: "id"}) { edges { kind } } }'

    assert "COMPLETED" == latest_run(store, "state")["state"]
    assert ["id"] == [field["name"] for field in dataset(store, "fields { name }")["fields"]]
    assert "DERIVES_FROM" in {edge["kind"] for edge in ask(store, asked)["lineage"]["edges"]}
    assert {"run", "output 'orders'"} == {
        warning.partition(".facets")[0].partition(":")[0] for warning in warnings(store)
    }
    assert latest_run(store, "warnings")["warnings"] == warnings(store)


def test_18_deleted_facets(store: Store) -> None:
    """`_deleted`, and an older event that comes later."""
    old = told("COMPLETE", "10:00", outputs=[data("orders", ownership={"owners": [{"name": "a"}]})])
    gone = told("COMPLETE", "11:00", "2", outputs=[data("orders", ownership={"_deleted": True})])
    assert_any_order_is_one(store, [old, gone])

    assert {} == dataset(store, "facets")["facets"]
    apply(store, told("COMPLETE", "12:00", "3", outputs=[data("orders", ownership={"owners": [{"name": "b"}]})]))
    assert {"owners": [{"name": "b"}]} == dataset(store, "facets")["facets"]["ownership"]


def test_19_parents_that_are_the_job_itself(store: Store) -> None:
    """A parent with the job's own name, or that is its own child."""

    def below(run: str, name: str) -> Event:
        return {"parent": {"run": {"runId": run}, "job": {"namespace": "jobs", "name": name}}}

    apply(store, told("COMPLETE", "10:00", "1", facets=below("task", "load")))
    apply(store, told("COMPLETE", "10:00", "2", facets=below("2", "load")))
    apply(store, told("COMPLETE", "11:00", "3", facets=below("4", "other"), outputs=[data("orders")]))
    apply(store, told("COMPLETE", "11:00", "4", job="other", facets=below("3", "load"), inputs=[data("orders")]))

    assert ({"other"}, {"load"}) == tuple(
        names(job(store, "parents { name }", name)["parents"]) for name in ("load", "other")
    )
    assert {("DATASET", "orders"), ("JOB", "load")} == lineage(store, "orders")
    (own,) = ask(store, '{ runs(runId: "2") { edges { node { parent { runId } } } } }')["runs"]["edges"]
    assert None is own["node"]["parent"]


def test_21_schemas_of_weak_producers(store: Store) -> None:
    """A schema that shrinks because its producer knows a part."""
    whole = {"fields": [{"name": name, "type": "INT"} for name in ("id", "amount", "note")]}
    part = {"fields": [{"name": "id", "description": "key"}]}
    apply(store, told("COMPLETE", "10:00", outputs=[data("orders", schema=whole)]))
    apply(store, told("COMPLETE", "11:00", "2", job="documented", outputs=[data("orders", schema=part)]))
    fields = "fields { name type description }"

    assert ["id", "amount", "note"] == [field["name"] for field in dataset(store, fields)["fields"]]
    assert {"name": "id", "type": "INT", "description": "key"} == dataset(store, fields)["fields"][0]

    less = {"fields": whole["fields"][:2]}
    apply(store, told("COMPLETE", "12:00", "3", outputs=[data("orders", schema=less)]))
    assert ["id", "amount"] == [field["name"] for field in dataset(store, fields)["fields"]]


def test_22_credentials(store: Store) -> None:
    """Credentials in addresses, SQL and variables."""
    facets = {
        "environmentVariables": {"environmentVariables": [{"name": "DB_PASSWORD", "value": "hunter2"}]},
        "spark_properties": {"properties": {"fs.secret.key": "hunter2"}},
    }
    source = data("orders", dataSource={"uri": "postgresql://user:hunter2@host/db?password=hunter2"})
    sql = {"sql": {"query": "CREATE USER u WITH PASSWORD = 'hunter2'"}}
    event = told("COMPLETE", "10:00", facets=facets, inputs=[source])
    apply(store, {**event, "job": {**event["job"], "facets": sql}})
    stored = [bytes(row["data"]) for row in store.rows(PAYLOADS) if row["data"]]
    shown = f"{job(store, 'facets')} {latest_run(store, 'facets')} {dataset(store, 'facets')}"

    assert stored and b"hunter2" not in b"".join([*stored, *map(_unpacked, stored)])
    assert "hunter2" not in shown
    assert "postgresql://user:***@host/db?password=***" in shown


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompress(data)
    except zlib.error:
        return b""
