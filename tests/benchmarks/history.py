"""Reading and applying again after tens of thousands of events: what they leave behind must not slow anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import Any

import orjson

from catalog.clock import DAY, SystemClock, from_datetime
from catalog.graph import assets, entries, inbox
from catalog.graph.walk import Moment
from catalog.usecases.accept import prepare
from tests.benchmarks.bare import COMMIT, Bare
from tests.benchmarks.figures import MIB, MS, RATE, RATIO, Figure, in_turn, percentile
from tests.benchmarks.layered import START, Repeats
from tests.benchmarks.machine import resident
from tests.benchmarks.reading import walk
from tests.benchmarks.session import Session
from tests.benchmarks.size import DEPTHS, LAYERS, WIDTH

PATIENCE = 60.0
EVENTS_OF_A_RUN = 2 * (LAYERS - 1) * WIDTH
"""START and COMPLETE of every job, of which each run comes a day later."""
PAST = {"asof": "as of its middle", "known": "as known then", "both": "as of then and as known then"}
FIRST = 5_000
"""The first run of the history: later than all that other groups sent."""


def measure(session: Session) -> Iterator[Figure]:
    """The same questions before any history and after each part of it, and their ratio; how fast it was applied."""
    bare, size = session.bare(), session.size
    bare.need_layered()
    supply = Repeats(FIRST).bodies()
    _apply(bare, supply, 2_000)
    before = _ask(bare, size.asks)
    past = 2_000
    for total in size.history:
        rate = _apply(bare, supply, total - past)
        past = total
        yield Figure(f"history.{total}.applied", f"applied on the way to {total:,} events of history", rate, RATE)
        asked = _ask(bare, size.asks, past)
        for key, (text, seconds) in asked.items():
            p50, p95 = (percentile(seconds, share) for share in (0.5, 0.95))
            note = f"p95 {p95 * 1_000:.1f} ms"
            yield Figure(f"history.{total}.{key}", f"{text}, after {total:,} events, p50", p50 * 1_000, MS, note)
            if key in before:
                ratio = p50 / percentile(before[key][1], 0.5)
                yield Figure(f"history.{total}.{key}.ratio", f"{text}, after {total:,} events / before", ratio, RATIO)
        for key in PAST:
            ratio = percentile(asked[key][1], 0.5) / percentile(asked["lineage"][1], 0.5)
            yield Figure(f"history.{total}.{key}.past", f"{asked[key][0]} / now, after {total:,} events", ratio, RATIO)
        yield Figure(f"history.{total}.store", f"memory of the store after {total:,} events", resident(bare.pid), MIB)


def _ask(bare: Bare, times: int, history: int = 0) -> dict[str, tuple[str, tuple[float, ...]]]:
    """Seconds of each question; with a history also of those about the middle of it."""
    reader = bare.reader
    works: dict[str, tuple[str, Callable[[], Any]]] = {
        "lineage": ("lineage, deepest", partial(walk, reader, DEPTHS[-1])),
        "page": ("page of 100 jobs", partial(assets.page, reader, "Job", after="", namespace=None, limit=100)),
        "search": ("search", partial(assets.search, reader, "Dataset", "table_10_0", 20)),
        "loop": ("a loop of plain Python, which has no history", _loop),
    }
    if history:
        then = from_datetime(START) + (FIRST + history // EVENTS_OF_A_RUN // 2) * DAY
        known = entries.newest(bare.store) - history // 2
        moments = (Moment(as_of=then), Moment(known_at=known), Moment(then, known))
        for key, moment in zip(PAST, moments, strict=True):
            works[key] = (f"lineage, deepest, {PAST[key]}", partial(walk, reader, DEPTHS[-1], moment))
    rounds = in_turn([work for _, work in works.values()], times=times, seconds=PATIENCE, discard=5)
    columns = zip(*rounds, strict=True)
    return {key: (text, seconds) for (key, (text, _)), seconds in zip(works.items(), columns, strict=True)}


def _loop() -> int:
    """Says whether the machine itself got slower: processors that were busy for minutes may be throttled."""
    return sum(n * n for n in range(100_000))


def _apply(bare: Bare, supply: Iterator[bytes], events: int) -> float:
    """Accept and apply so many more; applied events per second."""
    clock, seconds, rest = SystemClock(), 0.0, events
    while rest > 0:
        bodies = list(islice(supply, min(rest, 10_000)))
        entries = [prepare(orjson.loads(body), body) for body in bodies]
        for at in range(0, len(entries), COMMIT):
            inbox.accept(bare.store, entries[at : at + COMMIT], clock.now())
        seconds += bare.drain(len(entries)).seconds
        rest -= len(entries)
    return events / seconds
