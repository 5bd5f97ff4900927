"""What the rules look at: the files of this checkout, those that git ignores left out."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def files(root: Path) -> list[Path]:
    """Every file, relative to the top: committed, and new ones too, so that a rule speaks before the commit."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    found = sorted({Path(name) for name in names.split("\0") if name})
    return [path for path in found if (root / path).is_file()]
