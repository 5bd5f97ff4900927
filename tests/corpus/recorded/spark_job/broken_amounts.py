"""The Spark application behind `spark-failed.ndjson`: a value that is no number ends it."""

# mypy: disable-error-code="import-not-found"
# Spark is no dependency of this project: only whoever records again needs it.

from __future__ import annotations

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

SHOP = "/tmp/spark_job"

spark = SparkSession.builder.appName("broken_amounts").config("spark.sql.ansi.enabled", "true").getOrCreate()

orders = spark.read.csv(f"{SHOP}/orders.csv", header=True, schema="id int, customer_id int, status string, cents int")
(
    orders.select("id", f.col("status").cast("int").alias("amount"))
    .write.mode("overwrite")
    .parquet(f"{SHOP}/amounts")
)

spark.stop()
