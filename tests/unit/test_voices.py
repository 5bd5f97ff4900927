"""What documents, people and events say of attributes, in one form."""

from __future__ import annotations

from catalog.assets.attributes import member_key
from catalog.lineage.facets.known import DATASET, JOB
from catalog.manifest.voices import Said, said_by_person, said_in_document, said_in_facet

PII = {"key": "pii/email"}
TEAM = {"name": "team:orders"}


def test_one_member_is_one_whoever_names_it() -> None:
    """A manifest's, a person's and a producer's spelling of a tag and of an owner have one identity."""
    document = {"owners": ["team:orders"], "tags": ["tag:pii/email"]}
    owner = {"owners": [{"name": "team:orders", "type": "MAINTAINER"}]}
    told = [
        *said_in_document(document),
        said_by_person("owners", "", "team:orders", True),
        said_by_person("tags", "", "pii/email", True),
        said_by_person("tags", "", "", "tag:pii/email"),
        *said_in_facet(JOB, "ownership", owner),
        *said_in_facet(DATASET, "tags", {"tags": [{"key": "pii/email", "source": "DBT"}]}),
    ]

    assert {("owners", "team:orders"), ("tags", "pii/email")} == {(s.attribute, member_key(s.value)) for s in told}
    assert 2 + 3 + 2 == len(told)


def test_a_document_says_what_it_states_of_the_whole_and_of_columns() -> None:
    """Fields that it leaves out are not said; a tag may have a value."""
    document = {
        "kind": "Dataset",
        "name": "orders",
        "critical": False,
        "classification": "restricted",
        "retention": {"duration": "P2Y"},
        "tags": [{"tag": "tag:keep", "value": "30d"}],
        "links": [{"name": "wiki", "url": "https://x/y"}],
        "fields": [{"name": "a.b", "description": "words", "tags": ["tag:pii/email"]}, {"name": "c"}],
    }

    assert [
        Said("classification", "", "restricted"),
        Said("critical", "", False),
        Said("description", "a.b", "words"),
        Said("links", "", {"name": "wiki", "url": "https://x/y"}),
        Said("retention", "", {"duration": "P2Y"}),
        Said("tags", "", {"key": "keep", "value": "30d"}),
        Said("tags", "a.b", PII),
    ] == sorted(said_in_document(document), key=lambda said: said[:2])


def test_an_event_says_what_its_facets_say() -> None:
    """Words, owners that are not masked, tags of the whole and of columns; a tag may give the classification."""
    tags = [{"key": "pii/email", "field": "mail"}, {"key": "Classification", "value": "internal"}]

    assert [Said("description", "", "words")] == list(said_in_facet(DATASET, "documentation", {"description": "words"}))
    assert [Said("owners", "", TEAM)] == list(said_in_facet(JOB, "ownership", {"owners": [TEAM, {"name": "***"}]}))
    assert [
        Said("tags", "mail", PII),
        Said("tags", "", {"key": "Classification", "value": "internal"}),
        Said("classification", "", "internal"),
    ] == list(said_in_facet(DATASET, "tags", {"tags": tags}))
    assert [] == list(said_in_facet(DATASET, "schema", {"fields": []}))


def test_a_person_says_a_value_or_a_member() -> None:
    """The value of a member tells more of it; true tells nothing more."""
    assert Said("description", "a", "words") == said_by_person("description", "a", "", "words")
    assert Said("tags", "", {"key": "keep", "value": "30d"}) == said_by_person("tags", "", "keep", "30d")
    assert Said("owners", "", {**TEAM, "type": "X"}) == said_by_person("owners", "", "team:orders", {"type": "X"})
    assert Said("links", "", {"url": "https://x"}) == said_by_person("links", "", "https://x", True)


def test_documents_that_are_not_what_they_should_be_say_less() -> None:
    """Documents are checked at the door; a reader does not fail on one that was accepted by another version."""
    assert [] == list(said_in_document({"owners": "team:x", "fields": [1, {}], "tags": None}))
