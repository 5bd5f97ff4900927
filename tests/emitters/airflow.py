"""Airflow's OpenLineage provider: `airflow dags test` of two DAGs, one of which fails."""

from __future__ import annotations

import json

from tests.corpus import RECORDED
from tests.emitters.stage import Stage

PINS = (
    "apache-airflow==3.3.2",
    "apache-airflow-providers-openlineage==2.20.3",
    "apache-airflow-providers-common-io==1.11.0",
)
DAGS = RECORDED / "airflow_dag"
_TILL = "id,customer_id,status\n104,3,completed\n"


def nightly(stage: Stage) -> None:
    """Extract, clean, report: all well."""
    _test(stage, "nightly_orders")


def broken(stage: Stage) -> None:
    """The second of three tasks raises; the third never starts."""
    _test(stage, "broken_orders")


def mended(stage: Stage) -> None:
    """The day after fails too, is mended and done again, under the same run ids."""
    _test(stage, "broken_orders", "2024-03-12")
    (stage.folder / "broken_orders/till.csv").write_text(_TILL)
    _test(stage, "broken_orders", "2024-03-12")


def _test(stage: Stage, dag: str, date: str = "2024-03-11") -> None:
    home = stage.folder / "airflow"
    home.mkdir(exist_ok=True)
    if not (home / "dags").exists():
        stage.project(DAGS).rename(home / "dags")
    transport = {
        "type": "http",
        "url": stage.url,
        "compression": "gzip",
        "auth": {"type": "api_key", "apiKey": stage.token},
    }
    env = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__OPENLINEAGE__NAMESPACE": "airflow_demo",
        "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(transport),
    }
    if not (home / "airflow.db").exists():
        stage.run("airflow", "db", "migrate", env=env)
    stage.run("airflow", "dags", "test", dag, date, env=env, codes=(0, 1))
