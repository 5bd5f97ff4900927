"""Where the tools under test are installed: one virtual environment each, pinned, cached from run to run.

An environment is named by a hash of its pins, so that a changed pin makes a new one. What only this project's own
tests need is never installed into the development environment, and the other way round.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.servers.child import Missing, need
from tests.servers.maven import CACHE as TESTS_CACHE

CACHE = TESTS_CACHE / "emitters"
INSTALL_SECONDS = 900
_LAST = 2_000


def environment(name: str, pins: tuple[str, ...]) -> Path:
    """The folder of the virtual environment with these packages; processes wait for each other.

    Raises:
        Missing: they cannot be installed.
    """
    place = _place(name, pins)
    with _locked():
        if (place / "installed").exists():
            return place
        shutil.rmtree(place, ignore_errors=True)
        if uv := _uv():
            _run(uv, "venv", "--quiet", "--python", sys.executable, str(place))
            _run(uv, "pip", "install", "--quiet", "--python", str(place / "bin/python"), *pins)
        else:
            _run(sys.executable, "-m", "venv", str(place))
            _run(str(place / "bin/python"), "-m", "pip", "install", "--quiet", *pins)
        (place / "installed").write_text("\n".join(pins) + "\n")
    return place


def jar(artifact: str) -> Path:
    """A jar from Maven, by `group:artifact:version`.

    Raises:
        Missing: no Maven, or it cannot be had.
    """
    _, name, version = artifact.split(":")
    place = CACHE / f"{name}-{version}.jar"
    with _locked():
        if not place.exists():
            maven = need("mvn", "maven")
            with tempfile.TemporaryDirectory(dir=CACHE) as folder:
                _run(maven, "-B", "-q", "dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={folder}")
                Path(folder, place.name).rename(place)
    return place


def _place(name: str, pins: tuple[str, ...]) -> Path:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    digest = hashlib.sha256(b"\n".join(part.encode() for part in (version, *pins)))
    return CACHE / f"{name}-{digest.hexdigest()[:12]}"


class _locked:
    """One installation at a time on this machine."""

    def __enter__(self) -> None:
        CACHE.mkdir(parents=True, exist_ok=True)
        self._file = (CACHE / "lock").open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _uv() -> str | None:
    """The path of a uv that works: a shim of a version manager may exist and not work."""
    uv = shutil.which("uv")
    works = uv and subprocess.run([uv, "--version"], capture_output=True, timeout=60).returncode == 0
    return uv if works else None


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    if done.returncode != 0:
        raise Missing(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-_LAST:]}")
