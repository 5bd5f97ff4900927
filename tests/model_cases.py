"""The facets about models as docs/models.md has them, and their readings: (place, key, facet, reading)."""

from __future__ import annotations

from typing import Any

from catalog.identity import Name
from catalog.lineage.facets.known import DATASET, RUN
from catalog.lineage.facets.model import (
    DEPLOYMENT,
    MODEL,
    TRAINING,
    Artifact,
    DataUse,
    Deployment,
    ModelVersion,
    Served,
    Training,
    VersionKey,
)

_ENVELOPE = {"_producer": "https://example.org/trainer", "_schemaURL": "http://localhost:8080/schema/facets/x.json"}
CHURN_3 = VersionKey("mlflow", "churn", "3")
TRAINED = {
    **_ENVELOPE,
    "framework": "scikit-learn",
    "frameworkVersion": "1.7.2",
    "params": {"max_depth": 5, "class_weight": None},
    "metrics": {"auc": 0.91, "log_loss": 0.31},
    "seed": 42,
    "codeVersion": "9f2c1ab",
    "trainingDatasets": [{"namespace": "lake", "name": "features", "version": "12", "columns": ["age", "spend"]}],
    "evaluationDatasets": [{"namespace": "lake", "name": "holdout", "version": "4"}],
}
IS_MODEL = {
    **_ENVELOPE,
    "registry": "mlflow",
    "model": "churn",
    "version": 3,
    "aliases": ["champion"],
    "removedAliases": ["challenger"],
    "stage": "Production",
    "flavor": "sklearn",
    "signature": {"inputs": [{"name": "age", "type": "long"}]},
    "card": "# Churn",
    "artifacts": [{"name": "model.pkl", "uri": "s3://models/churn/3/model.pkl", "digest": "sha256:9f86", "size": 1024}],
}
DEPLOYED = {
    **_ENVELOPE,
    "deployment": "churn-api",
    "environment": "prod",
    "region": "eu-west-1",
    "registry": "mlflow",
    "model": "churn",
    "version": "3",
    "health": "healthy",
}
SERVES = Deployment("prod", "churn-api", (Served(CHURN_3, None, None),), "eu-west-1", "HEALTHY")

MODEL_CASES: tuple[tuple[str, str, Any, Any], ...] = (
    (
        RUN,
        TRAINING,
        TRAINED,
        Training(
            "scikit-learn",
            "1.7.2",
            {"max_depth": 5, "class_weight": None},
            {"auc": 0.91, "log_loss": 0.31},
            "42",
            "9f2c1ab",
            (DataUse(Name("lake", "features"), "12", ("age", "spend")),),
            (DataUse(Name("lake", "holdout"), "4", ()),),
        ),
    ),
    (
        DATASET,
        MODEL,
        IS_MODEL,
        ModelVersion(
            CHURN_3,
            ("champion",),
            ("challenger",),
            "Production",
            "sklearn",
            {"inputs": [{"name": "age", "type": "long"}]},
            "# Churn",
            (Artifact("model.pkl", "s3://models/churn/3/model.pkl", "sha256:9f86", 1024),),
        ),
    ),
    (RUN, DEPLOYMENT, DEPLOYED, SERVES),
    (
        DATASET,
        DEPLOYMENT,
        {
            **_ENVELOPE,
            "deployment": "churn-api",
            "environment": "prod",
            "modelVersions": [
                {"registry": "mlflow", "model": "churn", "version": "3", "to": "2026-03-01T00:00:00Z"},
                {"model": "churn", "version": "4", "from": "1970-01-01T00:00:01Z"},
            ],
        },
        Deployment(
            "prod",
            "churn-api",
            (
                Served(CHURN_3, None, 1_772_323_200_000_000),
                Served(VersionKey("models", "churn", "4"), 1_000_000, None),
            ),
            None,
            None,
        ),
    ),
    (
        DATASET,
        DEPLOYMENT,
        {**_ENVELOPE, "deployment": "churn-api", "environment": "prod", "ended": True},
        Deployment("prod", "churn-api", (), None, None),
    ),
)
