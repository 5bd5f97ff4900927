"""What is generated from the code is committed, and says what the code says."""

from __future__ import annotations

import subprocess
import sys


def test_generated_files_are_current() -> None:
    """SDL, settings table, command reference and metrics page equal what `make docs` would write now.

    In a process of its own: click remembers on a command which help options it was first shown with.
    """
    check = subprocess.run([sys.executable, "-m", "catalog.docs", "--check"], capture_output=True, text=True)

    assert (0, "") == (check.returncode, check.stdout), "run `make docs`"
