"""Findings through the whole service: an event's consequences, an ordered evaluation, and what CI hears."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from click.testing import CliRunner, Result

from catalog.cli.main import main
from tests.e2e.conftest import Up
from tests.servers import plain
from tests.servers.asking import wait_for

Start = Callable[..., Up]
EVENT = {
    "eventType": "COMPLETE",
    "eventTime": "2026-01-01T00:00:00Z",
    "producer": "tests",
    "run": {"runId": "1"},
    "job": {"namespace": "jobs", "name": "load"},
    "outputs": [{"namespace": "db", "name": "orders"}],
}
OWN = """mutation { own(entity: {kind: DATASET, namespace: "db", name: "orders"}, owner: "team:orders", by: "ann") {
  entry { sequence } } }"""
OPEN = """{ findings(policy: "hygiene.dataset.owner") { totalCount hiddenCount
  edges { node { id message severity dueAt entity { name findings { id } } policy { remedy }
                 history { kind } witness { facts path { nodes { id } } } } }
  standing { stale evaluatedThrough failingPolicies open { severity count } } } }"""


def run(up: Up, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--url", up.url])


def test_an_event_s_consequences_are_found_and_resolved(start: Start) -> None:
    """A dataset without an owner is a finding; CI hears of it; it is gone once somebody owns the dataset."""
    up = start(env={"HEADWATER_EVALUATE_AFTER": "0.1"}).wait_up()

    def found() -> list[dict[str, Any]]:
        return [edge["node"] for edge in up.ask(OPEN)["findings"]["edges"]]

    assert 0 == run(up, "evaluate", "--fail-on", "info").exit_code
    up.wait_applied(up.send(EVENT))
    wait_for(lambda: bool(found()))
    (one,) = found()
    assert ("The dataset orders has no owner.", "MEDIUM") == (one["message"], one["severity"])
    assert {"dataset.owners": []} == one["witness"]["facts"]
    assert one["id"] in [each["id"] for each in one["entity"]["findings"]]
    assert one["policy"]["remedy"] and one["dueAt"]

    judged = run(up, "evaluate", "--fail-on", "medium", "--json")
    assert 1 == judged.exit_code
    answered = json.loads(judged.stdout)
    assert one["id"] in [each["id"] for each in answered["findings"]]
    assert (True, 0) == (answered["reconciled"], answered["hidden"])
    refused = run(up, "evaluate", "--report", "sarif=/no/such/place/f.sarif")
    assert 1 == refused.exit_code
    assert "headwater: there is no directory /no/such/place; make it first\n" == refused.stderr
    assert run(up, "findings", "show", one["id"][:12]).stdout == run(up, "findings", "show", one["id"]).stdout
    before = json.loads(run(up, "evaluate", "--as-of", "2025-12-31", "--json").stdout)
    assert ([], False) == (before["findings"], before["reconciled"])
    listed = json.loads(run(up, "findings", "--json", "--entity", "db orders").stdout)
    assert one["id"] in [each["id"] for each in listed["findings"]]
    assert "Name a team" in run(up, "findings", "show", one["id"]).stdout
    assert "did you mean hygiene" in run(up, "evaluate", "--pack", "hygene").stderr

    up.wait_applied(up.ask(OWN)["own"]["entry"]["sequence"])
    wait_for(lambda: not found())
    shown = json.loads(run(up, "findings", "show", one["id"], "--json").stdout)
    assert ["OPENED", "RESOLVED"] == [event["kind"] for event in shown["history"]]
    metrics = plain.get(f"{up.url}/metrics").text
    assert "headwater_findings_open_medium" in metrics and "headwater_evaluation_seconds" in metrics
