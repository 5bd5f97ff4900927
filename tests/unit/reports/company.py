"""A small company for the tests of reports: appointments with doctors online, and a model of who will not come.

Its warehouse is in Germany; a copy without names goes to analysts in the United States, reminders to a mailing service
there, claims to an insurer and bookings to a laboratory. Invented from end to end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from catalog.assets.keys import Kind
from catalog.checks.snapshot import ColumnEdge, Edge, Observed, Place, Snapshot, Thing, Training
from catalog.identity import Name, dataset_id, job_id
from tests.unit.reports.building import AIRFLOW, declared, entry, key, micros, pipeline, table

AT, KNOWN_AT = micros("2026-03-01T12:00:00+00:00"), 5120
DB, WAREHOUSE, US = "postgres://db.juniper.example:5432", "postgres://warehouse.juniper.example", "bigquery"
MAILER, INSURER, LAB = "https://mailer.example", "sftp://claims.insurer.example", "https://lab.example"
_OF = {
    **{"patients": DB, "patient_events": US, "audience": MAILER, "claims": INSURER, "bookings": LAB},
    **{"noshow/1": "models", "noshow/2": "models", "noshow-api": "deployment:prod", "noshow-us": "deployment:us"},
    **{"occupancy": "https://bi.juniper.example"},
}
"""The namespaces of things that are not in the warehouse."""
_HOLDER = {"name": "Juniper Care GmbH", "contact": "privacy@juniper.example", "country": "DE"}
_PERSONAL = {
    **{"contains": True, "categories": ["name", "contact", "health"], "subjects": ["patients"]},
    **{"specialCategories": ["health"], "article9Condition": "health_care", "legalBasis": "contract"},
    **{"purposes": ["patient care"], "subjectKey": ["patient_id"], "erasure": "delete", "phi": True},
    "ccpa": {"categories": ["identifiers"], "sensitive": True, "sold": False, "shared": False, "sources": ["patients"]},
}
_EU = {"region": "eu-central-1", "country": "DE", "jurisdiction": "EEA"}
_USA = {"region": "us-east-1", "country": "US", "jurisdiction": "US"}
_TEN = {"duration": "P10Y", "trigger": "last visit", "basis": "medical records act"}


def dataset(name: str) -> str:
    """The id of a dataset, a dashboard, a model version or a deployment."""
    return dataset_id(Name(_OF.get(name, WAREHOUSE), name))


def job(name: str) -> str:
    """The id of a job."""
    return job_id(Name(AIRFLOW, name))


def _datasets() -> list[Thing]:
    key_, mail, ours = "bigint", "text: pii/email", {"source": "source:warehouse", "domain": "domain:care"}
    held = {"personalData": _PERSONAL, "retention": _TEN, "classification": "restricted"}
    billing = {
        **{"contains": True, "categories": ["bank details"], "subjects": ["patients"], "phi": True},
        **{"subjectKey": ["patient_id"], "erasure": "exempt", "legalBasis": "legal_obligation"},
        "erasureExemption": "Art. 17(3)(b): invoices are kept for ten years",
        "ccpa": {"categories": ["customer_records", "commercial"], "sold": False},
    }
    whole = {"contains": True, "subjects": ["patients"], "subjectKey": ["patient_id"], "erasure": "delete"}
    mailer = {
        **{"name": "Mailing service", "address": "1 Main Street, Springfield", "role": "processor"},
        "agreements": [{"type": "dpa", "reference": "DPA-2025-04", "signed": "2025-04-01"}],
    }
    insurer = {
        **{"name": "insurer", "address": "Am Markt 1, Mainz", "role": "controller"},
        "agreements": [{"type": "baa", "reference": "BAA-7", "signed": "2024-02-01", "expires": "2027-02-01"}],
        "disclosure": {"description": "Diagnoses and amounts.", "purpose": "payment", "exception": "payment"},
    }
    sheet = {
        **{"origin": "Appointments since 2021.", "collection": "Booked on the web site."},
        **{"preparation": ["Appointments moved by the doctor left out."], "gaps": ["Nobody under 18."]},
        "biasMitigations": [],
    }
    named = {"patient_id": key_, "full_name": "text: pii/name", "email": mail, "diagnosis": "text: pii/health phi"}
    shared = {"contains": True, "ccpa": {"categories": ["identifiers"], "sold": False, "shared": True}}
    return [
        table(
            *(DB, "patients", named),
            {"owners": ["team:care"], "source": "source:database", "domain": "domain:care", **held}
            | {"description": "Everybody who ever booked, as the web site keeps them."},
        ),
        table(
            *(WAREHOUSE, "visits"),
            {"patient_id": key_, "visited_on": "date", "diagnosis": "text: pii/health phi", "came": "boolean"},
            {"owners": ["team:data"], "description": "One row per appointment.", **ours, **held},
        ),
        table(
            *(WAREHOUSE, "billing", {"patient_id": key_, "iban": "text: pii/financial", "amount": "numeric"}),
            {"owners": ["team:finance"], **ours, "domain": "domain:care/billing", "personalData": billing}
            | {"retention": {"duration": "P10Y", "trigger": "end of the year", "basis": "tax law"}},
        ),
        table(
            *(WAREHOUSE, "patient_360", {"patient_id": key_, "email": mail, "visits": "bigint", "last_visit": "date"}),
            {"owners": ["team:data"], "description": "One row per patient.", **ours, "personalData": whole},
        ),
        table(
            *(WAREHOUSE, "visits_by_month", {"month": "date", "visits": "bigint"}),
            {"owners": ["team:data"], "source": "source:warehouse", "personalData": {"contains": False}},
        ),
        table(
            *(WAREHOUSE, "noshow_training"),
            {"patient_id": key_, "visits": "bigint", "days_ahead": "bigint", "came": "boolean"},
            {"owners": ["team:science"], "source": "source:warehouse", "datasheet": sheet},
        ),
        table(
            *(US, "patient_events", {"patient_hash": "text", "country": "text: pii/location", "visits": "bigint"}),
            {"owners": ["team:analysts"], "source": "source:us"},
        ),
        table(
            *(MAILER, "audience", {"email": mail, "first_visit": "date"}),
            {"external": True, "location": _USA, "owners": ["team:care"], "recipient": mailer, "personalData": shared},
        ),
        table(
            *(INSURER, "claims", {"patient_id": key_, "diagnosis": "text: phi", "amount": "numeric"}),
            {"external": True, "location": {"country": "DE"}, "owners": ["team:finance"], "recipient": insurer}
            | {"personalData": {"contains": True, "phi": True, "purposes": ["payment"]}},
        ),
        table(LAB, "bookings", {}, {"external": True}, last="2026-01-10"),
    ]


def _jobs() -> list[Thing]:
    care, reminders = ["processingactivity:patient-care"], ["processingactivity:reminders"]
    return [
        pipeline("load_visits", purpose="patient care", activities=care),
        pipeline("build_patient_360", purpose="patient care", activities=care),
        pipeline("count_visits", purpose="planning"),
        pipeline("export_claims", purpose="payment", activities=care),
        pipeline("export_lab"),
        pipeline("sync_mailer", purpose="reminders", activities=reminders),
        pipeline("copy_to_us", purpose="product analysis", owners=["team:analysts"]),
        pipeline("prepare_training", purpose="reminders", owners=["team:science"], activities=reminders),
        pipeline("train_noshow", purpose="reminders", owners=["team:science"], activities=reminders),
    ]


def _model() -> list[Thing]:
    trained = {"namespace": WAREHOUSE, "name": "noshow_training"}
    by = {"pipeline": {"namespace": AIRFLOW, "name": "train_noshow"}}
    auc = {"1": 0.71, "2": 0.78}
    versions = []
    for number, depth in (("1", 6), ("2", 8)):
        document: dict[str, Any] = {
            **{"kind": "ModelVersion", "model": "noshow", "version": number, "owners": ["team:science"]},
            **{
                "trainedBy": by,
                "trainedOn": [{"dataset": trained, "version": f"2025-1{number}-01", "role": "training"}],
            },
            **{
                "parameters": {"depth": depth, "trees": 300},
                "metrics": {"auc": auc[number]},
                "framework": "xgboost 3.1",
            },
        }
        if number == "2":
            document["evaluatedOn"] = [{"dataset": trained, "version": "2025-12-15", "role": "test"}]
            document["aliases"] = [{"name": "champion", "from": "2026-01-15T09:00:00Z"}]
            document["codeVersion"] = "9f86d08"
        training = [Training(dataset("noshow_training"), "training", f"2025-1{number}-01")]
        if number == "2":
            training.insert(0, Training(dataset("noshow_training"), "test", "2025-12-15"))
        of = key(Kind.MODEL_VERSION, f"noshow/{number}", "models")
        seen = Observed(first=AT, last=AT, training=tuple(training), aliases=("champion",) if number == "2" else ())
        versions.append(declared(document, of, seen))
    deployments = []
    for environment, name, where in (("prod", "noshow-api", _EU), ("us", "noshow-us", _USA)):
        deployed = declared(
            {
                **{"kind": "Deployment", "environment": f"environment:{environment}", "name": name, "location": where},
                **{"owners": ["team:science"], "purpose": "reminders", "rollbackTo": "1"},
                "modelVersions": [{"model": "noshow", "version": "2", "from": "2026-01-15T09:00:00Z"}],
            },
            key(Kind.DEPLOYMENT, name, environment),
        )
        deployments.append(replace(deployed, observed=Observed(serves=(dataset("noshow/2"),))))
    model = declared(
        {
            **{"kind": "Model", "name": "noshow", "owners": ["team:science"], "purpose": "reminders", "risk": "high"},
            "description": "How likely a patient is not to come to an appointment.",
            "intendedUse": "To choose who is reminded by phone; never to refuse an appointment.",
            "limitations": "Knows nothing of first visits.",
            "oversight": "A nurse sees the list before anybody is called.",
        },
        key(Kind.MODEL, "noshow", "models"),
    )
    return [model, *versions, *deployments]


def _people_and_places() -> list[Thing]:
    things = [
        declared({"kind": "Team", "name": name}, key(Kind.TEAM, name))
        for name in ("care", "data", "finance", "science", "analysts")
    ]
    for name, where in (("database", _EU), ("warehouse", _EU), ("us", _USA)):
        document = {"kind": "Source", "name": name, "system": "postgres", "location": where}
        things.append(declared(document, key(Kind.SOURCE, name)))
    for name in ("care", "care/billing"):
        things.append(declared({"kind": "Domain", "name": name}, key(Kind.DOMAIN, name)))
    shown = {"kind": "Dashboard", "namespace": "https://bi.juniper.example", "name": "occupancy"}
    things.append(declared(shown, key(Kind.DASHBOARD, "occupancy", "https://bi.juniper.example")))
    return things


def _records() -> list[Thing]:
    activities: list[dict[str, Any]] = [
        {
            **{"name": "patient-care", "role": "controller", "owners": ["team:care"], "controllers": [_HOLDER]},
            **{"jointControllers": [], "dpo": {"name": "Data protection office", "contact": "dpo@juniper.example"}},
            **{"purposes": ["patient care"], "legalBasis": "contract", "article9Condition": "health_care"},
            **{"subjectCategories": ["patients"], "dataCategories": ["name", "contact", "health"], "transfers": []},
            "recipients": [
                {"name": "insurer", "country": "DE", "role": "controller"},
                {"name": "pharmacies", "country": "DE", "role": "other"},
            ],
            "erasure": [{"category": "*", "duration": "P10Y", "trigger": "last visit", "basis": "medical records act"}],
            "securityMeasures": ["Encryption at rest and in transit.", "Access by role and on the record."],
        },
        {
            **{"name": "reminders", "role": "controller", "owners": ["team:care"], "controllers": [_HOLDER]},
            **{"purposes": ["reminders"], "subjectCategories": ["patients"], "recipients": []},
        },
        {
            **{"name": "booking-for-clinics", "role": "processor", "owners": ["team:care"], "transfers": []},
            "controllers": [{"name": "Clinic am Park", "country": "DE"}],
            "processingCategories": ["hosting of the booking page"],
        },
    ]
    waived = {"kind": "Dataset", "namespace": US, "name": "patient_events"}
    waivers: list[dict[str, Any]] = [
        {"name": "us-copy", "policy": "policy:gdpr.transfer", "entities": [waived], "approver": "team:care"}
        | {"reason": "Moves to Frankfurt in May.", "expires": "2026-06-01T00:00:00Z"},
        {"name": "mailer-owner", "policy": "policy:hygiene.owner", "entities": [waived], "approver": "team:care"}
        | {"reason": "Team is being founded.", "expires": "2026-01-31T00:00:00Z"},
    ]
    return [
        *(
            declared({"kind": "ProcessingActivity", **one}, key(Kind.PROCESSING_ACTIVITY, one["name"]))
            for one in activities
        ),
        *(declared({"kind": "Waiver", **one}, key(Kind.WAIVER, one["name"])) for one in waivers),
    ]


_FLOWS = {
    "load_visits": (["patients"], ["visits", "billing"]),
    "build_patient_360": (["patients", "visits"], ["patient_360"]),
    "count_visits": (["visits"], ["visits_by_month"]),
    "export_claims": (["visits", "billing"], ["claims"]),
    "export_lab": (["visits"], ["bookings"]),
    "sync_mailer": (["patient_360"], ["audience"]),
    "copy_to_us": (["patient_360"], ["patient_events"]),
    "prepare_training": (["visits"], ["noshow_training"]),
    "train_noshow": (["noshow_training"], ["noshow/1", "noshow/2"]),
}
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "load_visits": (
        *("patients.patient_id > visits.patient_id", "patients.diagnosis > visits.diagnosis"),
        "patients.patient_id > billing.patient_id",
    ),
    "build_patient_360": (
        *("patients.patient_id > patient_360.patient_id", "patients.email > patient_360.email"),
        *("visits.visited_on > patient_360.last_visit", "visits.patient_id ~ patient_360."),
    ),
    "count_visits": ("visits.visited_on > visits_by_month.month", "visits.patient_id ~ visits_by_month."),
    "export_claims": (
        *("visits.patient_id > claims.patient_id", "visits.diagnosis > claims.diagnosis"),
        "billing.amount > claims.amount",
    ),
    "sync_mailer": ("patient_360.email > audience.email",),
    "copy_to_us": (
        "patient_360.patient_id # patient_events.patient_hash",
        "patient_360.visits > patient_events.visits",
    ),
    "prepare_training": ("visits.patient_id > noshow_training.patient_id", "visits.came > noshow_training.came"),
}
"""`>` takes a value on, `#` takes its hash, `~` only uses it to choose rows."""


def edges() -> tuple[Edge, ...]:
    """What flows where; the appointments' dashboard and the deployments without a job."""
    since, last = micros("2025-01-05T03:00:00+00:00"), micros("2026-03-01T03:00:00+00:00")
    found = []
    for name, (reads, writes) in _FLOWS.items():
        told = (("OBSERVED",), since, last, entry("run", name))
        found += [Edge(dataset(one), job(name), "READS", *told) for one in reads]
        found += [Edge(job(name), dataset(one), "WRITES", *told) for one in writes]
    found.append(Edge(dataset("visits_by_month"), dataset("occupancy"), "DERIVES_FROM", ("DECLARED",)))
    for name in ("noshow-api", "noshow-us"):
        found.append(Edge(dataset("noshow/2"), dataset(name), "DERIVES_FROM", ("DECLARED", "OBSERVED")))
    return tuple(sorted(found))


def column_edges() -> tuple[ColumnEdge, ...]:
    """Which column is made of which."""
    found = []
    for name, told in _COLUMNS.items():
        for one in told:
            source, how, target = one.split(" ")
            begin, end = (
                Place(dataset(thing), column) for thing, _, column in (source.rpartition("."), target.rpartition("."))
            )
            hashed = how == "#"
            type_, subtype = (
                ("INDIRECT", "FILTER") if how == "~" else ("DIRECT", "TRANSFORMATION" if hashed else "IDENTITY")
            )
            found.append(
                ColumnEdge(begin, end, job(name), type_, subtype, hashed, "sha256 without a key" if hashed else "")
            )
    return tuple(sorted(found))


def snapshot() -> Snapshot:
    """What is known of the company at noon of 2026-03-01."""
    things = [*_datasets(), *_jobs(), *_model(), *_people_and_places(), *_records()]
    return Snapshot(
        at=AT,
        as_of=AT,
        known_at=KNOWN_AT,
        things={thing.id: thing for thing in sorted(things, key=lambda thing: thing.id)},
        edges=edges(),
        column_edges=column_edges(),
    )
