"""What people vouch for: what it is about, when it is out of date, and policies that require it."""

from __future__ import annotations

from typing import Any

from catalog.assets.keys import Kind
from catalog.checks.evaluate import evaluate
from catalog.checks.snapshot import Place, Thing
from catalog.checks.subjects_of import Subjects
from tests.unit.checks.worlds import chosen, outcomes, snapshot, thing

LATER, PAST = "2026-06-01T00:00:00Z", "2025-12-31T00:00:00Z"
REQUIRED = "entity.attestations.exists(a, a.framework == 'GDPR' && a.ref == 'Art. 32' && now < timestamp(a.review))"


def attestation(name: str, review: str = LATER, **more: Any) -> Thing:
    told = {"control": {"framework": "GDPR", "ref": "Art. 32"}, "statement": "s", "owner": "team:a"}
    lifecycle = {"lifecycle": more.pop("lifecycle")} if "lifecycle" in more else {}
    document = {**told, "date": "2025-01-01T00:00:00Z", "review": review, **more}
    return thing(name, Kind.ATTESTATION, document=document, **lifecycle)


def names(*things: Thing, of: str) -> list[str]:
    subject = Subjects(snapshot(*things)).value("dataset", "dataset", "attestations", Place(of))
    return [one["name"] for one in subject]


def test_what_an_attestation_is_about() -> None:
    """What it names, what it selects, and everything if it does neither."""
    things = [
        thing("orders", classification="confidential"),
        thing("plans"),
        attestation("a house"),
        attestation("b named", entities=[{"kind": "Dataset", "namespace": "pg", "name": "plans"}]),
        attestation("c selected", select={"classifications": ["confidential"]}),
    ]

    assert ["a house", "c selected"] == names(*things, of="orders")
    assert ["a house", "b named"] == names(*things, of="plans")


def test_what_nobody_stands_behind_is_none() -> None:
    """A draft and one that was withdrawn count for nothing."""
    things = [attestation("draft", lifecycle="proposed"), attestation("gone", lifecycle="retired"), thing("orders")]

    assert [] == names(*things, of="orders")


def test_a_policy_requires_one_that_is_not_out_of_date() -> None:
    """A statement holds until the day of its review, for what it is about, of the control it is about."""
    judged = evaluate(
        snapshot(
            thing("now"),
            thing("late"),
            thing("none"),
            attestation("a", entities=[{"kind": "Dataset", "namespace": "pg", "name": "now"}]),
            attestation("b", PAST, entities=[{"kind": "Dataset", "namespace": "pg", "name": "late"}]),
            attestation("c", control={"framework": "GDPR", "ref": "Art. 35"}),
        ),
        [chosen(**{"assert": REQUIRED})],
    )

    assert {"p": {"PASS": ["now"], "FAIL": ["late", "none"]}} == outcomes(judged)


def test_one_is_a_subject_itself() -> None:
    """Its evidence is counted; its review is a moment."""
    judged = evaluate(
        snapshot(
            attestation("fine", evidence=[{"name": "page", "url": "https://example.com"}]),
            attestation("bare"),
            attestation("late", PAST, evidence=[{"name": "page", "url": "https://example.com"}]),
        ),
        [
            chosen(name="date", target="attestation", **{"assert": "now < timestamp(attestation.review)"}),
            chosen(name="evidence", target="attestation", **{"assert": "attestation.evidence > 0"}),
        ],
    )

    assert {"PASS": ["bare", "fine"], "FAIL": ["late"]} == outcomes(judged)["date"]
    assert {"PASS": ["fine", "late"], "FAIL": ["bare"]} == outcomes(judged)["evidence"]
