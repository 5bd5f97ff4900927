"""What a change reaches: by columns for certain, by tables perhaps, each by a shortest way, with deadlines."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from catalog.assets.keys import Key, Kind
from catalog.checks.consequences import ANSWER_DAYS, Change, Consequences, What, impact
from catalog.checks.snapshot import Column, ColumnEdge, Edge, Observed, Place, Snapshot, Thing, Training
from catalog.clock import DAY
from catalog.errors import InvalidQuestion

NOW = 1_000 * DAY
UNHEARD = Observed()
PEOPLE = {"personalData": {"contains": True, "subjects": ["customers"]}}


def thing(id_: str, kind: Kind, *columns: str, observed: Observed = UNHEARD, **attributes: object) -> Thing:
    """A thing whose name is its id."""
    return Thing(
        id=id_,
        key=Key(kind, "n", id_),
        attributes=attributes,
        columns={name: Column(name) for name in columns},
        observed=observed,
    )


def company() -> Snapshot:
    """`raw` is loaded into `orders`, which a dashboard shows and a model is trained on that is served."""
    made = Observed(first=0, writes=(990 * DAY, 995 * DAY, 1_000 * DAY), written=1_000 * DAY)
    version = Observed(training=(Training("orders", "training", columns=("amount",)),))
    things = [
        thing("raw", Kind.DATASET, "amount", "note", observed=made, retention={"duration": "P1001D"}, **PEOPLE),
        thing("load", Kind.PIPELINE),
        thing("orders", Kind.DATASET, "amount", "day", observed=made, owners=[{"name": "team:orders"}]),
        thing("board", Kind.DASHBOARD, quality={"freshness": "P2D"}),
        thing("churn/1", Kind.MODEL_VERSION, observed=version),
        thing("api", Kind.DEPLOYMENT, observed=Observed(serves=("churn/1",))),
        thing("aside", Kind.DATASET),
    ]
    edges = (
        Edge("raw", "load", "READS"),
        Edge("load", "orders", "WRITES"),
        Edge("orders", "board", "DERIVES_FROM"),
    )
    columns = (ColumnEdge(Place("raw", "amount"), Place("orders", "amount"), "load", "DIRECT"),)
    return Snapshot(NOW, None, 1, {one.id: one for one in things}, edges, columns)


def reached(found: Consequences) -> dict[str, bool]:
    """What is reached, and whether for certain."""
    return {one.place.thing: one.certain for one in found.reached}


def test_a_column_is_followed_by_columns_and_its_table_perhaps() -> None:
    """What column lineage and training tell is certain; what only the tables tell is said apart."""
    found = impact(company(), Change(What.DROP_COLUMN, Place("raw", "amount")))

    assert {"orders": True, "churn/1": True, "api": True, "load": False, "board": False} == reached(found)
    (orders,) = [one for one in found.reached if one.place == Place("orders", "amount")]
    assert (("team:orders",), 1_005 * DAY) == (orders.owners, orders.deadline)
    assert ["load"] == [hop.job for hop in orders.way]


def test_a_column_that_nobody_uses_reaches_nothing_for_certain() -> None:
    """Its dataset is used all the same."""
    found = impact(company(), Change(What.DROP_COLUMN, Place("raw", "note")))

    assert {"orders": False, "churn/1": False, "api": False, "load": False, "board": False} == reached(found)


def test_people_are_erased_from_wherever_their_data_went() -> None:
    """Within the time in which they have to be answered."""
    found = impact(company(), Change(What.ERASE_SUBJECTS, subjects="customers"))

    assert (Place("raw"),) == found.starts
    assert {"load", "orders", "board", "churn/1", "api"} == {one.place.thing for one in found.reached}
    assert {NOW + ANSWER_DAYS * DAY} == {one.deadline for one in found.reached}


def test_retention_ends_for_all_that_was_made_of_it() -> None:
    """When the first data reach its end."""
    found = impact(company(), Change(What.RETENTION_EXPIRY, Place("raw")))

    assert {1_001 * DAY} == {one.deadline for one in found.reached}


def test_a_source_that_goes_away_ends_what_is_fresh() -> None:
    """The datasets that name it as their source begin; a dashboard's freshness tells until when."""
    known = company()
    source = Thing("crm", Key(Kind.SOURCE, "", "crm"))
    raw = replace(known.things["raw"], document={"source": "source:crm"})
    board = replace(known.things["board"], observed=Observed(written=NOW))
    changed = replace(known, things={**known.things, "crm": source, "raw": raw, "board": board})
    found = impact(changed, Change(What.SOURCE_GONE, Place("crm")))

    assert (Place("raw"),) == found.starts
    assert [NOW + 2 * DAY] == [one.deadline for one in found.reached if one.place.thing == "board"]


@pytest.mark.parametrize(
    "change",
    [
        Change(What.DROP_COLUMN, Place("raw", "amuont")),
        Change(What.RETENTION_EXPIRY, Place("nothing")),
        Change(What.ERASE_SUBJECTS, subjects="patients"),
    ],
)
def test_what_is_not_there_cannot_change(change: Change) -> None:
    """It is said what is not there."""
    with pytest.raises(InvalidQuestion):
        impact(company(), change)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_edges_is_nothing(seed: int) -> None:
    """The same consequences, by the same ways."""
    known, rng = company(), random.Random(seed)
    change = Change(What.ERASE_SUBJECTS, subjects="customers")
    things = {id_: known.things[id_] for id_ in rng.sample(sorted(known.things), len(known.things))}
    mixed = replace(known, things=things, edges=tuple(rng.sample(known.edges, len(known.edges))))

    assert impact(known, change) == impact(mixed, change)
