"""Pitfall 24: the end of a dataset. The test is a row of docs/pitfalls.md, by its number and title."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.graph.store import Store
from tests.store.pitfalls.telling import Event, apply, ask, data, dataset, lineage, told


def _of_run(name: str, facets: Any) -> Event:
    return told("COMPLETE", "11:00", "2", job="other", outputs=[data(name, **facets)])


def _of_job(name: str, facets: Any) -> Event:
    event = _of_run(name, facets)
    return {key: event[key] for key in ("eventTime", "producer", "job", "outputs")}


def _of_dataset(name: str, facets: Any) -> Event:
    event = _of_run(name, facets)
    return {"eventTime": event["eventTime"], "producer": event["producer"], "dataset": data(name, **facets)}


@pytest.mark.parametrize("kind", [_of_run, _of_job, _of_dataset], ids=["run", "job", "dataset"])
def test_24_drop_and_rename(store: Store, kind: Any) -> None:
    """DROP, RENAME."""
    load = told("COMPLETE", "10:00", inputs=[data("raw")], outputs=[data("staging")])
    use = told("COMPLETE", "10:30", "3", job="use", inputs=[data("staging")], outputs=[data("orders")])
    drop = {"lifecycleStateChange": {"lifecycleStateChange": "DROP"}}
    apply(store, load, use, kind("staging", drop))
    asked = '{ lineage(root: {namespace: "db", name: "orders"}) { nodes { name dropped } } }'
    gone = {node["name"] for node in ask(store, asked)["lineage"]["nodes"] if node["dropped"]}

    assert "DROP" == dataset(store, "lifecycle { state }", "staging")["lifecycle"]["state"]
    assert {"staging"} == gone
    assert {("DATASET", "raw"), ("DATASET", "staging")} <= lineage(store, "orders")

    apply(store, told("COMPLETE", "12:00", "4", outputs=[data("staging")]))
    assert set() == {node["name"] for node in ask(store, asked)["lineage"]["nodes"] if node["dropped"]}

    before = {"namespace": "db", "name": "orders"}
    rename = {"lifecycleStateChange": {"lifecycleStateChange": "RENAME", "previousIdentifier": before}}
    apply(store, kind("orders_v2", rename))
    assert {("DATASET", "orders"), ("DATASET", "raw")} <= lineage(store, "orders_v2")
