"""What is suggested: from whom it is, what decides, and what is never suggested again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from catalog.assets.keys import Key, Kind
from catalog.checks.classification.names import guess, guess_in_words
from catalog.checks.classification.propagate import propagate
from catalog.checks.classification.suggest import Evidence, suggestions
from catalog.checks.classification.types import Values, values_of
from catalog.checks.snapshot import Column, Place, Snapshot, Thing
from catalog.identity import Name
from catalog.manifest.voices import Said, accepted, said_by_person
from tests.unit.checks.catalogs import catalog, edge, said

CUSTOMERS = Name("db", "shop.customers")


def dataset(columns: dict[str, dict[str, Any]], types: dict[str, str] | None = None, **attributes: Any) -> Snapshot:
    """A snapshot of one dataset."""
    made = {name: Column(name, (types or {}).get(name), about) for name, about in columns.items()}
    thing = Thing("c", Key(Kind.DATASET, *CUSTOMERS), names=(CUSTOMERS,), attributes=attributes, columns=made)
    return Snapshot(0, None, 0, {"c": thing})


def found(snapshot: Snapshot) -> list[tuple[str, str, str]]:
    """Column, tag and evidence of each suggestion."""
    return [(one.place.column, one.tag, one.evidence.value) for one in suggestions(snapshot)]


def test_names_descriptions_and_types() -> None:
    """A name suggests, a type that does not fit forbids, a description suggests where the name does not."""
    snapshot = dataset(
        {
            "email": {},
            "is_email_verified": {},
            "email_at": {},
            "contact": {"description": "The date of birth, as the customer gave it."},
            "name": {},
        },
        {"email": "varchar(200)", "is_email_verified": "boolean", "email_at": "timestamp", "name": "text"},
    )

    assert [
        ("contact", "pii/birth_date", "NAME"),
        ("email", "pii/email", "NAME"),
        ("name", "pii/name", "NAME"),
    ] == found(snapshot)
    assert None is guess("name", "text", "shop.products")
    assert None is guess_in_words("Number of phones sold.")


def test_words_of_others_come_first() -> None:
    """dbt's meta, a contract's classification and other tags: declared, so the strongest evidence."""
    snapshot = dataset(
        {"x": {}, "y": {"tags": [{"key": "PII.Email"}]}, "z": {}, "email": {}, "w": {}},
        custom={
            "dbt": {
                "columns": {
                    "x": {"contains_pii": True},
                    "email": {"pii_type": "email"},
                    "w": {"contains_pii": False, "classification": "restricted"},
                }
            }
        },
    )
    document = {
        "schema": [
            {
                "dataset": {"namespace": "db", "name": "shop.customers"},
                "properties": [{"name": "z", "classification": "confidential", "tags": ["pii"]}],
            }
        ]
    }
    contract = Thing("k", Key(Kind.CONTRACT, "", "customers"), document=document)
    snapshot = replace(snapshot, things={**snapshot.things, "k": contract})

    assert [
        ("email", "pii/email", "DECLARED"),
        ("w", "classification/restricted", "DECLARED"),
        ("x", "pii", "DECLARED"),
        ("y", "pii/email", "DECLARED"),
        ("z", "classification/confidential", "DECLARED"),
        ("z", "pii", "DECLARED"),
    ] == sorted(found(snapshot))
    (email,) = [one for one in suggestions(snapshot) if one.place.column == "email"]
    assert ("dbt's meta has pii_type: email", "its name has “email”") == email.reasons


def test_values_count_before_names() -> None:
    """A sample that has the form of an address says more than a name."""
    snapshot = dataset({"contact": {}})
    values = {Place("c", "contact"): [f"{n}@example.com" for n in range(5)]}

    (one,) = suggestions(snapshot, samples=values)
    assert ("pii/email", Evidence.VALUE) == (one.tag, one.evidence)


def test_what_is_said_or_decided_is_not_suggested() -> None:
    """Declared, narrower, accepted, rejected, denied: nothing is left to ask."""
    rejected = {"suggestions": [{"name": "pii/email", "value": "REJECTED"}]}
    wider = {"suggestions": [{"name": "pii", "value": "REJECTED"}]}

    for about in (said("pii/email"), said("pii/email/work"), rejected, wider, {"personalData": {"contains": False}}):
        assert [] == found(dataset({"email": about}))
    assert [] == found(dataset({"email": {"tags": [{"key": "pii", "value": "false"}]}}))
    assert [("email", "pii/email", "NAME")] == found(dataset({"email": said("pii/phone")}))


def test_what_arrives_is_suggested_last() -> None:
    """A column that has a tag by its lineage may be given it; with a name that says so, the name is the evidence."""
    snapshot = catalog(
        {"a.x": said("pii/email"), "b.y": said(), "b.email": said()}, edge("a.x > b.y"), edge("a.x > b.email")
    )

    assert [
        ("email", "pii/email", Evidence.NAME, ("its name has “email”", "arrives along the lineage")),
        ("y", "pii/email", Evidence.PROPAGATED, ("arrives along the lineage",)),
    ] == [(one.place.column, one.tag, one.evidence, one.reasons) for one in suggestions(snapshot, propagate(snapshot))]


def test_accepting_is_saying_the_tag() -> None:
    """An accepted suggestion is a tag, or a level, by that person; a rejection is neither."""

    def says(item: str, value: str) -> Said | None:
        return accepted(said_by_person("suggestions", "email", item, value))

    assert Said("tags", "email", {"key": "pii/email"}) == says("pii/email", "ACCEPTED")
    assert Said("classification", "email", "restricted") == says("classification/restricted", "ACCEPTED")
    assert None is says("pii/email", "REJECTED")
    assert None is accepted(said_by_person("tags", "email", "pii/email", True))


def test_types_have_classes() -> None:
    """However sources spell them; one that nobody knows vetoes nothing."""
    spelled = [
        "VARCHAR(10)",
        "int4",
        "timestamp with time zone",
        "struct<a:string>",
        "bool",
        "bytea",
        "Phone",
        "",
        None,
    ]

    assert [
        *(Values.TEXT, Values.NUMBER, Values.DATE, Values.COMPLEX, Values.BOOLEAN, Values.BINARY),
        *(Values.UNKNOWN, Values.UNKNOWN, Values.UNKNOWN),
    ] == [values_of(text) for text in spelled]
    assert "email" == getattr(guess("email", None), "category", None)
