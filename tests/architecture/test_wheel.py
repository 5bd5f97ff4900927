"""What people install is what this checkout holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """A wheel built from the checkout by the locked build backend."""
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(target)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stdout + done.stderr
    (built,) = target.glob("*.whl")
    return ZipFile(built)


def test_the_wheel_holds_both_packages_and_the_contracts(wheel: ZipFile, files: list[Path]) -> None:
    """Every file of catalog/ and workers/ is inside, schema/ and the example in catalog, and nothing else is."""
    expected = {place for path in files if (place := _place(path.as_posix()))}
    actual = {name for name in wheel.namelist() if ".dist-info/" not in name}

    assert expected == actual


@pytest.mark.parametrize(
    "pattern",
    [
        "catalog/py.typed",
        "catalog/_schema/graph/*.cypher",
        "catalog/_schema/graphql/*.graphql",
        "catalog/graph/cypher/*.cypher",
        "catalog/demo/*",
        "catalog/_example/headwater.yaml",
        "catalog/_schema/manifest/v1/*.json",
        "workers/app.py",
    ],
)
def test_the_wheel_works_without_the_checkout(wheel: ZipFile, pattern: str) -> None:
    """What the installed service reads at run time is there; the test above cannot see a folder gone from both."""
    assert any(Path(name).match(pattern) for name in wheel.namelist())


def test_the_wheel_starts_the_command_line(wheel: ZipFile) -> None:
    """`headwater` is its one console script."""
    (script,) = [name for name in wheel.namelist() if name.endswith(".dist-info/entry_points.txt")]

    assert "[console_scripts]\nheadwater = catalog.cli.main:main\n" == wheel.read(script).decode()


def _place(path: str) -> str:
    """Where a file of the checkout is found in the wheel; "" if it stays outside."""
    for folder, inside in (("schema/", "catalog/_schema/"), ("deploy/example/", "catalog/_example/")):
        if path.startswith(folder):
            return path.replace(folder, inside, 1)
    return path if path.startswith(("catalog/", "workers/")) else ""
