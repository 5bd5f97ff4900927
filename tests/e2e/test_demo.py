"""`headwater demo`, the README's first command: it shows lineage of recorded events and leaves a report behind."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.servers.child import plain_environment


def test_the_demo_shows_what_the_readme_promises() -> None:
    """Tables and columns of Spark and dbt, each answer complete; the example's manifests applied; exit code 0."""
    command = [sys.executable, "-m", "catalog.cli.main", "demo"]
    done = subprocess.run(command, env=plain_environment(), capture_output=True, text=True, timeout=90)

    assert 0 == done.returncode, done.stderr
    assert 4 == done.stdout.count("complete: ")
    assert "complete: 4 nodes, 3 edges" in done.stdout
    assert "applied 46 declared entities, 10 edges of lineage" in done.stdout
    assert "churn-api   churn/3" in done.stdout
    assert "3 missing" in done.stdout
    assert "stopped, nothing left running" in done.stdout
    report = Path(next(line for line in done.stdout.splitlines() if line.endswith("/policy-compliance.html")))
    try:
        assert "verified with the public key: as it was sealed" in done.stdout
        assert report.read_bytes().startswith(b"<!doctype html>")
    finally:
        shutil.rmtree(report.parent)
