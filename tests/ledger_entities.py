"""The entities' part of the ledger: what its registers of documents and words say (see `tests.ledger`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.assets.keys import Key, Kind
from catalog.identity import Name
from catalog.lineage.assertions import ColumnEdge, Curated, DeclaredFlow
from catalog.lineage.declaring import CURATED, DOCUMENT, HEADING
from catalog.lineage.observe import Register
from tests.oracle_entities import EntityFacts, Named


def entity_facts(
    told: Sequence[tuple[Register, Any]], keys: Mapping[str, Key], names: Mapping[str, Name]
) -> EntityFacts:
    """What values of registers say of entities; keys and names by id."""
    documents, named, flows, columns, words = {}, set(), set(), set(), {}
    headings = {body["manifest"]: body["heading"] for register, body in told if register.aspect == HEADING}
    for register, body in told:
        if register.aspect == DOCUMENT:
            manifest, key = body["manifest"], _key(body["key"])
            documents[manifest, key] = body["document"]
            named |= {Named(manifest, key, role, keys[id_]) for role, id_ in body["refs"]}
            flows |= {(manifest, DeclaredFlow(kind, names[a], names[b], type_)) for kind, a, b, type_ in body["flows"]}
            columns |= {
                (manifest, names[output], ColumnEdge(out, names[dataset], *rest))
                for output, out, dataset, *rest in body["columns"]
            }
        if register.aspect == CURATED:
            word = _word(body)
            words[word.key, word.attribute, word.field, word.item] = word, body["at"]
    return EntityFacts(documents, frozenset(named), frozenset(flows), frozenset(columns), words, headings)


def _word(body: dict[str, Any]) -> Curated:
    said = {name: value for name, value in body.items() if name not in ("at", "key")}
    return Curated(_key(body["key"]), **said)


def _key(spelled: list[str]) -> Key:
    kind, namespace, name = spelled
    return Key(Kind(kind), namespace, name)
