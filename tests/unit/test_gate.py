"""The gate before a change of manifests: what counts as a breach, what as announced, and who says so."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.assets.keys import Key, Kind
from catalog.manifest.gate.findings import At, Finding
from catalog.manifest.gate.judge import judge, starts
from catalog.manifest.gate.types import Fit, compare, is_a

ORDERS = Key(Kind.DATASET, "postgres://db:5432", "shop.public.orders")
CONTRACT = Key(Kind.CONTRACT, "", "orders")
AT = At("orders.yaml", 3)
COLUMNS: list[dict[str, Any]] = [
    {"name": "order_id", "type": "bigint", "nullable": False, "key": True},
    {"name": "amount", "type": "decimal(10,2)"},
    {"name": "email", "type": "varchar(200)", "classification": "restricted"},
]
State = dict[Key, dict[str, Any]]


def dataset(*columns: dict[str, Any], **more: Any) -> dict[str, Any]:
    named = {"kind": "Dataset", "namespace": ORDERS.namespace, "name": ORDERS.name}
    return {**named, "fields": list(columns or COLUMNS), "contract": "contract:orders", **more}


def contract(version: str = "1.0.0", **more: Any) -> dict[str, Any]:
    table = {"name": "orders", "dataset": {"namespace": ORDERS.namespace, "name": ORDERS.name}}
    return {"kind": "Contract", "name": "orders", "version": version, "status": "active", "schema": [table], **more}


def changed(name: str, /, **values: Any) -> list[dict[str, Any]]:
    return [{**column, **values} if column["name"] == name else column for column in COLUMNS]


def found(before: State, after: State) -> set[tuple[str, str, str]]:
    return {(one.rule.id, one.level.value, one.field) for one in judge(before, after, dict.fromkeys(after, AT))}


@pytest.mark.parametrize(
    ("rule", "field", "after"),
    [
        ("column-dropped", "email", dataset(*COLUMNS[:2])),
        ("column-renamed", "amount", dataset(*changed("amount", name="total"))),
        ("type-narrowed", "amount", dataset(*changed("amount", type="decimal(8,2)"))),
        ("type-changed", "amount", dataset(*changed("amount", type="text"))),
        ("nullable-changed", "order_id", dataset(*changed("order_id", nullable=True))),
        ("required-lost", "order_id", dataset(*changed("order_id", key=False))),
        ("classification-lowered", "email", dataset(*changed("email", classification="internal"))),
        ("owner-gone", "", dataset(owners=[])),
        ("retention-shortened", "", dataset(retention={"duration": "P1Y"})),
        ("retention-gone", "", dataset(retention={})),
    ],
)
def test_what_a_contract_covers_may_not_be_taken_away(rule: str, field: str, after: dict[str, Any]) -> None:
    """A breaking change of what a contract in force covers is an error, and a warning where none does."""
    said = {"owners": ["team:orders"], "retention": {"duration": "P2Y"}}
    before, now = dataset(**said), {**said, **after}

    assert {(rule, "error", field)} == found(
        {CONTRACT: contract(), ORDERS: before}, {CONTRACT: contract(), ORDERS: now}
    )
    assert {(rule, "warning", field)} == found({ORDERS: before}, {ORDERS: now})


@pytest.mark.parametrize(
    ("field", "after"),
    [
        ("amount", dataset(*changed("amount", type="decimal(12,2)"))),
        ("amount", dataset(*changed("amount", nullable=False))),
        ("note", dataset(*COLUMNS, {"name": "note", "type": "text"})),
        ("email", dataset(*changed("email", classification="top secret"))),
    ],
)
def test_what_takes_nothing_away_is_a_note(field: str, after: dict[str, Any]) -> None:
    """Wider types, required values, new columns and stricter levels break nobody."""
    state = {CONTRACT: contract(), ORDERS: dataset()}

    assert {("compatible-change", "note", field)} == found(state, {**state, ORDERS: after})


@pytest.mark.parametrize("declared", [True, False])
def test_levels_are_those_that_are_declared(declared: bool) -> None:
    """Which of two levels is the lower one is told by the tag `classification`, or else by the manifest's head."""
    scale = Key(Kind.TAG, "", "classification")
    levels = ["restricted", "open", "internal"]
    before = {ORDERS: dataset()}
    if declared:
        before[scale] = {"kind": "Tag", "name": "classification", "levels": levels}
    raised = {**before, ORDERS: dataset(*changed("email", classification="internal"))}
    told = [judge(*sides, {}, levels=() if declared else levels) for sides in ((before, raised), (raised, before))]

    assert [["compatible-change"], ["classification-lowered"]] == [[one.rule.id for one in found] for found in told]


def test_a_raised_major_version_announces_the_break() -> None:
    """The same change is a note where the contract's major version rises with it, and an error where the minor does."""
    before = {CONTRACT: contract("1.4.0"), ORDERS: dataset()}
    after = dataset(*COLUMNS[:2])

    assert ("column-dropped", "note", "email") in found(before, {CONTRACT: contract("2.0.0"), ORDERS: after})
    assert ("column-dropped", "error", "email") in found(before, {CONTRACT: contract("1.5.0"), ORDERS: after})


def test_a_contract_that_is_no_promise_yet_binds_nobody() -> None:
    """Under a draft a breaking change is a warning, as under no contract."""
    before = {CONTRACT: contract(status="draft"), ORDERS: dataset()}

    assert {("column-dropped", "warning", "email")} == found(before, {**before, ORDERS: dataset(*COLUMNS[:2])})


def test_only_columns_that_are_promised_are_covered() -> None:
    """A contract that names columns covers those; one that names none covers them all."""
    table = {**contract()["schema"][0], "properties": [{"name": "order_id", "required": True}]}
    before = {CONTRACT: contract(schema=[table]), ORDERS: dataset()}

    assert {("column-dropped", "warning", "email")} == found(before, {**before, ORDERS: dataset(*COLUMNS[:2])})
    assert ("column-dropped", "error", "order_id") in found(before, {**before, ORDERS: dataset(*COLUMNS[1:])})


def test_a_contract_may_not_take_its_own_promises_back() -> None:
    """What a contract itself said is covered by what it was, and its removal is a breach."""
    table = {"name": "orders", "properties": [{"name": "id", "physicalType": "bigint", "required": True}]}
    levels = [{"property": "retention", "value": 3, "unit": "y"}, {"property": "latency", "value": 4, "unit": "d"}]
    before = {CONTRACT: contract(schema=[table], slaProperties=levels)}
    loose = {"name": "orders", "properties": [{"name": "id", "physicalType": "int"}]}
    less = [{"property": "retention", "value": 30, "unit": "d"}, {"property": "latency", "value": 9, "unit": "d"}]

    assert {("contract-removed", "error", "")} == found(before, {})
    assert {
        ("type-narrowed", "error", "id"),
        ("nullable-changed", "error", "id"),
        ("retention-shortened", "error", ""),
        ("service-level-lost", "error", ""),
    } == found(before, {CONTRACT: contract(schema=[loose], slaProperties=less)})


def test_a_dataset_must_be_what_its_contract_promises() -> None:
    """A promise that this change breaks is an error; one that was broken before is a warning that says so."""
    table = {**contract()["schema"][0], "properties": [{"name": "order_id"}, {"name": "vat", "logicalType": "number"}]}
    promised = {CONTRACT: contract("1.1.0", schema=[table]), ORDERS: dataset()}

    broken = [one for one in judge({CONTRACT: contract(), ORDERS: dataset()}, promised, {}) if one.field == "vat"]
    kept = judge(promised, promised, {})

    assert [("promise-broken", "error")] == [(one.rule.id, one.level.value) for one in broken]
    assert [("promise-broken", "warning", "promised, and not declared; it was so before")] == [
        (one.rule.id, one.level.value, one.message) for one in kept
    ]


def test_a_removed_dataset_and_its_columns_start_the_walk() -> None:
    """The impact is walked from what is gone or other for its readers, and never from what is only described anew."""
    views = Key(Kind.DATASET, "postgres://db:5432", "shop.public.views")
    before = {ORDERS: dataset(), views: {**dataset(), "name": views.name}}
    after = {ORDERS: dataset(*COLUMNS[:2], description="Orders")}

    begun = starts(before, after, judge(before, after, {}))

    assert [(ORDERS, "email"), (views, "")] == [(one.key, one.field) for one in begun]


def test_a_finding_stands_where_the_document_does() -> None:
    """A finding of what is gone stands where it was, and says so."""
    old = At("old.yaml", 9, old=True)
    (one,) = judge({ORDERS: dataset()}, {}, {}, {ORDERS: old})
    (other,) = judge({ORDERS: dataset()}, {ORDERS: dataset(*COLUMNS[:2])}, {ORDERS: AT}, {ORDERS: old})

    assert (old, AT) == (one.at, other.at)


def test_what_stays_is_never_judged() -> None:
    """Nothing is found between equal states, nor of what is new."""
    state = {CONTRACT: contract(), ORDERS: dataset()}
    nothing: tuple[Finding, ...] = ()

    assert nothing == judge(state, state, {})
    assert nothing == judge({}, state, {})


TYPES = [
    *("tinyint", "smallint", "int", "integer", "BIGINT", "serial", "int8", "real", "double", "double precision"),
    *("decimal(10,2)", "numeric(12,4)", "decimal(10)", "number", "varchar(10)", "varchar(20)", "text", "char(3)"),
    *("boolean", "bool", "date", "timestamp", "timestamp without time zone", "array<int>", "array<bigint>", "list<x>"),
    *("struct<a:int>", "", "varchar(max)", "decimal(10,-2)", "array<array<int>>"),
]
TYPE = st.sampled_from(TYPES) | st.text(max_size=30)


@settings(max_examples=60)
@given(TYPE, TYPE, TYPE)
def test_types_are_ordered(a: str, b: str, c: str) -> None:
    """A type fits itself; narrower is wider read backwards; what fits into what fits, fits."""
    backwards = {Fit.SAME: Fit.SAME, Fit.WIDER: Fit.NARROWER, Fit.NARROWER: Fit.WIDER, Fit.OTHER: Fit.OTHER}
    fits = (Fit.SAME, Fit.WIDER)

    assert Fit.SAME == compare(a, a)
    assert backwards[compare(a, b)] == compare(b, a)
    assert not (compare(a, b) in fits and compare(b, c) in fits) or compare(a, c) in fits


@pytest.mark.parametrize(
    ("before", "after", "fit"),
    [
        ("int", "bigint", Fit.WIDER),
        ("varchar(20)", "varchar(10)", Fit.NARROWER),
        ("varchar(20)", "text", Fit.WIDER),
        ("decimal(10,2)", "decimal(10,4)", Fit.OTHER),
        ("int", "decimal(10,0)", Fit.WIDER),
        ("bigint", "double", Fit.OTHER),
        ("int8", "bigint", Fit.OTHER),
        ("timestamp", "date", Fit.OTHER),
        ("array<int>", "array<bigint>", Fit.WIDER),
        ("a" * 600, "a" * 601, Fit.OTHER),
    ],
)
def test_a_type_is_wider_only_where_that_is_sure(before: str, after: str, fit: Fit) -> None:
    """What two stores read otherwise fits only itself."""
    assert fit == compare(before, after)


def test_logical_types_know_their_families() -> None:
    """A store's type that nobody knows may be of any logical type."""
    assert [True, True, False, True, False] == [
        is_a("bigint", "integer"),
        is_a("decimal(10,2)", "number"),
        is_a("text", "number"),
        is_a("geometry", "object"),
        is_a("int", "boolean"),
    ]
