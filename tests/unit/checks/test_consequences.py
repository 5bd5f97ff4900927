"""What a change reaches: certain by columns, perhaps where nobody tells of them, by a shortest way, with deadlines."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from catalog.assets.keys import Key, Kind
from catalog.checks.consequences import Change, Consequences, What, impact
from catalog.checks.snapshot import Column, ColumnEdge, Edge, Observed, Place, Snapshot, Thing, Training
from catalog.clock import DAY, LAST, from_datetime, to_iso
from catalog.errors import InvalidQuestion, UnknownKey

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


def reached(found: Consequences) -> dict[str, str]:
    """What is reached, and how surely."""
    return {one.thing: str(one.sureness) for one in found.reached}


def without_columns(known: Snapshot) -> Snapshot:
    """The same without column lineage."""
    return replace(known, column_edges=())


def test_a_column_is_followed_by_columns_and_its_table_perhaps() -> None:
    """Column lineage, its job and training are certain; where no columns are told, perhaps."""
    found = impact(company(), Change(What.DROP_COLUMN, Place("raw", "amount")))

    assert {
        "orders": "CERTAIN",
        "load": "CERTAIN",
        "churn/1": "CERTAIN",
        "api": "CERTAIN",
        "board": "PERHAPS",
    } == reached(found)
    (orders,) = [one for one in found.reached if one.thing == "orders"]
    assert (("amount",), ("team:orders",), 1_005 * DAY) == (orders.columns, orders.owners, orders.deadline)
    assert ["load"] == [hop.job for hop in orders.way]
    assert [("raw", ("amount",))] == [one[:2] for one in found.starts]


def test_a_column_that_no_lineage_names_reaches_nothing_but_what_nobody_told() -> None:
    """Where the lineage of columns is told and names others it is unlikely; where it is not told, perhaps."""
    drop = Change(What.DROP_COLUMN, Place("raw", "note"))
    told, untold = impact(company(), drop), impact(without_columns(company()), drop)

    assert dict.fromkeys(["load", "orders", "board", "churn/1", "api"], "UNLIKELY") == reached(told)
    assert dict.fromkeys(["load", "orders", "board", "churn/1", "api"], "PERHAPS") == reached(untold)


def test_a_filter_needs_its_column_and_holds_nobody() -> None:
    """What decides about rows breaks without the column; data of people do not arrive by it."""
    known = company()
    filtered = (ColumnEdge(Place("raw", "note"), Place("orders"), "load", "INDIRECT", "FILTER"),)
    world = replace(known, column_edges=(*known.column_edges, *filtered))

    assert "CERTAIN" == reached(impact(world, Change(What.DROP_COLUMN, Place("raw", "note"))))["orders"]
    world = replace(world, column_edges=filtered)
    assert "UNLIKELY" == reached(impact(people_in(world, "note"), ERASE))["orders"]


def test_what_is_inside_a_column_goes_with_it() -> None:
    """And what is made of a column needs what is inside of it."""
    known = company()
    raw = thing("raw", Kind.DATASET, "user", "user.mail")
    columns = (ColumnEdge(Place("raw", "user.mail"), Place("orders", "amount"), "load", "DIRECT"),)
    world = replace(known, things={**known.things, "raw": raw}, column_edges=columns)
    whole = replace(world, column_edges=(columns[0]._replace(source=Place("raw", "user")),))

    assert "CERTAIN" == reached(impact(world, Change(What.DROP_COLUMN, Place("raw", "user"))))["orders"]
    assert "CERTAIN" == reached(impact(whole, Change(What.DROP_COLUMN, Place("raw", "user.mail"))))["orders"]


ERASE = Change(What.ERASE_SUBJECTS, subjects="customers")


def people_in(known: Snapshot, *key: str) -> Snapshot:
    """The same, with columns of `raw` that tell whose a row is."""
    stated = {"personalData": {"contains": True, "subjects": ["customers"], "subjectKey": list(key)}}
    raw = known.things["raw"]
    return replace(known, things={**known.things, "raw": replace(raw, attributes=stated)})


def masked(known: Snapshot, description: str) -> Snapshot:
    """The same, with the one column edge masked."""
    (edge,) = known.column_edges
    return replace(known, column_edges=(edge._replace(masking=True, description=description),))


def test_people_are_erased_from_wherever_their_key_went() -> None:
    """Hashed, it is theirs still; where no value is left it is not. A month is given, by the calendar."""
    known = people_in(company(), "amount")
    plain, hashed, nothing = (impact(world, ERASE) for world in (known, masked(known, "md5"), masked(known, "nullify")))

    assert [("raw", ("amount",))] == [one[:2] for one in plain.starts]
    assert {
        "orders": "CERTAIN",
        "load": "CERTAIN",
        "churn/1": "CERTAIN",
        "api": "CERTAIN",
        "board": "PERHAPS",
    } == reached(plain)
    assert reached(plain) == reached(hashed)
    assert {"UNLIKELY"} == set(reached(nothing).values())
    assert {from_datetime(datetime(1972, 10, 27, tzinfo=UTC))} == {one.deadline for one in plain.reached}
    assert "Art. 12(3)" in plain.reached[0].because


def test_people_without_a_key_are_perhaps_in_all_that_is_made() -> None:
    """Any column may be theirs; a steward's stop and a statement that nothing is there keep them out."""
    known = without_columns(company())
    none = thing("orders", Kind.DATASET, personalData={"contains": False})
    stopped = thing("orders", Kind.DATASET, propagation=[{"name": "pii", "value": "STOP"}])

    assert {"PERHAPS"} == set(reached(impact(known, ERASE)).values())
    for orders in (none, stopped):
        found = impact(replace(known, things={**known.things, "orders": orders}), ERASE)
        assert {"load": "PERHAPS", "orders": "UNLIKELY", "board": "UNLIKELY"}.items() <= reached(found).items()


def test_retention_ends_for_all_that_was_made_of_it() -> None:
    """When the oldest data reach its end; they are no older than when the dataset was emptied."""
    known = company()
    raw = known.things["raw"]
    emptied = replace(raw, observed=replace(raw.observed, dropped=30 * DAY))
    untold = replace(raw, attributes={})
    endless = replace(raw, attributes={"retention": {"duration": "P999999999D"}})
    worlds = [replace(known, things={**known.things, "raw": one}) for one in (raw, emptied, untold, endless)]
    found = [impact(world, Change(What.RETENTION_EXPIRY, Place("raw"))) for world in worlds]

    assert [{1_001 * DAY}, {1_031 * DAY}, {None}, {LAST}] == [{one.deadline for one in each.reached} for each in found]
    assert "its oldest data, there since 1970-01-01, reach the end of P1001D" == found[0].reached[0].because
    assert "9999-12-31T23:59:59.999999Z" == to_iso(LAST)
    assert ("no retention is stated of Dataset n raw, so that no deadline follows",) == found[2].untold


def test_a_source_that_goes_away_ends_what_is_fresh() -> None:
    """The datasets that name it as their source begin; a dashboard's freshness tells until when."""
    known = company()
    source = Thing("crm", Key(Kind.SOURCE, "", "crm"))
    raw = replace(known.things["raw"], document={"source": "source:crm"})
    board = replace(known.things["board"], observed=Observed(written=NOW))
    changed = replace(known, things={**known.things, "crm": source, "raw": raw, "board": board})
    found = impact(changed, Change(What.SOURCE_GONE, Place("crm")))
    nothing = impact(replace(known, things={**known.things, "crm": source}), Change(What.SOURCE_GONE, Place("crm")))

    assert ["raw"] == [one.thing for one in found.starts]
    assert {"CERTAIN"} == set(reached(found).values())
    assert [NOW + 2 * DAY] == [one.deadline for one in found.reached if one.thing == "board"]
    assert ((), (), ("nothing that is known is kept in Source crm",)) == (
        nothing.starts,
        nothing.reached,
        nothing.untold,
    )


def test_who_answers_is_of_the_thing_its_model_or_its_domain() -> None:
    """Nobody has to look further."""
    known = company()
    domain = thing("sales", Kind.DOMAIN, owners=[{"name": "team:sales"}])
    model = thing("churn", Kind.MODEL, owners=[{"name": "team:ml"}])
    things = {
        **known.things,
        "sales": replace(domain, key=Key(Kind.DOMAIN, "", "sales")),
        "churn": model,
        "board": thing("board", Kind.DASHBOARD, domain="domain:sales/emea"),
    }
    found = impact(replace(known, things=things), Change(What.RETENTION_EXPIRY, Place("raw")))
    owners = {one.thing: one.owners for one in found.reached}

    assert (("team:sales",), ("team:ml",), ("team:orders",)) == (owners["board"], owners["churn/1"], owners["orders"])


def test_what_is_not_made_any_more_has_no_next_time() -> None:
    """What is late is due now; what has stopped has no deadline."""
    for now, expected in ((1_007 * DAY, 1_007 * DAY), (1_100 * DAY, None)):
        found = impact(replace(company(), at=now), Change(What.DROP_COLUMN, Place("raw", "amount")))
        assert [expected] == [one.deadline for one in found.reached if one.thing == "orders"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change(What.DROP_COLUMN, Place("raw", "amuont")), "did you mean amount"),
        (Change(What.RETENTION_EXPIRY, Place("nothing")), "no such thing"),
        (Change(What.ERASE_SUBJECTS, subjects="custmers"), "did you mean customers"),
        (Change(What.ERASE_SUBJECTS, subjects="xyz"), "there are customers"),
    ],
)
def test_what_is_not_there_cannot_change(change: Change, words: str) -> None:
    """It is said what is not there, and what is near."""
    with pytest.raises(UnknownKey, match=words):
        impact(company(), change)


def test_nothing_follows_from_a_team() -> None:
    """Data do not flow from it."""
    known = company()
    team = thing("t", Kind.TEAM)
    with pytest.raises(InvalidQuestion, match="do not flow from a Team"):
        impact(replace(known, things={**known.things, "t": team}), Change(What.SOURCE_GONE, Place("t")))


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_edges_is_nothing(seed: int) -> None:
    """The same consequences, by the same ways."""
    known, rng = company(), random.Random(seed)
    things = {id_: known.things[id_] for id_ in rng.sample(sorted(known.things), len(known.things))}
    mixed = replace(known, things=things, edges=tuple(rng.sample(known.edges, len(known.edges))))

    assert impact(known, ERASE) == impact(mixed, ERASE)
