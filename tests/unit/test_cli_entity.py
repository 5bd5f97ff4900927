"""`headwater entity`, and what `headwater show` says of attributes, as people run them."""

from __future__ import annotations

import json
from typing import Any

from catalog.assets import keys
from catalog.assets.keys import Kind
from catalog.cli.kinds import KINDS, NAMESPACED, api_name
from catalog.cli.said import column_words, comments_table, values_table
from tests.unit.cli_service import data, in_turn, page, run

NOON = "2026-03-01T12:00:00Z"
KEY = "3f9a0c" + "0" * 58
EMPTY: dict[str, Any] = {
    **dict.fromkeys(("description", "steward", "domain", "tier", "critical", "lifecycle", "classification")),
    **dict.fromkeys(("location", "personalData", "retention", "quality", "protection", "custom")),
    **{name: [] for name in ("owners", "tags", "terms", "links", "comments")},
    "certified": None,
    "commentCount": 0,
}


def told(origin: str = "DECLARED", by: str = "shop", **more: Any) -> dict[str, Any]:
    who = {"origin": origin, "by": by, "since": NOON, "verified": origin != "PERSON", "reason": None}
    return {**who, "agreeing": [], "overruled": [], **more}


def entity(**said: Any) -> dict[str, Any]:
    names = {"edges": [], "pageInfo": {"hasNextPage": False}}
    return {
        **{"kind": "DATASET", "namespace": "db", "name": "orders", "asOf": None, "knownAt": None, "stale": False},
        **{"document": None, "declarations": [], "columns": [], "parent": None},
        **{"references": names, "referencedBy": names},
        **EMPTY,
        **said,
    }


def test_the_kinds_are_those_that_there_are() -> None:
    """The command line spells them out; the API's names follow."""
    assert tuple(Kind) == KINDS
    assert [kind.name for kind in Kind] == [api_name(kind) for kind in KINDS]
    assert keys.NAMESPACED == set(NAMESPACED)


def test_the_newest_comments_are_told_and_how_many_are_older() -> None:
    """With who left them, and the column that they are about; nothing where nobody left any."""
    one = {"text": "late", "field": "amount", "by": "", "verified": False, "at": NOON, "entry": KEY}
    shown = comments_table({"commentCount": 3, "comments": [one]}).splitlines()

    assert ["2026-03-01", "12:00:00Z", "somebody", "(unverified)", "amount:", "late"] == shown[1].split()
    assert "2 older comments: `headwater words` has all" == shown[2]
    assert "" == comments_table({"commentCount": 0, "comments": []})


def test_every_voice_has_a_line_and_the_overruled_say_so() -> None:
    """Who says it, since when, whether it is known who that is; and how many agree."""
    ada = {**told("PERSON", "ada"), "value": "mine", "reason": "a guess"}
    said = {
        **EMPTY,
        "description": told(value="ours", overruled=[ada]),
        "owners": [told(name="team:orders", type="MAINTAINER", agreeing=[{"origin": "OBSERVED", "by": "x"}])],
        "tags": [told("IMPORTED", "dbt:shop", key="keep", value="30d"), told("OBSERVED", "air", key="pii", value=None)],
        "retention": told(value={"duration": "P2Y"}),
        "links": [told(name="wiki", url="https://x/y")],
    }

    assert [
        "ATTRIBUTE    VALUE                     SAID BY                           SINCE",
        "description  ours                      manifest shop                     2026-03-01 12:00:00Z",
        "  overruled  mine                      person ada (unverified): a guess  2026-03-01 12:00:00Z",
        "owner        team:orders (MAINTAINER)  manifest shop, and 1 other        2026-03-01 12:00:00Z",
        "tag          keep=30d                  import dbt:shop                   2026-03-01 12:00:00Z",
        "tag          pii                       events of air                     2026-03-01 12:00:00Z",
        'retention    {"duration": "P2Y"}       manifest shop                     2026-03-01 12:00:00Z',
        "link         wiki  https://x/y         manifest shop                     2026-03-01 12:00:00Z",
    ] == values_table(said).splitlines()
    assert "" == values_table(EMPTY)


def test_what_is_said_of_a_column_is_a_line() -> None:
    """Its level, tags, terms, and whether it holds personal data."""
    said = {
        "classification": {"value": "restricted"},
        "tags": [{"key": "pii", "value": None}],
        "terms": [{"name": "term:mail"}],
        "personalData": {"value": {"contains": True}},
    }

    assert "restricted, tag pii, term:mail, personal data" == column_words(said)
    assert "" == column_words({"classification": None, "tags": [], "terms": [], "personalData": None})
    assert "" == column_words(None)


def test_an_entity_in_both_forms() -> None:
    """Its declaration, its values, its columns, what it names and what names it; --json has all of it."""
    column: dict[str, Any] = {
        "name": "mail",
        "description": {"value": "an address"},
        "classification": None,
        "tags": [],
    }
    team = {"kind": "TEAM", "namespace": "", "name": "orders"}
    found = entity(
        declarations=[{"manifest": "shop", "since": NOON, "entry": KEY, "sequence": 4}],
        tier=told(value="1"),
        columns=[{**column, "terms": [{"name": "term:mail"}], "personalData": None}],
        references={"edges": [{"node": {"role": "owner", "entity": team}}], "pageInfo": {"hasNextPage": True}},
        asOf=NOON,
    )
    words = ("entity", "show", "dataset", "db", "orders")
    plain, heard = run(in_turn(data(entity=found)), *words, "--as-of", NOON)
    as_json, _ = run(in_turn(data(entity=found)), *words, "--json")

    assert (0, 0) == (plain.exit_code, as_json.exit_code)
    assert found == json.loads(as_json.stdout)
    assert {"kind": "DATASET", "namespace": "db", "name": "orders", "asOf": NOON, "knownAt": None} == heard[0].body[
        "variables"
    ]
    assert [
        "Dataset  orders  db",
        "declared by shop since 2026-03-01 12:00:00Z, entry 3f9a0c000000",
        "",
        "ATTRIBUTE  VALUE  SAID BY        SINCE",
        "tier       1      manifest shop  2026-03-01 12:00:00Z",
        "",
        "COLUMN  DESCRIPTION  SAID",
        "mail    an address   term:mail",
        "",
        "NAMES  KIND  NAME    NAMESPACE",
        "owner  team  orders  -",
        "the first 1; there are more",
        "",
        "as of 2026-03-01 12:00:00Z",
    ] == plain.stdout.splitlines()


def test_a_kind_without_a_namespace_is_named_alone() -> None:
    """And one that is nowhere exits 3, with what is near."""
    hit = {"id": "1", "kind": "TEAM", "namespace": "", "name": "orders"}
    missing, heard = run(in_turn(data(entity=None), data(t0=[hit], t1=[])), "entity", "show", "Team", "order")

    assert 3 == missing.exit_code
    assert "no Team 'order'; near it:\nKIND  NAME    NAMESPACE\nteam  orders" in missing.stderr
    assert None is heard[0].body["variables"]["namespace"]


def test_wrong_usage_exits_2() -> None:
    """An unknown kind, too many names, none."""
    for words in (("Tema", "x"), ("Team", "a", "b", "c"), ("Team",)):
        result, _ = run(in_turn(), "entity", "show", *words)
        assert 2 == result.exit_code, words


def test_a_list_in_both_forms() -> None:
    """A line for each; what is not shown is said."""
    one = {
        **{"kind": "MODEL_VERSION", "namespace": "models", "name": "churn/7"},
        **{"declaredBy": {"manifest": "ml"}, "owners": [{"name": "team:ml"}], "domain": None},
    }
    plain, heard = run(in_turn(page("entities", one, more=True)), "entity", "list", "--tag", "pii", "--limit", "1")
    as_json, _ = run(in_turn(page("entities", one)), "entity", "list", "modelversion", "--json")

    assert [
        "KIND           NAME     NAMESPACE  MANIFEST  OWNERS   DOMAIN",
        "model version  churn/7  models     ml        team:ml  -",
    ] == plain.stdout.splitlines()
    assert "the first 1; there are more, use --limit" in plain.stderr
    assert "pii" == heard[0].body["variables"]["tag"]
    assert {"entities": [one], "complete": True, "notices": []} == json.loads(as_json.stdout)
    nothing, _ = run(in_turn(page("entities")), "entity", "list")
    assert (0, "", "nothing fits\n") == (nothing.exit_code, nothing.stdout, nothing.stderr)


def test_names_that_nobody_knows_are_told() -> None:
    """Why nothing fits, in both forms."""
    script = (page("entities"), data(entities={"notices": ["nobody declares or uses the tag 'nope'"]}))
    plain, heard = run(in_turn(*script), "entity", "list", "--tag", "nope")
    as_json, _ = run(in_turn(*script), "entity", "list", "--tag", "nope", "--json")

    assert (0, "nothing fits\nnobody declares or uses the tag 'nope'\n") == (plain.exit_code, plain.stderr)
    assert "nope" == heard[1].body["variables"]["tag"]
    assert ["nobody declares or uses the tag 'nope'"] == json.loads(as_json.stdout)["notices"]


def test_show_of_a_dataset_says_who_says_what() -> None:
    """Its declaration and attributes; a column's declared words count before those of events."""
    field = {"name": "mail", "type": "text", "description": "seen", "attributes": None}
    said: dict[str, Any] = {
        "description": {"value": "ours"},
        "classification": None,
        "tags": [],
        "terms": [],
        "personalData": None,
    }
    dataset: dict[str, Any] = {
        **{"namespace": "db", "name": "orders", "updatedAt": None, "asOf": None, "knownAt": None, "stale": False},
        **{"facets": {}, "aliases": [], "writtenBy": [], "readBy": []},
        "declared": {"declaredBy": {"manifest": "shop", "since": NOON}},
        "attributes": {**EMPTY, "tier": told(value="1")},
        "fields": [{**field, "attributes": said}, {**field, "name": "id"}],
    }
    plain, _ = run(in_turn(data(dataset=dataset)), "show", "dataset", "db", "orders")

    assert [
        "dataset  orders  db",
        "declared by shop since 2026-03-01 12:00:00Z",
        "",
        "ATTRIBUTE  VALUE  SAID BY        SINCE",
        "tier       1      manifest shop  2026-03-01 12:00:00Z",
        "",
        "COLUMN  TYPE  DESCRIPTION",
        "mail    text  ours",
        "id      text  seen",
    ] == plain.stdout.splitlines()


def test_a_thing_of_which_nothing_was_said_yet_says_so() -> None:
    """At a moment before anybody spoke of it."""
    bare: dict[str, Any] = {
        **{"namespace": "db", "name": "x", "updatedAt": None, "asOf": None, "knownAt": 0, "stale": False},
        **{"facets": {}, "declared": None, "attributes": EMPTY, "fields": [], "aliases": [], "writtenBy": []},
        "readBy": [],
    }
    result, _ = run(in_turn(data(dataset=bare)), "show", "dataset", "db", "x", "--known-at", "0")

    assert ["dataset  x  db", "nothing is said of it at that moment", "", "as known at sequence 0"] == (
        result.stdout.splitlines()
    )
