"""The connections of one worker process, and its own timers that look for work even when the broker is gone."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

import structlog

from catalog.bootstrap.hand import Hand
from catalog.errors import CatalogError
from catalog.heap import TOO_LARGE, is_full
from catalog.settings import Settings
from catalog.usecases.sweep import sweep

if TYPE_CHECKING:
    from catalog.bootstrap.checks import Checks
    from catalog.bootstrap.pruning import Pruner

T = TypeVar("T")
ORDER_SECONDS = 20.0
"""For how long it goes on taking orders before it looks at anything else; one that is begun is ended."""
CHECK_SECONDS = 1.0
"""How often it looks whether anything is to be judged, at least: a few small reads."""
PRUNE_LOOK_SECONDS = 60.0
"""How often it looks whether a prune is due, at least: one small read."""
MOST_REST = 300.0
"""Seconds that an evaluation that broke again and again is left alone, at most; orders are looked for meanwhile."""

log = structlog.get_logger(__name__)
_hand: Hand | None = None
_stopping = threading.Event()
_look = threading.Event()


class Tried(NamedTuple, Generic[T]):
    """What came of some work: its value, or why it broke, in a way that trying again at once will not mend."""

    value: T | None
    broke: str = ""


def open_hand(settings: Settings) -> None:
    """Connect, and start the timers of what this worker is for; called once per process, after the fork."""
    global _hand
    _hand = Hand(settings)
    _stopping.clear()
    _look.clear()
    if settings.applies:
        _start("sweeper", _sweep_for_ever, settings.sweep_seconds)
    if settings.checks:
        from catalog.bootstrap.checks import Checks  # reports and policies, which nobody else has to load

        checks = Checks(_hand)
        _start("checker", lambda seconds: _check_for_ever(checks, seconds), min(settings.sweep_seconds, CHECK_SECONDS))
    if settings.checks and settings.prune_every:
        from catalog.bootstrap.pruning import Pruner

        pruner = Pruner(_hand)
        _start(
            "pruner", lambda seconds: _prune_for_ever(pruner, seconds), min(settings.prune_every, PRUNE_LOOK_SECONDS)
        )


def current() -> Hand:
    """This process's connections.

    Raises:
        RuntimeError: `open_hand` was not called.
    """
    if _hand is None:
        raise RuntimeError("this process has no connections; open_hand was not called")
    return _hand


def close_hand() -> None:
    """Stop the timers and give the connections back."""
    global _hand
    _stopping.set()
    _look.set()
    if _hand is not None:
        _hand.close()
        _hand = None


def look() -> None:
    """Have the checker look for work at once: its thread does it all, so that nothing is done twice."""
    _look.set()


def _start(name: str, body: Callable[[float], None], seconds: float) -> None:
    threading.Thread(target=body, args=(seconds,), name=name, daemon=True).start()


def _sweep_for_ever(seconds: float) -> None:
    while not _stopping.wait(seconds):
        guarded("sweep", lambda: sweep(current().ingester()))


def _check_for_ever(checks: Checks, seconds: float) -> None:
    pause, broke, rested = seconds, 0, 0.0
    while True:
        _look.wait(pause)
        if _stopping.is_set():
            return
        _look.clear()
        guarded("orders", lambda: checks.orders().work(seconds=ORDER_SECONDS))
        pause = seconds
        if time.monotonic() < rested:
            continue
        tried = guarded("evaluation", lambda: checks.evaluator().look())
        broke = broke + 1 if tried.broke else 0
        if tried.broke:
            guarded("telling of it", partial(_tell, checks, tried.broke))
        rested = time.monotonic() + rest(broke, seconds)
        if tried.value is not None:
            pause = min(seconds, tried.value)


def _tell(checks: Checks, why: str) -> None:
    checks.evaluator().broke(why)


def _prune_for_ever(pruner: Pruner, seconds: float) -> None:
    """In a thread of its own, since one may take long, and neither orders nor evaluations wait for it."""
    while True:
        guarded("prune", pruner.look)
        if _stopping.wait(seconds):
            return


def rest(broke: int, seconds: float) -> float:
    """For how long what broke so many times is left alone (seconds): twice as long each time, up to a bound.

    What a catalog is too large for today it will be too large for in a second, and trying costs all that judging costs.
    """
    return min(MOST_REST, seconds * 2.0 ** min(broke, 16)) if broke else 0.0


def guarded(what: str, work: Callable[[], T]) -> Tried[T]:
    """Do some work of a timer, which has to go on whatever becomes of it."""
    try:
        return Tried(work())
    except CatalogError as e:
        log.warning(f"{what} put off", code=e.code, error=str(e))
        return Tried(None)
    except Exception as e:
        if not is_full(e):
            log.exception(f"{what} failed")
            return Tried(None, f"{type(e).__name__}: {e}; see the worker's log")
    # Behind the handler: what the work held is let go with its error, and telling needs memory, too.
    gc.collect()
    log.error(f"{what} failed", error=TOO_LARGE)
    return Tried(None, TOO_LARGE)
