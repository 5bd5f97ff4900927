"""Models that manifests declare: past intervals as valid time, beside what events tell, each with who says so."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.graph.lineage import trace
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.graph.walk import DATASET, PRESENT, UPSTREAM, Caps, Node
from catalog.identity import Name, dataset_id
from catalog.lineage.facets.model import VersionKey
from catalog.usecases.model_versions import detail, model_of
from catalog.usecases.production import Production, production
from catalog.usecases.rollback import rollback_candidates
from catalog.usecases.touched import deployments_touched_by
from catalog.usecases.trainings import TOLD
from tests.model_history import EVENTS, day
from tests.store.conftest import accept_events, drain
from tests.store.saying import apply
from tests.store.test_models import at, told_of

CHURN_1, CHURN_2 = VersionKey("mlflow", "churn", "1"), VersionKey("mlflow", "churn", "2")


def version(number: str, **said: Any) -> dict[str, Any]:
    """The document of a version of the churn model."""
    return {"kind": "ModelVersion", "registry": "mlflow", "model": "churn", "version": number, **said}


def deployment(*served: tuple[str, str, str | None], **said: Any) -> dict[str, Any]:
    """The document of the deployment, with version, from and to."""
    spans = [
        {"registry": "mlflow", "model": "churn", "version": number, "from": start, **({"to": end} if end else {})}
        for number, start, end in served
    ]
    names = {"kind": "Deployment", "environment": "environment:prod", "name": "churn-api"}
    return {**names, "modelVersions": spans, **said}


TRAINED_ON = [{"dataset": {"namespace": "lake", "name": "features"}, "version": "f1", "columns": ["age"]}]


@pytest.fixture
def declared(store: Store) -> Reader:
    """Two versions, the first served until February, said in March."""
    apply(
        store,
        "ml",
        version("1", trainedOn=TRAINED_ON, metrics={"auc": 0.8}, aliases=[{"name": "champion", "from": day(1, 6)}]),
        version("2"),
        deployment(("1", day(1, 10), day(2, 5)), ("2", day(2, 5), None), rollbackTo="1"),
        at=at(day(3, 10)),
    )
    return Reader(store, None)


def served(found: Production) -> list[tuple[str, str, str]]:
    """Version, who says so, and by which manifest, of what serves."""
    return [(s.key.version, str(s.origin), s.by) for one in found.deployments for s in one.now]


def on(reader: Reader, moment: str, known: int | None = None) -> Production:
    """Production at a time."""
    return production(reader, at(moment), environment="prod", deployment=None, known_at=known)


def test_intervals_are_valid_time(declared: Reader) -> None:
    """They answer for days before the manifest was applied, to everybody who knows of it."""
    days = [day(1, 1), day(1, 15), day(2, 10), day(3, 20)]

    assert [[], [("1", "D", "ml")], [("2", "D", "ml")], [("2", "D", "ml")]] == [served(on(declared, d)) for d in days]
    assert [] == served(on(declared, day(1, 15), known=0))


def test_an_ended_interval_is_no_present_lineage(declared: Reader) -> None:
    """Lineage leads from the version that serves; the one that served is found by its intervals alone."""
    api = Node(dataset_id(Name("deployment:prod", "churn-api")), DATASET, "deployment:prod", "churn-api")
    walk = trace(declared, api, UPSTREAM, Caps(depth=1), PRESENT)
    then = told_of(detail(declared, CHURN_1))

    assert {"churn/2", "churn-api"} == {node.name for node in walk.nodes.values()}
    assert [at(day(2, 5))] == [stint.until for _, stint in then.deployments]


def test_the_newest_document_counts_for_all_time(declared: Reader, store: Store) -> None:
    """A correction replaces what was said of the past; who knows no more sees what was said before."""
    known = on(declared, day(1, 15)).standing.sequence
    apply(store, "ml", deployment(("2", day(1, 10), None)), at=at(day(3, 11)))

    assert [("2", "D", "ml")] == served(on(declared, day(1, 15)))
    assert [("1", "D", "ml")] == served(on(declared, day(1, 15), known))


def test_events_and_manifests_side_by_side(declared: Reader, store: Store) -> None:
    """Neither overwrites the other (law 4); where they differ, both are said."""
    accept_events(store, EVENTS)
    drain(store)

    assert [("1", "O", ""), ("1", "D", "ml")] == sorted(served(on(declared, day(1, 15))), reverse=True)
    assert {("3", "O", ""), ("2", "D", "ml")} == set(served(on(declared, day(3, 5))))


def test_a_declared_version(declared: Reader) -> None:
    """What the document says, and that a manifest says it."""
    found = told_of(detail(declared, CHURN_1))
    (data,) = found.data

    assert (("D",), {"auc": 0.8}) == (found.origins, found.metrics)
    assert (Name("lake", "features"), ("f1",), ("age",), TOLD, "D", "ml") == tuple(
        getattr(data, part) for part in ("name", "versions", "columns", "basis", "origin", "by")
    )
    assert ["champion"] == [alias for alias, _ in found.aliases]
    assert [at(day(1, 10))] == [stint.since for _, stint in found.deployments]


def test_a_declared_model(declared: Reader) -> None:
    """Its versions are listed though no event told of them."""
    found = model_of(declared, "mlflow", "churn")
    assert found is not None

    assert [("2", None, ("D",)), ("1", None, ("D",))] == list(found.versions)


def test_what_is_declared_is_judged(declared: Reader) -> None:
    """A declared dataset version touches what is declared to be trained on it; a manifest may name where to go back."""
    hit = deployments_touched_by(declared, Name("lake", "features"), version="f1")
    clear = deployments_touched_by(declared, Name("lake", "features"), version="f9")
    back = rollback_candidates(declared, "prod", "churn-api", at(day(3, 20)))
    assert hit and clear and back

    assert [(CHURN_1, "TOUCHED")] == [(t.key, t.verdict) for t in hit.touches]
    assert ([], [CHURN_1]) == (list(clear.touches), [key for key, _ in clear.cleared])
    assert [(CHURN_1, True)] == [(c.key, c.eligible) for c in back.candidates]
    assert "its deployment's manifest names it as the one to go back to" == back.candidates[0].reasons_for[0]
    assert {"nobody tells which run trained it"} == set(back.candidates[0].reasons_against)
    assert CHURN_2 in {stint.key for stint in back.current}
