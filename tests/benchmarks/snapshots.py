"""How long the catalog takes to be read for policies and reports: the whole of it, and what lies above one dataset."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from catalog.graph.snapshot import take
from catalog.identity import Name, dataset_id
from tests.benchmarks.figures import SECONDS, Figure, median, quantiles, timed
from tests.benchmarks.layered import NAMESPACE
from tests.benchmarks.session import Session

ROUNDS = 5
NEAR = "table_02_000"
"""Two jobs above it, and what those read."""


def measure(session: Session) -> Iterator[Figure]:
    """The whole, and a part; of what is in the store besides, the graphs that warmed it up are the most."""
    bare = session.bare()
    bare.need_layered()
    read = partial(take, bare.reader, at=0)
    whole = read()
    columns = sum(len(thing.columns) for thing in whole.things.values())
    note = f"{len(whole.things):,} things, {columns:,} columns, {len(whole.column_edges):,} column edges"
    yield Figure("snapshot.whole", "the whole catalog read", median(timed(read) for _ in range(ROUNDS)), SECONDS, note)
    some = partial(read, things=[dataset_id(Name(NAMESPACE, NEAR))])
    note = f"{len(some().things):,} things"
    yield from quantiles("snapshot.part", "a dataset with all above it read", [timed(some) for _ in range(20)], note)
