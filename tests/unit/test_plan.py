"""Plans: frozen, sorted, checksummed, and refusing to be unsafe."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from catalog.assets.keys import Key, Kind
from catalog.errors import InvalidPlan, UnsafePlan
from catalog.manifest.changes import Action, Document
from catalog.manifest.plan import Around, ObstacleType, Plan, Reference, as_planned, make, read_plan

NOTHING = Around({}, frozenset(), {}, {})


def table(name: str) -> Key:
    return Key(Kind.DATASET, "db", name)


def team(name: str) -> Key:
    return Key(Kind.TEAM, "", name)


def some(count: int, **fields: Any) -> dict[Key, dict[str, Any]]:
    return {table(f"t{i:03}"): {"description": f"number {i}", **fields} for i in range(count)}


def planned(
    existing: Mapping[Key, Document],
    desired: Mapping[Key, Document],
    *,
    references: Mapping[Key, Sequence[Reference]] | None = None,
    around: Around = NOTHING,
    removable: float = 0.2,
) -> Plan:
    return make("shop", "base", existing, desired, references or {}, around, removable=removable)


def test_the_order_of_documents_means_nothing() -> None:
    """The same documents in any order give the same plan and checksum; another one gives another."""
    one = planned({}, some(5))
    other = planned({}, dict(reversed(some(5).items())))

    assert one == other
    assert one.checksum == other.checksum
    assert 1 == len({one.checksum, other.checksum})
    assert one.checksum != planned({}, some(4)).checksum
    assert one.checksum != make("mart", "base", {}, some(5), {}, NOTHING).checksum
    assert one.checksum != make("shop", "", {}, some(5), {}, NOTHING).checksum


def test_a_plan_applied_leaves_nothing_to_plan() -> None:
    """What it makes of what exists is what was desired, and the second plan is empty."""
    existing, desired = some(9), {**some(8, domain="sales"), team("sales"): {}}
    plan = planned(existing, desired)
    after = as_planned(existing, plan)

    assert (1, 8, 1) == tuple(plan.count(action) for action in (Action.CREATE, Action.UPDATE, Action.REMOVE))
    assert desired == after
    assert () == planned(after, desired).changes


def test_a_plan_is_read_back_from_its_file() -> None:
    """Through JSON it stays the same plan; one that was edited is refused."""
    plan = planned(some(3), some(4, domain="x"))
    text = json.dumps(plan.to_json())

    assert plan == read_plan(json.loads(text))
    assert plan.checksum == read_plan(json.loads(text)).checksum
    for edited in (text.replace('"domain": "x"', '"domain": "y"', 1), text.replace('"base"', '"other"', 1)):
        with pytest.raises(InvalidPlan):
            read_plan(json.loads(edited))


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"headwater": "plan/v2"},
        {"headwater": "plan/v1"},
        {"headwater": "plan/v1", "manifest": 7, "base": "", "owned": 0, "removable": 0.2, "changes": []},
        {"headwater": "plan/v1", "manifest": "a", "base": "", "owned": "x", "removable": 0.2, "changes": []},
        {"headwater": "plan/v1", "manifest": "a", "base": "", "owned": 0, "removable": 0.2, "changes": [7]},
        {"headwater": "plan/v1", "manifest": "a", "base": "", "owned": 0, "removable": 0.2, "changes": {"a": 1}},
        {
            "headwater": "plan/v1",
            "manifest": "a",
            "base": "",
            "owned": 0,
            "removable": 0.2,
            "changes": [{"kind": "Datset", "namespace": "", "name": "", "before": None, "after": {}}],
        },
        {
            "headwater": "plan/v1",
            "manifest": "a",
            "base": "",
            "owned": 0,
            "removable": 0.2,
            "changes": [{"kind": "Dataset", "namespace": "", "name": "", "before": 1, "after": {}}],
        },
    ],
)
def test_what_is_no_plan_is_refused(value: Any) -> None:
    """Whatever stands in the file, the answer is one error of ours."""
    with pytest.raises(InvalidPlan):
        read_plan(value)


@pytest.mark.parametrize(
    ("owned", "left", "removable", "refused"),
    [
        (10, 5, 0.2, False),  # five are always allowed
        (10, 4, 0.2, True),
        (100, 80, 0.2, False),
        (100, 79, 0.2, True),
        (100, 79, 0.21, False),
        (3, 0, 0.2, True),  # nothing would be left: a wrong folder, most often
        (3, 0, 1.0, False),
        (0, 0, 0.2, False),
        (100, 94, 0.0, True),
        (100, 95, 0.0, False),
    ],
)
def test_only_so_much_is_removed(owned: int, left: int, removable: float, refused: bool) -> None:
    """A maximum share guards removals, five are always allowed, and all only where that is said."""
    plan = planned(some(owned), some(left), removable=removable)

    assert ([ObstacleType.TOO_MANY_REMOVALS] if refused else []) == [p.type for p in plan.obstacles]


def test_the_share_that_a_refusal_names_is_enough() -> None:
    """Who does as the message says is not refused again."""
    for owned, left in ((10, 1), (37, 3), (1_000, 700), (7, 0)):
        (obstacle,) = planned(some(owned), some(left)).obstacles
        share = float(obstacle.message.rsplit(" ", 1)[1])

        assert () == planned(some(owned), some(left), removable=share).obstacles


def test_two_manifests_cannot_claim_one_thing() -> None:
    """The error names both; what this manifest owns already, and what it removes, claims nothing."""
    around = Around({table("t000"): "mart", table("t001"): "shop"}, frozenset(), {}, {})
    plan = planned({}, some(3), around=around)
    (obstacle,) = plan.obstacles

    assert (ObstacleType.CLAIMED, table("t000")) == obstacle[:2]
    assert "'mart'" in obstacle.message and "'shop'" in obstacle.message
    with pytest.raises(UnsafePlan, match="declared by the manifests 'mart' and 'shop'"):
        plan.check()


def test_a_reference_that_nobody_declares_is_named_with_the_nearest_name() -> None:
    """Declared here or elsewhere is fine; datasets and pipelines may be known by events alone."""
    desired: dict[Key, Document] = {table("a"): {}, team("orders"): {}}
    references = {
        table("a"): [
            ("owner", team("orders")),
            ("owner", team("oders")),
            ("steward", Key(Kind.PERSON, "", "7f3a")),
            ("domain", Key(Kind.DOMAIN, "", "sale")),
            ("inputs", table("unheard of")),
        ]
    }
    around = Around({}, {Key(Kind.PERSON, "", "7f3a")}, {Kind.DOMAIN: ["sales", "sale", "hr"]}, {})  # `sale` is going
    obstacles = planned({}, desired, references=references, around=around).obstacles

    assert [ObstacleType.DANGLING] * 2 == [p.type for p in obstacles]
    assert [
        "Dataset db a: domain refers to Domain sale, which nobody declares; did you mean 'sales'?",
        "Dataset db a: owner refers to Team oders, which nobody declares; did you mean 'orders'?",
    ] == sorted(p.message for p in obstacles)


def test_what_others_refer_to_is_not_removed() -> None:
    """A team that another manifest's table names as its owner stays; a table that others read may go."""
    existing: dict[Key, Document] = {team("orders"): {}, table("a"): {}, **some(3)}
    users = [(Key(Kind.DATASET, "mart", f"d{i}"), "mart") for i in range(5)]
    around = Around({}, frozenset(), {}, {team("orders"): users, table("a"): users})
    obstacles = planned(existing, some(3), around=around).obstacles

    assert [(ObstacleType.STILL_REFERRED, team("orders"))] == [p[:2] for p in obstacles]
    assert "Dataset mart d0 of the manifest 'mart'" in obstacles[0].message and "and 2 more" in obstacles[0].message
