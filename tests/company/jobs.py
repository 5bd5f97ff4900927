"""The company's pipelines: which job writes which dataset, and what runs around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tests.company.tables import AIRFLOW, DBT, SPARK, Table

PROJECT = "linden"
TRAINING = "ml"


class Job(NamedTuple):
    """A job that events tell of.

    Attributes:
        parent: the name of what it runs in: a DAG, an application of Spark, a build of dbt; empty for these themselves.
        tables: what it writes, of a test or a dashboard what it reads, by id.
        does: `writes`, `tests`, `shows` or `runs`.
    """

    namespace: str
    name: str
    tool: str
    domain: str
    parent: str
    tables: tuple[str, ...]
    does: str


def jobs(tables: Mapping[str, Table]) -> Iterator[Job]:
    """All jobs but those of models, each after those it waits for; what they run in comes first."""
    parents: dict[tuple[str, str], Job] = {}
    found = []
    for table in tables.values():
        if table.tool:
            writer = _writer(table)
            parents.setdefault(
                (writer.namespace, writer.parent),
                Job(writer.namespace, writer.parent, table.tool, table.domain, "", (), "runs"),
            )
            found.append(writer)
            if table.tool == DBT:
                found.append(writer._replace(name=writer.name.removesuffix("run") + "test", does="tests"))
    shown: dict[str, list[str]] = {}
    for table in tables.values():
        if table.id.startswith("made/") and table.system == "warehouse":
            shown.setdefault(table.domain, []).append(table.id)
    for domain, ids in shown.items():
        parent = f"dashboards_{domain}"
        parents["airflow", parent] = Job("airflow", parent, AIRFLOW, domain, "", (), "runs")
        found.append(Job("airflow", f"{parent}.refresh", AIRFLOW, domain, parent, tuple(ids), "shows"))
    yield from parents.values()
    yield from found


def _writer(table: Table) -> Job:
    domain, short = table.domain, table.name.rpartition("/")[2]
    if table.tool == DBT:
        name, parent = f"{PROJECT}.analytics.{PROJECT}_dbt.{short}.build.run", f"dbt-run-{PROJECT}-{domain}"
        return Job(f"{PROJECT}_dbt", name, DBT, domain, parent, (table.id,), "writes")
    if table.tool == SPARK:
        parent = f"{'features' if table.id.startswith('made/') else 'clean'}_{domain}"
        step = f"{parent}.execute_insert_into_hadoop_fs_relation_command.{table.name.replace('/', '_')}"
        return Job("spark", step, SPARK, domain, parent, (table.id,), "writes")
    parent = f"{'deliver' if table.id.startswith('made/') else 'extract'}_{domain}"
    return Job("airflow", f"{parent}.{short}", AIRFLOW, domain, parent, (table.id,), "writes")
