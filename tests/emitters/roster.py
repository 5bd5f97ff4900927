"""Every emitter: what is installed for it, what it plays, where that is recorded, and the graph it must leave.

To add one: a file beside this one, its picture in `expected.py`, a line here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from catalog.resources import demo_dir
from tests.corpus import RECORDED
from tests.emitters import airflow, dagster, dbt, expected, python_client, spark
from tests.emitters.environments import environment
from tests.emitters.expected import Expected
from tests.emitters.stage import Stage

Play = Callable[[Stage], None]


@dataclass(frozen=True)
class Emitter:
    """One way in which events are made.

    Attributes:
        pins: the packages of its virtual environment; none means this project's own.
        plays: what it runs, in this order in one stage, each with the file of its recorded events.
        expected: the graph of all plays together.
    """

    name: str
    pins: tuple[str, ...]
    plays: tuple[tuple[Play, Path], ...]
    expected: Expected

    def tool(self) -> Path:
        """The environment to run it in.

        Raises:
            Missing: it cannot be installed.
        """
        return environment(self.name.partition("-")[0], self.pins) if self.pins else Path(sys.prefix)


def _recorded(name: str) -> Path:
    return RECORDED / f"{name}.ndjson"


PYTHON_CLIENT = Emitter(
    "python-client",
    (),
    ((python_client.tell, _recorded("python-client")), (python_client.tell_async, _recorded("python-client-async"))),
    expected.PYTHON_CLIENT,
)
DBT = Emitter(
    "dbt",
    dbt.PINS,
    ((dbt.build, demo_dir() / "dbt.ndjson"), (dbt.build_again_and_fail, _recorded("dbt-failed"))),
    expected.DBT,
)
DBT_STRUCTURED = Emitter(
    "dbt-structured",
    dbt.PINS,
    ((dbt.build_structured, _recorded("dbt-structured")), (dbt.fail_structured, _recorded("dbt-structured-failed"))),
    expected.DBT_STRUCTURED,
)
AIRFLOW = Emitter(
    "airflow",
    airflow.PINS,
    (
        (airflow.nightly, _recorded("airflow")),
        (airflow.broken, _recorded("airflow-failed")),
        (airflow.mended, _recorded("airflow-mended")),
    ),
    expected.AIRFLOW,
)
DAGSTER = Emitter(
    "dagster",
    dagster.PINS,
    ((dagster.materialize, _recorded("dagster")), (dagster.broken, _recorded("dagster-failed"))),
    expected.DAGSTER,
)
SPARK = Emitter(
    "spark",
    spark.PINS,
    ((spark.orders, _recorded("spark")), (spark.broken, _recorded("spark-failed"))),
    expected.SPARK,
)

INSTALLED = (DBT, DBT_STRUCTURED, AIRFLOW, DAGSTER, SPARK)
"""Those that need an environment of their own."""
EMITTERS = {emitter.name: emitter for emitter in (PYTHON_CLIENT, *INSTALLED)}
