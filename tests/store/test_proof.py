"""The proof: order x duplication x batches x workers x crash points give one graph, the oracle's, and one hash.

Over random histories, over every real event, and over real events made wrong; each time another arrival, in waves, of
which each is applied by one to four workers that may die between claim and commit or behind the commit, and whose
transaction bodies may run twice. Held against the oracle, now and at random moments of the past, against the evidence
(each entry is counted once), and against the hash of an orderly first time.

A failure names its seed and how to repeat it. `HEADWATER_TESTS_SEED=N` gives other cases, HEADWATER_SOAK_SECONDS says
how long the slow test goes on.
The other laws have tests of their own: what `asOf` and `knownAt` answer (test_fold.py, test_moments.py), that applying
a difference gives the other graph (test_diff.py), that merge and then split restore the hash (test_identity.py), that a
replay gives the live graph (test_rebuild.py), kills of real processes (tests/e2e/test_faults.py).
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import orjson
import pytest
from structlog.testing import capture_logs

from catalog.errors import InvalidEvent
from catalog.graph import inbox
from catalog.graph.fingerprint import fingerprint
from catalog.graph.inbox import NewEntry
from catalog.graph.store import Store
from catalog.lineage.assertions import Assertions
from catalog.lineage.canonical import parse
from catalog.lineage.observe import Record, observe
from catalog.lineage.translate import translate
from catalog.lineage.understand import Understanding
from catalog.usecases import ingest
from catalog.usecases.accept import SHARD_SPACE, prepare
from tests.e2e.faults.verdict import judge_entries
from tests.histories import random_history
from tests.mutated import mutants, seed_from_environment
from tests.oracle import Entry, Oracle
from tests.servers.stores import empty
from tests.store.chaos import Crowd, Faults, Killed
from tests.store.conftest import LATER
from tests.store.facts import Graph, without_stubs
from tests.store.test_corpus import everything

SEED = seed_from_environment()
SOAK_SECONDS = float(os.environ.get("HEADWATER_SOAK_SECONDS", "120"))
MOMENTS = 6


class Told(NamedTuple):
    """An entry to come, and what it asserts."""

    new: NewEntry
    said: Assertions


class Hearsay(Understanding):
    """Understands entries of random histories: their payloads are empty, and what they assert is known by their key."""

    def __init__(self, told: Sequence[Told]) -> None:
        super().__init__()
        self._said = {each.new.key: each.said for each in told}

    def record(self, event: dict[str, Any], key: str, sequence: int) -> Record:
        """The record of one entry."""
        return observe(self._said[key], key, sequence)


def history(seed: str) -> list[Told]:
    """A random history: it says things that no producer would."""
    rng = random.Random(seed)
    entries = random_history(rng, rng.choice((6, 16, 40))).entries
    return [Told(NewEntry(e.key, b"{}", "RunEvent", "", rng.randrange(SHARD_SPACE)), e.assertions) for e in entries]


@cache
def real(_: str) -> list[Told]:
    """Every real event, each once."""
    return [Told(new, translate(orjson.loads(new.payload))) for new in everything()]


def wrong(seed: str) -> list[Told]:
    """Real events made wrong, as far as they are events."""
    found: dict[str, Told] = {}
    for mutant in mutants(int(random.Random(seed).random() * 2**32), 120):
        try:
            new = prepare(parse(mutant.body), mutant.body)
            told = Told(new, translate(orjson.loads(new.payload)))
            observe(told.said, new.key, 1)
        except InvalidEvent:
            continue
        found[new.key] = told
    return list(found.values())


SOURCES: dict[str, Callable[[str], list[Told]]] = {"history": history, "real": real, "wrong": wrong}


def orderly(store: Store, told: Sequence[Told]) -> str:
    """The hash after one worker applied all of it as it came."""
    empty(store)
    inbox.accept(store, [each.new for each in told], LATER)
    faults = Faults(store, random.Random(0))
    faults.clock.at = LATER
    Crowd(store, faults, _understanding(told), workers=1).finish()
    return fingerprint(store)


def chaotic(store: Store, told: Sequence[Told], rng: random.Random) -> list[Entry]:
    """Apply it in another way; the entries as they were accepted."""
    empty(store)
    faults = Faults(store, rng)
    faults.clock.at = LATER
    crowd = Crowd(store, faults, _understanding(told), workers=rng.choice((1, 2, 4)))
    arriving = rng.sample(told, len(told))
    arriving += rng.sample(told, rng.choice((0, len(told) // 3)))
    waves = sorted(rng.sample(range(1, len(arriving)), min(rng.choice((0, 2, 5)), len(arriving) - 1)))
    sequences: dict[str, int] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "write", faults.write)
        patch.setattr(ingest, "BATCH_ENTRIES", rng.choice((1, 3, 7, 50, 250)) if len(told) < 100 else 250)
        for start, end in zip([0, *waves], [*waves, len(arriving)], strict=True):
            for receipt in _accept(store, [each.new for each in arriving[start:end]]):
                assert sequences.setdefault(receipt.key, receipt.sequence) == receipt.sequence
            crowd.work()
        crowd.finish()
    print(f"{dict(faults.happened)}, {len(waves) + 1} waves")
    return [Entry(each.new.key, sequences[each.new.key], each.said) for each in told]


def _understanding(told: Sequence[Told]) -> Understanding | None:
    return Hearsay(told) if told[0].new.payload == b"{}" else None


def _accept(store: Store, new: list[NewEntry]) -> Iterator[inbox.Receipt]:
    """As a client does, that sends again what it heard no answer to."""
    for at in range(0, len(new), 100):
        while True:
            try:
                yield from inbox.accept(store, new[at : at + 100], LATER)
                break
            except Killed:
                continue


def prove(store: Store, source: str, seed: str) -> None:
    """One proof."""
    told = SOURCES[source](seed)
    rng = random.Random(f"order {seed}")
    try:
        with capture_logs():
            expected = orderly(store, told)
            entries = chaotic(store, told, rng)
        judge_entries(store, entries)
        graph, oracle = Graph(store), Oracle(entries)
        for _ in range(MOMENTS):
            t, k = rng.choice(entries).assertions.time, rng.choice(entries).sequence
            assert without_stubs(oracle.facts(t, k)) == without_stubs(graph.facts(t, k)), (t, k)

        assert expected == fingerprint(store)
    except BaseException as e:
        e.add_note(f"prove(store, {source!r}, {seed!r})")
        raise


@pytest.mark.parametrize("number", range(4))
def test_any_way_of_applying_a_history_gives_its_graph(store: Store, number: int) -> None:
    """Random histories."""
    prove(store, "history", f"{SEED} {number}")


@pytest.mark.parametrize("source", ["real", "wrong"])
def test_any_way_of_applying_events_gives_their_graph(store: Store, source: str) -> None:
    """Every real event; and real events made wrong."""
    prove(store, source, f"{SEED}")


@pytest.mark.slow
def test_any_way_of_applying_anything_gives_its_graph_for_a_long_time(store: Store) -> None:
    """All three, from another start each time, for HEADWATER_SOAK_SECONDS."""
    start, until, number = time.time_ns(), time.monotonic() + SOAK_SECONDS, 0
    while time.monotonic() < until:
        prove(store, ("history", "history", "history", "wrong", "real")[number % 5], f"{start} {number}")
        number += 1
    print(f"{number} proofs from {start}")
