"""What producers say of personal data: read as far as it goes, and never more than was said."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from catalog.lineage.facets.known import DATASET, JOB, read_facet
from catalog.lineage.facets.privacy import BASES, CONDITIONS, CONVENTION, PROCESSING
from catalog.manifest.documents.blocks import Article9, LegalBasis
from catalog.manifest.voices import Said, said_in_facet
from tests.privacy_cases import CLASSIFIED, EMITTED, INVOICING

WRONG: dict[str, tuple[str, Any, Any, list[str]]] = {
    "nothing": (PROCESSING, {"_producer": "x"}, None, ["purposes: neither they nor anything else is said"]),
    "a basis of its own": (
        PROCESSING,
        {"purposes": ["x"], "legalBasis": "because"},
        {"purposes": ["x"]},
        ["legalBasis: 'because' is none of " + ", ".join(BASES) + ", left out"],
    ),
    "one purpose as text": (
        PROCESSING,
        {"purposes": "x", "legalBasis": "consent"},
        {"legalBasis": "consent"},
        ["purposes: a JSON string instead of an array, left out"],
    ),
    "no text among them": (
        PROCESSING,
        {"purposes": [7], "subjects": []},
        {"subjects": []},
        ["purposes[0]: a JSON number instead of a string, left out"],
    ),
    "somebody else's facet": (CONVENTION, {"engine": "spark"}, None, []),
    "no purpose": (CONVENTION, {"purpose": "", "legal_basis": "consent"}, {"legalBasis": "consent"}, []),
}


@pytest.mark.parametrize(("key", "facet", "block", "said"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_used_is_said(key: str, facet: Any, block: Any, said: list[str]) -> None:
    """The rest is read; a facet of the unprefixed name that says something else is nobody's fault."""
    warnings: list[str] = []
    read = read_facet(JOB, key, facet, "", warnings)

    assert block == (read and read.block())
    assert [f"{key}.{one}" for one in said] == warnings


def test_words_are_those_of_documents() -> None:
    """What an event says and what a manifest says can be compared, and overrule each other."""
    assert get_args(LegalBasis) == BASES
    assert get_args(Article9) == CONDITIONS


def test_a_job_says_what_for() -> None:
    """As the block `personalData` of a document would: stated, even where none is stated."""
    told = {"purposes": ["bookkeeping", "invoicing"], "legalBasis": "contract", "categories": ["contact"]}

    assert [Said("personalData", "", {**told, "subjects": ["customers"], "specialCategories": []})] == list(
        said_in_facet(JOB, PROCESSING, INVOICING)
    )
    assert [
        Said("personalData", "", {"purposes": ["customer-administration"], "legalBasis": "legitimate_interests"})
    ] == list(said_in_facet(JOB, CONVENTION, EMITTED))


def test_tags_of_a_dataset_say_whose_where_and_how_long() -> None:
    """Beside being tags; a dataset's own count for it, a column's for the column, and a job's are tags alone."""
    of_column = [{**CLASSIFIED[0], "field": "mail"}, {**CLASSIFIED[2], "field": "mail"}]
    whole = list(said_in_facet(DATASET, "tags", {"tags": CLASSIFIED}))
    column = list(said_in_facet(DATASET, "tags", {"tags": of_column}))

    assert [
        Said("personalData", "", {"categories": ["contact"], "subjects": ["customer"]}),
        Said("location", "", {"jurisdiction": "EEA"}),
        Said("retention", "", {"duration": "P7Y"}),
    ] == [said for said in whole if said.attribute != "tags"]
    assert [tag["key"] for tag in CLASSIFIED] == [said.value["key"] for said in whole if said.attribute == "tags"]
    assert [Said("personalData", "mail", {"categories": ["contact"]})] == [s for s in column if s.attribute != "tags"]
    assert {"tags"} == {said.attribute for said in said_in_facet(JOB, "tags", {"tags": CLASSIFIED})}


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("residency", "DE", {"location": {"country": "DE"}}),
        ("residency", "uk", {"location": {"country": "GB"}}),
        ("Residency", "eu-central-1", {"location": {"region": "eu-central-1"}}),
        ("retention", "30 days", {}),
        ("retention", "P30D", {"retention": {"duration": "P30D"}}),
        ("retention", "PT12H", {"retention": {"duration": "PT12H"}}),
        ("retention", "P", {}),
        ("data_category", " ", {}),
        ("data_category", "None", {"personalData": {"categories": []}}),
    ],
)
def test_each_tag_says_as_much_as_is_certain(key: str, value: str, said: dict[str, Any]) -> None:
    """A country, a jurisdiction or else a region; a span only where it is a duration of ISO-8601; `none` is none."""
    told = said_in_facet(DATASET, "tags", {"tags": [{"key": key, "value": value}]})

    assert said == {one.attribute: one.value for one in told if one.attribute != "tags"}
