"""How the history of models is told: in any order, again, and with less than all."""

from __future__ import annotations

import random
from typing import Any

from catalog.graph.fingerprint import fingerprint
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.lineage.facets.model import VersionKey
from catalog.usecases.model_versions import detail
from catalog.usecases.production import production
from catalog.usecases.trainings import SCHEMA
from tests.model_history import EVENTS, RAW, day, deployed, trained
from tests.servers.stores import empty
from tests.store.conftest import accept_events, drain
from tests.store.test_models import ON_DAYS, at, serving, told_of, touched


def sizes(store: Store) -> list[Any]:
    """All registers and edges between datasets, with their Steps."""
    registers = store.rows("MATCH (g:Reg) RETURN g.id AS id, g.ts AS ts, g.vs AS vs ORDER BY id")
    edges = store.rows("MATCH (:Dataset)-[r:DERIVES_FROM]->(:Dataset) RETURN r.key AS key, r.n AS n ORDER BY key")
    return [registers, edges]


def test_any_order_gives_the_same_answers(store: Store) -> None:
    """Shuffled, doubled, in other batches: one graph, one set of answers (law 3)."""
    rng, seen = random.Random(6), []
    for _ in range(2):
        empty(store)
        shuffled = rng.sample(EVENTS, len(EVENTS))
        for batch in (shuffled[:7], shuffled[5:20], shuffled[20:], shuffled[:3]):
            accept_events(store, batch)
            drain(store)
        reader = Reader(store, None)
        answers = {
            on: serving(production(reader, at(on), environment=None, deployment=None, known_at=None)) for on in ON_DAYS
        }
        seen.append((fingerprint(store), answers, touched(reader, RAW, version="r2")))

    assert [seen[0]] * 2 == seen
    assert ON_DAYS == seen[0][1]


def test_repeats_are_quiet(store: Store) -> None:
    """A training or deployment told again, later, that says nothing new touches no register and no edge."""
    accept_events(store, EVENTS)
    drain(store)
    before = sizes(store)
    again = [{**event, "eventTime": event["eventTime"].replace(":00:00Z", ":30:00Z")} for event in EVENTS[-4:]]
    accept_events(store, again)
    drain(store)

    assert before == sizes(store)


def test_a_version_that_nobody_tells_is_possible(store: Store) -> None:
    """What was trained on data whose version is not told may have been trained on the bad one."""
    told = trained(day(3, 2), "churn", "9", "", [], auc=0.9, depth=6, code="ccc")
    for event in told:
        for dataset in event["inputs"]:
            dataset["facets"] = {}
        event["run"]["facets"] = {}
    accept_events(store, [*EVENTS, *told, deployed(day(3, 3), "prod", "churn-api", "churn", "9")])
    drain(store)
    reader = Reader(store, None)

    assert ("prod churn-api", "churn/9", "POSSIBLE") in touched(reader, RAW, version="r2")[0]
    assert {SCHEMA} == {
        data.basis for data in told_of(detail(reader, VersionKey("mlflow", "churn", "9"))).data if data.columns
    }
