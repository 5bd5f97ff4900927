"""Jars of servers from Maven, fetched once per machine."""

from __future__ import annotations

import fcntl
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.servers.child import Missing, need

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "headwater-tests"
_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>local</groupId><artifactId>jars</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>{}</dependencies></project>"""
_DEPENDENCY = "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>"


def fetch_jars(name: str, artifacts: Sequence[tuple[str, str, str]]) -> Path:
    """The folder of these artifacts (group, name, version) and all they need; processes wait for each other.

    Raises:
        Missing: no Maven, no Java, or the artifacts cannot be had.
    """
    jars = CACHE / name
    need("java", "openjdk-17-jre-headless")
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if jars.exists():
            return jars
        maven = need("mvn", "maven")
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            wanted = "".join(_DEPENDENCY.format(*artifact) for artifact in artifacts)
            Path(folder, "pom.xml").write_text(_POM.format(wanted))
            copy = [
                maven,
                "-B",
                "-q",
                "dependency:copy-dependencies",
                "-DincludeScope=runtime",
                "-DoutputDirectory=lib",
            ]
            done = subprocess.run(copy, cwd=folder, capture_output=True, text=True, timeout=600)
            if done.returncode != 0:
                raise Missing(f"Maven could not fetch {name}:\n{done.stdout[-2_000:]}")
            Path(folder, "lib").rename(jars)
    return jars
