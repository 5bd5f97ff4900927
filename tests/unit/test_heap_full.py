"""Memory that runs out is known before it has, and told as what it is."""

from __future__ import annotations

import subprocess
import sys

import orjson
import pytest

from catalog.heap import check_room, is_full

TRY = """
import resource
from catalog.heap import KEPT, check_room
from catalog.process import limit_memory
limit = 400_000_000
assert limit_memory(limit)
check_room()
kept = []
try:
    while True:
        kept.append(bytes(1_000_000))
        check_room()
except MemoryError as e:
    left = limit - len(kept) * 1_000_000
    print(e, 0 < left, bool(bytes(int(limit * KEPT / 2))))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds the address space of a process")
def test_reading_stops_while_there_is_room_to_tell() -> None:
    """The error comes while half of what is kept can still be had; without a limit there is none."""
    check_room()
    done = subprocess.run([sys.executable, "-c", TRY], capture_output=True, text=True, timeout=60, check=False)

    assert 0 == done.returncode, done.stderr
    assert done.stdout.endswith("of 400,000,000 bytes are taken True True\n"), done.stdout


def test_what_was_caused_by_a_full_memory_is_known_as_that() -> None:
    """Whatever a library calls it, or whoever passed it on; a text that is no JSON is something else."""
    parsed = orjson.JSONDecodeError("Not enough memory to allocate buffer for parsing", "", 0)
    caused = KeyError("x")
    caused.__cause__ = MemoryError()
    wrong = orjson.JSONDecodeError("unexpected character", "", 0)

    assert [True, True, True, False, False] == [
        is_full(one) for one in (MemoryError(), parsed, caused, wrong, ValueError("Not enough memory"))
    ]
