"""dbt through its wrapper `dbt-ol`, in both of its modes, on a project in DuckDB."""

from __future__ import annotations

from pathlib import Path

from tests.corpus import RECORDED
from tests.emitters.stage import Stage

PINS = ("dbt-core==1.10.23", "dbt-duckdb==1.11.1", "openlineage-dbt==1.54.0")
PROJECT = RECORDED / "jaffle_shop"
_REFUND = "9,107,card,-2000\n"
_VOUCHERS = "select * from {{ ref('stg_payments') }} where method = 'voucher'\n"
_STRUCTURED = "--consume-structured-logs"


def build(stage: Stage) -> None:
    """Seeds, models and tests; all well."""
    _dbt(stage, stage.project(PROJECT), "build")


def build_again_and_fail(stage: Stage) -> None:
    """A refund makes an order negative; the test for it fails, and what comes behind it is skipped."""
    project = stage.project(PROJECT)
    with (project / "seeds/payments.csv").open("a") as payments:
        payments.write(_REFUND)
    _dbt(stage, project, "build", code=1)


def build_structured(stage: Stage) -> None:
    """As `build`, told while dbt runs."""
    _dbt(stage, stage.project(PROJECT), _STRUCTURED, "build")


def fail_structured(stage: Stage) -> None:
    """One test that fails, told while dbt runs."""
    project = stage.project(PROJECT)
    (project / "tests/assert_no_vouchers.sql").write_text(_VOUCHERS)
    _dbt(stage, project, _STRUCTURED, "test", "--select", "assert_no_vouchers", code=1)


def _dbt(stage: Stage, project: Path, *arguments: str, code: int = 0) -> None:
    env = {
        "DBT_PROFILES_DIR": ".",
        "OPENLINEAGE_URL": stage.url,
        "OPENLINEAGE_API_KEY": stage.token,
        "OPENLINEAGE_NAMESPACE": "jaffle_shop",
    }
    stage.run("dbt-ol", *arguments, cwd=project, env=env, codes=(code,))
