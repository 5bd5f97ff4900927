"""What events tell of personal data goes the way of what manifests declare of them: shown, judged, at any moment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from catalog.checks.choosing import choose
from catalog.checks.engine import engine
from catalog.checks.evaluate import evaluate
from catalog.clock import from_datetime
from catalog.graph.reader import Reader
from catalog.graph.snapshot import take
from catalog.graph.store import Store
from catalog.graph.walk import PRESENT, Moment
from tests.privacy_cases import CLASSIFIED, INVOICING
from tests.store.conftest import accept_events, drain
from tests.store.events import NOON, dataset, event
from tests.store.saying import ORDERS, apply, document
from tests.store.test_loaders import ask

LATER = from_datetime(datetime(2027, 1, 1, tzinfo=UTC))
SHOWN = """{ job(namespace: "jobs", name: "load") { attributes { personalData { value origin by } } }
  entity(kind: DATASET, namespace: "db", name: "people") {
    personalData { value origin overruled { value } } location { value } retention { value } tags { key value } } }"""
POLICIES = ("gdpr.job.purpose", "gdpr.job.purpose_allowed")


def sent(run: str = "1", time: int = NOON, **job_facets: Any) -> dict[str, Any]:
    """A run of a job that reads about people, with what the job says of itself."""
    return event(run, time, inputs=[dataset("people", tags={"tags": CLASSIFIED})], **job_facets)


def outcomes(store: Store, moment: Moment = PRESENT) -> dict[str, list[str]]:
    """By policy what does not hold."""
    snapshot = take(Reader(store, None), moment, at=LATER)
    chosen, unknown = choose(snapshot, ["gdpr"], engine())
    judged = evaluate(snapshot, [one for one in chosen if one.compiled.policy.name in POLICIES])
    assert [] == unknown
    return {
        policy: [str(snapshot.things[f.place.thing].key) for f in judged.findings if f.policy == policy]
        for policy in POLICIES
    }


def test_a_purpose_that_a_job_tells_is_shown_and_judged(store: Store) -> None:
    """With who says it; without one it is a finding, with one that the data do not allow another; asOf before it."""
    allowed = document(ORDERS._replace(name="people"), personalData={"contains": True, "purposes": ["support"]})
    accept_events(store, [sent()])
    drain(store)
    apply(store, "shop", allowed, at=NOON)
    assert {"gdpr.job.purpose": ["Pipeline jobs load"], "gdpr.job.purpose_allowed": []} == outcomes(store)

    accept_events(store, [sent("2", NOON + 5, headwater_processing=INVOICING)])
    drain(store)
    _, found = ask(store, SHOWN)
    told = found["job"]["attributes"]["personalData"]

    assert ("OBSERVED", "tests", "contract") == (told["origin"], told["by"], told["value"]["legalBasis"])
    assert ["bookkeeping", "invoicing"] == told["value"]["purposes"]
    assert {"gdpr.job.purpose": [], "gdpr.job.purpose_allowed": ["Pipeline jobs load"]} == outcomes(store)
    assert ["Pipeline jobs load"] == outcomes(store, Moment(as_of=NOON + 1))["gdpr.job.purpose"]


def test_what_tags_of_the_convention_say_is_overruled_by_a_manifest(store: Store) -> None:
    """Whose data, where and how long, beside the tags themselves; a document's block counts before theirs."""
    accept_events(store, [sent()])
    drain(store)
    _, seen = ask(store, SHOWN)
    block = {"categories": ["contact"], "subjects": ["customer"]}

    assert {"value": block, "origin": "OBSERVED", "overruled": []} == seen["entity"]["personalData"]
    assert {"jurisdiction": "EEA"} == seen["entity"]["location"]["value"]
    assert {"duration": "P7Y"} == seen["entity"]["retention"]["value"]
    assert sorted(tag["key"] for tag in CLASSIFIED) == [tag["key"] for tag in seen["entity"]["tags"]]

    apply(store, "shop", document(ORDERS._replace(name="people"), personalData={"contains": False}), at=NOON)
    _, found = ask(store, SHOWN)

    assert "DECLARED" == found["entity"]["personalData"]["origin"]
    assert [{"value": block}] == found["entity"]["personalData"]["overruled"]
