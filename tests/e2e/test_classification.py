"""Suggested tags as people meet them on the command line: decided one by one and in bulk, taken back, explained."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner, Result

from catalog.cli.main import main
from tests.servers.asking import Asking

SPACE = "postgres://suggested:5432"
USERS, MART = (SPACE, "shop.public.users"), (SPACE, "mart.people")
SCHEMA = [{"name": name, "type": "text"} for name in ("email", "phone", "birth_date", "note")]
CONTACT = {"namespace": SPACE, "name": USERS[1], "field": "email"}
EVENT = {
    "eventType": "COMPLETE",
    "eventTime": "2026-01-01T00:00:00Z",
    "producer": "tests",
    "run": {"runId": "suggested"},
    "job": {"namespace": "jobs", "name": "people"},
    "inputs": [{"namespace": SPACE, "name": USERS[1], "facets": {"schema": {"fields": SCHEMA}}}],
    "outputs": [
        {
            **{"namespace": SPACE, "name": MART[1]},
            "facets": {
                "schema": {"fields": [{"name": "contact_point", "type": "text"}]},
                "columnLineage": {"fields": {"contact_point": {"inputFields": [CONTACT]}}},
            },
        }
    ],
}


def run(service: Asking, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--url", service.url])


def asked(service: Asking, *arguments: str) -> Any:
    done = run(service, *arguments, "--json")
    assert 0 == done.exit_code, done.output
    return json.loads(done.stdout)


def suggested(service: Asking) -> set[tuple[str, str]]:
    """Columns with the tags that they may be missing."""
    found = asked(service, "classification", "list", *USERS)["suggestions"]
    return {(one["field"], one["tag"]) for one in found}


def decide(service: Asking, *arguments: str) -> list[dict[str, Any]]:
    """Decisions, applied: their entries."""
    told = asked(service, "classification", *arguments, "--as", "ann")
    entries: list[dict[str, Any]] = [receipt["entry"] for receipt in told["receipts"]]
    for entry in entries:
        service.wait_applied(entry["sequence"])
    return entries


def test_suggestions_are_decided_by_people_and_explained(service: Asking) -> None:
    """What is accepted is a tag that follows the lineage; what is rejected is not said again; both can be undone."""
    service.wait_applied(service.send(EVENT))
    mail, phone, birth = ("email", "pii/email"), ("phone", "pii/phone"), ("birth_date", "pii/birth_date")
    assert {mail, phone, birth} == suggested(service)

    (accepted,) = decide(service, "accept", *USERS, *mail, "--reason", "seen")
    (rejected,) = decide(service, "reject", *USERS, *phone)
    assert {birth} == suggested(service)
    followed = asked(service, "classification", "why", *MART, "--field", "contact_point", "pii/email")
    assert [USERS[1], "email"] == [
        followed["shortest"]["origin"]["entity"]["name"],
        followed["shortest"]["origin"]["field"],
    ]
    shown = run(service, "classification", "why", *MART, "--field", "contact_point", "pii/email").stdout
    assert "ann" in shown and "seen" in shown, shown

    for entry in (accepted, rejected):
        service.wait_applied(asked(service, "undo", entry["key"], "--as", "ann")["entry"]["sequence"])
    assert {mail, phone, birth} == suggested(service)
    gone = run(service, "classification", "why", *MART, "--field", "contact_point", "pii/email").stdout
    assert "ann" not in gone

    would = asked(service, "classification", "accept", SPACE, "--all", "--tag", "pii", "--dry-run")
    assert (0, 3) == (would["decided"], len(would["suggestions"]))
    assert 3 == len(decide(service, "accept", SPACE, "--all", "--tag", "pii"))
    assert set() == suggested(service)
    (odd,) = asked(service, "classification", "accept", *USERS, "email", "pii/nope")["receipts"]
    assert 0 == asked(service, "classification", "accept", *USERS, "email", "pii/nope", "--dry-run")["suggested"], odd
    unknown = run(service, "classification", "why", SPACE, "shop.public.usrs", "pii/email")
    assert (3, True) == (unknown.exit_code, "shop.public.users" in unknown.stderr), unknown.output
    for wrong in (["accept", *USERS], ["accept", *USERS, "email", "pii/email", "--all"]):
        assert 2 == run(service, "classification", *wrong).exit_code
