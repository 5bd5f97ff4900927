"""Who may import whom: the contracts stand in `pyproject.toml`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_every_import_points_down(root: Path) -> None:
    """Lower layers never import higher ones, and each outside library has its one room."""
    linter = Path(sys.executable).with_name("lint-imports")

    done = subprocess.run([linter, "--no-cache"], cwd=root, capture_output=True, text=True, check=False)

    assert 0 == done.returncode, done.stdout + done.stderr
