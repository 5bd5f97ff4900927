"""GraphQL over HTTP, judged by the reference audits of the specification's own test suite (needs Node)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.servers.asking import Asking

AUDIT = Path(__file__).parent.parent / "architecture" / "graphql_http_audit.mjs"


@pytest.mark.services
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not on this machine")
def test_all_audits_pass(service: Asking, tmp_path: Path) -> None:
    """61 of 61."""
    script = tmp_path / AUDIT.name
    script.write_text(AUDIT.read_text("utf-8"))
    packages = ["graphql-http@1.23.1", "graphql@16"]
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent", *packages], cwd=tmp_path, check=True)

    audit = subprocess.run(
        ["node", str(script), f"{service.url}/graphql"], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )

    assert 0 == audit.returncode, audit.stdout + audit.stderr
    assert "61" in audit.stdout
