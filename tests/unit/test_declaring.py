"""Entries of applies and of people's words: what is written is read again, and what is wrong is said with its place."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.assets.keys import Key, Kind
from catalog.errors import Claim, ClaimedElsewhere, InvalidEvent
from catalog.lineage.assertions import Curated
from catalog.lineage.observe import observe
from catalog.lineage.understand import Understanding
from catalog.manifest.curation import curation_entry, read_curation
from catalog.manifest.entry import manifest_entry, read_manifest
from catalog.manifest.readers import READERS
from catalog.usecases.accept import prepare_apply, prepare_curation

WHEN = "2026-03-01T12:00:00Z"
ORDERS, SALES = Key(Kind.DATASET, "db", "orders"), Key(Kind.TEAM, "", "sales")
ENTRY = manifest_entry(
    "shop",
    by="ann",
    applied_at=WHEN,
    base="",
    plan="p",
    documents={ORDERS: {"owners": ["team:sales"]}},
    removed=[SALES],
)
WORD = Curated(ORDERS, "tags", "c1", "pii", True, "bob", reason="so")
SAID = curation_entry(WORD, WHEN)


def test_an_apply_is_read_as_it_was_written() -> None:
    """Documents that are set, with what follows from them, and entities that are not declared any more."""
    said = read_manifest(ENTRY)

    assert "shop" == said.manifest
    assert {ORDERS: {"owners": ["team:sales"]}, SALES: None} == {d.key: d.body for d in said.declared}
    assert (("owner", SALES),) == said.declared[0].refs


def test_a_persons_word_is_read_as_it_was_written() -> None:
    """Through the understanding that workers use, too."""
    assert (WORD,) == read_curation(SAID).curated
    assert observe(read_curation(SAID), "k", 1) == Understanding(readers=READERS).record(SAID, "k", 1)


def test_a_listing_shows_what_an_entry_is_about() -> None:
    """Kind and subject say it without the payload; all of one manifest, and of one entity, goes to one shard."""
    apply, word = prepare_apply(ENTRY), prepare_curation(SAID)
    others = (prepare_apply({**ENTRY, "plan": "q"}), prepare_curation({**SAID, "value": None}))

    assert ("manifest/v1", "shop: 2 documents") == (apply.kind, apply.subject)
    assert ("curation/v1", "tags of Dataset db orders") == (word.kind, word.subject)
    assert [apply.shard, word.shard] == [other.shard for other in others]
    assert apply.chain and ("shop", "", "p") == apply.chain[:3]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"manifest": ""}, "manifest"),
        ({"manifest": 7}, "manifest"),
        ({"appliedAt": "yesterday"}, "appliedAt"),
        ({"appliedAt": None}, "appliedAt"),
        ({"set": {}}, "set"),
        ({"set": [7]}, "set[0]"),
        ({"set": [{"kind": "Car", "name": "a"}]}, "set[0].kind"),
        ({"set": [{"kind": "Team", "name": " "}]}, "set[0].name"),
        ({"set": [{"kind": "Team", "name": ["a"]}]}, "set[0].name"),
        ({"set": [{"kind": "Team", "namespace": "a", "name": "b"}]}, "set[0].namespace"),
        ({"removed": [{"kind": "Dataset", "name": "b"}]}, "removed[0].namespace"),
        ({"set": [{"kind": "Team", "name": "a", "document": None}]}, "set[0].document"),
        ({"removed": [{"kind": "Dataset", "namespace": "db", "name": "orders"}]}, "removed[0]"),
    ],
)
def test_an_apply_that_cannot_be_read_says_where(change: dict[str, Any], field: str) -> None:
    """The door refuses it with the place of what is wrong."""
    with pytest.raises(InvalidEvent) as told:
        prepare_apply({**ENTRY, **change})

    assert field == told.value.field


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"entity": None}, "entity"),
        ({"attribute": ""}, "attribute"),
        ({"item": "x" * 3_000}, "item"),
        ({"verified": "yes"}, "verified"),
        ({"at": 7}, "at"),
    ],
)
def test_a_word_that_cannot_be_read_says_where(change: dict[str, Any], field: str) -> None:
    """The same for what people say."""
    with pytest.raises(InvalidEvent) as told:
        prepare_curation({**SAID, **change})

    assert field == told.value.field


def test_a_foreign_claim_names_both_manifests() -> None:
    """Of many, the first few; the error has them all."""
    error = ClaimedElsewhere([Claim(f"Team t{i}", "bank", "shop") for i in range(7)])

    assert "'shop' cannot declare" in str(error)
    assert "Team t0 belongs to manifest 'bank'" in str(error)
    assert "and 2 more" in str(error)
    assert 7 == len(error.claims)
