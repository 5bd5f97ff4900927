"""An import gives way to other manifests, says so, and stops at all else."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.assets.keys import Key, Kind
from catalog.errors import InvalidQuestion
from catalog.imports.adapting import check_leave, fit, left, without

TABLE = Key(Kind.DATASET, "db", "orders")
TEAM, OTHER = Key(Kind.TEAM, "", "orders"), Key(Kind.TEAM, "", "sales")
TAG = Key(Kind.TAG, "", "pii/email")
DOCUMENTS: dict[Key, dict[str, Any]] = {
    TABLE: {
        "kind": "Dataset",
        "namespace": "db",
        "name": "orders",
        "description": "team:orders looks after it",
        "owners": ["team:orders", "team:sales"],
        "fields": [{"name": "mail", "tags": ["tag:pii/email"]}],
        "contract": "contract:orders",
        "custom": {"dbt": {"meta": {"asked": "team:orders"}}},
    },
    TEAM: {"kind": "Team", "name": "orders"},
    OTHER: {"kind": "Team", "name": "sales"},
    TAG: {"kind": "Tag", "name": "pii/email"},
}


def obstacle(type_: str, key: Key, message: str) -> dict[str, Any]:
    return {"type": type_, "key": str(key), "message": message}


def plan(*obstacles: dict[str, Any], changes: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {"obstacles": list(obstacles), "changes": list(changes)}


def test_what_is_left_is_not_declared() -> None:
    """By its kind or by its reference; nothing else goes."""
    assert {TABLE, TAG} == set(left(DOCUMENTS, ["Team"]))
    assert {TABLE, TEAM, OTHER} == set(left(DOCUMENTS, ["tag:pii/email"]))
    assert DOCUMENTS == left(DOCUMENTS, [])


def test_what_another_manifest_declares_is_left_to_it() -> None:
    """References to it stay: it is declared, only not here."""
    said = "Team orders is declared by the manifests 'house' and 'dbt:shop'; one thing has one manifest: remove it"

    found = fit(DOCUMENTS, plan(obstacle("CLAIMED", TEAM, said)), [])

    assert {TABLE, OTHER, TAG} == set(found.documents)
    assert DOCUMENTS[TABLE] == found.documents[TABLE]
    assert [("Team orders", "Team orders is declared by the manifests 'house' and 'dbt:shop'")] == found.skipped


def test_a_reference_to_what_is_left_and_nobody_declares_is_left_out() -> None:
    """Only references: words that look like one stay as they are written, and so do all other references."""
    leave = ["team:orders", "Tag"]
    said = "Dataset db orders: owner refers to Team orders, which nobody declares; declare it"

    found = fit(left(DOCUMENTS, leave), plan(obstacle("DANGLING", TABLE, said)), leave)

    assert {
        **DOCUMENTS[TABLE],
        "owners": ["team:sales"],
        "fields": [{"name": "mail", "tags": []}],
    } == found.documents[TABLE]
    assert ["owner refers to Team orders, which nobody declares; declare it"] == [why for _, why in found.skipped]


def test_a_single_reference_goes_with_its_field() -> None:
    """A field that is one reference is not said at all."""
    assert "contract" not in without(DOCUMENTS[TABLE], ["Contract"])


def test_what_others_refer_to_stays() -> None:
    """As it was declared: else no import could run until somebody changed the other manifest."""
    gone = Key(Kind.TAG, "", "old")
    change = {"kind": "Tag", "namespace": "", "name": "old", "before": {"kind": "Tag", "name": "old"}, "after": None}
    said = "Tag old cannot be removed: Dataset db a of the manifest 'house' refer to it; change them first"

    found = fit(DOCUMENTS, plan(obstacle("STILL_REFERRED", gone, said), changes=(change,)), [])

    assert {**DOCUMENTS, gone: {"kind": "Tag", "name": "old"}} == found.documents
    assert ["removal of Tag old"] == [what for what, _ in found.skipped]


def test_all_else_is_for_people() -> None:
    """Too many removals, references to what was never left: nothing changes, nothing is skipped that could hide it."""
    dangling = obstacle("DANGLING", TABLE, "Dataset db orders: owner refers to Team lost, which nobody declares")
    many = {"type": "TOO_MANY_REMOVALS", "key": None, "message": "9 of 10 entities would be removed"}

    assert DOCUMENTS == fit(DOCUMENTS, plan(dangling, many), []).documents
    assert [] == fit(DOCUMENTS, plan(many), []).skipped


def test_what_is_left_must_be_something() -> None:
    """A slip in a kind's name would leave nothing to anybody, in silence."""
    check_leave(["Team", "tag:pii/email", "Dataset"])
    for wrong in ("Teem", "team", "teem:orders", "dataset:x", ""):
        with pytest.raises(InvalidQuestion, match=f"--leave {wrong}: is neither a kind"):
            check_leave([wrong])
