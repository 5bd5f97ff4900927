"""Assertions -> the same with the column lineage that their SQL shows.

Only what ends a run, or declares a job, is looked at, and only outputs of which the producer gives no columns. A query
may be anything and never fails its event: what is not understood, or meets two datasets at once, gives nothing.

Its bounds are counts, not times: the same events have to give the same graph on a slow machine. The thread of its own
is for the same reason: how deep a query may nest then depends on it alone, not on who asks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import structlog

from catalog.identity import Name
from catalog.lineage.assertions import Assertions, ColumnEdge, Json

MAX_QUERY = 64_000
"""Characters; reading these many takes about a quarter of a second."""
MAX_DATASETS = 500
MAX_EDGES = 5_000

log = structlog.get_logger(__name__)

_DIALECTS = {
    "awsathena": "athena",
    "azuresynapse": "fabric",
    "hdfs": "hive",
    "maxcompute": "hive",
    "mssql": "tsql",
    "mariadb": "mysql",
    "postgresql": "postgres",
    "pyspark": "spark",
    "sparksql": "spark",
    "sqlserver": "tsql",
    "synapse": "tsql",
    "unitycatalog": "databricks",
    "vertica": "postgres",
}
"""What producers and namespaces call a dialect, where the parser calls it otherwise."""


def has_query(job_facets: Json) -> bool:
    """Whether a job's facets hold a query to look at."""
    facet = job_facets.get("sql") if isinstance(job_facets, dict) else None
    query = facet.get("query") if isinstance(facet, dict) else None
    return isinstance(query, str) and 0 < len(query) <= MAX_QUERY


def infer_columns(said: Assertions) -> Assertions:
    """The assertions of one event, its outputs with what its query shows of them."""
    ends = said.run is None or said.event_type.terminal
    wanted = [d for d in said.datasets if d.role == "output" and d.columns is None]
    explicit = said.complete or said.others is not None
    if not ends or explicit or not wanted or len(said.datasets) > MAX_DATASETS or not has_query(said.job_facets):
        return said
    lacking = {d.name for d in wanted} - {d.name for d in said.datasets if d.role == "output" and d.columns is not None}
    found: dict[Name, frozenset[ColumnEdge]] = {}
    _apart(lambda: found.update(_edges(said)))
    found = {name: edges for name, edges in found.items() if name in lacking}
    if sum(map(len, found.values())) > MAX_EDGES:
        found = {}
    seen: set[Name] = set()
    datasets = []
    for dataset in said.datasets:
        if dataset.role == "output" and dataset.name in lacking and dataset.name not in seen:
            seen.add(dataset.name)
            dataset = replace(dataset, inferred=tuple(sorted(found.get(dataset.name, ()))))
        datasets.append(dataset)
    return replace(said, datasets=tuple(datasets))


def _apart(work: Callable[[], None]) -> None:
    """Run it in a thread of its own, to its end; a fault in it costs what it would have found, and is loud."""

    def run() -> None:
        try:
            work()
        except Exception:
            log.exception("could not read a query")

    thread = threading.Thread(target=run, name="sql")
    thread.start()
    thread.join()


def _edges(said: Assertions) -> dict[Name, frozenset[ColumnEdge]]:
    from catalog.lineage.sql.script import read_script  # the parser takes half a second to import

    facet: dict[str, Any] = said.job_facets["sql"]
    names = [d.name for d in said.datasets]
    return read_script(
        facet["query"],
        dialects=_dialects(facet.get("dialect"), names),
        inputs=[d for d in said.datasets if d.role == "input"],
        outputs=[d for d in said.datasets if d.role == "output"],
        aliases=_aliases(said),
    )


def _dialects(given: object, names: list[Name]) -> list[str]:
    """Dialects to try: the producer's word, else what the namespaces say; then none in particular."""
    said = [given] if isinstance(given, str) and given.strip() else sorted({n.namespace for n in names})
    found = [word.partition(":")[0].strip().lower() for word in said]
    return [*dict.fromkeys(_DIALECTS.get(word, word) for word in found), ""]


def _aliases(said: Assertions) -> dict[Name, set[str]]:
    """Every dataset of the event with its own name and those its symlinks give."""
    found = {d.name: {d.name.name} for d in said.datasets}
    for a, b in said.symlinks:
        for mine, other in ((a, b), (b, a)):
            if mine in found:
                found[mine].add(other.name)
    return found
