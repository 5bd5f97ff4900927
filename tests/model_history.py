"""A company's models over three months, told by events: two models, two environments, one bad version of the data.

`raw` is turned into `features` (a version each), on which `churn` is trained three times and `uplift` once. Version 2
of `raw` was bad. The day of each event is its `eventTime`; they are listed as they happened, and tests send them in
any order.
"""

from __future__ import annotations

from typing import Any

from catalog.lineage.facets.model import DEPLOYMENT, MODEL, TRAINING

Event = dict[str, Any]
PRODUCER = "https://example.org/ml"
RAW, FEATURES, HOLDOUT = ("lake", "raw"), ("lake", "features"), ("lake", "holdout")
SOURCES = {"age": "age", "spend": "amount", "segment": "postcode"}


def day(month: int, number: int, hour: int = 12) -> str:
    """A moment of the history."""
    return f"2026-{month:02}-{number:02}T{hour:02}:00:00Z"


def _dataset(name: tuple[str, str], version: str = "", **facets: Any) -> dict[str, Any]:
    told = {"version": {"datasetVersion": version}} if version else {}
    return {"namespace": name[0], "name": name[1], "facets": {**told, **facets}}


def _event(at: str, type_: str, job: str, run: str, *, reads: Any = (), writes: Any = (), facets: Any = None) -> Event:
    return {
        "eventType": type_,
        "eventTime": at,
        "producer": PRODUCER,
        "run": {"runId": run, "facets": facets or {}},
        "job": {"namespace": "ml", "name": job},
        "inputs": list(reads),
        "outputs": list(writes),
    }


def _schema(*columns: str) -> dict[str, Any]:
    return {"fields": [{"name": column} for column in columns]}


def built(at: str, raw: str, features: str) -> list[Event]:
    """A run that makes a version of the features of one of the raw data."""
    lineage = {
        out: {"inputFields": [{"namespace": RAW[0], "name": RAW[1], "field": source}]}
        for out, source in SOURCES.items()
    }
    read = _dataset(RAW, raw, schema=_schema(*SOURCES.values(), "note"))
    written = _dataset(FEATURES, features, schema=_schema(*SOURCES), columnLineage={"fields": lineage})
    run = f"build-{features}"
    return [
        _event(at, "START", "build_features", run),
        _event(at, "COMPLETE", "build_features", run, reads=[read], writes=[written]),
    ]


def trained(
    at: str,
    model: str,
    version: str,
    features: str,
    columns: list[str],
    *,
    auc: float,
    depth: int,
    code: str,
    by_lineage: bool = False,
    name: str = "",
    **about: Any,
) -> list[Event]:
    """A training run: it starts with what it reads, and completes with the version."""
    use: dict[str, Any] = {"namespace": FEATURES[0], "name": FEATURES[1], "version": features}
    training = {
        "framework": "scikit-learn",
        "params": {"max_depth": depth},
        "metrics": {"auc": auc},
        "codeVersion": code,
        "trainingDatasets": [] if by_lineage else [{**use, "columns": columns}],
        "evaluationDatasets": [{"namespace": HOLDOUT[0], "name": HOLDOUT[1], "version": "h1"}],
    }
    lineage = {
        "fields": {},
        "dataset": [{"namespace": FEATURES[0], "name": FEATURES[1], "field": column} for column in columns],
    }
    facets: dict[str, Any] = {MODEL: {"registry": "mlflow", "model": model, "version": version, **about}}
    if by_lineage:
        facets["columnLineage"] = lineage
    job, run = f"train_{model}", f"{model}-{version}"
    reads = [_dataset(FEATURES, features), _dataset(HOLDOUT)]
    written = {"namespace": "mlflow", "name": name or f"{model}/{version}", "facets": facets}
    return [
        _event(at, "START", job, run, reads=reads),
        _event(at, "COMPLETE", job, run, reads=reads, writes=[written], facets={TRAINING: training}),
    ]


def deployed(at: str, environment: str, name: str, model: str, version: str, **said: Any) -> Event:
    """A run that deploys a version; `ended=True` takes the deployment down."""
    facet = {"deployment": name, "environment": environment, "registry": "mlflow", "model": model, "version": version}
    return _event(at, "COMPLETE", f"deploy_{name}", f"{environment}-{at}", facets={DEPLOYMENT: {**facet, **said}})


EVENTS: tuple[Event, ...] = (
    *built(day(1, 5), "r1", "f1"),
    *trained(day(1, 6), "churn", "1", "f1", ["age", "spend"], auc=0.85, depth=4, code="aaa", aliases=["champion"]),
    deployed(day(1, 8), "staging", "churn-api", "churn", "1"),
    deployed(day(1, 10), "prod", "churn-api", "churn", "1", region="eu-west-1", health="HEALTHY"),
    *trained(day(1, 18), "uplift", "1", "f1", ["spend"], auc=0.6, depth=2, code="aaa", name="uplift-latest"),
    deployed(day(1, 20), "prod", "uplift-batch", "uplift", "1"),
    *built(day(2, 1), "r2", "f2"),
    *trained(
        day(2, 2),
        "churn",
        "2",
        "f2",
        ["age", "spend", "segment"],
        auc=0.91,
        depth=6,
        code="bbb",
        aliases=["champion"],
        name="models:/churn/2",
    ),
    deployed(day(2, 3), "staging", "churn-api", "churn", "2"),
    deployed(day(2, 5), "prod", "churn-api", "churn", "2", region="eu-west-1"),
    deployed(day(2, 15), "prod", "uplift-batch", "uplift", "1", ended=True),
    deployed(day(2, 20), "prod", "churn-api", "churn", "2", region="eu-west-1", health="FAILED"),
    *built(day(2, 25), "r3", "f3"),
    *trained(
        day(2, 26),
        "churn",
        "3",
        "f3",
        ["age", "spend"],
        auc=0.9,
        depth=6,
        code="bbb",
        by_lineage=True,
        aliases=["champion"],
    ),
    deployed(day(2, 27), "staging", "churn-api", "churn", "3"),
    deployed(day(3, 1), "prod", "churn-api", "churn", "3", region="eu-west-1", health="HEALTHY"),
)
