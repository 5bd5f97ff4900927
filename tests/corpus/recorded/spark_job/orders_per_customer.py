"""The Spark application behind `spark.ndjson`: clean the orders, then sum them per customer; CSV in, Parquet out."""

# mypy: disable-error-code="import-not-found"
# Spark is no dependency of this project: only whoever records again needs it.

from __future__ import annotations

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

SHOP = "/tmp/spark_job"

spark = SparkSession.builder.appName("orders_per_customer").getOrCreate()

orders = spark.read.csv(f"{SHOP}/orders.csv", header=True, schema="id int, customer_id int, status string, cents int")
(
    orders.where(f.col("status") == "completed")
    .select("id", "customer_id", (f.col("cents") / 100).alias("amount"))
    .write.mode("overwrite")
    .parquet(f"{SHOP}/clean_orders")
)

clean = spark.read.parquet(f"{SHOP}/clean_orders")
customers = spark.read.csv(f"{SHOP}/customers.csv", header=True, schema="id int, first_name string")
(
    clean.join(customers, clean.customer_id == customers.id)
    .groupBy(customers.first_name)
    .agg(f.sum(clean.amount).alias("total"))
    .write.mode("overwrite")
    .parquet(f"{SHOP}/orders_per_customer")
)

spark.stop()
