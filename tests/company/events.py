"""What the company's pipelines tell: each runs once a week, and its models are trained and deployed twice.

A model that is in service tells of its answers each week, too.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from catalog.lineage.facets.model import DEPLOYMENT, MODEL
from catalog.lineage.facets.model import TRAINING as TRAINED
from tests.company.facets import PRODUCERS, dataset, facet, of_job, of_run, read, tested, written
from tests.company.jobs import TRAINING, Job, jobs
from tests.company.tables import SPARK, Json, Table, place, told

WEEK = timedelta(days=7)
TRAINED_AFTER = timedelta(hours=18)
"""From a week's beginning."""
ANSWERED_AFTER = timedelta(hours=22)
"""The same: behind whatever is put into service in that week."""
_STEP = timedelta(seconds=2)


def events(tables: Mapping[str, Table], now: datetime, weeks: int) -> Iterator[Json]:
    """All events in the order of their times; the last week's runs ended within two days before `now`."""
    working = list(jobs(tables))
    for week in range(weeks):
        begin = _begin(now, weeks, week)
        yield from _week(working, tables, begin, week)
        if week in (0, weeks // 2):
            yield from _models(tables, begin + TRAINED_AFTER, "1" if week == 0 else "2")
        yield from _answers(begin + ANSWERED_AFTER, week)


def trained_again(now: datetime, weeks: int) -> datetime:
    """When the training of the models' second versions begins."""
    return _begin(now, weeks, weeks // 2) + TRAINED_AFTER


def _begin(now: datetime, weeks: int, week: int) -> datetime:
    return now - timedelta(days=1, hours=12) - (weeks - 1 - week) * WEEK


def _week(working: list[Job], tables: Mapping[str, Table], begin: datetime, week: int) -> Iterator[Json]:
    parents = [job for job in working if job.does == "runs"]
    yield from (_event(job, tables, begin, week, "START") for job in parents)
    at = begin
    for job in working:
        if job.does != "runs":
            at += _STEP
            yield _event(job, tables, at, week, "START")
            yield _event(job, tables, at + _STEP / 2, week, "COMPLETE")
    yield from (_event(job, tables, at + _STEP, week, "COMPLETE") for job in parents)


def _event(job: Job, tables: Mapping[str, Table], at: datetime, week: int, type_: str) -> Json:
    touched = [tables[id_] for id_ in job.tables]
    reads: list[Json] = []
    writes: list[Json] = []
    if job.does == "writes":
        reads = [read(tables[id_], job.tool) for table in touched for id_ in table.reads]
        if type_ == "COMPLETE" or job.tool == SPARK:
            writes = [written(table, tables, 1_000 + 10 * week) for table in touched]
    elif job.does == "tests":
        reads = [tested(table, job.tool) for table in touched]
    elif job.does == "shows":
        reads = [read(table, job.tool) for table in touched]
    run, around = _run(job.namespace, job.name, week), _run(job.namespace, job.parent, week) if job.parent else ""
    return {
        "eventType": type_,
        "eventTime": _moment(at),
        "producer": PRODUCERS[job.tool],
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": run, "facets": of_run(job, run, around, _moment(at))},
        "job": {"namespace": job.namespace, "name": job.name, "facets": of_job(job, tables)},
        "inputs": reads,
        "outputs": writes,
    }


def _models(tables: Mapping[str, Table], at: datetime, version: str) -> Iterator[Json]:
    """A version of each model is trained, tested and put into service."""
    for model, about in told("models").items():
        job = Job(TRAINING, f"train_{model}", TRAINING, about["domain"], "", (), "runs")
        data, holdout = (tables[f"made/{about[part]}"] for part in ("training", "holdout"))
        uses = [_use(table, f"{version}-{part}") for table, part in ((data, "train"), (holdout, "test"))]
        columns = [column.name for column in data.columns]
        trained = {
            **{"framework": "xgboost", "params": {"depth": 6}, "metrics": {about["metric"]: 0.8}},
            **{"codeVersion": f"9f86d08{version}", "evaluationDatasets": [uses[1]]},
            "trainingDatasets": [{**uses[0], "columns": columns}],
        }
        inputs = [
            dataset(table, TRAINING, **facet(TRAINING, "version", datasetVersion=use["version"]))
            for table, use in zip((data, holdout), uses, strict=True)
        ]
        named = {"registry": "models", "model": model, "version": version, "aliases": ["champion"]}
        output = {"namespace": "models", "name": f"{model}/{version}", "facets": facet(TRAINING, MODEL, **named)}
        yield _model_event(job, at, version, "START", inputs, [], {})
        done = at + timedelta(hours=1)
        yield _model_event(job, done, version, "COMPLETE", inputs, [output], facet(TRAINING, TRAINED, **trained))
        for deployment, environment in about["deployments"].items():
            served = {"registry": "models", "model": model, "version": version}
            where = {"deployment": deployment, "environment": environment, "health": "HEALTHY", **served}
            deploy = Job(TRAINING, f"deploy_{deployment}_{environment}", TRAINING, about["domain"], "", (), "runs")
            later, said = done + timedelta(hours=1), facet(TRAINING, DEPLOYMENT, **where)
            yield _model_event(deploy, later, version, "COMPLETE", [], [], said)


def _answers(at: datetime, week: int) -> Iterator[Json]:
    """Each deployment's answers of a week."""
    for about in told("models").values():
        for deployment, environment in about["deployments"].items():
            job = Job(TRAINING, f"answer_{deployment}_{environment}", TRAINING, about["domain"], "", (), "runs")
            served = {"namespace": f"deployment:{environment}", "name": deployment}
            yield _model_event(job, at, str(week), "COMPLETE", [served], [], {})


def _use(table: Table, version: str) -> Json:
    namespace, name = place(table)
    return {"namespace": namespace, "name": name, "version": version}


def _model_event(
    job: Job, at: datetime, version: str, type_: str, inputs: list[Json], outputs: list[Json], said: Json
) -> Json:
    return {
        "eventType": type_,
        "eventTime": _moment(at),
        "producer": PRODUCERS[TRAINING],
        "run": {"runId": _run(job.namespace, job.name, int(version)), "facets": said},
        "job": {"namespace": job.namespace, "name": job.name},
        "inputs": inputs,
        "outputs": outputs,
    }


def _run(namespace: str, name: str, number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"linden {namespace} {name} {number}"))


def _moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
