"""What holds of columns, on a real store: it follows the lineage, is told why, and goes when its origin goes."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.assets.keys import Key, Kind
from catalog.checks.classification.suggest import Evidence
from catalog.clock import to_iso
from catalog.errors import InvalidQuestion, UnknownKey
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.graph.walk import PRESENT, Moment
from catalog.identity import Name, dataset_id
from catalog.usecases import classification
from catalog.usecases.classification import ASK_ALONE, TOO_MUCH, Chosen, effective, page, why_tagged
from tests.servers.stores import StoreServer
from tests.store.conftest import LATER, accept_events, drain
from tests.store.events import NOON, dataset, event
from tests.store.saying import apply, document, say
from tests.store.test_loaders import ask

RAW, STAGE, MART = (Key(Kind.DATASET, "db", name) for name in ("raw.customers", "stage.customers", "mart.people"))
HOUR = 3_600_000_000
EVERYTHING = Chosen()


def made_of(**columns: tuple[str, str, dict[str, Any]]) -> dict[str, Any]:
    """Facets of a dataset whose columns are each made of one of another dataset."""
    fields = {
        out: {"inputFields": [{"namespace": "db", "name": source, "field": column, "transformations": [how]}]}
        for out, (source, column, how) in columns.items()
    }
    return {
        "schema": {"fields": [{"name": name, "type": "text"} for name in columns]},
        "columnLineage": {"fields": fields},
    }


DIRECT = {"type": "DIRECT", "subtype": "IDENTITY"}
MD5 = {"type": "DIRECT", "subtype": "TRANSFORMATION", "masking": True, "description": "md5"}


@pytest.fixture
def shop(store: Store) -> Store:
    """A raw table, a staged copy of it, and a mart with a hash."""
    raw = {"schema": {"fields": [{"name": "id", "type": "int"}, {"name": "mail", "type": "text"}]}}
    stage = made_of(contact=(RAW.name, "mail", DIRECT))
    mart = made_of(digest=(STAGE.name, "contact", MD5))
    steps = [(RAW.name, raw, STAGE.name, stage), (STAGE.name, stage, MART.name, mart)]
    for n, (source, told, target, facets) in enumerate(steps):
        one = event(str(n), NOON + n, inputs=[dataset(source, **told)], outputs=[dataset(target, **facets)])
        accept_events(store, [{**one, "job": {"namespace": "jobs", "name": f"step{n}", "facets": {}}}])
    drain(store)
    return store


def tags(reader: Reader, key: Key, column: str, moment: Moment = PRESENT) -> tuple[str, ...]:
    """The tags that hold of a column."""
    id_ = dataset_id(Name(key.namespace, key.name))
    held = effective(reader, LATER, [id_], moment)[id_].of(column)
    return held.tags if held else ("?",)


def suggested(reader: Reader, chosen: Chosen = EVERYTHING, limit: int = 500) -> list[tuple[str, str, str, str]]:
    """All suggestions, page by page."""
    found: list[tuple[str, str, str, str]] = []
    after = None
    while True:
        got = page(reader, LATER, chosen, PRESENT, after, limit)
        found += [
            (one.thing.key.name, one.suggestion.place.column, one.suggestion.tag, one.suggestion.evidence.value)
            for one in got.found
        ]
        if got.more is None:
            return found
        after = got.more


def test_a_tag_follows_and_goes(shop: Store, server: StoreServer) -> None:
    """Told at any moment by what was said then; taken back, nothing of it is left downstream."""
    reader = Reader(shop, server.admin)
    say(shop, RAW, "tags", True, field="mail", item="tag:pii/email", at=NOON + HOUR)
    before = len(list(shop.rows("MATCH (e:Entry) RETURN e.id AS id")))
    shown = [tags(reader, key, column) for key, column in ((RAW, "mail"), (STAGE, "contact"), (MART, "digest"))]
    say(shop, RAW, "tags", None, field="mail", item="tag:pii/email", at=NOON + 2 * HOUR)

    assert [("pii/email",)] * 3 == shown
    assert [()] * 2 == [tags(reader, STAGE, "contact"), tags(reader, MART, "digest")]
    assert ("pii/email",) == tags(reader, MART, "digest", Moment(NOON + HOUR, None))
    assert ("pii/email",) == tags(reader, MART, "digest", Moment(None, before))
    assert () == tags(reader, MART, "digest", Moment(NOON + HOUR - 1, None))


def test_why_it_is_tagged(shop: Store, server: StoreServer) -> None:
    """The shortest way with its jobs, what became of masking, and who says it where it is said."""
    reader = Reader(shop, server.admin)
    apply(shop, "shop", document(RAW, fields=[{"name": "mail", "tags": ["tag:pii/email"]}]), at=NOON + HOUR)
    say(shop, RAW, "tags", True, field="mail", item="pii/email", at=NOON + 2 * HOUR)

    found = why_tagged(reader, LATER, MART, "digest", "pii/email", PRESENT)
    assert found.shortest is not None
    names = {id_: thing.key.name for id_, thing in found.snapshot.things.items()}
    assert ("PROPAGATED", RAW.name, 2, True) == (
        found.how,
        names[found.shortest.origin.thing],
        found.shortest.depth,
        found.complete,
    )
    assert ["step0", "step1"] == [names[job] for job in found.shortest.via]
    assert [None, "told to be masked, but by no algorithm that counts"] == [
        step.masking.reason if step.masking else None for step in found.shortest.path
    ]
    assert [(MART.name, "PROPAGATED"), (STAGE.name, "PROPAGATED"), (RAW.name, "DIRECT")] == [
        (names[branch.place.thing], branch.how) for branch in found.branches
    ]
    (said,) = found.voices.values()
    assert ["DECLARED", "PERSON"] == [voice.origin.value for voice in said]
    assert "" == why_tagged(reader, LATER, MART, "digest", "pii/phone", PRESENT).how
    with pytest.raises(UnknownKey):
        why_tagged(reader, LATER, Key(Kind.DATASET, "db", "nowhere"), "", "pii", PRESENT)
    with pytest.raises(UnknownKey, match="has no column 'contct'; did you mean contact"):
        why_tagged(reader, LATER, STAGE, "contct", "pii", PRESENT)


def test_a_steward_stops_it(shop: Store, server: StoreServer) -> None:
    """T6: with a reason, from then on, and until it is taken back; the tree says who."""
    reader = Reader(shop, server.admin)
    say(shop, RAW, "tags", True, field="mail", item="pii/email", at=NOON + HOUR)
    say(shop, STAGE, "propagation", "STOP", field="contact", item="pii", at=NOON + 2 * HOUR)
    stopped = [tags(reader, STAGE, "contact"), tags(reader, MART, "digest")]
    found = why_tagged(reader, LATER, STAGE, "contact", "pii/email", PRESENT)
    say(shop, STAGE, "propagation", None, field="contact", item="pii", at=NOON + 3 * HOUR)

    assert [(), ()] == stopped
    assert ("", "STOPPED") == (found.how, found.branches[0].how)
    assert 1 == len(found.voices[found.place])
    assert ("pii/email",) == tags(reader, MART, "digest")


def test_decisions_are_remembered_and_undone(shop: Store, server: StoreServer) -> None:
    """Accepted: a tag, propagated like any other. Rejected: not made again. Taken back: suggested again."""
    reader = Reader(shop, server.admin)
    mail = (RAW.name, "mail", "pii/email", "NAME")

    assert [mail] == suggested(reader)
    say(shop, RAW, "suggestions", "REJECTED", field="mail", item="pii/email", at=NOON + HOUR)
    assert [] == suggested(reader)
    assert () == tags(reader, MART, "digest")
    say(shop, RAW, "suggestions", None, field="mail", item="pii/email", at=NOON + 2 * HOUR)
    assert [mail] == suggested(reader)
    say(shop, RAW, "suggestions", "ACCEPTED", field="mail", item="pii/email", at=NOON + 3 * HOUR)
    arrived = [(key.name, column, "pii/email", "PROPAGATED") for key, column in ((MART, "digest"), (STAGE, "contact"))]
    assert arrived == suggested(reader)
    assert ("pii/email",) == tags(reader, MART, "digest")
    found = why_tagged(reader, LATER, MART, "digest", "pii/email", PRESENT)
    assert ["PERSON"] == [voice.origin.value for said in found.voices.values() for voice in said]


def test_suggestions_in_pages_of_any_size(shop: Store, server: StoreServer) -> None:
    """By dataset, each once, whatever the size of the pages; filters leave out what does not fit."""
    reader = Reader(shop, server.admin)
    say(shop, RAW, "tags", True, field="mail", item="pii/email", at=NOON + HOUR)
    wide = {"schema": {"fields": [{"name": name, "type": "text"} for name in ("phone", "iban", "ssn", "colour")]}}
    accept_events(shop, [event("9", NOON, outputs=[dataset("wide", **wide)])])
    drain(shop)
    everything = suggested(reader)

    assert 5 == len(everything)
    assert [everything] * 3 == [suggested(reader, limit=limit) for limit in (1, 2, 3)]
    assert ["ssn"] == [one[1] for one in suggested(reader, Chosen(tag="pii/government_id"))]
    assert {"wide"} == {one[0] for one in suggested(reader, Chosen(evidence=frozenset({Evidence.NAME})))}
    assert {MART.name} == {one[0] for one in suggested(reader, Chosen(dataset=Name(MART.namespace, MART.name)))}
    assert [] == suggested(reader, Chosen(namespace="elsewhere"))


def test_it_is_shown_with_columns_and_datasets(shop: Store) -> None:
    """GraphQL: effective tags and levels with how they hold, and whether there may be more."""
    say(shop, RAW, "tags", True, field="mail", item="tag:pii/email", at=NOON + HOUR)
    say(shop, RAW, "classification", "restricted", at=NOON + HOUR)
    held = "effectiveTags { tags { tag how } complete originUnknown } effectiveClassification { level said complete }"
    steps = "{ path { job { name } masking } origin { entity { name } field } depth }"
    _, data = ask(
        shop,
        f"""{{ dataset(namespace: "db", name: "{MART.name}") {{ {held} fields {{ name {held} }} }}
          whyTagged(entity: {{kind: DATASET, namespace: "db", name: "{MART.name}"}}, field: "digest",
            tag: "classification", asOf: "{to_iso(NOON + HOUR)}") {{ how level shortest {steps} stale asOf }}
          suggestions(evidence: [PROPAGATED], first: 1) {{ edges {{ node {{ field tag reasons lookedUpstream }} }}
            pageInfo {{ hasNextPage }} }} }}""",
    )

    expected = {
        "effectiveTags": {
            "tags": [{"tag": "pii/email", "how": "PROPAGATED"}],
            "complete": True,
            "originUnknown": False,
        },
        "effectiveClassification": {"level": "restricted", "said": None, "complete": True},
    }
    assert {**expected, "fields": [{"name": "digest", **expected}]} == data["dataset"]
    why = data["whyTagged"]
    assert ("PROPAGATED", "restricted", 2, False) == (
        why["how"],
        why["level"],
        why["shortest"]["depth"],
        why["stale"],
    )
    assert {"entity": {"name": RAW.name}, "field": None} == why["shortest"]["origin"]
    one = {"field": "digest", "tag": "pii/email", "reasons": ["arrives along the lineage"], "lookedUpstream": True}
    assert {"edges": [{"node": one}], "pageInfo": {"hasNextPage": True}} == data["suggestions"]


def test_a_moment_of_the_future_is_shown_as_far_as_it_is_applied(shop: Store, server: StoreServer) -> None:
    """`knownAt` beyond what is applied answers with what is; that it is stale is told beside it."""
    assert () == tags(Reader(shop, server.admin), MART, "digest", Moment(None, 10**9))


def test_what_is_too_much_to_follow_is_said(shop: Store, server: StoreServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where more is upstream than an answer follows: names still count, tags are not claimed to be all there are."""
    reader = Reader(shop, server.admin)
    say(shop, RAW, "tags", True, field="mail", item="pii/email", at=NOON + HOUR)
    monkeypatch.setattr(classification, "MOST_UPSTREAM", 1)

    id_ = dataset_id(Name(MART.namespace, MART.name))
    seen = effective(reader, LATER, [id_], PRESENT)[id_]
    assert (None, TOO_MUCH) == (seen.propagated, seen.notice)
    assert [] == suggested(reader)
    with pytest.raises(InvalidQuestion, match="too much upstream"):
        why_tagged(reader, LATER, MART, "digest", "pii/email", PRESENT)


def test_many_together_are_looked_at_one_by_one(
    shop: Store, server: StoreServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too much upstream of all is not too much of each; beyond some, an answer says to ask for fewer."""
    reader = Reader(shop, server.admin)
    monkeypatch.setattr(classification, "MOST_UPSTREAM", 2)
    monkeypatch.setattr(classification, "MOST_APART", 1)
    ids = [dataset_id(Name(key.namespace, key.name)) for key in (RAW, STAGE, MART)]

    found = effective(reader, LATER, ids, PRESENT)
    assert ["", ASK_ALONE, ASK_ALONE] == [found[id_].notice for id_ in ids]
    assert found[ids[0]].propagated is not None
