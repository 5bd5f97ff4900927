"""Entities over GraphQL: found, listed, searched, and what names what."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from catalog.api.graphql.context import Context
from catalog.api.graphql.schema import schema
from catalog.assets.keys import Key, Kind
from catalog.clock import FrozenClock, to_iso
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.settings import Settings
from tests.servers.stores import StoreServer
from tests.store.conftest import LATER, accept_events, drain
from tests.store.events import NOON, dataset, event
from tests.store.saying import ORDERS, apply, document, say
from tests.store.test_loaders import ask

ENDS = "pageInfo { hasNextPage endCursor }"
PAGE = f"edges {{ node {{ kind namespace name }} }} {ENDS}"


def tag(name: str, **said: Any) -> dict[str, Any]:
    return document(Key(Kind.TAG, "", name), **said)


def team(name: str, **said: Any) -> dict[str, Any]:
    return document(Key(Kind.TEAM, "", name), **said)


def listed(store: Store, arguments: str) -> list[tuple[str, str]]:
    """All pages of a list, by kind and name."""
    found, after = [], ""
    while True:
        _, data = ask(store, f"{{ entities({arguments}{after}) {{ {PAGE} }} }}")
        page = data["entities"]
        found += [(edge["node"]["kind"], edge["node"]["name"]) for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = f', after: "{page["pageInfo"]["endCursor"]}"'


def refused(store: Store, query: str) -> str:
    """The message of a refusal; the code is that of a question that cannot be answered."""
    service: Any = SimpleNamespace(reader=Reader(store, None), clock=FrozenClock(LATER), settings=Settings())

    async def run() -> Any:
        return await schema.execute(query, context_value=Context(service))

    answer = asyncio.run(run())
    assert answer.errors
    assert "INVALID_QUESTION" == (answer.errors[0].extensions or {})["code"], answer.errors
    return str(answer.errors[0].message)


def test_a_list_has_what_is_declared_or_described_by_kind_and_name(store: Store) -> None:
    """In pages of any size; what is only named by others, or not said any more, is not listed."""
    lines = Key(Kind.DATASET, "db", "lines")
    apply(store, "a", document(lines), document(ORDERS, owners=["team:x"]), team("b"), team("a"), at=NOON)
    say(store, Key(Kind.TERM, "", "revenue"), "description", "money")
    everything = [("DATASET", "lines"), ("DATASET", "orders"), ("TEAM", "a"), ("TEAM", "b"), ("TERM", "revenue")]

    for first in (1, 2, 4, 500):
        assert everything == listed(store, f"first: {first}")
    assert everything[2:4] == listed(store, "first: 1, kind: TEAM")
    assert everything[:2] == listed(store, 'namespace: "db", first: 1')
    assert [] == listed(store, "kind: GRANT")
    apply(store, "a", removed=(lines,), at=NOON + 10)
    assert everything[1:] == listed(store, "first: 2")
    assert everything == listed(store, f'first: 2, asOf: "{to_iso(NOON + 9)}"')
    assert "TEAM" == ask(store, '{ entity(kind: TEAM, name: "x") { kind } }')[1]["entity"]["kind"]


def test_a_list_is_chosen_by_owner_domain_and_tag_whoever_says_so(store: Store) -> None:
    """A person's word counts as a manifest's; parts of a domain and tags below a tag count, too."""
    names = ("a", "b", "c", "d")
    keys = {name: Key(Kind.DATASET, "db", name) for name in names}
    apply(
        store,
        "m",
        document(keys["a"], owners=["team:x"], domain="domain:sales/online", tags=["tag:pii/email"]),
        document(keys["b"], owners=["team:xy"], domain="domain:salesforce", tags=["tag:piinot"]),
        document(keys["c"], domain="domain:sales"),
        document(keys["d"]),
    )
    say(store, keys["d"], "owners", True, item="team:x")
    say(store, keys["d"], "tags", True, item="pii")

    def named(arguments: str) -> list[str]:
        return [name for _, name in listed(store, arguments)]

    assert ["a", "d"] == named('owner: "team:x", first: 1')
    assert ["a", "d"] == named('owner: "x"')
    assert ["a", "c"] == named('domain: "sales"')
    assert ["a"] == named('domain: "domain:sales/online"')
    assert ["a", "d"] == named('tag: "pii", kind: DATASET')
    assert ["a"] == named('tag: "pii/email", owner: "team:x"')
    assert [] == named('tag: "nobody", first: 1')


def test_what_names_what_in_both_directions(store: Store) -> None:
    """By role, in pages; a reference to what nobody declares is one all the same, at its moments."""
    x = Key(Kind.TEAM, "", "x")
    names = [f"t{i}" for i in range(5)]
    many = [document(Key(Kind.DATASET, "db", name), owners=["team:x"]) for name in names]
    apply(store, "m", *many, document(ORDERS, owners=["team:x"], domain="domain:sales", steward="team:x"), at=NOON)

    query = 'entity(kind: TEAM, name: "x" %s) { referencedBy(roles: ["%s"], first: 2 %s) { %s } }'
    found: list[str] = []
    after = ""
    for _ in range(3):
        page = ask(
            store, "{" + query % ("", "owner", after, f"edges {{ node {{ role entity {{ name }} }} }} {ENDS}") + "}"
        )
        data = page[1]["entity"]["referencedBy"]
        found += [edge["node"]["entity"]["name"] for edge in data["edges"]]
        after = f', after: "{data["pageInfo"]["endCursor"]}"'
    assert sorted([*names, "orders"]) == sorted(found)
    assert not data["pageInfo"]["hasNextPage"]

    _, answer = ask(
        store,
        """{ entity(kind: DATASET, namespace: "db", name: "orders") { references { edges { node { role entity {
        kind name declaredBy { manifest } } } } } } }""",
    )
    assert [("domain", "sales"), ("owner", "x"), ("steward", "x")] == [
        (edge["node"]["role"], edge["node"]["entity"]["name"]) for edge in answer["entity"]["references"]["edges"]
    ]
    apply(store, "m", document(ORDERS), *(document(Key(Kind.DATASET, "db", n)) for n in names[:2]), at=NOON + 10)
    for arguments, expected in (("", 3), (f', asOf: "{to_iso(NOON + 9)}"', 6), (', knownAt: "2"', 3)):
        for first in (2, 4, 9):
            page = ask(store, "{" + query.replace("first: 2", f"first: {first}") % (arguments, "owner", "", ENDS) + "}")
            assert (expected > first) == page[1]["entity"]["referencedBy"]["pageInfo"]["hasNextPage"], (
                arguments,
                first,
            )
    for arguments, expected in (("", 0), (f', asOf: "{to_iso(NOON + 9)}"', 1)):
        _, answer = ask(store, "{" + query % (arguments, "steward", "", "edges { node { role } }") + "}")
        assert expected == len(answer["entity"]["referencedBy"]["edges"])
    assert x.kind is Kind.TEAM


def test_hierarchies_have_parents_and_children(store: Store) -> None:
    """By what the document names or, without that, by the slashes of the name."""
    apply(store, "m", tag("pii"), tag("pii/email"), tag("pii/email/work"), tag("phone", parent="tag:pii"))

    def family(name: str) -> tuple[Any, list[str]]:
        family = "parent { name } children { edges { node { name } } }"
        found = ask(store, f'{{ entity(kind: TAG, name: "{name}") {{ {family} }} }}')[1]["entity"]
        children = [edge["node"]["name"] for edge in found["children"]["edges"]]
        return (found["parent"] or {}).get("name"), sorted(children)

    assert (None, ["phone", "pii/email"]) == family("pii")
    assert ("pii", ["pii/email/work"]) == family("pii/email")
    assert ("pii", []) == family("phone")


def test_an_entity_is_the_dataset_or_job_of_lineage(store: Store) -> None:
    """A model version is a dataset node that says what it is; what only events name is an entity, too."""
    churn = {
        "kind": "ModelVersion",
        "model": "churn",
        "version": "7",
        "trainedOn": [{"dataset": {"namespace": "db", "name": "orders"}}],
    }
    apply(store, "ml", churn)
    accept_events(store, [event("1", outputs=[dataset("seen")])])
    drain(store)

    _, found = ask(
        store,
        """{ lineage(root: {namespace: "models", name: "churn/7"}) { nodes { name kind entityKind }
        edges { origin agreement } } m: entity(kind: MODEL_VERSION, name: "churn/7") { namespace dataset { namespace
        name declared { kind } } job { name } } seen: entity(kind: DATASET, namespace: "db", name: "seen") {
        declaredBy { manifest } dataset { name } } load: entity(kind: PIPELINE, namespace: "jobs", name: "load") {
        job { name } } nothing: entity(kind: TEAM, name: "nobody") { kind } }""",
    )

    assert [("orders", "DATASET", "DATASET"), ("churn/7", "DATASET", "MODEL_VERSION")] == [
        (n["name"], n["kind"], n["entityKind"]) for n in found["lineage"]["nodes"]
    ]
    assert [{"origin": "DECLARED", "agreement": "DECLARED_ONLY"}] == found["lineage"]["edges"]
    node = {"namespace": "models", "name": "churn/7", "declared": {"kind": "MODEL_VERSION"}}
    assert {"namespace": "models", "dataset": node, "job": None} == found["m"]
    assert {"declaredBy": None, "dataset": {"name": "seen"}} == found["seen"]
    assert {"job": {"name": "load"}} == found["load"]
    assert None is found["nothing"]


def test_search_finds_entities_and_says_what_they_are(store: Store, server: StoreServer) -> None:
    """Each thing once: a declared dataset is a dataset, a model version is no dataset besides."""
    version = {"kind": "ModelVersion", "model": "shop churn", "version": "7"}
    apply(store, "m", team("shop orders"), document(ORDERS), document(Key(Kind.TERM, "", "shop")), version)
    accept_events(store, [event("1", outputs=[dataset("shop.lines")])])
    drain(store)

    def hits(arguments: str) -> set[tuple[str, str]]:
        _, found = ask(store, f"{{ search({arguments}) {{ kind name }} }}", server.admin)
        return {(hit["kind"], hit["name"]) for hit in found["search"]}

    everything = {
        ("TEAM", "shop orders"),
        ("TERM", "shop"),
        ("MODEL_VERSION", "shop churn/7"),
        ("MODEL", "shop churn"),
        ("DATASET", "shop.lines"),
    }
    assert everything == hits('text: "shop"')
    assert {("TEAM", "shop orders"), ("DATASET", "orders")} == hits('text: "orders"')
    assert {("TERM", "shop")} == hits('text: "shop", kind: TERM')
    assert {("DATASET", "shop.lines")} == hits('text: "shop", kind: DATASET') - {("DATASET", "shop churn/7")}
    assert set() == hits('text: "!?"')
    assert 1 == len(ask(store, '{ search(text: "shop", limit: 1) { id } }', server.admin)[1]["search"])


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ('entity(kind: DATASET, name: "orders") { id }', "a Dataset has a namespace"),
        ('entity(kind: TEAM, namespace: "x", name: "orders") { id }', "a Team has no namespace; leave 'x' out"),
        ("entities(first: 0) { edges { cursor } }", "first must be between 1 and 500, not 0"),
        ('entities(after: "bm8") { edges { cursor } }', "'bm8' is no cursor"),
        ('entities(asOf: "soon") { edges { cursor } }', "asOf: 'soon' is no moment"),
        (
            'entity(kind: SLO, name: "x") { referencedBy(roles: ["boss"]) { edges { cursor } } }',
            "'boss' is no role; the roles are activity,",
        ),
    ],
)
def test_a_wrong_question_is_told_what_is_wrong(store: Store, question: str, said: str) -> None:
    """With what would be right; never an internal error."""
    apply(store, "m", document(Key(Kind.SLO, "", "x")))

    assert said in refused(store, f"{{ {question} }}")


def test_a_cursor_of_other_kinds_is_refused(store: Store) -> None:
    """It would lead to another place than its own."""
    apply(store, "m", team("a"), team("b"))
    _, found = ask(store, f"{{ entities(first: 1) {{ {PAGE} }} }}")
    cursor = found["entities"]["pageInfo"]["endCursor"]

    assert "other kinds" in refused(store, f'{{ entities(kind: TERM, after: "{cursor}") {{ edges {{ cursor }} }} }}')
