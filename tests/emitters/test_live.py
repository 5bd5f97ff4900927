"""Real, unmodified emitters against a running service: `make test-emitters` installs and plays them, one at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.emitters.roster import INSTALLED, Emitter
from tests.emitters.service import perform
from tests.servers.child import Missing
from tests.servers.stores import missing


@pytest.fixture(scope="session", params=INSTALLED, ids=lambda emitter: emitter.name)
def emitter(request: pytest.FixtureRequest) -> Emitter:
    """Each that needs an environment of its own."""
    chosen: Emitter = request.param
    return chosen


@pytest.fixture(scope="session")
def tool(emitter: Emitter) -> Path:
    """Its environment, installed once per machine."""
    try:
        return emitter.tool()
    except Missing as e:
        missing(e)


@pytest.mark.emitters
def test_what_a_tool_tells_comes_out_right(emitter: Emitter, tool: Path, tmp_path: Path) -> None:
    """Lineage, column lineage, run states, parents; nothing is rejected, nothing given up, no job is left over."""
    assert emitter.expected.picture == perform(emitter, tool, tmp_path)
