"""What events say of models becomes names, facets and sources of datasets."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.identity import Name
from catalog.lineage.assertions import Assertions, Basis, DatasetAssertion, Sources
from catalog.lineage.facets.model import DEPLOYMENT, MODEL, VersionKey
from catalog.lineage.models import ABOUT, DEPLOYED, tells_version
from catalog.lineage.observe import observe
from catalog.lineage.samples import samples
from catalog.lineage.translate import translate
from catalog.lineage.understand import Understanding

CHURN_3 = {"registry": "mlflow", "model": "churn", "version": "3"}
WHOLE = Name("mlflow", "churn")
API = Name("deployment:prod", "api")


def output(name: str, facet: Any) -> dict[str, Any]:
    """A dataset of an event with the facet of a model version."""
    return {"namespace": "mlflow", "name": name, "facets": {MODEL: facet}}


def event(run: str = "r", *, outputs: Any = (), run_facets: Any = None) -> dict[str, Any]:
    """A run that completed."""
    return {
        "eventType": "COMPLETE",
        "eventTime": "2026-03-01T12:00:00Z",
        "run": {"runId": run, "facets": run_facets or {}},
        "job": {"namespace": "ml", "name": "train"},
        "outputs": list(outputs),
    }


def about(said: Assertions) -> list[DatasetAssertion]:
    """What it tells of besides inputs and outputs."""
    return [d for d in said.datasets if d.role in (ABOUT, DEPLOYED)]


def test_a_version_under_its_own_name_is_itself() -> None:
    """Nothing is tied, and the model as a whole learns of its version."""
    said = translate(event(outputs=[output("churn/3", CHURN_3)]))

    assert () == said.symlinks
    assert [Name("mlflow", "churn/3")] == said.outputs
    assert [DatasetAssertion(WHOLE, ABOUT, facets={"headwater_mlVersion:3": {"version": "3"}})] == about(said)


def test_a_version_under_a_name_that_tells_it_is_tied() -> None:
    """As a symlink would, and shown by the name that the registry gives it."""
    said = translate(event(outputs=[output("models:/churn/3", CHURN_3)]))

    assert ((Name("mlflow", "churn/3"), Name("mlflow", "models:/churn/3")),) == said.symlinks
    assert (Name("mlflow", "churn/3"),) == said.tables
    assert [Name("mlflow", "models:/churn/3")] == said.outputs


def test_a_name_for_all_versions_is_never_tied_to_one() -> None:
    """Or all versions of the model would become one thing; the version is written beside it."""
    said = translate(event(outputs=[output("churn-latest", CHURN_3)]))

    assert () == said.symlinks
    assert [Name("mlflow", "churn-latest"), Name("mlflow", "churn/3")] == said.outputs


@pytest.mark.parametrize(
    ("name", "version", "tells"),
    [
        ("models:/churn/3", "3", True),
        ("churn:v3", "3", True),
        ("churn-13", "3", False),
        ("churn_3", "3", True),
        ("churn 3.1", "3.1", True),
        ("churn 3x1", "3.1", False),
        ("churn", "3", False),
    ],
)
def test_versions_in_names(name: str, version: str, tells: bool) -> None:
    """As a word of its own, with a `v` before it or not."""
    assert tells == tells_version(Name("n", name), VersionKey("mlflow", "churn", version))


def test_aliases_are_facets_of_the_model() -> None:
    """One key each, so the newest event that names an alias wins; a removed one is a tombstone."""
    facet = {**CHURN_3, "aliases": ["champion"], "removedAliases": ["challenger"]}

    assert {
        "headwater_mlVersion:3": {"version": "3"},
        "headwater_mlAlias:champion": {"version": "3"},
        "headwater_mlAlias:challenger": None,
    } == about(translate(event(outputs=[output("churn/3", facet)])))[0].facets


@pytest.mark.parametrize("ended", [False, True])
def test_deployments_derive_from_what_they_serve(ended: bool) -> None:
    """From nothing where they ended, which ends what was served before."""
    facet = {"deployment": "api", "environment": "prod", **({"ended": True} if ended else CHURN_3)}
    sources = Sources(Basis.EXPLICIT, () if ended else (Name("mlflow", "churn/3"),))
    said = translate(event(run_facets={DEPLOYMENT: facet}))

    assert [DatasetAssertion(API, DEPLOYED, sources=sources, facets={DEPLOYMENT: facet})] == about(said)
    assert [] == said.outputs


def test_a_facet_without_a_version_says_nothing() -> None:
    """A warning, and the event stands."""
    said = translate(event(outputs=[output("churn", {"model": "churn"})]))

    assert [] == about(said)
    assert ("output 'churn': headwater_mlModel.version: missing",) == said.warnings


def test_a_run_is_sampled_with_the_version_it_wrote() -> None:
    """By that the runs that trained a version are found; card and signature are no part of it."""
    said = translate(event(outputs=[output("churn/3", {**CHURN_3, "card": "# Churn"})]))

    assert {(Name("mlflow", "churn/3"), "output"): {MODEL: CHURN_3}} == samples(said)


def test_what_is_remembered_of_an_event_is_what_it_says() -> None:
    """Of two runs alike but for a deployment, or for the run alone, each gets its own record."""
    understanding = Understanding()
    deployments = [{"deployment": "api", "environment": "prod", **CHURN_3, "version": v} for v in ("3", "4", "3")]
    events = [
        event(f"r{i}", outputs=[output("churn/3", CHURN_3)], run_facets={DEPLOYMENT: facet})
        for i, facet in enumerate(deployments)
    ]

    for i, told in enumerate(events):
        assert observe(translate(told), str(i), i) == understanding.record(told, str(i), i)
