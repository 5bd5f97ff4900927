"""What policies about laws see: the ways of personal data, identifiers, spans."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from catalog.assets.keys import Kind
from catalog.checks.filling.identifiers import identifiers, street
from catalog.checks.filling.known import Known
from catalog.checks.filling.lawful import moments, stated
from catalog.checks.snapshot import Snapshot
from catalog.checks.subjects import WrongSubject
from catalog.checks.subjects_of import Subjects
from catalog.manifest.durations import days
from tests.unit.checks.worlds import column, columns, flows, place, snapshot, thing

EMAIL = {"tags": [{"key": "pii/email"}]}
ORDERS = {"personalData": {"contains": True, "purposes": ["orders"]}}


def upstream(world: Snapshot, id: str) -> set[tuple[str, ...]]:
    """By name what personal data a thing is made of, with its purposes."""
    known = Known(world)
    return {(one["name"], *one["purposes"]) for one in known.upstream.of(world.things[id])}


def world(*pairs: str, **things: Any) -> Snapshot:
    ids = {end for pair in pairs for end in pair.split(" -> ")}
    made = [thing(id, Kind.PIPELINE if id.startswith("job") else Kind.DATASET, **things.get(id, {})) for id in ids]
    return snapshot(*made, edges=flows(*pairs))


def test_what_states_the_same_is_told_once_by_the_nearest() -> None:
    """Of two that say other things both are told; what was said far upstream goes through those who say nothing."""
    news: dict[str, Any] = {"personalData": {"contains": True, "purposes": ["news"]}}
    found = world("far -> job1", "job1 -> near", "near -> job2", "news -> job2", "job2 -> end", far=ORDERS, near=ORDERS)
    found = replace(found, things={**found.things, "news": thing("news", **news)})

    assert {("near", "orders"), ("news", "news")} == upstream(found, "end") == upstream(found, "job2")
    assert {("far", "orders")} == upstream(found, "near")


def test_what_states_to_hold_none_ends_the_way() -> None:
    """Unless it is found to hold some; and a circle ends, too."""
    clean = {"personalData": {"contains": False}}
    pairs = ("a -> job1", "job1 -> b", "b -> job2", "job2 -> c", "c -> job3", "job3 -> a")

    assert set() == upstream(world(*pairs, a=ORDERS, b=clean), "c")
    assert {("a", "orders")} == upstream(world(*pairs, a=ORDERS), "c")
    assert {("a", "orders")} == upstream(world(*pairs, a=ORDERS, b={**clean, **EMAIL}), "b")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"type": "DIRECT"}, {("people",)}),
        ({"type": "INDIRECT"}, set()),
        ({"masking": True, "description": "count"}, set()),
        ({"masking": True, "description": "salted sha256"}, {("people",)}),
        ({"masking": True}, {("people",)}),
    ],
)
def test_column_lineage_decides_what_is_carried(told: dict[str, Any], expected: set[tuple[str, ...]]) -> None:
    """Filters and counts carry nothing; hidden values are still about somebody."""
    people = thing("people", columns=[column("email", **EMAIL), column("country")])
    made = columns("people.email -> out.x", job="job", **told)
    found = snapshot(people, thing("out"), thing("job", Kind.PIPELINE), edges=flows("people -> job", "job -> out"))

    assert expected == upstream(replace(found, column_edges=made), "out")


def test_columns_that_tell_of_nobody_carry_nothing_but_keys_do() -> None:
    """A key of people is personal, tagged or not."""
    keyed: dict[str, Any] = {"personalData": {"subjectKey": ["id"]}}
    people = thing("people", columns=[column("email", **EMAIL), column("country"), column("id")], **keyed)
    found = snapshot(people, thing("a"), thing("b"), thing("job", Kind.PIPELINE), edges=flows("people -> job"))
    found = replace(
        found,
        edges=flows("people -> job", "job -> a", "job -> b"),
        column_edges=columns("people.country -> a.x", "people.id -> b.x", job="job"),
    )

    assert (set(), {("people",)}) == (upstream(found, "a"), upstream(found, "b"))


def test_what_has_another_form_is_no_silent_pass() -> None:
    """A member that cannot be read raises, so that the policy is an ERROR."""
    subjects = Subjects(snapshot(thing("a", retention="P2Y", document={"recipient": "Mail"})))

    for name in ("retention", "recipient"):
        with pytest.raises(WrongSubject):
            subjects.value("dataset", "dataset", name, place("a"))


@pytest.mark.parametrize(
    ("name", "type", "tags", "expected"),
    [
        ("dischargeDate", "date", (), ["C"]),
        ("date_of_birth", "text", (), ["C"]),
        ("birth_year", "int", ("pii/birth_date", "pii"), []),
        ("zip3", "text", ("pii/address", "pii"), []),
        ("zipcode", "text", (), ["B"]),
        ("mrn", "text", (), ["H"]),
        ("faxNumber", "text", (), ["E"]),
        ("client_ip", "inet", (), ["O"]),
        ("diagnosis", "text", ("pii", "pii/health"), []),
        ("anything", "text", ("pii",), ["R"]),
        ("loaded_at", "timestamp", (), []),
        ("visit_count", "int", (), []),
        ("velocity", "float", (), []),
        ("description", "text", (), []),
    ],
)
def test_identifiers_are_known_by_tags_names_and_types(
    name: str, type: str, tags: tuple[str, ...], expected: list[str]
) -> None:
    """Whole words count, no parts of words; what is coarse enough is none."""
    assert expected == identifiers(name, type, tags)


def test_a_street_is_finer_than_a_town() -> None:
    """By its name, or by its tag where the name is no town's."""
    tag = ("pii/address",)

    assert [True, True, False, False, False] == [
        *(street("street", ()), street("line1", tag), street("zip_code", tag), street("city", tag)),
        street("ip_address", ()),
    ]


def test_spans_and_days_are_numbers_and_moments() -> None:
    """A year of months is as long as a year; what is no span is none."""
    assert days("P12M") == pytest.approx(days("P1Y"))
    assert [30.0, 7.0, 0.5, None, None, None] == [days(x) for x in ("P30D", "P1W", "PT12H", "P", "two years", None)]
    assert {"a": ["2026-01-01T00:00:00Z", "soon"]} == moments({"a": ["2026-01-01", "soon"]})
    assert ["consent_scope", "purposes"] == stated({"purposes": [], "consentScope": ["a"], "phi": None})
