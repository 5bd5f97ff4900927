"""Law 2 at every door: whatever was written is written once, though its writer never heard of it.

A network that breaks during a commit leaves its client without knowing; so whoever is told that the store is away does
the same again, and another worker goes on where one was cut off. Here each write of the service loses its answer once,
and each body of a transaction, reading or writing, is run twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from catalog.errors import StoreUnavailable
from catalog.graph import findings, shapes
from catalog.graph.store import Store
from tests.servers.stores import EMBEDDED, StoreServer, empty
from tests.store.doors import DOORS, defined, migrating
from tests.store.lost import Answers, writers
from tests.store.world import Door, World

FULL_TEXT = "graph.migrate._define_full_text"
"""Written over another protocol on the embedded store."""


@pytest.fixture(autouse=True)
def errors() -> Iterator[list[Any]]:
    """What workers log; they are loud about bugs, which here are meant."""
    with capture_logs() as told:
        yield told


@pytest.fixture
def world(store: Store, second: Store, server: StoreServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Two stores, where little is much; the first is up to date again afterwards."""
    monkeypatch.setattr(findings, "CHUNK", 1)
    monkeypatch.setattr(shapes, "INLINE_BYTES", 60)
    found = World(store, second, server, {})
    yield found
    migrating(found, 0)


LONG = ("prune", "baseline", "replay", "migrate")
"""Doors of many writes."""
EACH = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name in LONG)) for name in DOORS]
)


def used(door: Door, world: World, answers: Answers) -> Any:
    """What comes of a door that is used until nobody is told that the store is away."""
    empty(world.store)
    empty(world.fresh)
    door.given(world)
    with answers.of(world.store, world.fresh):
        for tried in range(3):
            try:
                door.use(world, tried)
                break
            except StoreUnavailable:
                assert tried < 2, "one answer is lost"
    return door.look(world)


def lost_of(name: str, written: list[str]) -> Iterable[int]:
    """The writes of a door, from 1; of one of many writes the first and the last of each writer."""
    if name not in LONG:
        return range(1, len(written) + 1)
    found = {name: at for at, name in reversed([*enumerate(written, 1)])}
    return sorted({*found.values(), *(at for at, name in enumerate(written, 1) if name not in written[at:])})


@EACH
def test_what_was_written_unheard_is_written_once(world: World, name: str) -> None:
    """Each answer is lost, one at a time; what comes of it is what comes of none lost."""
    door, undisturbed = DOORS[name], Answers()
    wanted, seen = used(door, world, undisturbed), Counter(undisturbed.writers)
    for lost in lost_of(name, undisturbed.writers):
        answers = Answers(lost=lost)
        assert wanted == used(door, world, answers), answers.writers[lost - 1]
        seen.update(answers.writers)

    meant = set(door.writers.split())
    assert meant - {FULL_TEXT} == seen.keys() - {FULL_TEXT}
    assert (FULL_TEXT in seen) == (FULL_TEXT in meant and world.server.name != EMBEDDED)


@EACH
def test_a_body_that_runs_twice_writes_once(world: World, name: str) -> None:
    """A store may refuse any commit, and what it refused is worked out from the beginning."""
    wanted = used(DOORS[name], world, Answers())

    assert wanted == used(DOORS[name], world, Answers(refused=True))


def test_every_writer_has_a_door() -> None:
    """A new way of writing comes with a way of being cut off."""
    assert writers() == {name for door in DOORS.values() for name in door.writers.split()}


def test_the_doors_do_what_they_are_for(world: World) -> None:
    """What is equal above is no nothing."""
    assert defined() == used(DOORS["evaluate"], world, Answers())[0]
    assert [[], ["a", "b"]] == [
        [row["name"] for row in part] if isinstance(part[0] if part else "", dict) else part
        for part in used(DOORS["migrate"], world, Answers())
    ]
    assert ["APPLIED"] == [row[2] for row in used(DOORS["apply"], world, Answers())[2]]
