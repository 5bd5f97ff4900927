"""How much is measured: quickly (about a minute) or in full (about ten)."""

from __future__ import annotations

from typing import NamedTuple

LAYERS, WIDTH, COLUMNS = 20, 50, 10
"""The measured graph: 950 jobs, 1,000 datasets, 9,500 column edges."""

CLIENTS = (1, 8, 32)
DEPTHS = (5, 10, 20)


class Size(NamedTuple):
    """The sizes of one run.

    Attributes:
        warm: layers and width of the graph that is applied before anything counts (its jobs run five times).
        rounds: how often first and repeat runs are measured, each time in a namespace of its own.
        repeats: repeat runs of every job in a round.
        runs: runs of the one job that comes in order and backwards.
        asks: how often each question is asked.
        accepts: events for each number of submitting threads.
        posts: requests for each number of HTTP clients.
        sights: events that are watched until they are visible.
        starts: how often `headwater up` is started.
        idle: seconds it is left alone before its memory is read.
        limit: seconds after which the whole run is given up.
    """

    warm: tuple[int, int]
    rounds: int
    repeats: int
    runs: int
    asks: int
    accepts: dict[int, int]
    posts: dict[int, int]
    sights: int
    starts: int
    idle: float
    limit: int


QUICK = Size((10, 20), 1, 2, 150, 15, {1: 100, 8: 800, 32: 2_000}, {1: 100, 8: 500, 32: 1_000}, 20, 1, 3.0, 300)
FULL = Size(
    (20, 25), 3, 4, 1_000, 100, {1: 500, 8: 4_000, 32: 8_000}, {1: 500, 8: 3_000, 32: 6_000}, 100, 5, 15.0, 1_800
)
