"""What tests ask a running service over HTTP, however it was started."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx


class Asking:
    """The questions; `url` is where the service listens."""

    url: str

    def ask(self, query: str, **variables: Any) -> Any:
        """The data of a GraphQL answer."""
        answer = httpx.post(f"{self.url}/graphql", json={"query": query, "variables": variables}, timeout=30).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def send(self, *events: dict[str, Any]) -> int:
        """Post events one by one; the newest sequence."""
        answers = [httpx.post(f"{self.url}/api/v1/lineage", json=event, timeout=30) for event in events]
        assert {201} == {a.status_code for a in answers}, [a.text for a in answers if a.status_code != 201]
        return max(int(a.json()["sequence"]) for a in answers)

    def wait_applied(self, sequence: int, seconds: float = 30) -> None:
        """Wait until every entry up to a sequence is settled."""
        wait_for(lambda: self.ask("{ status { appliedThrough } }")["status"]["appliedThrough"] >= sequence, seconds)

    def is_ready(self) -> bool:
        """Whether it says that it can do its work."""
        try:
            return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False


def wait_for(true: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.05)
