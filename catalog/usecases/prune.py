"""Retention: how far back may be asked and replayed; each class of data has an age of its own.

`plan` counts and changes nothing. `prune` does what a plan says: first the horizons rise, so that nothing is applied
and nobody asks behind them, then batch after batch goes. It may be killed at any point; the next one goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from catalog.clock import DAY, Clock
from catalog.errors import TooMuchAtOnce
from catalog.graph import entries, judged, retention
from catalog.graph.collecting import GRACE, collect
from catalog.graph.cut import cut_edges, cut_registers
from catalog.graph.fingerprint import subjects
from catalog.graph.retention import GUARDS, Kept, Step
from catalog.graph.store import Store
from catalog.lineage.retain import Base, Horizon

MAX_SHARE = 0.5
"""More of a class than this goes only if a person says so: a mistyped age must not empty the catalog."""
SUBJECTS = 100
SHAPES = "shapes"


class Ages(NamedTuple):
    """How old what is kept may be, in days; None keeps all of it."""

    history: int | None = None
    runs: int | None = None
    series: int | None = None
    payloads: int | None = None
    evaluations: int | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """Of one class: its horizon (event time, µs; sequence), how many things go, of how many.

    Shapes have no horizon: those go that nobody refers to, and no guard counts them.
    """

    name: str
    horizon: Horizon | None
    going: int
    seen: int

    @property
    def part(self) -> float:
        """The share that goes, 0 to 1."""
        return self.going / self.seen if self.seen else 0.0


Say = Callable[[str, Step], None]


def plan(store: Store, clock: Clock, ages: Ages, say: Say = lambda *_: None) -> list[Share]:
    """What would go at these ages; nothing is changed.

    Raises:
        StoreUnavailable, StoreTimeout.
    """
    horizons = _horizons(store, clock, ages)
    return [*_counted(store, clock, horizons, say, act=False), _collect(store, say, act=False)]


def prune(
    store: Store,
    clock: Clock,
    ages: Ages,
    *,
    max_share: float = MAX_SHARE,
    say: Say = lambda *_: None,
    grace: float = GRACE,
) -> list[Share]:
    """Take what a plan at these ages would show. One at a time: see `usecases.pruning`.

    Args:
        grace: seconds for which an answer that has begun still finds what goes because nobody refers to it.

    Raises:
        TooMuchAtOnce: of one class more than `max_share` would go; nothing was changed.
        StoreUnavailable, StoreTimeout: a part may be gone; doing it again goes on.
    """
    horizons = _horizons(store, clock, ages)
    for share in _counted(store, clock, horizons, lambda *_: None, act=False):
        if share.part > max_share:
            raise TooMuchAtOnce(
                f"{share.going:,} of {share.seen:,} ({share.part:.0%}) of {share.name} would go, the guard allows "
                f"{max_share:.0%}; check the ages, or allow more with --max-share"
            )
    times = {name: horizon.history for name, horizon in horizons if name in retention.CLASSES}
    known = next((horizon.known for name, horizon in horizons if name == "history"), 0)
    retention.raise_horizons(store, Kept(**times, known=known))
    gone = list(_counted(store, clock, horizons, say, act=True))
    return [*gone, _collect(store, say, act=True, grace=grace)]


def _horizons(store: Store, clock: Clock, ages: Ages) -> list[tuple[str, Horizon]]:
    found = []
    for name, days in ages._asdict().items():
        if days is not None:
            time = clock.now() - days * DAY
            found.append((name, Horizon(time, entries.received_by(store, time))))
    return found


def baseline_of(store: Store) -> Base | None:
    """What a replay cannot make any more: its events, or the history they made, are not kept. None: nothing."""
    kept = retention.kept(store)
    if kept.history is None and kept.payloads is None:
        return None
    emptied = Horizon(-1, 0)
    if kept.payloads is not None:
        emptied = Horizon(kept.payloads, entries.received_by(store, kept.payloads))
    return Base(-1 if kept.history is None else kept.history, emptied)


def retain(store: Store, kept: Kept) -> None:
    """Take again what is behind these horizons: two graphs can be compared only as far as both are kept."""
    for name in ("history", "runs", "series"):
        time = getattr(kept, name)
        if time is not None:
            horizon = Horizon(time, entries.received_by(store, time))
            for _ in _steps(store, 0, name, horizon, act=True):
                pass


def _count(store: Store, clock: Clock, name: str, horizon: Horizon, say: Say, *, act: bool) -> Share:
    going = seen = 0
    for step in _steps(store, clock.now(), name, horizon, act):
        going += step.going
        seen += step.seen
        say(name, step)
    return Share(name, horizon, going, seen)


def _counted(
    store: Store, clock: Clock, horizons: list[tuple[str, Horizon]], say: Say, *, act: bool
) -> Iterator[Share]:
    return (_count(store, clock, name, horizon, say, act=act) for name, horizon in horizons)


def _collect(store: Store, say: Say, *, act: bool, grace: float = GRACE) -> Share:
    """What nobody refers to any more; a plan shows what nobody refers to yet before it is carried out."""
    going = seen = 0
    for step in collect(store, act=act, grace=grace):
        going += step.going
        seen += step.seen
        say(SHAPES, step)
    return Share(SHAPES, None, going, seen)


def _steps(store: Store, now: int, name: str, horizon: Horizon, act: bool) -> Iterator[Step]:
    if name == "payloads":
        yield from retention.forget_payloads(store, horizon, now=now, act=act)
    elif name == "evaluations":
        yield from judged.forget_orders(store, horizon.history, act=act)
        yield from judged.forget_evaluations(store, horizon.history, act=act)
    elif name == "runs":
        yield from retention.forget_runs(store, horizon, _history(store), act=act)
    elif name == "series":
        ids = subjects(store, "Dataset")
        while some := list(islice(ids, SUBJECTS)):
            yield retention.forget_series(store, horizon, some, act=act)
    elif name == "history":
        yield from take_history(store, horizon, act=act)


def take_history(store: Store, horizon: Horizon, *, act: bool) -> Iterator[Step]:
    """The Steps and the log of everything behind a horizon."""
    for label in GUARDS:
        ids = subjects(store, label)
        while some := list(islice(ids, SUBJECTS)):
            if label == "Job":
                yield cut_edges(store, horizon, some, act=act)
            yield cut_registers(store, horizon, some, act=act)
            yield retention.forget_log(store, horizon, label, some, act=act)


def _history(store: Store) -> int:
    """How far back late events may be applied (µs)."""
    kept = retention.kept(store).history
    return kept if kept is not None else -1
