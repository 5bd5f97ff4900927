"""What differs between two sets of declared entities."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.assets.keys import Key, Kind
from catalog.lineage.canonical import canonical
from catalog.manifest.changes import Action, FieldChange, compare, differences

ORDERS = Key(Kind.DATASET, "db", "orders")
SALES = Key(Kind.TEAM, "", "sales")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"domain": "a"}, {"domain": "a"}, []),
        ({"domain": "a"}, {"domain": "b"}, [("domain", "a", "b")]),
        ({}, {"domain": "b"}, [("domain", None, "b")]),
        ({"domain": "a"}, {}, [("domain", "a", None)]),
        ({"quality": {"x": 1, "y": 2}}, {"quality": {"x": 1, "y": 3}}, [("quality.y", 2, 3)]),
        ({"tags": ["a"]}, {"tags": ["a", "b"]}, [("tags", ["a"], ["a", "b"])]),
        (
            {"fields": [{"name": "id", "type": "int"}, {"name": "day"}]},
            {"fields": [{"name": "id", "type": "long"}, {"name": "month"}]},
            [
                ("fields[day]", {"name": "day"}, None),
                ("fields[id].type", "int", "long"),
                ("fields[month]", None, {"name": "month"}),
            ],
        ),
        (
            {"fields": [{"name": "a"}, {"name": "b"}, {"name": "c"}]},
            {"fields": [{"name": "b"}, {"name": "a"}]},
            [("fields[c]", {"name": "c"}, None), ("fields (order)", ["a", "b"], ["b", "a"])],
        ),
        (
            {"inputs": [{"name": "x", "namespace": "a"}]},
            {"inputs": [{"name": "x", "namespace": "a"}, {"name": "x", "namespace": "b"}]},
            [
                (
                    "inputs",
                    [{"name": "x", "namespace": "a"}],
                    [{"name": "x", "namespace": "a"}, {"name": "x", "namespace": "b"}],
                )
            ],
        ),
        ({"quality": {}}, {"quality": None}, [("quality", {}, None)]),
        ({"critical": 1}, {"critical": True}, [("critical", 1, True)]),
    ],
)
def test_fields_are_compared_one_by_one(
    before: dict[str, Any], after: dict[str, Any], expected: list[tuple[str, Any, Any]]
) -> None:
    """Objects by key, named members by name and order, all else as one value; both sides are told."""
    assert [FieldChange(*change) for change in expected] == list(differences(before, after))


def test_changes_are_sorted_and_say_what_happens() -> None:
    """One change for each entity that differs, in the order of keys."""
    before = {SALES: {"description": "a"}, ORDERS: {"domain": "x"}}
    after = {ORDERS: {"domain": "y"}, Key(Kind.TAG, "", "pii"): {}}

    assert [(Action.UPDATE, "orders"), (Action.CREATE, "pii"), (Action.REMOVE, "sales")] == [
        (change.action, change.key.name) for change in compare(before, after)
    ]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["a", "b"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3)
        | st.lists(st.fixed_dictionaries({"name": st.sampled_from("pqr"), "v": inner}), max_size=3)
    ),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(st.sampled_from("klm"), VALUES, max_size=3)


@given(DOCUMENTS, DOCUMENTS)
def test_documents_that_differ_have_a_difference(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Equal documents have none, others have some, and turned round they are the same with their sides changed."""
    there = list(differences(one, other))
    back = [FieldChange(path, after, before) for path, before, after in differences(other, one)]

    assert (canonical(one) != canonical(other)) == bool(there)
    assert there == back
