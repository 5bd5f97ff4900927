"""Spark in local mode with OpenLineage's listener: two steps from CSV to Parquet, and a step that fails."""

from __future__ import annotations

from tests.corpus import RECORDED
from tests.emitters.environments import jar
from tests.emitters.stage import Stage

PINS = ("pyspark==3.5.9",)
LISTENER = "io.openlineage:openlineage-spark_2.12:1.53.0"
JOB = RECORDED / "spark_job"


def orders(stage: Stage) -> None:
    """Clean the orders, then join and sum them."""
    _submit(stage, "orders_per_customer")


def broken(stage: Stage) -> None:
    """Read what is no number; the write fails."""
    _submit(stage, "broken_amounts", code=1)


def _submit(stage: Stage, app: str, code: int = 0) -> None:
    place = stage.project(JOB)
    conf = {
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.warehouse.dir": str(place / "warehouse"),
        "spark.extraListeners": "io.openlineage.spark.agent.OpenLineageSparkListener",
        "spark.openlineage.namespace": "spark_demo",
        "spark.openlineage.transport.type": "http",
        "spark.openlineage.transport.url": stage.url,
        "spark.openlineage.transport.compression": "gzip",
        "spark.openlineage.transport.auth.type": "api_key",
        "spark.openlineage.transport.auth.apiKey": stage.token,
    }
    options = [part for name, value in conf.items() for part in ("--conf", f"{name}={value}")]
    stage.run(
        "spark-submit",
        *("--master", "local[1]", "--driver-memory", "700m", "--jars", str(jar(LISTENER)), *options, f"{app}.py"),
        cwd=place,
        env={"PYSPARK_PYTHON": str(stage.tool / "bin/python"), "SPARK_LOCAL_IP": "127.0.0.1"},
        codes=(code,),
    )
