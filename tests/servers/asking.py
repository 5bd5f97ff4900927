"""What tests ask a running service over HTTP, however it was started."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx

from tests.servers import plain

PATIENCE = 60.0
"""Seconds; ten times what anything waited for takes on a machine of its own."""


class Asking:
    """The questions; `url` is where the service listens."""

    url: str

    def ask(self, query: str, **variables: Any) -> Any:
        """The data of a GraphQL answer."""
        answer = plain.post(f"{self.url}/graphql", json={"query": query, "variables": variables}, timeout=30).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def send(self, *events: dict[str, Any]) -> int:
        """Post events one by one; the newest sequence."""
        answers = [plain.post(f"{self.url}/api/v1/lineage", json=event, timeout=30) for event in events]
        assert {201} == {a.status_code for a in answers}, [a.text for a in answers if a.status_code != 201]
        return max(int(a.json()["sequence"]) for a in answers)

    def wait_applied(self, sequence: int, seconds: float = PATIENCE) -> None:
        """Wait until every entry up to a sequence is settled."""
        wait_for(lambda: self.ask("{ status { appliedThrough } }")["status"]["appliedThrough"] >= sequence, seconds)

    def is_ready(self) -> bool:
        """Whether it says that it can do its work."""
        try:
            return plain.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False


def wait_for(true: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait until something holds; the longer it takes, the less often it is asked, since asking costs both sides."""
    began = time.monotonic()
    while not true():
        waited = time.monotonic() - began
        assert waited < seconds, "not in time"
        time.sleep(min(0.25, 0.03 + waited / 20))
