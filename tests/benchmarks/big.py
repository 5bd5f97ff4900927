"""One big graph: over 100,000 nodes and 400,000 edges, most of them columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from catalog.graph import assets
from catalog.graph.reader import Reader
from catalog.graph.walk import DATASET, FIELD, UPSTREAM
from catalog.identity import Name
from catalog.usecases.trace import ALL, LineageAnswer, lineage
from tests.benchmarks.bare import Bare
from tests.benchmarks.figures import MIB, RATE, Figure, in_turn, quantiles
from tests.benchmarks.layered import wide_events
from tests.benchmarks.machine import resident
from tests.benchmarks.session import Session
from tests.benchmarks.size import COLUMNS, LAYERS

NAMESPACE = "big"
SOURCES = 5
"""Columns that each column derives from."""

PATIENCE = 60.0
_COUNT = {"nodes": "MATCH (n) RETURN count(n) AS n", "edges": "MATCH ()-[r]->() RETURN count(r) AS n"}


def measure(session: Session) -> Iterator[Figure]:
    """How fast it is applied, what the store holds afterwards, and the usual questions to it."""
    width = session.size.big
    if not width:
        return
    session.close()
    bare = Bare(session.folder / "big", session.store)
    try:
        bare.warm_up(1)
        spent = bare.apply(wide_events(LAYERS, width, COLUMNS, SOURCES, namespace=NAMESPACE))
        nodes, edges = (bare.store.rows(text)[0]["n"] for text in _COUNT.values())
        note = f"{nodes:,} nodes, {edges:,} edges"
        yield Figure("big.applied", "big graph, applied", spent.rate, RATE, note)
        yield Figure("big.store", "big graph, memory of the store", resident(bare.pid), MIB)
        reader = bare.reader
        found = {FIELD: _walk(reader, "c0"), ALL: _walk(reader, None)}
        works: dict[str, tuple[str, Callable[[], Any]]] = {
            "lineage": (f"lineage, depth 5, {len(found[ALL].nodes):,} nodes", partial(_walk, reader, None)),
            "columns": (f"column lineage, depth 5, {len(found[FIELD].nodes):,} nodes", partial(_walk, reader, "c0")),
            "page": ("page of 100 jobs", partial(assets.page, reader, "Job", after="", namespace=None, limit=100)),
            "search": ("search", partial(assets.search, reader, "Dataset", "table_10_0", 20)),
        }
        rounds = in_turn([work for _, work in works.values()], times=session.size.asks, seconds=PATIENCE)
        for (key, (text, _)), seconds in zip(works.items(), zip(*rounds, strict=True), strict=True):
            yield from quantiles(f"big.{key}", f"big graph, {text}", seconds)
    finally:
        bare.close()


def _walk(reader: Reader, field: str | None) -> LineageAnswer:
    answer = lineage(
        reader,
        kind=DATASET,
        name=Name(NAMESPACE, f"table_{LAYERS - 1:02}_000"),
        field=field,
        direction=UPSTREAM,
        depth=5,
        granularity=ALL,
    )
    if answer is None or {*answer.truncated_by} - {"DEPTH"}:
        raise RuntimeError(f"the walk was not whole: {answer and answer.truncated_by}")
    return answer
