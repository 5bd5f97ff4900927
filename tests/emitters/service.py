"""A real `headwater up` that asks for a token, and what one emitter's plays leave in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from catalog.graph.embedded import free_port
from tests.e2e.conftest import Up
from tests.emitters.picture import Picture, look
from tests.emitters.roster import Emitter
from tests.emitters.stage import Stage
from tests.servers import plain

TOKEN = "let-me-in"
SETTLE_SECONDS = 60


class Guarded(Up):
    """A service that answers only to its token."""

    def __init__(self, data: Path, *options: str) -> None:
        super().__init__(data, free_port(), {"HEADWATER_API_TOKEN": TOKEN}, *options)

    def ask(self, query: str, **variables: Any) -> Any:
        """The data of a GraphQL answer."""
        body = {"query": query, "variables": variables}
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = plain.post(f"{self.url}/graphql", json=body, headers=headers, timeout=30).json()
        assert "errors" not in answer, answer
        return answer["data"]


def perform(emitter: Emitter, tool: Path, folder: Path) -> Picture:
    """Play everything against a service of its own and look at what it holds then."""
    up = Guarded(folder / "data")
    try:
        up.wait_up()
        return played(emitter, tool, folder, up)
    finally:
        up.stop()


def played(emitter: Emitter, tool: Path, folder: Path, up: Guarded) -> Picture:
    """Play everything against a service and look at what it holds then."""
    stage = Stage(folder / "stage", tool, up.url, TOKEN)
    stage.folder.mkdir()
    for play, _ in emitter.plays:
        play(stage)
    up.wait_applied(up.ask("{ status { sequence } }")["status"]["sequence"], SETTLE_SECONDS)
    return look(up.ask, emitter.expected.sink, emitter.expected.source, stage.neutral)
