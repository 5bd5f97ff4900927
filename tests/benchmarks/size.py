"""How much is measured: quickly (about two minutes) or in full (about fifteen)."""

from __future__ import annotations

from typing import NamedTuple

LAYERS, WIDTH, COLUMNS = 20, 50, 10
"""The measured graph: 950 jobs, 1,000 datasets, 9,500 column edges."""

CLIENTS = (1, 8, 32)
DEPTHS = (5, 10, 20)


class Size(NamedTuple):
    """The sizes of one run.

    Attributes:
        warm: how many graphs of the measured size are applied before anything counts, three runs of each job.
        rounds: how often first and repeat runs are measured, each time in a namespace of its own.
        repeats: repeat runs of every job in a round.
        runs: runs of the one job that comes in order and backwards.
        backfill: the same, once, with so many runs; 0 leaves it out.
        contradicted: runs of the jobs of which late events say otherwise, the fewest first.
        asks: how often each question is asked.
        accepts: events for each number of submitting threads.
        posts: requests for each number of HTTP clients.
        batches: requests to the batch endpoint.
        sustained: seconds of accepting and applying at once.
        history: events of history, each time in all, after which reading is measured again.
        backlog: events that are accepted before any of them is drained.
        imported: events of the file that is imported.
        declared: entities of the manifest that is planned and applied.
        big: width of the layers of the one big graph; 0 leaves it out.
        sights: events that are watched until they are visible.
        starts: how often `headwater up` is started.
        idle: seconds it is left alone before its memory is read.
        limit: seconds after which the whole run is given up.
    """

    warm: int
    rounds: int
    repeats: int
    runs: int
    backfill: int
    contradicted: tuple[int, ...]
    asks: int
    accepts: dict[int, int]
    posts: dict[int, int]
    batches: int
    sustained: float
    history: tuple[int, ...]
    backlog: int
    imported: int
    declared: int
    big: int
    sights: int
    starts: int
    idle: float
    limit: int


QUICK = Size(
    warm=1,
    rounds=1,
    repeats=2,
    runs=150,
    backfill=0,
    contradicted=(200, 1_000),
    asks=15,
    accepts={1: 100, 8: 800, 32: 2_000},
    posts={1: 100, 8: 500, 32: 1_000},
    batches=3,
    sustained=5.0,
    history=(4_000,),
    backlog=5_000,
    imported=3_000,
    declared=1_000,
    big=0,
    sights=20,
    starts=1,
    idle=3.0,
    limit=420,
)
FULL = Size(
    warm=4,
    rounds=5,
    repeats=2,
    runs=1_000,
    backfill=10_000,
    contradicted=(2_000, 10_000),
    asks=100,
    accepts={1: 500, 8: 4_000, 32: 8_000},
    posts={1: 500, 8: 3_000, 32: 6_000},
    batches=10,
    sustained=60.0,
    history=(50_000, 500_000),
    backlog=200_000,
    imported=100_000,
    declared=10_000,
    big=400,
    sights=100,
    starts=5,
    idle=15.0,
    limit=5_400,
)
