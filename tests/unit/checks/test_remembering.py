"""What is remembered of the catalog against the memory that a process may have."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.checks.snapshot import Snapshot
from catalog.heap import check_room
from catalog.usecases.remembering import Memory
from tests.unit.checks.worlds import snapshot, thing


@pytest.fixture
def no_room() -> Iterator[None]:
    """All of the address space that this process may have is taken, but for what is left to what has to go on."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + taken // 20, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def whole() -> Snapshot:
    return snapshot(thing("a"), thing("b"))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much is taken")
def test_where_there_is_no_room_nothing_is_remembered(no_room: None) -> None:
    """And what was remembered before is let go: an evaluation goes on as if there were no memory."""
    memory = Memory()
    memory.keep(whole())

    assert memory.kept is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much is taken")
def test_what_is_remembered_gives_way(request: pytest.FixtureRequest) -> None:
    """To whatever runs out of memory; other errors leave it."""
    memory = Memory()
    memory.keep(whole())
    with pytest.raises(ValueError, match="other"), memory.giving_way():
        raise ValueError("other")
    assert memory.kept is not None
    request.getfixturevalue("no_room")

    with pytest.raises(MemoryError), memory.giving_way():
        check_room()

    assert memory.kept is None
