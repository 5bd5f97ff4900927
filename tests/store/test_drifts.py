"""Drift over a real store: what events showed against what a manifest declares, and a starter that does not drift."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from catalog.assets.keys import Key, Kind
from catalog.clock import to_iso
from catalog.errors import UnknownKey
from catalog.graph import inbox
from catalog.graph.store import Store
from catalog.lineage.assertions import Curated
from catalog.manifest.curation import curation_entry
from catalog.manifest.pictures import DriftType, Item
from catalog.usecases.accept import prepare_curation
from catalog.usecases.drift import drift_of
from catalog.usecases.starter import starter
from tests.servers.stores import StoreServer
from tests.store.conftest import LATER, accept_events, drain
from tests.store.test_applies import Desk

AT = "2026-03-01T12:00:00Z"


@pytest.fixture
def desk(store: Store, server: StoreServer) -> Iterator[Desk]:
    running = Desk(store, server)
    yield running
    running.close()


def event(job: str, at: str = AT, **sides: Any) -> dict[str, Any]:
    return {
        "eventType": "COMPLETE",
        "eventTime": at,
        "producer": "https://example.org/tests",
        "job": {"namespace": "flows", "name": job},
        "run": {"runId": "0192d2bc-0000-7000-8000-000000000001"},
        **sides,
    }


def dataset(name: str, *columns: str, owners: tuple[str, ...] = ()) -> dict[str, Any]:
    facets: dict[str, Any] = {}
    if columns:
        facets["schema"] = {"fields": [{"name": column, "type": "long"} for column in columns]}
    if owners:
        facets["ownership"] = {"owners": [{"name": owner} for owner in owners]}
    return {"namespace": "db", "name": name, **({"facets": facets} if facets else {})}


def table(name: str, *columns: str, **rest: Any) -> dict[str, Any]:
    fields = [{"name": column, "type": "long"} for column in columns]
    return {"kind": "Dataset", "namespace": "db", "name": name, **({"fields": fields} if fields else {}), **rest}


def pipeline(name: str, inputs: list[str], outputs: list[str]) -> dict[str, Any]:
    ends = {
        side: [{"namespace": "db", "name": n} for n in names]
        for side, names in zip(("inputs", "outputs"), (inputs, outputs), strict=True)
    }
    return {"kind": "Pipeline", "namespace": "flows", "name": name, **ends}


def told(desk: Desk, *events: dict[str, Any]) -> None:
    accept_events(desk.store, events)
    drain(desk.store)


def found(desk: Desk, manifest: str = "shop") -> list[Item]:
    return list(drift_of(desk.reader, manifest).drift.items)


def test_each_kind_of_drift_is_found_with_its_evidence(desk: Desk) -> None:
    """Missing, undeclared, schema, lineage both ways, owner both ways; since when and by which entry; no others."""
    receipts = accept_events(
        desk.store,
        [
            event("load", inputs=[dataset("raw")], outputs=[dataset("orders", "id", "total", owners=("team:sales",))]),
            event("other", at="2026-03-02T12:00:00Z", inputs=[dataset("secret")], outputs=[dataset("extra")]),
            event("load", at="2026-03-03T12:00:00Z", inputs=[dataset("secret")]),
        ],
    )
    drain(desk.store)
    teams = [{"kind": "Team", "name": name} for name in ("sales", "risk")]
    applied = desk.put(
        "shop",
        [
            *teams,
            table("raw"),
            table("orders", "id", "discount", owners=["team:risk"]),
            table("never"),
            pipeline("load", ["raw", "never"], ["orders"]),
        ],
    )
    _say(desk, "owners", "team:sales", "grace")
    assert applied.receipt is not None
    answer = drift_of(desk.reader, "shop")
    seen = {
        (i.type, i.key.name, i.path): (i.evidence.since, answer.entries.get(i.evidence.sequence))
        for i in answer.drift.items
    }
    day = 86_400_000_000
    march = 1_772_366_400_000_000

    assert {
        (DriftType.MISSING, "never", ""): (LATER, applied.receipt.key),
        (DriftType.UNDECLARED, "extra", ""): (march + day, receipts[1].key),
        (DriftType.UNDECLARED, "secret", ""): (march + day, receipts[1].key),
        (DriftType.UNDECLARED, "other", ""): (march + day, None),
        (DriftType.SCHEMA, "orders", "fields[discount]"): (march, receipts[0].key),
        (DriftType.SCHEMA, "orders", "fields[total]"): (march, receipts[0].key),
        (DriftType.LINEAGE, "load", "flows load reads db never"): (LATER, applied.receipt.key),
        (DriftType.LINEAGE, "load", "flows load reads db secret"): (march + 2 * day, receipts[2].key),
        (DriftType.OWNER, "orders", "owners (OBSERVED)"): (march, receipts[0].key),
        (DriftType.OWNER, "orders", "owners (PERSON)"): (LATER, None),
    } == {key: value if key[2] != "owners (PERSON)" else (value[0], None) for key, value in seen.items()}


def _say(desk: Desk, attribute: str, item: str, by: str) -> None:
    said = Curated(Key(Kind.DATASET, "db", "orders"), attribute, "", item, True, by)
    inbox.accept(desk.store, [prepare_curation(curation_entry(said, to_iso(LATER) or ""))], LATER)
    drain(desk.store)


def test_what_another_manifest_declares_is_not_undeclared(desk: Desk) -> None:
    """Things and edges may belong to others; a declaration alone is no sight of anything."""
    told(desk, event("load", inputs=[dataset("raw")], outputs=[dataset("orders")]))
    desk.put("mart", [table("raw")])
    desk.put("shop", [table("orders"), pipeline("load", ["raw"], ["orders"]), table("unseen")])

    assert [(DriftType.MISSING, "unseen")] == [(item.type, item.key.name) for item in found(desk)]
    assert [] == found(desk, "mart")


def test_a_thing_with_several_names_is_compared_as_one(desk: Desk) -> None:
    """Declared under one name and observed under another: no drift."""
    symlinks = {"symlinks": {"identifiers": [{"namespace": "db", "name": "orders", "type": "TABLE"}]}}
    file = {"namespace": "s3://lake", "name": "orders", "facets": symlinks}
    told(desk, event("load", inputs=[dataset("raw")], outputs=[file]))
    desk.put("shop", [table("orders"), table("raw"), pipeline("load", ["raw"], ["orders"])])

    assert [] == found(desk)


def test_column_lineage_is_compared_edge_by_edge(desk: Desk) -> None:
    """Never seen, never declared, declared as masked and seen in the clear; one under another name is no drift."""

    def made(name: str, **columns: list[tuple[str, str, bool]]) -> dict[str, Any]:
        fields = {
            column: {
                "inputFields": [
                    {
                        "namespace": "db",
                        "name": source,
                        "field": field,
                        "transformations": [{"type": "DIRECT", "subtype": "IDENTITY", "masking": masking}],
                    }
                    for source, field, masking in of
                ]
            }
            for column, of in columns.items()
        }
        return {"namespace": "db", "name": name, "facets": {"columnLineage": {"fields": fields}}}

    symlinks = {"symlinks": {"identifiers": [{"namespace": "db", "name": "raw", "type": "TABLE"}]}}
    file = {"namespace": "db", "name": "file", "facets": symlinks}
    output = made(
        "orders",
        total=[("file", "amount", False), ("raw", "tax", False)],
        mail=[("raw", "mail", False)],
        note=[("raw", "note", False)],
    )
    receipts = accept_events(desk.store, [event("load", inputs=[file, dataset("raw")], outputs=[output])])
    drain(desk.store)
    columns = {
        "total": [{"field": "amount"}, {"field": "discount"}],
        "mail": [{"field": "mail", "masking": True}],
    }
    ends: dict[str, Any] = {"from": [{"namespace": "db", "name": "raw"}], "to": {"namespace": "db", "name": "orders"}}
    sums = {"kind": "DeclaredLineage", "name": "sums", **ends, "columns": columns}
    silent = {**sums, "name": "silent", "to": {"namespace": "db", "name": "silent"}}
    applied = desk.put("shop", [table("raw"), sums, silent])
    assert applied.receipt is not None
    answer = drift_of(desk.reader, "shop")
    items = [i for i in answer.drift.items if i.type is DriftType.COLUMN_LINEAGE]

    assert {
        ("db orders [mail] derives from db raw [mail]", "masked", "not masked", receipts[0].key),
        ("db orders [total] derives from db raw [discount]", "declared", None, applied.receipt.key),
        ("db orders [total] derives from db raw [tax]", None, "observed", receipts[0].key),
    } == {
        (
            i.path,
            "declared" if i.declared == i.path else i.declared,
            "observed" if i.observed == i.path else i.observed,
            answer.entries[i.evidence.sequence],
        )
        for i in items
    }
    assert ({"sums"}, 1) == ({i.key.name for i in items}, answer.drift.unseen_column_lineage)


def test_a_starter_applied_as_it_is_does_not_drift(desk: Desk) -> None:
    """Datasets with columns, pipelines with both sides, owners under pseudonyms; a second starter has nothing left."""
    told(
        desk,
        event(
            "load", inputs=[dataset("raw", "id")], outputs=[dataset("orders", "id", "total", owners=("team:sales",))]
        ),
        event("report", inputs=[dataset("orders")], outputs=[dataset("daily", owners=("ada@example.org",))]),
    )
    begun = starter(desk.reader)
    desk.put("begun", begun.documents)
    names = [(body["kind"], body["name"]) for body in begun.documents]

    assert ["Dataset"] * 3 + ["Person"] + ["Pipeline"] * 2 + ["Team"] == [kind for kind, _ in names]
    assert ["daily", "orders", "raw", "load", "report", "sales"] == [name for kind, name in names if kind != "Person"]
    assert "ada" not in str(begun.documents)
    assert [] == found(desk, "begun")
    assert ([], 5) == starter(desk.reader)[:2]


def test_a_manifest_that_never_was_is_told(desk: Desk) -> None:
    """Its name is not known; where the known ones are listed is said."""
    with pytest.raises(UnknownKey, match="headwater manifests"):
        drift_of(desk.reader, "nobody")


@pytest.mark.parametrize("seed", range(4))
def test_every_planted_drift_is_found_and_no_other(desk: Desk, seed: int) -> None:
    """A random estate, declared as it was observed, has none; with drifts planted into it, it has exactly these."""
    rng = random.Random(seed)
    names = [f"d{i}" for i in range(6)]
    tables = {name: table(name, "id", "total", owners=["team:sales"]) for name in names}
    pipelines: dict[str, dict[str, Any]] = {}
    events = []
    for i in range(4):
        inputs, outputs = rng.sample(names, rng.randint(1, 3)), rng.sample(names, rng.randint(1, 2))
        pipelines[f"p{i}"] = pipeline(f"p{i}", inputs, outputs)
        full = {name: dataset(name, "id", "total", owners=("team:sales",)) for name in names}
        sides: dict[str, Any] = {"inputs": [full[name] for name in inputs], "outputs": [full[name] for name in outputs]}
        events.append(event(f"p{i}", **sides))
    seen = {end["name"] for body in pipelines.values() for side in ("inputs", "outputs") for end in body[side]}
    told(desk, *events)
    declared = [{"kind": "Team", "name": "sales"}, {"kind": "Team", "name": "risk"}]
    declared += [*(tables[name] for name in sorted(seen)), *pipelines.values()]
    desk.put("shop", declared)
    agreed = found(desk)
    tables = {name: tables[name] for name in sorted(seen)}
    planted = _plant(rng, desk, tables, pipelines)
    desk.put("shop", [*declared[:2], *tables.values(), *pipelines.values()])

    assert [] == agreed
    assert planted == {(item.type, item.key.name, item.path) for item in found(desk)}


def _plant(
    rng: random.Random, desk: Desk, tables: dict[str, dict[str, Any]], pipelines: dict[str, dict[str, Any]]
) -> set[tuple[DriftType, str, str]]:
    """Change what is declared, and let more be observed; what must be found."""
    planted: set[tuple[DriftType, str, str]] = set()
    free, ways = sorted(tables), sorted(pipelines)
    rng.shuffle(free)
    rng.shuffle(ways)
    column, owned = tables[free.pop()], tables[free.pop()]
    which = rng.choice(["gone", "new", "type"])
    if which == "gone":
        column["fields"] = column["fields"][:1]
        planted.add((DriftType.SCHEMA, column["name"], "fields[total]"))
    elif which == "new":
        column["fields"] = [*column["fields"], {"name": "tax", "type": "long"}]
        planted.add((DriftType.SCHEMA, column["name"], "fields[tax]"))
    else:
        column["fields"] = [{"name": "id", "type": "text"}, *column["fields"][1:]]
        planted.add((DriftType.SCHEMA, column["name"], "fields[id]"))
    owned["owners"] = ["team:risk"]
    planted.add((DriftType.OWNER, owned["name"], "owners (OBSERVED)"))
    claims, hides = pipelines[ways.pop()], pipelines[ways.pop()]
    claims["outputs"] = [*claims["outputs"], {"namespace": "elsewhere", "name": "never"}]
    planted.add((DriftType.LINEAGE, claims["name"], f"flows {claims['name']} writes elsewhere never"))
    told(desk, event(hides["name"], "2026-03-05T12:00:00Z", inputs=[{"namespace": "elsewhere", "name": "hidden"}]))
    planted.add((DriftType.LINEAGE, hides["name"], f"flows {hides['name']} reads elsewhere hidden"))
    stray = event("stray", "2026-03-06T12:00:00Z", outputs=[dataset("stray")])
    told(desk, {**stray, "job": {"namespace": "elsewhere", "name": "stray"}})
    planted.add((DriftType.UNDECLARED, "stray", ""))
    pipelines["missing"] = pipeline("missing", [column["name"]], [])
    planted.add((DriftType.MISSING, "missing", ""))
    return planted
