"""A process that judges has a bounded memory."""

from __future__ import annotations

import subprocess
import sys

import pytest

TRY = """
from catalog.process import limit_memory
assert not limit_memory(0)
assert limit_memory(600_000_000)
try:
    taken = "x" * 2_000_000_000
except MemoryError:
    print("refused")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds the address space of a process")
def test_a_process_gets_no_more_memory_than_it_may_have() -> None:
    """What would take more fails there, and the machine goes on; without a limit nothing is set."""
    done = subprocess.run([sys.executable, "-c", TRY], capture_output=True, text=True, timeout=60, check=False)

    assert ("refused\n", 0) == (done.stdout, done.returncode), done.stderr
