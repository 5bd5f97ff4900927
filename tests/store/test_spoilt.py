"""Which runs read a bad version, or what was made of it: against a plain walk over what was told."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any, NamedTuple

import pytest

from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.graph.walk import PRESENT
from catalog.identity import Name, dataset_id, run_id
from catalog.usecases import spoilt
from catalog.usecases.spoilt import Bad, Spoilt, Verdict
from tests.store.conftest import accept_events, drain
from tests.store.events import event

TABLES = ["raw", "a", "b", "c"]
VERSIONS = ["1", "2"]
SEEDS = 4


class Ran(NamedTuple):
    """A run: what it read and what it wrote, each a table and its version ("": not told)."""

    name: str
    read: tuple[tuple[str, str], ...]
    wrote: tuple[str, str]


def history(rng: random.Random, space: str) -> list[Ran]:
    """Runs that read each other's tables, also in circles; now and then somebody tells no version."""
    found = []
    for n in range(12):
        read = tuple((table, rng.choice([*VERSIONS, *VERSIONS, ""])) for table in rng.sample(TABLES, rng.randint(0, 2)))
        found.append(Ran(f"{space}-{n}", read, (rng.choice(TABLES[1:]), rng.choice([*VERSIONS, ""]))))
    return found


def told(space: str, ran: Ran) -> dict[str, Any]:
    """The event of a run."""

    def data(table: str, version: str) -> dict[str, Any]:
        return {
            "namespace": space,
            "name": table,
            "facets": {"version": {"datasetVersion": version}} if version else {},
        }

    said = event(ran.name, inputs=[data(*one) for one in ran.read], outputs=[data(*ran.wrote)])
    return {**said, "job": {"namespace": space, "name": ran.name}}


def plainly(runs: list[Ran], name: str) -> Verdict:
    """The definition: everything that a run may have read something of, by whoever wrote it."""
    by_name = {ran.name: ran for ran in runs}
    seen, todo, verdict = {name}, [name], Verdict.CLEAR
    while todo:
        for table, version in by_name[todo.pop()].read:
            if table == "raw" and version == "1":
                return Verdict.TOUCHED
            writers = {ran.name for ran in runs if ran.wrote == (table, version)}
            if not version or (table != "raw" and not writers):
                verdict = Verdict.POSSIBLE
            elif table != "raw":
                todo += sorted(writers - seen)
                seen |= writers
    return verdict


def test_verdicts_are_those_of_a_plain_walk(store: Store) -> None:
    """Of runs in circles, too, and whether they are asked for together or one by one."""
    rng = random.Random(12)
    worlds = {f"w{seed}": history(rng, f"w{seed}") for seed in range(SEEDS)}
    events = [told(space, ran) for space, runs in worlds.items() for ran in runs]
    accept_events(store, rng.sample(events, len(events)))
    drain(store)
    reader, seen = Reader(store, None), set[Verdict]()

    for space, runs in worlds.items():
        ids = {ran.name: run_id(Name(space, ran.name), ran.name) for ran in runs}
        bad = Bad(Name(space, "raw"), frozenset({dataset_id(Name(space, "raw"))}), version="1")
        below = {dataset_id(Name(space, table)) for table in TABLES}
        whole = Spoilt(reader, bad, PRESENT, below).verdicts(ids.values())
        single = Spoilt(reader, bad, PRESENT, below)
        one_by_one = {id_: single.verdicts([id_])[id_][0] for id_ in rng.sample(sorted(ids.values()), len(ids))}
        plain = {ids[ran.name]: plainly(runs, ran.name) for ran in runs}
        assert plain == {id_: verdict for id_, (verdict, _) in whole.items()} == one_by_one
        seen |= set(plain.values())
    assert set(Verdict) == seen


def test_what_is_not_looked_at_stays_possible(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that nobody heard of, or that is one too many, is never silently clear; the answer says so."""
    links = pairwise(TABLES)
    chain = [Ran(f"r{n}", ((table, "1"),), (other, "1")) for n, (table, other) in enumerate(links)]
    accept_events(store, [told("w", ran) for ran in chain])
    drain(store)
    reader, ids = Reader(store, None), [run_id(Name("w", ran.name), ran.name) for ran in chain]
    bad = Bad(Name("w", "raw"), frozenset({dataset_id(Name("w", "raw"))}), version="1")
    below = {dataset_id(Name("w", table)) for table in TABLES}
    unheard = run_id(Name("w", "r9"), "r9")

    asked = Spoilt(reader, bad, PRESENT, below)
    assert [(Verdict.POSSIBLE, "its run is not known")] * 2 == [asked.verdicts([unheard])[unheard] for _ in range(2)]
    assert (
        "read version 1 of b, whose run read version 1 of a, whose run read version 1 of raw"
        == (asked.verdicts(ids)[ids[2]][1])
    )
    monkeypatch.setattr(spoilt, "MOST_RUNS", 2)
    short = Spoilt(reader, bad, PRESENT, below)
    assert (Verdict.POSSIBLE, True) == (short.verdicts([ids[2]])[ids[2]][0], short.truncated)
