"""What every test process does at its beginning and end."""

from __future__ import annotations

import os
import time

import pytest

from tests.servers.stores import stop_idle

SECONDS = "HEADWATER_TESTS_SECONDS"
"""A run that must end in time gives its seconds here: what has not begun by then is skipped, and says so."""
_began = time.monotonic()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what there is no time left for."""
    seconds = os.environ.get(SECONDS)
    if seconds and time.monotonic() - _began > float(seconds):
        pytest.skip(f"no time left in this run of {seconds} s ({SECONDS}); `make test-full` runs it")


def pytest_sessionfinish() -> None:
    """Servers that were lent from one suite to the next are ended."""
    stop_idle()
