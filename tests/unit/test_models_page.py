"""docs/models.md: its program runs as it stands, with the client that it names, and says what the page says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest

from catalog.lineage.facets.known import DATASET, RUN, read_facet
from catalog.lineage.facets.model import DEPLOYMENT, MODEL, TRAINING, Deployment, ModelVersion, Training
from catalog.lineage.translate import translate
from catalog.resources import schema_dir
from tests.model_cases import MODEL_CASES
from tests.unit.cli_service import Answer, serving

PAGE = Path(__file__).resolve().parents[2] / "docs" / "models.md"
EXAMPLE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def validator(key: str) -> jsonschema.Draft202012Validator:
    """That of a facet's own schema."""
    schema = orjson.loads((schema_dir() / "facets" / f"{key}.json").read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.fixture(scope="module")
def sent() -> list[dict[str, Any]]:
    """What the page's program sends."""
    (program,) = EXAMPLE.findall(PAGE.read_text("utf-8"))
    with serving(lambda heard: Answer(status=201)) as service:
        env = {"OPENLINEAGE_URL": service.url, "PATH": "/usr/bin:/bin"}
        done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=60)
        assert 0 == done.returncode, done.stderr
        return [heard.body for heard in service.heard]


def facets(sent: list[dict[str, Any]]) -> dict[str, Any]:
    """The facets of ours that were sent, by key."""
    runs = {key: facet for event in sent for key, facet in event["run"].get("facets", {}).items()}
    outputs = {k: f for event in sent for out in event.get("outputs") or () for k, f in out["facets"].items()}
    return {key: facet for key, facet in {**runs, **outputs}.items() if key.startswith("headwater_")}


def test_the_example_runs(sent: list[dict[str, Any]]) -> None:
    """Three events, understood without a warning: training begins, ends, and its version is deployed."""
    said = [translate(event) for event in sent]

    assert [()] * 3 == [one.warnings for one in said]
    assert ["churn/3", "churn", "churn-api"] == [
        dataset.name.name for one in said for dataset in one.datasets if dataset.role != "input"
    ]


def test_the_example_fits_the_schemas(sent: list[dict[str, Any]]) -> None:
    """Each facet is valid by the schema it names, and has a reading."""
    told = facets(sent)
    read = [read_facet(place, key, told[key]) for place, key in ((RUN, TRAINING), (DATASET, MODEL), (RUN, DEPLOYMENT))]

    assert {key: [] for key in (TRAINING, MODEL, DEPLOYMENT)} == {
        key: [error.message for error in validator(key).iter_errors(facet)] for key, facet in told.items()
    }
    assert [Training, ModelVersion, Deployment] == [type(one) for one in read]
    assert [True] * 3 == [facet["_schemaURL"].endswith(f"/schema/facets/{key}.json") for key, facet in told.items()]


def test_the_cases_fit_the_schemas() -> None:
    """What the readers are tested with is valid, but for a version that is a number, which they forgive."""
    wrong = {key: [error.message for error in validator(key).iter_errors(facet)] for _, key, facet, _ in MODEL_CASES}

    assert {TRAINING: [], MODEL: ["3 is not of type 'string'"], DEPLOYMENT: []} == wrong


@pytest.mark.parametrize(
    ("key", "facet"),
    [
        (MODEL, {"model": "churn"}),
        (MODEL, {"model": "", "version": "1"}),
        (DEPLOYMENT, {"deployment": "api", "environment": "prod"}),
        (DEPLOYMENT, {"deployment": "api", "environment": "prod", "ended": True, "health": "fine"}),
        (TRAINING, {"metrics": {"auc": "good"}}),
    ],
)
def test_schemas_refuse_what_the_readers_complain_of(key: str, facet: dict[str, Any]) -> None:
    """So a producer's own tests find what the service would warn of."""
    envelope = {"_producer": "https://example.org", "_schemaURL": "https://example.org/x.json"}
    warnings: list[str] = []
    read_facet(DATASET if key == MODEL else RUN, key, facet, "", warnings)

    assert [] != warnings
    assert not validator(key).is_valid({**envelope, **facet})
