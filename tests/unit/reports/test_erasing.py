"""What data of people reach, and in which order they are erased: laws over random lineage, and the company's plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.assets.keys import Kind
from catalog.checks.classification.propagate import propagate
from catalog.checks.erasing import Held
from catalog.checks.snapshot import ColumnEdge, Edge, Place, Snapshot, Thing
from catalog.errors import InvalidQuestion
from catalog.reports.contents.erasing import closure, in_order
from catalog.reports.contents.view import View
from tests.unit.reports import company
from tests.unit.reports.asked import changed, fact, made, table
from tests.unit.reports.building import declared, key

NAMES = "abcdef"
COLUMNS = ("k", "m")
Link = tuple[str, str, str, str, bool]
links = st.lists(
    st.tuples(*(st.sampled_from(choice) for choice in (NAMES, COLUMNS, NAMES, COLUMNS)), st.booleans()), max_size=12
)


def thing(name: str, **document: Any) -> Thing:
    of = key(Kind.DATASET, name, "db")
    return declared({"kind": "Dataset", "namespace": "db", "name": name, **document}, of, None, k="int", m="int")


def told(edges: Iterable[tuple[str, str]], columns: Iterable[Link], start: str = "a") -> tuple[View, dict[str, Thing]]:
    """Datasets `a` to `f`; `a` has a subject key `k`. Of a link the last says whether the value goes on."""
    things = {name: thing(name) for name in NAMES if name != start}
    things[start] = thing(start, personalData={"contains": True, "subjectKey": ["k"]})
    ids = {name: one.id for name, one in things.items()}
    seen = Snapshot(
        *(0, None, 1, {one.id: one for one in things.values()}),
        tuple(Edge(ids[one], ids[other], "DERIVES_FROM") for one, other in sorted(set(edges)) if one != other),
        tuple(
            ColumnEdge(Place(ids[one], column), Place(ids[other], into), "", "DIRECT" if goes else "INDIRECT", "")
            for one, column, other, into, goes in sorted(set(columns))
            if one != other
        ),
    )
    return View(seen, propagate(seen)), things


@given(links)
@settings(max_examples=60, deadline=None)
def test_where_columns_are_known_a_key_reaches_what_its_values_reach(columns: list[Link]) -> None:
    """All that the key's values reach by direct steps, and nothing else."""
    view, things = told([], columns)
    reached = {("a", "k")}
    while more := {(o, i) for f, c, o, i, goes in columns if goes and f != o and (f, c) in reached} - reached:
        reached |= more

    found = closure(view, [things["a"]])

    assert {things[name].id for name, _ in reached} == found.reached.keys()
    assert {Held.KEY} == {one.held for one in found.reached.values()}


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=10))
@settings(max_examples=60, deadline=None)
def test_where_no_columns_are_known_everything_downstream_perhaps_holds_them(edges: list[tuple[str, str]]) -> None:
    """Nothing is taken for clean because nobody tells."""
    view, things = told(edges, [])
    reached = {"a"}
    while more := {other for one, other in edges if one in reached} - reached:
        reached |= more

    found = closure(view, [things["a"]])

    assert {things[name].id for name in reached} == found.reached.keys()
    assert {id: Held.PERHAPS for id in found.reached.keys() - {things["a"].id}} == {
        id: one.held for id, one in found.reached.items() if id != things["a"].id
    }


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=12))
@settings(max_examples=60, deadline=None)
def test_sources_come_before_what_is_made_of_them(edges: list[tuple[str, str]]) -> None:
    """Everything has one place in the order; where there is no circle, every source stands before."""
    view, things = told(edges, [])
    found = closure(view, [things["a"]])
    order = in_order(view, found)
    acyclic = [(one, other) for one, other in edges if one < other]
    straight, ordered = told(acyclic, [])

    assert sorted(found.reached) == sorted(order)
    found = closure(straight, [ordered["a"]])
    place = {id: at for at, id in enumerate(in_order(straight, found))}
    for one, other in acyclic:
        if ordered[one].id in place:
            assert place[ordered[one].id] < place[ordered[other].id]


def test_anonymous_results_and_what_is_stated_to_hold_nothing_are_left_out_and_named() -> None:
    """The totals by month are told apart from the plan, with the reason."""
    report = made("erasure-plan", subjects="patients")

    assert [("visits_by_month", "somebody states that it holds no personal data", "visits")] == [
        row[:3] for row in table(report, "Not in the plan")
    ]
    assert "visits_by_month" not in {row[1] for row in table(report, "Steps in their order")}


def test_a_plan_is_complete_once_every_method_is_stated_and_nothing_is_guessed() -> None:
    """What is missing keeps it open: each missing method, each reason, each guess."""
    seen = company.snapshot()
    told = {"contains": True, "subjects": ["patients"], "erasure": "delete"}
    ids = [company.dataset(name) for name in ("noshow_training", "patient_events")]
    things = [replace(seen.things[id], attributes={**seen.things[id].attributes, "personalData": told}) for id in ids]

    open_, closed = made("erasure-plan"), made("erasure-plan", changed(seen, *things))

    assert ["no", "yes"] == [fact(report, "The plan can be carried out as it stands") for report in (open_, closed)]


def test_a_dataset_of_other_people_passes_its_own_key_on_to_nobody() -> None:
    """A key that is stated for other people is not followed, though some of the data arrive there."""
    view, things = told([], [("a", "k", "b", "k", True), ("b", "m", "c", "m", True)])
    people = {"contains": True, "subjects": ["customers"], "subjectKey": ["k"]}
    staff = {"contains": True, "subjects": ["staff"], "subjectKey": ["m"]}
    seen = changed(view.snapshot, thing("a", personalData=people), thing("b", personalData=staff))
    view = View(seen, propagate(seen))

    assert {things["a"].id, things["b"].id} == closure(view, [seen.things[things["a"].id]]).reached.keys()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "needs `subjects` or `dataset`. `subjects`: The category of people"),
        ({"subjects": "patient"}, "holds data of 'patient'; did you mean patients?"),
        ({"dataset": "patint_360"}, "there is no dataset 'patint_360'; did you mean patient_360"),
        ({"dataset": "audience", "subjects": "patients"}, "audience does not state that it holds data of 'patients'"),
    ],
)
def test_a_plan_for_nobody_is_refused(asked: dict[str, str], words: str) -> None:
    """Errors say what is known instead."""
    with pytest.raises(InvalidQuestion, match=words.replace("?", r"\?")):
        made("erasure-plan", **(asked or {"subjects": "", "dataset": ""}))


def test_a_key_that_no_schema_knows_is_a_key() -> None:
    """Where data begin they are, though nobody told the columns; what is made of them perhaps holds them."""
    of = [key(Kind.DATASET, name, "db") for name in ("people", "letters")]
    stated = {"contains": True, "subjectKey": ["id"]}
    people, letters = (
        declared({"kind": "Dataset", "namespace": "db", "name": one.name, **told}, one)
        for one, told in zip(of, ({"personalData": stated}, {}), strict=True)
    )
    edges = (Edge(people.id, letters.id, "DERIVES_FROM"),)
    seen = Snapshot(0, None, 1, {one.id: one for one in (people, letters)}, edges)
    found = closure(View(seen, propagate(seen)), [people]).reached

    assert {people.id: (Held.KEY, ["id"]), letters.id: (Held.PERHAPS, [])} == {
        id: (one.held, one.columns) for id, one in found.items()
    }


def test_what_became_of_requests_stands_beside_the_plan() -> None:
    """Each leaf with its status, what is not listed, and what a run wrote again from a source that is not erased."""
    visits = {"namespace": company.WAREHOUSE, "name": "visits"}
    billing = {"namespace": company.WAREHOUSE, "name": "billing"}
    document: dict[str, Any] = {
        **{"kind": "ErasureRequest", "name": "er-7", "received": "2026-01-20", "owner": "team:care"},
        **{"subjects": ["patients"], "recipients": [{"name": "Mailing service", "at": "2026-02-01"}]},
        "leaves": [
            {"asset": visits, "status": "DONE", "at": "2026-02-10"},
            {"asset": billing, "status": "EXEMPT", "reason": "legal_obligation"},
            {"asset": {"namespace": company.DB, "name": "patients"}, "status": "OPEN"},
        ],
    }
    other: dict[str, Any] = {**document, "name": "er-8", "subjects": ["doctors"], "leaves": []}
    asked = (declared(one, key(Kind.ERASURE_REQUEST, one["name"])) for one in (document, other))
    report = made("erasure-plan", changed(company.snapshot(), *asked))
    rows = table(report, "Leaves of the requests")

    assert [("er-7", "2026-01-20 00:00:00 UTC", "2026-02-20 00:00:00 UTC", "no", 1, 1, 1)] == [
        row[:7] for row in table(report, "Requests")
    ]
    assert {
        "billing": ("exempt", None, "legal obligation"),
        "patients": ("open", None, None),
        "visits": ("done", "2026-02-10 00:00:00 UTC", None),
    } == {row[1]: row[2:5] for row in rows if row[2] != "not listed"}
    assert {row[1] for row in table(report, "Steps in their order")} == {
        row[1] for row in rows if not str(row[1]).startswith("noshow/")
    }
    assert [("er-7", "visits", "patients")] == [row[:3] for row in table(report, "Data that may have come back")]
