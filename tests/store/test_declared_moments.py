"""What manifests and people say at a moment (asOf, knownAt), as the service reads it, against the definition."""

from __future__ import annotations

import random

import pytest

from catalog.graph.entities import Reference, curated_of, documents_of, manifest_documents, referred, referring
from catalog.graph.reader import Reader
from catalog.graph.references import first_referring
from catalog.graph.store import Store
from catalog.graph.walk import Moment
from catalog.lineage.assertions import Curated
from tests.declarations import MANIFESTS, by_id
from tests.histories import DATASETS, JOBS, random_history
from tests.oracle import Entry, Oracle
from tests.oracle_entities import EntityFacts, Named
from tests.store.test_fold import applied, scattered
from tests.store.test_moments import moments_of

ENTITIES = by_id(JOBS, DATASETS)


def declaring(rng: random.Random, n: int) -> list[Entry]:
    """Entries of a random history in which manifests and people speak."""
    said: list[Entry] = []
    while len(said) < n:
        more = [e for e in random_history(rng, 40).entries if e.assertions.manifest or e.assertions.curated]
        said += [Entry(f"{len(said) + i:04x}", len(said) + i, e.assertions) for i, e in enumerate(more, 1)]
    return said[:n]


def paged(reader: Reader, id_: str, at: Moment) -> list[Reference]:
    """All that an entity names, two at a time."""
    found = page = referred(reader, id_, limit=2, moment=at)
    while len(page) == 2:
        page = referred(reader, id_, after=page[-1].cursor, limit=2, moment=at)
        found = found + page
    return found


def read(reader: Reader, at: Moment) -> EntityFacts:
    """The same facts, out of the readers that everything shown is made of; the lineage is not theirs."""
    told = documents_of(reader, ENTITIES, at)
    words = curated_of(reader, ENTITIES, at)
    named = {
        Named(ref.manifest, key, ref.role, ref.entity.key)
        for id_, key in ENTITIES.items()
        for ref in paged(reader, id_, at)
    }
    return EntityFacts(
        documents={(d.manifest, ENTITIES[id_]): d.document for id_, some in told.items() for d in some},
        named=frozenset(named),
        words={
            (ENTITIES[id_], w.attribute, w.field, w.item): (Curated(ENTITIES[id_], *w[:7]), w.since)
            for id_, some in words.items()
            for w in some
        },
    )


@pytest.mark.parametrize("seed", range(2))
def test_what_is_declared_at_a_moment_is_the_oracles(store: Store, seed: int) -> None:
    """Documents, words and references at sampled (T, K), by entity, by manifest and from both ends."""
    rng = random.Random(f"declared {seed}")
    entries = declaring(rng, rng.choice((8, 20)))
    applied(store, scattered(rng, entries))
    reader, oracle = Reader(store, None), Oracle(entries)

    for at in [Moment(), *moments_of(rng, entries, 8)]:
        facts = oracle.facts(at.as_of, at.known_at).entities
        assert EntityFacts(facts.documents, facts.named, words=facts.words) == read(reader, at), at
        for manifest in MANIFESTS:
            own = {key: body for (by, key), body in facts.documents.items() if by == manifest}
            assert own == manifest_documents(reader, manifest, at), at
        firsts = first_referring(reader, ENTITIES, None, 50, at)
        by_one = {id_: referring(reader, id_, limit=50, moment=at) for id_ in ENTITIES}
        assert by_one == firsts, at
        assert facts.named == {
            Named(ref.manifest, ref.entity.key, ref.role, ENTITIES[id_]) for id_, some in firsts.items() for ref in some
        }, at
