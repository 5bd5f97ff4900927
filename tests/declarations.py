"""What manifests and people say in random histories: of few things, so that they contradict each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from catalog.assets.keys import Key, Kind, entity_id
from catalog.identity import Name
from catalog.lineage.assertions import (
    Assertions,
    ColumnEdge,
    Curated,
    Declared,
    DeclaredFlow,
    EventType,
    Json,
    Origin,
)
from tests.dice import Dice

MANIFESTS = ("shop", "bank")
HEADINGS: tuple[dict[str, Json], ...] = ({}, {"description": "one"}, {"maxRemovedShare": 0.5})


def apply(dice: Dice, time: int, jobs: Sequence[Name], datasets: Sequence[Name]) -> Assertions:
    """A manifest sets some documents and removes others."""
    keys = dice.shuffled(_keys(jobs, datasets))[: dice.pick((0, 1, 2, 4))]
    told = tuple(
        Declared(key, None) if dice.chance(30) else _document(dice, key, jobs, datasets) for key in sorted(keys)
    )
    said = Assertions(time, Origin.DECLARED, EventType.OTHER, "", None, None, manifest=dice.pick(MANIFESTS))
    heading = dice.pick(HEADINGS) if dice.chance(40) else None
    return replace(said, declared=told, heading=heading)


def word(dice: Dice, time: int, jobs: Sequence[Name], datasets: Sequence[Name]) -> Assertions:
    """A person says something of an entity, or takes it back."""
    key = dice.pick(_keys(jobs, datasets)[:3])
    attribute, item = dice.pick((("description", ""), ("tags", "a"), ("tags", "b")))
    value = dice.pick(("one", "two", None))
    said = Curated(key, attribute, dice.pick(("", "c1")), item, value, dice.pick(("ann", "bob")), dice.chance(20))
    return Assertions(time, Origin.PERSON, EventType.OTHER, "", None, None, curated=(said,))


def by_id(jobs: Sequence[Name], datasets: Sequence[Name]) -> dict[str, Key]:
    """All entities of these histories."""
    return {entity_id(key): key for key in _keys(jobs, datasets)}


def _keys(jobs: Sequence[Name], datasets: Sequence[Name]) -> list[Key]:
    return [
        *(Key(Kind.DATASET, *name) for name in datasets[:2]),
        Key(Kind.PIPELINE, *jobs[0]),
        Key(Kind.TEAM, "", "sales"),
        Key(Kind.TERM, "", "revenue"),
    ]


def _document(dice: Dice, key: Key, jobs: Sequence[Name], datasets: Sequence[Name]) -> Declared:
    refs = {(dice.pick(("owner", "term")), dice.pick(_keys(jobs, datasets)[3:])) for _ in range(dice.pick((0, 1, 2)))}
    flows, columns = set(), set()
    for _ in range(dice.pick((0, 0, 1, 2))):
        kind = dice.pick(("READS", "WRITES", "DERIVES_FROM"))
        source, target = dice.shuffled(datasets)[:2]
        if kind == "DERIVES_FROM":
            flows.add(DeclaredFlow(kind, source, target, dice.pick(("", "COPY"))))
        else:
            flows.add(DeclaredFlow(kind, dice.pick(jobs), target))
    if dice.chance(30):
        source, target = dice.shuffled(datasets)[:2]
        edge = ColumnEdge(dice.pick(("c1", "")), source, "c1", "DIRECT", "IDENTITY", False, dice.pick(("", "why")))
        columns.add((target, edge))
    body = {"kind": str(key.kind), "description": dice.pick(("one", "two", "three"))}
    return Declared(key, body, tuple(sorted(refs)), tuple(sorted(flows)), tuple(sorted(columns)))
