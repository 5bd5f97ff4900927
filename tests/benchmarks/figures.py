"""A measured number with its name, and the few ways to get one."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

RATE = "events/s"
MS = "ms"
SECONDS = "s"
MIB = "MiB"
RATIO = "x"
"""The unit of figures that compare two things of one run; they survive a noisy machine."""


class Figure(NamedTuple):
    """One line of the result; `key` stays the same from release to release, its first part names the group."""

    key: str
    text: str
    value: float
    unit: str
    note: str = ""


def counted(number: int, thing: str) -> str:
    """`1 client`, `8 clients`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def timed(work: Callable[[], Any]) -> float:
    """How many seconds a piece of work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


def median(values: Iterable[float]) -> float:
    """Half of the values are at most this."""
    return percentile(values, 0.5)


def quantiles(key: str, text: str, seconds: Sequence[float], note: str = "") -> Iterator[Figure]:
    """p50 and p95 of durations, in milliseconds."""
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        yield Figure(f"{key}.{name}", f"{text}, {name}", percentile(seconds, share) * 1_000, MS, note)


def in_turn(
    works: Sequence[Callable[[], Any]], *, times: int, seconds: float, discard: int = 2
) -> list[tuple[float, ...]]:
    """Durations of several pieces of work, run in turn, so that a noisy moment meets all of them.

    Args:
        times: rounds at most.
        seconds: no round begins after these.
        discard: rounds before the first that counts.
    """
    until = time.monotonic() + seconds
    for _ in range(discard):
        for work in works:
            work()
    rounds = [tuple(timed(work) for work in works)]
    while len(rounds) < times and time.monotonic() < until:
        rounds.append(tuple(timed(work) for work in works))
    return rounds
