"""Snapshots of models, of the declared company, and as readers with grants see them.

Of models a snapshot says what the questions about models answer; of a manifest all that it declares.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from catalog.assets.keys import Key, Kind
from catalog.checks.snapshot import Snapshot, Thing
from catalog.graph.reader import Reader
from catalog.graph.snapshot import take
from catalog.graph.store import Store
from catalog.graph.walk import Moment
from catalog.identity import Name, dataset_id
from catalog.lineage.facets.model import VersionKey
from catalog.manifest.load import load
from catalog.resources import example_dir
from catalog.usecases.model_versions import detail
from catalog.usecases.moments import time_of
from catalog.usecases.production import production
from tests.model_history import EVENTS, HOLDOUT, day
from tests.servers.stores import empty
from tests.store import events
from tests.store.conftest import accept_events, drain
from tests.store.saying import apply

DAYS = [day(1, 7), day(1, 15), day(2, 4), day(2, 10), day(2, 21), day(3, 5)]
KEYS = [VersionKey("mlflow", "churn", "1"), VersionKey("mlflow", "churn", "2"), VersionKey("mlflow", "uplift", "1")]


@pytest.fixture(scope="module")
def history(shared_store: Store) -> Iterator[Reader]:
    """Three months of models; no test adds to them."""
    empty(shared_store)
    accept_events(shared_store, EVENTS)
    drain(shared_store)
    yield Reader(shared_store, None)
    empty(shared_store)


def at(moment: str) -> int:
    """Its microseconds."""
    return time_of("at", moment)


def named(snapshot: Snapshot, key: Key) -> Thing:
    """The one thing with a key."""
    (found,) = [thing for thing in snapshot.things.values() if thing.key == key]
    return found


def serving(snapshot: Snapshot) -> set[tuple[Key, Name]]:
    """What each deployment serves."""
    return {
        (thing.key, Name(*snapshot.things[served].key[1:]))
        for thing in snapshot.things.values()
        for served in thing.observed.serves
    }


@pytest.mark.parametrize("on", DAYS)
def test_it_serves_what_was_in_production(history: Reader, on: str) -> None:
    """At each day of the history."""
    answer = production(history, at(on), environment=None, deployment=None, known_at=None)
    expected = {
        (Key(Kind.DEPLOYMENT, one.environment, one.name), stint.key.name)
        for one in answer.deployments
        for stint in one.now
    }

    assert expected == serving(take(history, Moment(at(on)), at=at(on)))


@pytest.mark.parametrize("key", KEYS)
def test_versions_are_what_their_details_say(history: Reader, key: VersionKey) -> None:
    """Aliases that hold, the data behind them, and how good they are; now and in the past."""
    for on in (day(1, 25), day(3, 5)):
        moment = Moment(at(on))
        told = detail(history, key, moment)
        if told is None:
            continue
        seen = named(take(history, moment, at=at(on)), Key(Kind.MODEL_VERSION, *key.name)).observed
        held = {alias for alias, stint in told.aliases if stint.holds(at(on))}
        data = {(dataset_id(one.name), one.columns, one.versions, "training") for one in told.data}
        data |= {(dataset_id(one.name), (), one.versions, "evaluation") for one in told.evaluated}

        assert held == set(seen.aliases)
        assert (told.metrics, told.code_version) == (dict(seen.metrics), seen.code_version)
        assert data == {(t.thing, t.columns, (t.version,) if t.version else (), t.role) for t in seen.training}


def test_models_are_what_they_are(history: Reader) -> None:
    """A model is no dataset, though one stands for it; a version is one thing under all of its names."""
    things = take(history, at=at(day(3, 5))).things.values()

    assert {"churn", "uplift"} == {thing.key.name for thing in things if thing.key.kind is Kind.MODEL and thing.seen}
    assert {"raw", "features", HOLDOUT[1], "uplift-latest"} == {
        thing.key.name for thing in things if thing.key.kind is Kind.DATASET
    }
    (second,) = [thing for thing in things if thing.key.name == "churn/2"]
    assert (Name("mlflow", "churn/2"), Name("mlflow", "models:/churn/2")) == second.names


def test_a_part_knows_the_aliases_of_versions(history: Reader) -> None:
    """They are said of the model, which is not upstream of its version."""
    whole = take(history, at=at(day(3, 5)))
    version = named(whole, Key(Kind.MODEL_VERSION, "mlflow", "churn/3"))
    part = take(history, at=at(day(3, 5)), things=[version.id])

    assert ("champion",) == part.things[version.id].observed.aliases
    assert version == part.things[version.id]


def test_it_has_all_that_a_manifest_declares(store: Store) -> None:
    """Every document of the worked example, under its key, with the manifest that declares it and what it says."""
    documents = {document.key: document.body for document in load(example_dir()).documents}
    apply(store, "company", *documents.values())
    snapshot = take(Reader(store, None), at=events.NOON)
    declared = {thing.key: thing for thing in snapshot.things.values() if thing.declared}

    assert documents == {key: thing.document for key, thing in declared.items()}
    assert {"company"} == {thing.manifest for thing in declared.values()}
    for key, thing in declared.items():
        assert documents[key].get("description") == thing.attributes.get("description")
        assert not thing.seen
        for column in documents[key].get("fields", ()) if key.kind is Kind.DATASET else ():
            assert column.get("description") == thing.columns[column["name"]].attributes.get("description")


def test_a_reader_sees_what_may_be_seen(store: Store) -> None:
    """What is hidden is left out, and that something is, is said."""
    accept_events(
        store, [events.event("1", inputs=[events.dataset("in")], outputs=[{"namespace": "own", "name": "out"}])]
    )
    drain(store)
    snapshot = take(Reader(store, None, grants=["jobs", "own"]), at=events.NOON)

    assert {"load", "out"} == {thing.key.name for thing in snapshot.things.values()}
    assert ("1 edges lead to what may not be seen",) == snapshot.unknown
