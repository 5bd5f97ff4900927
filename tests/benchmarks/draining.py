"""Applying what was accepted: first runs, repeat runs, and one job's runs in order and backwards."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.bare import Spent
from tests.benchmarks.figures import MS, RATE, RATIO, Figure, counted, median
from tests.benchmarks.layered import NAMESPACE, runs_of_one_job
from tests.benchmarks.session import Session
from tests.benchmarks.size import COLUMNS


def measure(session: Session) -> Iterator[Figure]:
    """Drained events per second for jobs that are new and for jobs that say again what is known."""
    bare, size = session.bare(), session.size
    first: list[Spent] = []
    repeat: list[Spent] = []
    ratios = []
    for turn in range(size.rounds):
        namespace = f"{NAMESPACE}{turn or ''}"
        first.append(bare.apply_layered(namespace, 0))
        again = [bare.apply_layered(namespace, run) for run in range(1, 1 + size.repeats)]
        repeat += again
        ratios.append(median(one.rate for one in again) / first[-1].rate)
    for key, text, spent in (("first", "first runs", first), ("repeat", "repeat runs", repeat)):
        told = f"{counted(len(spent), 'drain')} of {first[0].count} events"
        yield Figure(f"drain.{key}", f"drained, {text}", median(one.rate for one in spent), RATE, told)
        worker, store = (median(cost) for cost in zip(*(_costs(one) for one in spent), strict=True))
        yield Figure(f"drain.{key}.worker", f"processor time per event, {text}, worker", worker, MS)
        yield Figure(f"drain.{key}.store", f"processor time per event, {text}, store", store, MS)
    yield Figure("drain.ratio", "drained, repeat / first runs", median(ratios), RATIO)


def measure_late(session: Session) -> Iterator[Figure]:
    """Drained events per second for one job whose runs come in order, and from the newest to the oldest."""
    bare, size = session.bare(), session.size
    rates: dict[str, list[float]] = {"ordered": [], "backwards": []}
    for turn in range(size.rounds + 1):
        for way, found in rates.items():
            runs = size.runs if turn else min(200, size.runs)
            arriving = list(runs_of_one_job(f"{way}_{turn}", runs, COLUMNS))
            spent = bare.apply(reversed(arriving) if way == "backwards" else arriving)
            if turn:  # the first turn only warms up
                found.append(spent.rate)
    note = f"{counted(size.rounds, 'drain')} of {2 * size.runs} events"
    ordered, backwards = (median(found) for found in rates.values())
    yield Figure("late.ordered", "drained, one job, runs in order", ordered, RATE, note)
    yield Figure("late.backwards", "drained, one job, runs backwards", backwards, RATE, note)
    ratio = median(late / early for early, late in zip(*rates.values(), strict=True))
    yield Figure("late.ratio", "drained, one job, backwards / in order", ratio, RATIO)
    if size.backfill:
        ways = [list(runs_of_one_job(f"backfill_{way}", size.backfill, COLUMNS)) for way in rates]
        early, late = bare.apply(ways[0]), bare.apply(reversed(ways[1]))
        told = f"{early.rate:,.0f} and {late.rate:,.0f} events/s"
        text = f"the same with {size.backfill:,} runs"
        yield Figure("late.backfill", text, early.rate / late.rate, RATIO, f"times slower; {told}")


def _costs(spent: Spent) -> tuple[float, float]:
    """Processor milliseconds per event: worker, store."""
    return spent.worker / spent.count * 1_000, spent.store / spent.count * 1_000
