"""The DAG behind `airflow-failed.ndjson` and `airflow-mended.ndjson`: extract, check, publish.

The check finds no orders and raises, until somebody puts `till.csv` there.
"""

# mypy: disable-error-code="import-not-found"
# Airflow is no dependency of this project: only whoever records again needs it.

from __future__ import annotations

from pathlib import Path

import pendulum
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG, Asset

SHOP = Path("/tmp/broken_orders")

RAW = Asset("file:///tmp/broken_orders/raw.csv")
PUBLISHED = Asset("file:///tmp/broken_orders/published.csv")


def extract() -> None:
    """Write what the till has: without it, a file without orders."""
    SHOP.mkdir(parents=True, exist_ok=True)
    till = SHOP / "till.csv"
    (SHOP / "raw.csv").write_text(till.read_text() if till.exists() else "id,customer_id,status\n")


def check() -> None:
    """Refuse a day without orders."""
    if len((SHOP / "raw.csv").read_text().splitlines()) < 2:
        raise ValueError("no orders today")


def publish() -> None:
    """Reached on a day with orders."""
    (SHOP / "published.csv").write_text((SHOP / "raw.csv").read_text())


with DAG(
    "broken_orders",
    description="Orders of a day without any.",
    schedule="@daily",
    start_date=pendulum.datetime(2024, 3, 1, tz="UTC"),
    catchup=False,
    tags=["shop"],
):
    (
        PythonOperator(task_id="extract", python_callable=extract, outlets=[RAW])
        >> PythonOperator(task_id="check", python_callable=check, inlets=[RAW])
        >> PythonOperator(task_id="publish", python_callable=publish, inlets=[RAW], outlets=[PUBLISHED])
    )
