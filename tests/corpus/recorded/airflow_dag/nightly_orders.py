"""The DAG behind `airflow.ndjson`: extract, clean, report, joined by files declared as assets."""

# mypy: disable-error-code="import-not-found"
# Airflow is no dependency of this project: only whoever records again needs it.

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pendulum
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG, Asset

SHOP = Path("/tmp/nightly_orders")

RAW = Asset("file:///tmp/nightly_orders/raw/orders.csv")
CLEAN = Asset("file:///tmp/nightly_orders/clean/orders.csv")
CUSTOMERS = Asset("file:///tmp/nightly_orders/raw/customers.csv")
REPORT = Asset("file:///tmp/nightly_orders/report/orders_per_customer.csv")


def extract() -> None:
    """Write the two raw files, as an export of a till would."""
    (SHOP / "raw").mkdir(parents=True, exist_ok=True)
    (SHOP / "raw/orders.csv").write_text("id,customer_id,status\n101,1,completed\n102,2,returned\n103,1,completed\n")
    (SHOP / "raw/customers.csv").write_text("id,first_name\n1,Ada\n2,Grace\n")


def clean() -> None:
    """Keep completed orders."""
    (SHOP / "clean").mkdir(exist_ok=True)
    with (SHOP / "raw/orders.csv").open() as source, (SHOP / "clean/orders.csv").open("w", newline="") as target:
        writer = csv.DictWriter(target, ["id", "customer_id", "status"])
        writer.writeheader()
        writer.writerows(row for row in csv.DictReader(source) if row["status"] == "completed")


def report() -> None:
    """Count orders per customer."""
    (SHOP / "report").mkdir(exist_ok=True)
    with (SHOP / "clean/orders.csv").open() as source:
        counts = Counter(row["customer_id"] for row in csv.DictReader(source))
    with (SHOP / "raw/customers.csv").open() as source:
        lines = [f"{row['first_name']},{counts[row['id']]}" for row in csv.DictReader(source)]
    (SHOP / "report/orders_per_customer.csv").write_text("\n".join(["first_name,orders", *lines]) + "\n")


with DAG(
    "nightly_orders",
    description="Orders of the day, cleaned and counted.",
    schedule="@daily",
    start_date=pendulum.datetime(2024, 3, 1, tz="UTC"),
    catchup=False,
    tags=["shop"],
):
    (
        PythonOperator(task_id="extract", python_callable=extract, outlets=[RAW, CUSTOMERS])
        >> PythonOperator(task_id="clean", python_callable=clean, inlets=[RAW], outlets=[CLEAN])
        >> PythonOperator(task_id="report", python_callable=report, inlets=[CLEAN, CUSTOMERS], outlets=[REPORT])
    )
