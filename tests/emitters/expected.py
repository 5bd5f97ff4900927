"""The graph that each emitter's plays must leave, live or recorded; written by hand from what the projects do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from tests.emitters.picture import ColumnFlow, Flow, Job, Picture


@dataclass(frozen=True)
class Expected:
    """A picture, and between which datasets it is taken."""

    sink: str
    source: str
    picture: Picture


def flows(*chains: tuple[str, ...]) -> frozenset[Flow]:
    """The pairs of neighbours in these chains."""
    return frozenset(pair for chain in chains for pair in pairwise(chain))


def columns(target: str, source: str, how: str, *pairs: str) -> frozenset[ColumnFlow]:
    """Column flows between two datasets: `column` where the name stays, else `source>target`."""
    split = [pair.partition(">") for pair in pairs]
    return frozenset((f"{source}.{a}", f"{target}.{b or a}", how) for a, _, b in split)


def job(reads: Iterable[str], writes: Iterable[str], runs: str, parent: str = "") -> Job:
    """A job with at most one parent, which all its runs have."""
    of = f" of {parent}" if parent else ""
    return Job(
        frozenset(reads),
        frozenset(writes),
        frozenset([parent] if parent else []),
        tuple(sorted(f"{state}{of}" for state in runs.split())),
    )


# openlineage-python, the same program through both transports: inputs come on START or on COMPLETE.

_RAW, _ORDERS, _REVENUE = (f"postgres://shop:5432 shop.{name}" for name in ("raw_orders", "orders", "revenue"))
PYTHON_CLIENT = Expected(
    _REVENUE,
    _RAW,
    Picture(
        {
            "python_demo pipeline": job([], [], "FAILED FAILED"),
            "python_demo pipeline.clean": job([_RAW], [_ORDERS], "COMPLETED COMPLETED", "pipeline"),
            "python_demo pipeline.total": job([_ORDERS], [_REVENUE], "COMPLETED COMPLETED", "pipeline"),
            "python_demo pipeline.publish": job([_REVENUE], [], "FAILED FAILED", "pipeline"),
        },
        upstream=flows((_RAW, _ORDERS, _REVENUE)),
        downstream=flows((_RAW, _ORDERS, _REVENUE)),
        columns=columns(_ORDERS, _RAW, "DIRECT IDENTITY", "id")
        | columns(_ORDERS, _RAW, "DIRECT TRANSFORMATION", "cents>amount")
        | columns(_REVENUE, _ORDERS, "DIRECT AGGREGATION", "amount>total"),
    ),
)

# dbt: the three seeds are inputs only because the column lineage names them. The second build fails at a test, skips
# `dim_customers` without a word about it, and tells the tests of what it skipped as failed.

_DUCK = "duckdb:///tmp/jaffle_shop/jaffle_shop.duckdb jaffle_shop"
_SEEDS = {name: f"{_DUCK}.shop_raw.{name}" for name in ("customers", "orders", "payments")}
_STAGED = {name: f"{_DUCK}.shop.stg_{name}" for name in _SEEDS}
_FACTS, _DIMENSION = f"{_DUCK}.shop.fct_orders", f"{_DUCK}.shop.dim_customers"
_BUILD = "dbt-run-jaffle_shop"
_DBT_MODELS: dict[str, tuple[list[str], str]] = {
    **{f"stg_{name}": ([seed], _STAGED[name]) for name, seed in _SEEDS.items()},
    "fct_orders": ([_STAGED["orders"], _STAGED["payments"]], _FACTS),
    "dim_customers": ([_STAGED["customers"], _FACTS], _DIMENSION),
}
_DBT_UPSTREAM = flows(
    (_SEEDS["customers"], _STAGED["customers"], _DIMENSION),
    (_SEEDS["orders"], _STAGED["orders"], _FACTS, _DIMENSION),
    (_SEEDS["payments"], _STAGED["payments"], _FACTS),
)
_DBT_DOWNSTREAM = flows((_SEEDS["payments"], _STAGED["payments"], _FACTS, _DIMENSION))
_TWICE, _ONCE_FAILED = "COMPLETED COMPLETED", "COMPLETED FAILED"
_MODEL = "jaffle_shop jaffle_shop.shop.jaffle_shop"
DBT = Expected(
    _DIMENSION,
    _SEEDS["payments"],
    Picture(
        {
            f"jaffle_shop {_BUILD}": job([], [], _ONCE_FAILED),
            **{
                f"{_MODEL}.{name}.build.run": job(
                    reads, [written], "COMPLETED" if written == _DIMENSION else _TWICE, _BUILD
                )
                for name, (reads, written) in _DBT_MODELS.items()
            },
            **{
                f"{_MODEL}.{name}.build.test": job(
                    [tested], [], _ONCE_FAILED if tested in (_FACTS, _DIMENSION) else _TWICE, _BUILD
                )
                for name, (_, tested) in _DBT_MODELS.items()
            },
            "jaffle_shop test.jaffle_shop.assert_no_negative_amount": job([_FACTS], [], _ONCE_FAILED, _BUILD),
        },
        upstream=_DBT_UPSTREAM,
        downstream=_DBT_DOWNSTREAM,
        columns=columns(_STAGED["customers"], _SEEDS["customers"], "DIRECT", "id>customer_id", "first_name", "email")
        | columns(_STAGED["orders"], _SEEDS["orders"], "DIRECT", "id>order_id", "customer_id", "ordered_on", "status")
        | columns(_STAGED["payments"], _SEEDS["payments"], "DIRECT", "id>payment_id", "order_id", "method")
        | columns(_STAGED["payments"], _SEEDS["payments"], "DIRECT", "amount_cents>amount")
        | columns(_FACTS, _STAGED["orders"], "DIRECT", "order_id", "customer_id", "ordered_on", "status")
        | columns(_FACTS, _STAGED["payments"], "DIRECT", "amount")
        | columns(_DIMENSION, _STAGED["customers"], "DIRECT", "customer_id", "first_name", "email")
        | columns(_DIMENSION, _FACTS, "DIRECT", "ordered_on>first_ordered_on", "order_id>order_count")
        | columns(_DIMENSION, _FACTS, "DIRECT", "amount>lifetime_value"),
    ),
)

# dbt, told while it runs: other names, seeds and every SQL statement are jobs, each test writes a table of its own,
# no column lineage.

_DBT_TESTS = {
    "not_null_stg_customers_customer_id.e2cfb1f9aa": _STAGED["customers"],
    "unique_stg_customers_customer_id.c7614daada": _STAGED["customers"],
    "accepted_values_stg_orders_status__placed__shipped__completed__returned.7511f2d274": _STAGED["orders"],
    "not_null_stg_orders_order_id.81cfe2fe64": _STAGED["orders"],
    "unique_stg_orders_order_id.e3b841c71a": _STAGED["orders"],
    "unique_stg_payments_payment_id.3744510712": _STAGED["payments"],
    "assert_no_negative_amount": _FACTS,
    "not_null_fct_orders_order_id.4e687af8d0": _FACTS,
    "unique_fct_orders_order_id.523ddb6ce5": _FACTS,
    "not_null_dim_customers_customer_id.dd91cd1c8d": _DIMENSION,
    "unique_dim_customers_customer_id.15c9f1e2fd": _DIMENSION,
    "assert_no_vouchers": _STAGED["payments"],
}
_LONG = {"accepted_values_stg_orders_status__placed": "accepted_values_stg_orders_7c9e0be389dac14a09b2140966f0792f"}


def _audit(test: str) -> str:
    """The table a dbt test would write to: its name, a long one shortened by dbt."""
    name = next((short for start, short in _LONG.items() if test.startswith(start)), test.partition(".")[0])
    return f"{_DUCK}.shop_dbt_test__audit.{name}"


_DBT_NODES = {
    **{f"seed.jaffle_shop.{name}": job([], [seed], "COMPLETED", _BUILD) for name, seed in _SEEDS.items()},
    **{
        f"model.jaffle_shop.{name}": job(reads, [written], "COMPLETED", _BUILD)
        for name, (reads, written) in _DBT_MODELS.items()
    },
    **{
        f"test.jaffle_shop.{name}": job(
            [tested], [_audit(name)], "FAILED" if name == "assert_no_vouchers" else "COMPLETED", _BUILD
        )
        for name, tested in _DBT_TESTS.items()
    },
}
_AUDITED = flows(*((tested, _audit(name)) for name, tested in _DBT_TESTS.items()))
DBT_STRUCTURED = Expected(
    _DIMENSION,
    _SEEDS["payments"],
    Picture(
        {
            f"jaffle_shop {_BUILD}": job([], [], _ONCE_FAILED),
            **{f"jaffle_shop {name}": node for name, node in _DBT_NODES.items()},
            **{f"jaffle_shop {name}.sql.N": job([], [], "COMPLETED", name) for name in _DBT_NODES},
        },
        upstream=_DBT_UPSTREAM,
        downstream=_DBT_DOWNSTREAM
        | frozenset(flow for flow in _AUDITED if flow[0] in (_STAGED["payments"], _FACTS, _DIMENSION)),
        columns=frozenset(),
    ),
)

# Airflow: the DAG's run sends no START; what comes behind a failed task sends nothing at all. The run of the second
# day failed, and the same run was done again: its tasks start anew, and of the DAG's two ends the later one holds.

_FILES = "file /tmp/nightly_orders"
_TILL, _CLEAN = f"{_FILES}/raw/orders.csv", f"{_FILES}/clean/orders.csv"
_PEOPLE, _REPORT = f"{_FILES}/raw/customers.csv", f"{_FILES}/report/orders_per_customer.csv"
_TAKEN, _PUBLISHED = (f"file /tmp/broken_orders/{name}.csv" for name in ("raw", "published"))
AIRFLOW = Expected(
    _REPORT,
    _TILL,
    Picture(
        {
            "airflow_demo nightly_orders": job([], [], "COMPLETED?"),
            "airflow_demo nightly_orders.extract": job([], [_TILL, _PEOPLE], "COMPLETED", "nightly_orders"),
            "airflow_demo nightly_orders.clean": job([_TILL], [_CLEAN], "COMPLETED", "nightly_orders"),
            "airflow_demo nightly_orders.report": job([_CLEAN, _PEOPLE], [_REPORT], "COMPLETED", "nightly_orders"),
            "airflow_demo broken_orders": job([], [], "COMPLETED? FAILED?"),
            "airflow_demo broken_orders.extract": job([], [_TAKEN], "COMPLETED COMPLETED", "broken_orders"),
            "airflow_demo broken_orders.check": job([_TAKEN], [], "COMPLETED FAILED", "broken_orders"),
            "airflow_demo broken_orders.publish": job([_TAKEN], [_PUBLISHED], "COMPLETED", "broken_orders"),
        },
        upstream=flows((_TILL, _CLEAN, _REPORT), (_PEOPLE, _REPORT)),
        downstream=flows((_TILL, _CLEAN, _REPORT)),
        columns=frozenset(),
    ),
)

# Dagster: all assets of a run share its id; inputs come from the column lineage alone; the job of the checks sends
# no START.

_TOLD = {name: f"dagster_demo {name}" for name in ("raw_orders", "orders", "revenue", "forecast")}
DAGSTER = Expected(
    _TOLD["revenue"],
    _TOLD["raw_orders"],
    Picture(
        {
            _TOLD["raw_orders"]: job([], [_TOLD["raw_orders"]], "COMPLETED"),
            _TOLD["orders"]: job([_TOLD["raw_orders"]], [_TOLD["orders"]], "COMPLETED"),
            "dagster_demo orders__checks": job([_TOLD["orders"]], [], "COMPLETED?"),
            _TOLD["revenue"]: job([_TOLD["orders"]], [_TOLD["revenue"]], "COMPLETED"),
            _TOLD["forecast"]: job([], [_TOLD["forecast"]], "FAILED"),
        },
        upstream=flows((_TOLD["raw_orders"], _TOLD["orders"], _TOLD["revenue"])),
        downstream=flows((_TOLD["raw_orders"], _TOLD["orders"], _TOLD["revenue"])),
        columns=columns(_TOLD["orders"], _TOLD["raw_orders"], "DIRECT", "id>order_id", "cents>amount")
        | columns(_TOLD["revenue"], _TOLD["orders"], "DIRECT", "amount>total"),
    ),
)

# Spark: the application's run completes whatever becomes of its queries (OpenLineage #4183), a failed query is told
# as FAIL and then as COMPLETE (#4350), and the job that looks into Parquet files for their schema never ends.

_IN, _OUT = "file /tmp/spark_job", "execute_insert_into_hadoop_fs_relation_command.spark_job"
_CSV, _CUSTOMERS = f"{_IN}/orders.csv", f"{_IN}/customers.csv"
_CLEANED, _SUMMED, _AMOUNTS = f"{_IN}/clean_orders", f"{_IN}/orders_per_customer", f"{_IN}/amounts"
_SUMS, _BROKEN = "orders_per_customer", "broken_amounts"


_COLUMNS = {_CLEANED: ("id", "customer_id", "amount"), _SUMMED: ("first_name", "total")}


def _whole(target: str, source: str, how: str, name: str) -> frozenset[ColumnFlow]:
    """A column on which a dataset depends as a whole, so each of its columns does."""
    return columns(target, source, f"INDIRECT {how}", *(f"{name}>{column}" for column in _COLUMNS[target]))


SPARK = Expected(
    _SUMMED,
    _CSV,
    Picture(
        {
            f"spark_demo {_SUMS}": job([], [], "COMPLETED"),
            f"spark_demo {_SUMS}.{_OUT}_clean_orders": job([_CSV], [_CLEANED], "COMPLETED", _SUMS),
            f"spark_demo {_SUMS}.map_partitions_parallel_collection": job([_CLEANED], [], "RUNNING", _SUMS),
            f"spark_demo {_SUMS}.adaptive_spark_plan.spark_job_orders_per_customer": job(
                [_CLEANED, _CUSTOMERS], [_SUMMED], "COMPLETED", _SUMS
            ),
            f"spark_demo {_BROKEN}": job([], [], "COMPLETED"),
            f"spark_demo {_BROKEN}.{_OUT}_amounts": job([_CSV], [_AMOUNTS], "FAILED", _BROKEN),
        },
        upstream=flows((_CSV, _CLEANED, _SUMMED), (_CUSTOMERS, _SUMMED)),
        downstream=flows((_CSV, _CLEANED, _SUMMED), (_CSV, _AMOUNTS)),
        columns=columns(_CLEANED, _CSV, "DIRECT IDENTITY", "id", "customer_id")
        | columns(_CLEANED, _CSV, "DIRECT TRANSFORMATION", "cents>amount")
        | _whole(_CLEANED, _CSV, "FILTER", "status")
        | columns(_SUMMED, _CUSTOMERS, "DIRECT IDENTITY", "first_name")
        | columns(_SUMMED, _CLEANED, "DIRECT AGGREGATION", "amount>total")
        | _whole(_SUMMED, _CUSTOMERS, "GROUP_BY", "first_name")
        | frozenset(
            flow
            for how in ("JOIN", "FILTER")
            for flow in _whole(_SUMMED, _CUSTOMERS, how, "id") | _whole(_SUMMED, _CLEANED, how, "customer_id")
        )
        | columns(_AMOUNTS, _CSV, "DIRECT IDENTITY", "id")
        | columns(_AMOUNTS, _CSV, "DIRECT TRANSFORMATION", "status>amount"),
    ),
)
