"""Our own facets about models: what a producer may leave out, and what is said of what cannot be used."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from catalog.lineage.facets.known import DATASET, READERS, RUN, read_facet
from catalog.lineage.facets.model import DEPLOYMENT, MODEL, TRAINING, Deployment, ModelVersion, VersionKey
from catalog.lineage.facets.privacy import PROCESSING
from catalog.resources import schema_dir

WRONG = {
    "no model": (DATASET, MODEL, {"version": "1"}, None, ["headwater_mlModel.model: missing"]),
    "no version": (DATASET, MODEL, {"model": "churn"}, None, ["headwater_mlModel.version: missing"]),
    "no environment": (
        RUN,
        DEPLOYMENT,
        {"deployment": "api", "model": "churn", "version": "1"},
        None,
        ["headwater_mlDeployment.environment: missing"],
    ),
    "nothing served": (
        RUN,
        DEPLOYMENT,
        {"deployment": "api", "environment": "prod", "modelVersions": []},
        None,
        ["headwater_mlDeployment.modelVersions: no model version, and not `ended`: left out"],
    ),
    "a health of its own": (
        RUN,
        DEPLOYMENT,
        {"deployment": "api", "environment": "prod", "ended": True, "health": "fine"},
        Deployment("prod", "api", (), None, None),
        ["headwater_mlDeployment.health: 'FINE' is none of HEALTHY, DEGRADED, FAILED, left out"],
    ),
}


@pytest.mark.parametrize(("place", "key", "facet", "read", "said"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_used_is_said(place: str, key: str, facet: Any, read: Any, said: list[str]) -> None:
    """The facet says nothing, or less, and the complaint names the member."""
    warnings: list[str] = []

    assert read == read_facet(place, key, facet, "", warnings)
    assert said == warnings


def test_a_model_and_its_version_are_enough() -> None:
    """The registry has a name where none is said, and a number is as good a version as a text."""
    expected = ModelVersion(VersionKey("models", "churn", "7"), (), (), None, None, None, None, ())

    assert expected == read_facet(DATASET, MODEL, {"model": "churn", "version": 7})


@pytest.mark.parametrize("key", [TRAINING, MODEL, DEPLOYMENT, PROCESSING])
def test_each_has_a_schema(key: str) -> None:
    """It is an object with the envelope of a facet, each member described, under a name that tells its version."""
    schema = orjson.loads((schema_dir() / "facets" / f"{key}.json").read_bytes())
    undescribed = [name for name, member in schema["properties"].items() if "description" not in member]

    assert any(key == known for _, known in READERS)
    assert f"urn:headwater:facets:{key}:1-0-0" == schema["$id"]
    assert ["_producer", "_schemaURL"] == schema["required"][:2]
    assert [] == undescribed
