"""What policies find in the company, written down: some fail, one is waived, one errs, one is about columns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from catalog.assets.keys import Kind
from catalog.checks.judgement import Finding, Hop, Judgement, PolicyUsed, Population, Witness
from catalog.checks.snapshot import Place, Snapshot
from tests.unit.reports.building import entry
from tests.unit.reports.company import dataset, job


def _used(name: str, severity: str, framework: str, ref: str, breaks: str, remedy: str, **more: Any) -> PolicyUsed:
    document = {
        **{"kind": "Policy", "name": name, "version": "1", "severity": severity, "type": "entity", "target": "dataset"},
        **{"breaks": breaks, "remedy": remedy, "assert": "true", "controls": [{"framework": framework, "ref": ref}]},
        **more,
    }
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return PolicyUsed(name, "1", name.partition(".")[0], sha256(text.encode()).hexdigest(), text)


POLICIES = (
    _used("gdpr.retention", "medium", "GDPR", "Art. 5(1)(e)", "Personal data are kept for ever.", "State `retention`."),
    _used(
        *("gdpr.transfer", "critical", "GDPR", "Art. 44", "Personal data leave the EEA.", "Name a mechanism."),
        parameters={"home": "EEA"},
    ),
    _used("hipaa.agreement", "high", "HIPAA", "164.504(e)", "Health data go where no contract is.", "Sign a BAA."),
    _used("hygiene.column", "low", "Hygiene", "classification", "A tagged column has no level.", "Classify it."),
    _used("hygiene.owner", "medium", "Hygiene", "ownership", "A dataset has no owner.", "Name a team."),
)


def judgement(snapshot: Snapshot) -> Judgement:
    """What was found; every dataset is in every population once."""
    everything = [Place(thing.id) for thing in snapshot.things.values() if thing.key.kind == Kind.DATASET]

    def population(policy: str, **outcomes: list[str]) -> Population:
        told = {outcome: tuple(sorted(Place(dataset(name)) for name in names)) for outcome, names in outcomes.items()}
        rest = sorted(set(everything) - {place for places in told.values() for place in places})
        told["PASS"] = tuple(sorted((*told.get("PASS", ()), *rest)))
        return Population(policy, told)

    columns = [(Place(one.id, name), c) for one in snapshot.things.values() for name, c in one.columns.items()]
    tagged = {
        "PASS": tuple(sorted(place for place, column in columns if column.attributes)),
        "NOT_APPLICABLE": tuple(sorted(place for place, column in columns if not column.attributes)),
    }
    populations = (
        population("gdpr.retention", FAIL=["patient_360"], NOT_APPLICABLE=["visits_by_month", "bookings"]),
        population("gdpr.transfer", FAIL=["audience"], WAIVED=["patient_events"]),
        population("hipaa.agreement", ERROR=["bookings"]),
        Population("hygiene.column", tagged),
        population("hygiene.owner", FAIL=["bookings"]),
    )
    patients, whole = dataset("patients"), dataset("patient_360")
    way = (Hop(Place(patients, "email"), Place(whole, "email"), job("build_patient_360")),)
    mailed = (*way, Hop(Place(whole, "email"), Place(dataset("audience"), "email"), job("sync_mailer")))
    origin = Place(patients)
    findings = (
        _finding(
            "gdpr.retention", "patient_360", "medium", "No retention is stated.", {"dataset.retention.duration": None}
        ),
        _finding(
            "gdpr.transfer", "audience", "critical", "Reaches the US.", {"sink.location.country": "US"}, origin, mailed
        ),
        _finding("gdpr.transfer", "patient_events", "critical", "Reaches the US.", {}, origin, way, "us-copy"),
        _finding("hipaa.agreement", "bookings", "high", "`to` of bookings: no columns are known", {}, outcome="ERROR"),
        _finding("hygiene.owner", "bookings", "medium", "The dataset bookings has no owner.", {"dataset.owners": []}),
    )
    return Judgement(POLICIES, populations, findings)


def _finding(
    policy: str,
    name: str,
    severity: str,
    message: str,
    facts: Mapping[str, Any],
    source: Place | None = None,
    path: tuple[Hop, ...] = (),
    waiver: str = "",
    outcome: str = "FAIL",
) -> Finding:
    witness = Witness(facts, path, (entry(policy, name),))
    owners = ("team:care",) if name == "audience" else ("team:data",)
    place = Place(dataset(name))
    return Finding(policy, place, source, "WAIVED" if waiver else outcome, severity, message, owners, witness, waiver)
