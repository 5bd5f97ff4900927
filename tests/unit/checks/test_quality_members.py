"""What policies see of how good data are, over snapshots written down."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.assets.keys import Kind
from catalog.checks.snapshot import Check, Place, Run, Thing
from catalog.checks.subjects_of import Subjects
from catalog.clock import to_iso
from catalog.manifest.gate.contracts import contracts_of
from tests.unit.checks.worlds import DAY, HOUR, NOW, column, snapshot, thing


def value(name: str, *things: Thing, of: str = "orders", target: str = "dataset") -> Any:
    return Subjects(snapshot(*things)).value(target, target, name, Place(of))


def contract(*columns: dict[str, Any], status: str = "active") -> Thing:
    table = {"name": "orders", "dataset": {"namespace": "pg", "name": "orders"}, "properties": list(columns)}
    return thing("promise", Kind.CONTRACT, document={"version": "1", "status": status, "schema": [table]})


def slo(threshold: str = "PT24H", window: str = "P10D", indicator: str = "freshness") -> Thing:
    targets = [{"kind": "Dataset", "namespace": "pg", "name": "orders"}]
    told = {"indicator": indicator, "objective": 99, "threshold": threshold, "window": window, "targets": targets}
    return thing("fresh", Kind.SLO, document=told)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([], {"last": None, "usual": None}),
        ([5, 5, 0], {"last": 0, "usual": None}),
        ([5, 7, 6, 0], {"last": 0, "usual": 6}),
        ([0, 0, 0, 9], {"last": 9, "usual": 0}),
    ],
)
def test_rows_are_compared_with_those_before(counts: list[int], expected: dict[str, Any]) -> None:
    """The last one is no part of what is usual; of fewer than three others nobody can tell."""
    rows = tuple((NOW - (9 - i) * DAY, number) for i, number in enumerate(counts))

    assert expected == value("rows", thing("orders", rows=rows))


def test_a_promise_is_broken_by_what_events_tell() -> None:
    """A column that is gone, one whose values do not fit; one that holds less, or was not promised, breaks nothing."""
    told = [column("id", type="bigint"), column("name", type="varchar(10)"), column("more", type="text")]
    promised = contract(
        {"name": "id", "physicalType": "integer"},
        {"name": "name", "physicalType": "varchar(20)"},
        {"name": "amount", "logicalType": "number"},
    )

    expected = ["amount is missing", "id is bigint, promised as integer"]
    assert expected == value("breaches", thing("orders", columns=told), promised)


def test_a_column_that_only_a_document_names_is_missing() -> None:
    """Once events tell types, a column without one is known by its document alone."""
    told = [column("id", type="bigint"), column("amount")]

    assert ["amount is missing"] == value("breaches", thing("orders", columns=told), contract({"name": "amount"}))


def test_a_draft_promises_nothing() -> None:
    """Nor does any contract of columns of which nobody tells."""
    draft = contract({"name": "amount"}, status="draft")

    assert [] == value("breaches", thing("orders", columns=[column("id", type="int")]), draft)
    assert [] == value("breaches", thing("orders"), contract({"name": "amount"}))


TABLE = st.fixed_dictionaries(
    {"name": st.sampled_from(["a", "b", "z"]), "properties": st.just([{"name": "gone"}])},
    optional={"dataset": st.builds(lambda name: {"namespace": "pg", "name": name}, st.sampled_from(["a", "b", "c"]))},
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.lists(TABLE, max_size=2), st.sampled_from(["active", "draft"])), max_size=3),
    st.lists(st.sampled_from(["", "contract:0", "contract:1"]), min_size=3, max_size=3),
)
def test_promises_found_for_one_dataset_are_those_among_all(promised: list[Any], named: list[str]) -> None:
    """Whichever of the two names the other: what all contracts together promise is looked through for none."""
    contracts = [
        thing(f"contract {at}", Kind.CONTRACT, name=str(at), document={"version": "1", "status": status, "schema": of})
        for at, (of, status) in enumerate(promised)
    ]
    datasets = [
        thing(name, columns=[column(f"of {name}")], document={"contract": by} if by else {})
        for name, by in zip("abc", named, strict=True)
    ]
    state = {one.key: one.document for one in (*contracts, *datasets)}
    of_all = [promise for one in contracts_of(state) if one.in_force for promise in one.promises if promise.columns]

    for dataset in datasets:
        expected = ["gone is missing"] if any(one.dataset == dataset.key for one in of_all) else []
        assert expected == value("breaches", *contracts, *datasets, of=dataset.id)


@pytest.mark.parametrize(
    ("writes", "attained"),
    [
        ([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 100.0),
        ([10, 9, 8, 7, 6, 5, 4, 3, 2], 90.0),
        ([20, 5], 10.0),
        ([5], 20.0),
        ([0], 100.0),
        ([], None),
    ],
)
def test_freshness_is_measured_over_the_window(writes: list[int], attained: float | None) -> None:
    """In percent of ten days, a write counting for a day; before the first write that is known nobody knows."""
    times = tuple(NOW - days * DAY for days in writes)
    (told,) = value("objectives", thing("orders", writes=times), slo())

    assert attained == told["attained"]
    assert (24.0, 10.0) == (told["threshold_hours"], told["window_days"])


def test_other_objectives_are_not_measured() -> None:
    """What cannot be told is null, never kept."""
    (told,) = value("objectives", thing("orders", writes=(NOW,)), slo(indicator="latency"))

    assert told["attained"] is None


def test_a_datasheet_tells_none_from_not_stated() -> None:
    """Of lists the length: 0 is an answer."""
    sheet = {"origin": "Our shop.", "gaps": [], "preparation": ["a", "b"]}
    told = value("datasheet", thing("orders", document={"datasheet": sheet}))

    assert ("Our shop.", 0, 2, None) == (told["origin"], told["gaps"], told["preparation"], told["assumptions"])


def test_results_are_those_of_checks() -> None:
    """With their time as a text."""
    checks = (Check("not_null", "id", False, "error", NOW),)
    expected = {"name": "not_null", "column": "id", "success": False, "severity": "error"}

    assert [{**expected, "at": to_iso(NOW)}] == value("results", thing("orders", checks=checks))


def test_a_job_stands_as_its_newest_run() -> None:
    """Whatever came before."""
    runs = (Run("b", "FAILED", NOW, NOW), Run("a", "COMPLETED", NOW - HOUR, NOW - HOUR))

    assert "FAILED" == value("last_state", thing("job", Kind.PIPELINE, runs=runs), of="job", target="job")
    assert value("last_state", thing("job", Kind.PIPELINE), of="job", target="job") is None


def test_writes_are_counted_once() -> None:
    """Two runs that wrote at one time are one write."""
    assert 2 == value("writes", thing("orders", writes=(NOW - HOUR, NOW - HOUR, NOW)))
