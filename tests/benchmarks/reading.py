"""Reading without HTTP: lineage now and as known before, a page, a search, one dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from catalog.graph import assets
from catalog.graph.reader import Reader
from catalog.graph.walk import DATASET, UPSTREAM, Moment
from catalog.identity import Name, dataset_id
from catalog.usecases.trace import ALL, LineageAnswer, lineage
from tests.benchmarks.figures import RATIO, Figure, in_turn, median, quantiles
from tests.benchmarks.layered import NAMESPACE
from tests.benchmarks.session import Session
from tests.benchmarks.size import DEPTHS, LAYERS

ROOT = f"table_{LAYERS - 1:02}_000"
PATIENCE = 60.0
NOW = Moment()


def walk(reader: Reader, depth: int, moment: Moment = NOW) -> LineageAnswer:
    """The lineage above one dataset of the last layer.

    Raises:
        RuntimeError: the walk stopped before its depth, so its time would flatter.
    """
    answer = lineage(
        reader,
        kind=DATASET,
        name=Name(NAMESPACE, ROOT),
        field=None,
        direction=UPSTREAM,
        depth=depth,
        granularity=ALL,
        moment=moment,
    )
    if answer is None or {*answer.truncated_by} - {"DEPTH"}:
        raise RuntimeError(f"the walk was not whole: {answer and answer.truncated_by}")
    return answer


def measure_lineage(session: Session) -> Iterator[Figure]:
    """Lineage by depth, and at an earlier sequence that still knows the whole graph."""
    bare, size = session.bare(), session.size
    bare.need_layered()
    # Known through the newest entry: the same subgraph, decided by its points in time and sequence.
    past = Moment(known_at=walk(bare.reader, 1).sequence)
    for depth in DEPTHS:
        nodes = len(walk(bare.reader, depth).nodes)
        if nodes != len(walk(bare.reader, depth, past).nodes):
            raise RuntimeError("past and present must be the same subgraph to be compared")
        works = [partial(walk, bare.reader, depth), partial(walk, bare.reader, depth, past)]
        rounds = in_turn(works, times=size.asks, seconds=PATIENCE)
        now, then = zip(*rounds, strict=True)
        note = f"{nodes} nodes, {len(rounds)} times"
        yield from quantiles(f"lineage.{depth}", f"lineage upstream, depth {depth}", now, note)
        yield from quantiles(f"lineage.{depth}.past", f"the same, known at an earlier sequence, depth {depth}", then)
        ratio = median(b / a for a, b in rounds)
        yield Figure(f"lineage.{depth}.ratio", f"lineage, past / present, depth {depth}", ratio, RATIO)


def measure_reads(session: Session) -> Iterator[Figure]:
    """Listings and look-ups, as the doors ask them of the graph."""
    bare, size = session.bare(), session.size
    bare.need_layered()
    reader = bare.reader
    known = dataset_id(Name(NAMESPACE, ROOT))
    asked: dict[str, tuple[str, Callable[[], Any]]] = {
        "page": ("page of 100 jobs", lambda: assets.page(reader, "Job", after="", namespace=None, limit=100)),
        "search": ("search for three words, best 20", lambda: assets.search(reader, "Dataset", "table_10_0", 20)),
        "dataset": ("one dataset by name", lambda: assets.datasets(reader, [known])),
    }
    found = {key: len(work()) for key, (_, work) in asked.items()}
    if {"page": 100, "search": 20, "dataset": 1} != found:
        raise RuntimeError(f"the questions were not answered: {found}")
    rounds = in_turn([work for _, work in asked.values()], times=size.asks, seconds=PATIENCE, discard=5)
    for (key, (text, _)), seconds in zip(asked.items(), zip(*rounds, strict=True), strict=True):
        yield from quantiles(f"reads.{key}", text, seconds)
