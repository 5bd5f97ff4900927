"""Dagster with the event log of dagster-openlineage: three assets that derive from each other, and one that fails."""

from __future__ import annotations

from tests.corpus import RECORDED
from tests.emitters.stage import Stage

PINS = ("dagster==1.13.28", "dagster-openlineage==0.2.1")
PROJECT = RECORDED / "dagster_assets"


def materialize(stage: Stage) -> None:
    """Three assets and a check, in one run; all well."""
    _materialize(stage, "raw_orders,orders,revenue")


def broken(stage: Stage) -> None:
    """One asset that raises."""
    _materialize(stage, "forecast", code=1)


def _materialize(stage: Stage, assets: str, code: int = 0) -> None:
    place = stage.project(PROJECT)
    env = {
        "DAGSTER_HOME": str(place),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        "OPENLINEAGE_URL": stage.url,
        "OPENLINEAGE_API_KEY": stage.token,
    }
    arguments = ("asset", "materialize", "-f", str(place / "shop.py"), "--select", assets)
    stage.run("dagster", *arguments, cwd=place, env=env, codes=(code,))
