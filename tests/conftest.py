"""What every test process does at its end."""

from __future__ import annotations

from tests.servers.stores import stop_idle


def pytest_sessionfinish() -> None:
    """Servers that were lent from one suite to the next are ended."""
    stop_idle()
