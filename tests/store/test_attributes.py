"""What manifests, people and events say of one thing, side by side, at any moment."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.assets.keys import Key, Kind
from catalog.clock import to_iso
from catalog.graph.store import Store
from tests.store.conftest import accept_events, drain
from tests.store.events import NOON, dataset, event
from tests.store.saying import ORDERS, apply, document, say
from tests.store.test_loaders import ask

SAID = "origin by since entry"
WHOLE = f"""{{ entity(kind: DATASET, namespace: "db", name: "orders" %s) {{
  description {{ value {SAID} overruled {{ value origin by }} agreeing {{ origin by }} }}
  owners {{ name type {SAID} agreeing {{ origin by }} entity {{ kind name }} }}
  tags {{ key value {SAID} }} domain {{ value entity {{ kind name description {{ value }} }} }}
  classification {{ value origin by overruled {{ value origin }} }} declaredBy {{ manifest since entry }} document
  columns {{ name description {{ value origin }} classification {{ value }} tags {{ key origin }} }}
  asOf knownAt }} }}"""
SEEN = {
    "documentation": {"description": "as seen"},
    "ownership": {"owners": [{"name": "team:orders", "type": "MAINTAINER"}, {"name": "team:lake"}]},
    "tags": {"tags": [{"key": "pii", "field": "mail"}, {"key": "classification", "value": "restricted"}]},
}


def entity(store: Store, arguments: str = "", query: str = WHOLE) -> Any:
    """The entity of the test."""
    _, found = ask(store, query % arguments)
    return found["entity"]


def test_each_value_says_who_said_it_and_whom_it_overrules(store: Store) -> None:
    """A manifest before a person before an event; sets united; the strictest classification; each with its entry."""
    accept_events(store, [event("1", outputs=[dataset("orders", **SEEN)])])
    drain(store)
    word = say(store, ORDERS, "description", "ada's words", at=NOON + 1)
    tag = say(store, ORDERS, "tags", True, item="gold", at=NOON + 2, by="bob")
    told = document(
        ORDERS,
        description="our words",
        owners=["team:orders"],
        domain="domain:sales",
        classification="internal",
        fields=[{"name": "mail", "description": "an address", "classification": "confidential"}],
    )
    key = apply(store, "shop", told, document(Key(Kind.TEAM, "", "orders")), at=NOON + 3)

    found = entity(store)

    assert {
        "value": "our words",
        "origin": "DECLARED",
        "by": "shop",
        "since": to_iso(NOON + 3),
        "entry": key,
        "overruled": [
            {"value": "ada's words", "origin": "PERSON", "by": "ada"},
            {"value": "as seen", "origin": "OBSERVED", "by": "tests"},
        ],
        "agreeing": [],
    } == found["description"]
    assert [("team:lake", "OBSERVED", None, []), ("team:orders", "DECLARED", "TEAM", ["OBSERVED"])] == [
        (o["name"], o["origin"], (o["entity"] or {}).get("kind"), [a["origin"] for a in o["agreeing"]])
        for o in found["owners"]
    ]
    assert [("classification", "restricted", "OBSERVED", None), ("gold", None, "PERSON", tag)] == [
        (t["key"], t["value"], t["origin"], t["entry"]) for t in found["tags"]
    ]
    assert ("restricted", "OBSERVED") == (found["classification"]["value"], found["classification"]["origin"])
    assert [{"value": "internal", "origin": "DECLARED"}] == found["classification"]["overruled"]
    assert {"kind": "DOMAIN", "name": "sales", "description": None} == found["domain"]["entity"]
    assert {"manifest": "shop", "since": to_iso(NOON + 3), "entry": key} == found["declaredBy"]
    assert told == found["document"]
    assert [
        {
            "name": "mail",
            "description": {"value": "an address", "origin": "DECLARED"},
            "classification": {"value": "confidential"},
            "tags": [{"key": "pii", "origin": "OBSERVED"}],
        }
    ] == found["columns"]
    assert word != key


def test_removing_one_voice_leaves_the_others(store: Store) -> None:
    """Law 4: the next one counts, and nothing else changes."""
    accept_events(store, [event("1", outputs=[dataset("orders", **SEEN)])])
    say(store, ORDERS, "description", "ada's words", at=NOON + 1)
    say(store, ORDERS, "tags", True, item="gold", at=NOON + 1)
    apply(store, "shop", document(ORDERS, description="our words", tags=["tag:gold"]), at=NOON + 2)
    before = entity(store)

    say(store, ORDERS, "tags", None, item="gold", at=NOON + 3)
    assert ["classification", "gold"] == [t["key"] for t in entity(store)["tags"]]
    apply(store, "shop", removed=(ORDERS,), at=NOON + 4)
    found = entity(store)

    assert ("ada's words", "PERSON") == (found["description"]["value"], found["description"]["origin"])
    assert [{"value": "as seen", "origin": "OBSERVED", "by": "tests"}] == found["description"]["overruled"]
    assert ["classification"] == [t["key"] for t in found["tags"]]
    assert None is found["declaredBy"]
    assert None is found["document"]
    assert before["owners"] == found["owners"]
    say(store, ORDERS, "description", None, at=NOON + 5)
    assert ("as seen", "OBSERVED") == tuple(entity(store)["description"][k] for k in ("value", "origin"))


def test_a_value_keeps_its_age_when_its_document_changes_elsewhere(store: Store) -> None:
    """`since` and the entry are those of the value, not of the document; what is taken away and said again is new."""
    first = apply(store, "shop", document(ORDERS, description="words", tags=["tag:a"]), at=NOON)
    second = apply(store, "shop", document(ORDERS, description="words", tags=["tag:a", "tag:b"]), at=NOON + 1)
    apply(store, "shop", document(ORDERS, description="words", tags=["tag:b"]), at=NOON + 2)
    last = apply(store, "shop", document(ORDERS, description="words", tags=["tag:a", "tag:b"]), at=NOON + 3)

    found = entity(store)

    assert (to_iso(NOON), first) == (found["description"]["since"], found["description"]["entry"])
    assert [("a", to_iso(NOON + 3), last), ("b", to_iso(NOON + 1), second)] == [
        (t["key"], t["since"], t["entry"]) for t in found["tags"]
    ]
    assert last == found["declaredBy"]["entry"]


def test_declared_and_said_obey_as_of_and_known_at(store: Store) -> None:
    """What had happened by then, told by what was accepted by then."""
    apply(store, "shop", document(ORDERS, description="old"), at=NOON)
    apply(store, "shop", document(ORDERS, description="new"), at=NOON + 10)
    say(store, ORDERS, "tier", "2", at=NOON + 5)

    def description(arguments: str) -> Any:
        return (entity(store, arguments)["description"] or {}).get("value")

    assert "new" == description("")
    assert "old" == description(f', asOf: "{to_iso(NOON + 9)}"')
    assert "old" == description(', knownAt: "1"')
    assert None is description(f', asOf: "{to_iso(NOON - 1)}"')
    at = entity(store, f', asOf: "{to_iso(NOON + 9)}", knownAt: "2"')
    assert (to_iso(NOON + 9), 2) == (at["asOf"], at["knownAt"])


def test_a_thing_is_told_of_under_all_its_names(store: Store) -> None:
    """A manifest that declares one name and events that use another speak of one thing; each of its names shows it."""
    links = {"symlinks": {"identifiers": [{"namespace": "hive", "name": "shop.orders", "type": "TABLE"}]}}
    accept_events(store, [event("1", outputs=[dataset("orders", **links, **SEEN)])])
    apply(store, "shop", document(Key(Kind.DATASET, "hive", "shop.orders"), description="our words"))

    for names in ('namespace: "db", name: "orders"', 'namespace: "hive", name: "shop.orders"'):
        _, found = ask(
            store,
            f"""{{ dataset({names}) {{ declared {{ namespace name }}
            attributes {{ description {{ value overruled {{ value }} }} owners {{ name }} }}
            }} }}""",
        )
        assert {"namespace": "hive", "name": "shop.orders"} == found["dataset"]["declared"]
        said = found["dataset"]["attributes"]
        assert {"value": "our words", "overruled": [{"value": "as seen"}]} == said["description"]
        assert ["team:lake", "team:orders"] == [owner["name"] for owner in said["owners"]]


def test_what_is_imported_counts_least_of_what_is_declared(store: Store) -> None:
    """A manifest of an importer, `dbt:shop`, does not overrule a person or an event."""
    apply(store, "dbt:shop", document(ORDERS, description="from dbt", tier="3"))
    say(store, ORDERS, "description", "ada's words")

    found = entity(store)

    assert ("ada's words", "PERSON") == (found["description"]["value"], found["description"]["origin"])
    assert [{"value": "from dbt", "origin": "IMPORTED", "by": "dbt:shop"}] == found["description"]["overruled"]
    assert "dbt:shop" == found["declaredBy"]["manifest"]


def test_the_levels_of_classification_are_those_that_are_declared(store: Store) -> None:
    """The tag `classification` orders them, at the moment that is asked about."""
    apply(store, "a", document(ORDERS, classification="green"), at=NOON)
    say(store, ORDERS, "classification", "red", at=NOON)
    scale = Key(Kind.TAG, "", "classification")
    apply(store, "tags", document(scale, levels=["red", "green"]), at=NOON + 10)

    assert "green" == entity(store)["classification"]["value"]
    apply(store, "tags", document(scale, levels=["green", "red"]), at=NOON + 20)
    assert "red" == entity(store)["classification"]["value"]
    assert "green" == entity(store, f', asOf: "{to_iso(NOON + 11)}"')["classification"]["value"]


@pytest.mark.parametrize(
    "query",
    [
        """{ datasets(first: $N) { edges { node { declared { declaredBy { entry } references { edges { node { role
           entity { kind declaredBy { manifest } description { value } } } } } parent { name } }
           attributes { description { value since overruled { by } } owners { name entity { declaredBy { manifest } } }
           tags { key entity { description { value } } } domain { value entity { name } } }
           fields { name attributes { description { value } tags { key } } } } } } }""",
        """{ entities(kind: DATASET, first: $N, owner: "team:x") { edges { node { name document dataset { name fields {
           name } } job { name } columns { name } referencedBy { edges { node { role } } } children { edges { node {
           name } } } } } } }""",
        """{ jobs(first: $N) { edges { node { name declared { document } attributes { owners { name entity { id } } }
           } } } }""",
        """{ lineage(root: {kind: JOB, namespace: "jobs", name: "load"}, direction: DOWNSTREAM) { nodes { entityKind }
           edges { agreement } } }""",
    ],
)
def test_statements_do_not_grow_with_the_number_of_things(store: Store, query: str) -> None:
    """One batch for each thing asked, however many datasets there are (no N+1)."""
    names = [f"t{i:02}" for i in range(40)]
    columns = {"schema": {"fields": [{"name": "mail"}]}}
    written = event("1", outputs=[dataset(name, **columns, **SEEN) for name in names])
    others = [{**event("1"), "job": {"namespace": "jobs", "name": f"j{i}"}} for i in range(9)]
    accept_events(store, [written, *others])
    said = {"owners": ["team:x"], "domain": "domain:d", "description": "x", "tags": ["tag:a"]}
    told = [document(Key(Kind.DATASET, "db", n), **said, fields=[{"name": "mail", "description": n}]) for n in names]
    apply(store, "m", *told, document(Key(Kind.TEAM, "", "x"), description="us"))

    few, small = ask(store, query.replace("$N", "2"))
    many, large = ask(store, query.replace("$N", "40"))

    assert small != large or "$N" not in query
    assert many <= few + 4
    assert few <= 45


def test_columns_say_what_is_declared_of_them(store: Store) -> None:
    """Beside the schema that events tell; a job's attributes come from its pipeline."""
    schema = {"schema": {"fields": [{"name": "mail", "type": "text"}, {"name": "id", "type": "int"}]}}
    accept_events(store, [event("1", outputs=[dataset("orders", **schema)])])
    told = document(ORDERS, fields=[{"name": "mail", "personalData": {"contains": True}, "tags": ["tag:pii"]}])
    load = Key(Kind.PIPELINE, "jobs", "load")
    apply(store, "shop", told, document(load, owners=["team:orders"], purpose="nightly"))

    _, found = ask(
        store,
        """{ dataset(namespace: "db", name: "orders") { fields { name type attributes {
        personalData { value origin by } tags { key origin } } } }
        job(namespace: "jobs", name: "load") { declared { kind document } attributes { owners { name by } } } }""",
    )

    said = {"personalData": {"value": {"contains": True}, "origin": "DECLARED", "by": "shop"}}
    assert [
        {"name": "mail", "type": "text", "attributes": {**said, "tags": [{"key": "pii", "origin": "DECLARED"}]}},
        {"name": "id", "type": "int", "attributes": None},
    ] == found["dataset"]["fields"]
    assert "PIPELINE" == found["job"]["declared"]["kind"]
    assert [{"name": "team:orders", "by": "shop"}] == found["job"]["attributes"]["owners"]
