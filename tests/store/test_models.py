"""The four questions about models, asked of a realistic history: production, touch, difference, rollback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from catalog.assets.keys import Kind
from catalog.clock import to_iso
from catalog.graph import entities
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.graph.walk import Moment
from catalog.identity import Name
from catalog.lineage.facets.model import VersionKey
from catalog.usecases.model_diff import Changed, version_diff
from catalog.usecases.model_versions import Detail, detail, model_of
from catalog.usecases.moments import time_of
from catalog.usecases.production import Production, production
from catalog.usecases.rollback import BadData, rollback_candidates
from catalog.usecases.touched import deployments_touched_by
from catalog.usecases.trainings import COLUMN_LINEAGE, TOLD, Data
from tests.model_history import EVENTS, RAW, day
from tests.servers.stores import empty
from tests.store.conftest import accept_events, drain

CHURN = [VersionKey("mlflow", "churn", str(n)) for n in range(4)]
UPLIFT = VersionKey("mlflow", "uplift", "1")
PROD, STAGING = Name("deployment:prod", "churn-api"), Name("deployment:staging", "churn-api")
LATE = 5
"""Which event comes last of all: the first deployment into production."""


@pytest.fixture(scope="module")
def reader(shared_store: Store) -> Iterator[Reader]:
    """The whole history, one event late; no test of this module adds to it."""
    empty(shared_store)
    events = [event for i, event in enumerate(EVENTS) if i != LATE]
    accept_events(shared_store, [*events, EVENTS[LATE]])
    drain(shared_store)
    yield Reader(shared_store, None)
    empty(shared_store)


def at(moment: str) -> int:
    """Its microseconds."""
    return time_of("on", moment)


def told_of(found: Detail | None) -> Detail:
    """It is there."""
    assert found is not None
    return found


def serving(found: Production) -> dict[str, list[str]]:
    """What each deployment serves."""
    return {f"{s.environment} {s.name}": [f"{t.key.model}/{t.key.version}" for t in s.now] for s in found.deployments}


def used(found: tuple[Data, ...]) -> list[tuple[str, tuple[str, ...], tuple[str, ...], str]]:
    """Data in short."""
    return [(d.name.name, d.versions, d.columns, d.basis) for d in found]


ON_DAYS = {
    day(1, 7): {},
    day(1, 9): {"staging churn-api": ["churn/1"]},
    day(1, 15): {"prod churn-api": ["churn/1"], "staging churn-api": ["churn/1"]},
    day(2, 4): {"prod churn-api": ["churn/1"], "prod uplift-batch": ["uplift/1"], "staging churn-api": ["churn/2"]},
    day(2, 10): {"prod churn-api": ["churn/2"], "prod uplift-batch": ["uplift/1"], "staging churn-api": ["churn/2"]},
    day(2, 21): {"prod churn-api": ["churn/2"], "staging churn-api": ["churn/2"]},
    day(3, 5): {"prod churn-api": ["churn/3"], "staging churn-api": ["churn/3"]},
}


def test_what_was_in_production(reader: Reader) -> None:
    """By the times of the events, however late one came: what served on each day."""
    found = {
        on: serving(production(reader, at(on), environment=None, deployment=None, known_at=None)) for on in ON_DAYS
    }

    assert ON_DAYS == found


def test_what_trained_what_was_in_production(reader: Reader) -> None:
    """One question: the dataset versions and the columns behind each version that served on a day."""
    found = production(reader, at(day(2, 10)), environment="prod", deployment=None, known_at=None)

    assert {
        CHURN[2]: [("features", ("f2",), ("age", "segment", "spend"), TOLD)],
        UPLIFT: [("features", ("f1",), ("spend",), TOLD)],
    } == {version.key: used(version.data) for version in found.versions}
    assert (True, ()) == (found.complete, found.untold)


def test_production_as_known(reader: Reader) -> None:
    """Before the late event came, nobody knew that the first version served in production."""
    newest = found_at(reader, None).standing.sequence

    assert ["churn/1"] == serving(found_at(reader, newest))["prod churn-api"]
    assert "prod churn-api" not in serving(found_at(reader, newest - 1))


def found_at(reader: Reader, known: int | None) -> Production:
    """Production on a day when the first version served."""
    return production(reader, at(day(1, 15)), environment=None, deployment=None, known_at=known)


def test_a_version_with_all_that_is_said(reader: Reader) -> None:
    """Its run, its data, its parameters, where its alias pointed, where it was deployed."""
    found = told_of(detail(reader, CHURN[1]))
    run = found.trainings[0]

    assert ("churn-1", "COMPLETED", Name("ml", "train_churn")) == (run.run["external"], run.run["state"], run.job)
    assert ({"max_depth": 4}, {"auc": 0.85}, "aaa") == (found.params, found.metrics, found.code_version)
    assert [("features", ("f1",), ("age", "spend"), TOLD)] == used(found.data)
    assert [("holdout", ("h1",))] == [(d.name.name, d.versions) for d in found.evaluated]
    assert [("champion", day(1, 6), day(2, 2))] == [(a, iso(s.since), iso(s.until)) for a, s in found.aliases]
    assert [(PROD, day(1, 10), day(2, 5)), (STAGING, day(1, 8), day(2, 3))] == [
        (name, iso(s.since), iso(s.until)) for name, s in found.deployments
    ]


def iso(micros: int | None) -> str | None:
    """As the history spells it."""
    return (to_iso(micros) or "").replace(".000000Z", "Z") or None


def test_a_version_under_other_names(reader: Reader) -> None:
    """Whatever its producer calls it: a name with the version in it is tied, one without stands beside it."""
    tied, beside = told_of(detail(reader, CHURN[2])), told_of(detail(reader, UPLIFT))

    assert ["churn-2"] == [t.run["external"] for t in tied.trainings]
    assert ["uplift-1"] == [t.run["external"] for t in beside.trainings]


def test_columns_by_column_lineage(reader: Reader) -> None:
    """Where the run tells it, it counts before the schema of what was read."""
    assert [("features", ("f3",), ("age", "spend"), COLUMN_LINEAGE)] == used(told_of(detail(reader, CHURN[3])).data)


def test_models_are_listed_as_what_they_are(reader: Reader) -> None:
    """Models, versions and deployments that events alone told of are entities like those that people declare."""
    kinds = (Kind.MODEL, Kind.MODEL_VERSION, Kind.DEPLOYMENT)

    assert {
        Kind.MODEL: [("mlflow", "churn"), ("mlflow", "uplift")],
        Kind.MODEL_VERSION: [("mlflow", f"churn/{n}") for n in (1, 2, 3)] + [("mlflow", "uplift/1")],
        Kind.DEPLOYMENT: [("prod", "churn-api"), ("prod", "uplift-batch"), ("staging", "churn-api")],
    } == {kind: [(e.namespace, e.name) for e in entities.page(reader, kind, after="", limit=9)] for kind in kinds}


def test_the_past_of_a_version(reader: Reader) -> None:
    """As of a moment before its alias moved on, it still had it; before its training, nobody spoke of it."""
    then = told_of(detail(reader, CHURN[1], Moment(at(day(1, 20)))))

    assert [("champion", None)] == [(alias, stint.until) for alias, stint in then.aliases]
    assert ({"max_depth": 4}, {"auc": 0.85}) == (then.params, then.metrics)
    assert detail(reader, CHURN[1], Moment(at(day(1, 1)))) is None


def test_a_model(reader: Reader) -> None:
    """Its versions, the newest first, and the way its alias went."""
    found = model_of(reader, "mlflow", "churn")
    assert found is not None

    assert ["3", "2", "1"] == [version for version, _, _ in found.versions]
    assert [("1", day(1, 6), day(2, 2)), ("2", day(2, 2), day(2, 26)), ("3", day(2, 26), None)] == [
        (stint.key.version, iso(stint.since), iso(stint.until)) for _, stint in found.aliases
    ]
    assert model_of(reader, "mlflow", "unheard") is None


def touched(reader: Reader, name: tuple[str, str], **what: Any) -> tuple[set[tuple[str, str, str]], dict[str, str]]:
    """(deployment, version, verdict), and what is cleared."""
    found = deployments_touched_by(reader, Name(*name), **what)
    assert found is not None
    assert () == found.truncated_by
    touches = {
        (f"{t.deployment.namespace[11:]} {t.deployment.name}", f"{t.key.model}/{t.key.version}", t.verdict.value)
        for t in found.touches
    }
    return touches, {f"{key.model}/{key.version}": because for key, because in found.cleared}


def test_a_bad_version_touches_what_was_made_of_it(reader: Reader) -> None:
    """Through the run that made features of it; versions trained before and after are cleared, with why."""
    hit, cleared = touched(reader, RAW, version="r2")

    assert {("prod churn-api", "churn/2", "TOUCHED"), ("staging churn-api", "churn/2", "TOUCHED")} == hit
    assert {"churn/1", "churn/3", "uplift/1"} == cleared.keys()
    assert "read version f1 of features, whose run read version r1 of raw" == cleared["churn/1"]


def test_a_column_touches_what_was_trained_on_it(reader: Reader) -> None:
    """By the columns that training tells and the lineage of those; the way there is shown."""
    hit, cleared = touched(reader, RAW, field="postcode")

    assert {("prod churn-api", "churn/2", "TOUCHED"), ("staging churn-api", "churn/2", "TOUCHED")} == hit
    assert {"churn/1", "churn/3", "uplift/1"} == cleared.keys()
    found = deployments_touched_by(reader, Name(*RAW), field="postcode")
    assert found is not None
    assert ["raw", "build_features", "features", "train_churn", "models:/churn/2", "churn/2", "churn-api"] == [
        node.name for node in found.touches[0].path
    ]


def test_a_column_and_a_version(reader: Reader) -> None:
    """Both have to meet: the version was read, but not for this column."""
    assert set() == touched(reader, RAW, field="note", version="r2")[0]


def test_what_changed_between_two_versions(reader: Reader) -> None:
    """Parameters, metrics, code, data with versions and columns, aliases."""
    found = version_diff(reader, CHURN[1], CHURN[2])
    assert found is not None
    data = [(c.name.name, c.before, c.after, c.added, c.removed) for c in found.data]

    assert (Changed("max_depth", 4, 6),) == found.params
    assert (Changed("auc", 0.85, 0.91),) == found.metrics
    assert (Changed("codeVersion", "aaa", "bbb"),) == found.about
    assert [("features", ("f1",), ("f2",), ("segment",), ())] == data
    assert ((), (), ()) == (found.aliases_before, found.aliases_after, found.unknown)


def test_where_to_roll_back_to(reader: Reader) -> None:
    """To what served well and was not trained on the bad version; each with its reasons."""
    found = rollback_candidates(reader, "prod", "churn-api", at(day(3, 5)), bad=BadData(Name(*RAW), version="r2"))
    assert found is not None

    assert [(CHURN[1], True), (CHURN[2], False)] == [(c.key, c.eligible) for c in found.candidates]
    assert (
        "served 26.0 days, last until 2026-02-05T12:00:00.000000Z",
        "it was HEALTHY when it was served last",
        "its training completed",
        "no bad data: read version f1 of features, whose run read version r1 of raw",
    ) == found.candidates[0].reasons_for
    assert ("lower than version 3: auc 0.85 < 0.9",) == found.candidates[0].reasons_against
    assert (
        "it was FAILED when it was served last",
        "bad data: read version f2 of features, whose run read version r2 of raw",
    ) == found.candidates[1].reasons_against


def test_what_is_not_there(reader: Reader) -> None:
    """Nothing is made up."""
    unheard = VersionKey("mlflow", "churn", "99")

    assert detail(reader, unheard) is None
    assert version_diff(reader, CHURN[1], unheard) is None
    assert deployments_touched_by(reader, Name("lake", "unheard")) is None
    assert rollback_candidates(reader, "prod", "unheard", at(day(3, 5))) is None
