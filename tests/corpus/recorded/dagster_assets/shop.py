"""The Dagster assets behind `dagster.ndjson` and `dagster-failed.ndjson`: orders, cleaned, summed; and a forecast.

Dagster knows what an asset is made from (`deps`), but the events do not say so: only the column lineage that an asset
attaches to its result names its sources.
"""

# mypy: disable-error-code="import-not-found, no-untyped-call, untyped-decorator"
# Dagster is no dependency of this project: only whoever records again needs it.

from __future__ import annotations

import dagster as dg


def _columns(**types: str) -> dg.TableSchema:
    return dg.TableSchema([dg.TableColumn(name, type_) for name, type_ in types.items()])


def _from(**columns: str) -> dg.TableColumnLineage:
    """`column="asset.column"` for each column."""
    return dg.TableColumnLineage(
        {
            column: [dg.TableColumnDep(asset_key=dg.AssetKey(source.split(".")[0]), column_name=source.split(".")[1])]
            for column, source in columns.items()
        }
    )


@dg.asset
def raw_orders() -> dg.MaterializeResult:
    """Orders as the till exported them."""
    return dg.MaterializeResult(metadata={"dagster/column_schema": _columns(id="int", status="string", cents="int")})


@dg.asset(deps=[raw_orders])
def orders() -> dg.MaterializeResult:
    """Completed orders."""
    return dg.MaterializeResult(
        metadata={
            "dagster/column_schema": _columns(order_id="int", amount="double"),
            "dagster/column_lineage": _from(order_id="raw_orders.id", amount="raw_orders.cents"),
        }
    )


@dg.asset(deps=[orders])
def revenue() -> dg.MaterializeResult:
    """One number."""
    return dg.MaterializeResult(
        metadata={
            "dagster/column_schema": _columns(total="double"),
            "dagster/column_lineage": _from(total="orders.amount"),
        }
    )


@dg.asset_check(asset=orders)
def amounts_are_positive() -> dg.AssetCheckResult:
    """No order costs less than nothing."""
    return dg.AssetCheckResult(passed=True)


@dg.asset(deps=[revenue])
def forecast() -> dg.MaterializeResult:
    """Raises."""
    raise ValueError("too little history")


defs = dg.Definitions(assets=[raw_orders, orders, revenue, forecast], asset_checks=[amounts_are_positive])
