"""What every test process does at its beginning and end."""

from __future__ import annotations

import os
import time
from collections import Counter

import pytest

from tests.servers.stores import stop_idle

SECONDS = "HEADWATER_TESTS_SECONDS"
"""A run that must end in time gives its seconds here: what has not begun by then is skipped, and says so."""
FIRST = (
    *("test_faults", "test_doors", "test_deployment", "test_killed_apply", "test_killed_evaluation", "test_rebuild"),
    *("test_full_disk", "test_manifests", "test_reports", "test_plants", "test_brokers", "test_kafka"),
)
"""In such a run Neo4j's store suites come first, then these files; the end may not be reached."""
_LATE = "no time left"
_began = time.monotonic()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what a run that may not reach its end must not miss; the tests of a file stay together."""
    if not os.environ.get(SECONDS):
        return
    on_neo4j = {item.path for item in items if "store" in item.path.parts and item.get_closest_marker("neo4j")}

    def place(item: pytest.Item) -> int:
        if item.path in on_neo4j:
            return -1
        return FIRST.index(item.path.stem) if item.path.stem in FIRST else len(FIRST)

    items.sort(key=place)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what there is no time left for."""
    seconds = os.environ.get(SECONDS)
    if seconds and time.monotonic() - _began > float(seconds):
        pytest.skip(f"{_LATE} in this run of {seconds} s ({SECONDS}); `make test-full` runs it")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the files that there was no time for."""
    skipped = terminalreporter.getreports("skipped")
    late = Counter(report.nodeid.partition("::")[0] for report in skipped if _LATE in str(report.longrepr))
    for file, count in late.items():
        terminalreporter.write_line(f"not reached: {count} of {file}")


def pytest_sessionfinish() -> None:
    """Servers that were lent from one suite to the next are ended."""
    stop_idle()
