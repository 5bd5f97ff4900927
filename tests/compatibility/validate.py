"""Sends the scenarios, one after the other to an empty service, and compares what it then knows with the expectations.

Each event that is refused or rejected is a failure of its file ("syntax"); where none is, each file of expectations is
one test of what the service says afterwards ("semantics").
Source: the consumer's part of OpenLineage/compatibility-tests, and the report of its `scripts/report.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from catalog import __version__
from tests.compatibility.compare import unordered
from tests.compatibility.state import Listed, read_state
from tests.corpus import OPENLINEAGE, SCENARIOS
from tests.servers import plain
from tests.servers.asking import Asking

HERE = Path(__file__).parent / "scenarios"
EVENTS = OPENLINEAGE / "compat-consumer" / "consumer" / "scenarios"
SPECIFICATION = "2-0-2"
ENTRY = "query($key: String!) { ingestion(key: $key) { state reason warnings } }"
SUCCESS, FAILURE = "SUCCESS", "FAILURE"

Result = dict[str, Any]


def report(service: Asking, clean: Callable[[], None]) -> list[Result]:
    """All scenarios, in the project's form of a report.

    Args:
        clean: empties the service; called before each scenario.
    """
    scenarios = []
    for name in SCENARIOS:
        clean()
        scenarios.append(validate(service, name))
    component = {"name": "headwater", "component_type": "consumer", "component_version": __version__}
    return [{**component, "openlineage_version": SPECIFICATION, "scenarios": scenarios}]


def validate(service: Asking, name: str) -> Result:
    """One scenario."""
    tests = send(service, name)
    if all(test["status"] == SUCCESS for test in tests):
        state = read_state(service)
        tests += [compare(name, test, state) for test in read(HERE / name / "config.json")["tests"]]
    return {"name": name, "status": _status(test["status"] == FAILURE for test in tests), "tests": tests}


def send(service: Asking, name: str) -> list[Result]:
    """The events of a scenario in the order of their files' names, until all are settled."""
    answers: dict[str, httpx.Response] = {}
    for path in sorted((EVENTS / name / "events").iterdir()):
        answers[path.name] = plain.post(f"{service.url}/api/v1/lineage", content=path.read_bytes(), timeout=30)
    sequences = [answer.json()["sequence"] for answer in answers.values() if answer.status_code == 201]
    service.wait_applied(max(sequences, default=0), 60)
    return [_sent(service, file, answer) for file, answer in answers.items()]


def compare(scenario: str, test: Result, state: dict[str, Listed]) -> Result:
    """One file of expectations: all of an entity, no more and no less, in any order."""
    expected = read(HERE / scenario / test["path"])
    details = unordered(expected, state[test["entity"]], test["entity"])
    return _result(test["name"], "semantics", test["entity"], details, test["tags"])


def read(path: Path) -> Any:
    """A JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def _sent(service: Asking, file: str, answer: httpx.Response) -> Result:
    if answer.status_code != 201:
        return _result(file, "syntax", "openlineage", [f"{answer.status_code}: {answer.text[:500]}"], {})
    entry = service.ask(ENTRY, key=answer.json()["key"])["ingestion"]
    details = [] if entry["state"] == "APPLIED" else [f"{entry['state']}: {entry['reason']}"]
    return _result(file, "syntax", "openlineage", details, {})


def _result(name: str, validation: str, entity: str, details: list[str], tags: dict[str, Any]) -> Result:
    return {
        "name": name,
        "status": _status(details),
        "validation_type": validation,
        "entity_type": entity,
        "details": details,
        "tags": tags,
    }


def _status(failures: Any) -> str:
    return FAILURE if any(failures) else SUCCESS
