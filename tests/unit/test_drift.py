"""Drift between what is declared and what was observed."""

from __future__ import annotations

import random

import pytest

from catalog.assets.keys import Key, Kind
from catalog.identity import Name
from catalog.manifest.drift import drift
from catalog.manifest.pictures import (
    READS,
    ColumnFlow,
    Columns,
    Declared,
    DriftType,
    Evidence,
    Flow,
    Observed,
)
from tests.drifts import agreement, plant

ORDERS = Key(Kind.DATASET, "db", "orders")
LOAD = Key(Kind.PIPELINE, "flows", "load")


@pytest.mark.parametrize("seed", range(200))
def test_every_planted_drift_is_found_and_no_other(seed: int) -> None:
    """An agreement has none; one that drifts were planted into has exactly these."""
    rng = random.Random(seed)
    world = agreement(rng)
    before = {(item.type, item.key, item.path) for item in drift(*world.pictures()).items}
    plant(world, rng.randint(0, 8))
    items = drift(*world.pictures()).items

    assert set() == before
    assert world.planted == {(item.type, item.key, item.path) for item in items}
    assert len(world.planted) == len(items)
    assert list(items) == sorted(items, key=lambda i: (list(DriftType).index(i.type), i.key, i.path))


def test_what_is_not_stated_cannot_drift() -> None:
    """No `fields`, no inputs and no owners: whatever is observed is no difference."""
    declared = Declared({ORDERS: {}, LOAD: {}}, {}, {})
    observed = Observed(
        {ORDERS: Evidence(), LOAD: Evidence()},
        {ORDERS: Columns({"id": "long"})},
        {Flow(READS, Name("flows", "load"), Name("db", "else")): Evidence()},
    )

    assert () == drift(declared, observed).items


def test_schemas_that_were_never_seen_are_counted() -> None:
    """Declared columns without an observed schema are no agreement, and no drift."""
    declared = Declared({ORDERS: {"fields": [{"name": "id"}]}}, {}, {})
    found = drift(declared, Observed({ORDERS: Evidence()}))

    assert ((), 1, 1) == (found.items, found.compared, found.unseen_schemas)


def test_column_lineage_that_was_never_seen_is_counted() -> None:
    """Declared lineage of columns of a dataset of which no producer tells any is no agreement, and no drift."""
    said = Key(Kind.DECLARED_LINEAGE, "", "sums")
    orders, raw = Name("db", "orders"), Name("db", "raw")
    flow = ColumnFlow(orders, "total", raw, "amount", "DIRECT")
    declared = Declared({said: {}}, {}, {}, column_flows={flow: said})
    silent = drift(declared, Observed({}))
    other = drift(declared, Observed({}, column_flows={flow._replace(column="id", field="id"): Evidence(1, 1)}))

    assert ((), 1) == (silent.items, silent.unseen_column_lineage)
    assert (["db orders [total] derives from db raw [amount]"], 0) == (
        [item.path for item in other.items],
        other.unseen_column_lineage,
    )


def test_parts_of_a_column_are_compared_where_both_sides_list_them() -> None:
    """Declaring a struct as one column is enough; its parts are compared once they are declared."""
    seen = Columns({"id": "long", "address": "struct", "address.city": "text", "address.zip": "text"})
    observed = Observed({ORDERS: Evidence()}, {ORDERS: seen})
    whole = Declared({ORDERS: {"fields": [{"name": "id"}, {"name": "address"}]}}, {}, {})
    parts = Declared({ORDERS: {"fields": [{"name": "id"}, {"name": "address"}, {"name": "address.city"}]}}, {}, {})

    assert () == drift(whole, observed).items
    assert ["fields[address.zip]"] == [item.path for item in drift(parts, observed).items]


def test_a_drift_says_since_when_and_who_says_so() -> None:
    """What was seen has the evidence of the sight, what was not that of the declaration."""
    declared = Declared({ORDERS: {}}, {}, {ORDERS: Evidence(10, 3)})
    observed = Observed({ORDERS._replace(name="oders"): Evidence(20, 4)})

    assert [(DriftType.MISSING, Evidence(10, 3)), (DriftType.UNDECLARED, Evidence(20, 4))] == [
        (item.type, item.evidence) for item in drift(declared, observed).items
    ]
    assert all(item.mend for item in drift(declared, observed).items)
