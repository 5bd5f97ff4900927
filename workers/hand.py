"""The connections of one worker process, and its own timers that look for work even when the broker is gone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import structlog

from catalog.bootstrap.hand import Hand
from catalog.errors import CatalogError
from catalog.settings import Settings
from catalog.usecases.sweep import sweep

if TYPE_CHECKING:
    from catalog.bootstrap.checks import Checks

T = TypeVar("T")
ORDER_SECONDS = 20.0
"""For how long it goes on taking orders before it looks at anything else; one that is begun is ended."""
CHECK_SECONDS = 1.0
"""How often it looks whether anything is to be judged, at least: a few small reads."""

log = structlog.get_logger(__name__)
_hand: Hand | None = None
_stopping = threading.Event()
_look = threading.Event()


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
        _guarded("sweep", lambda: sweep(current().ingester()))


def _check_for_ever(checks: Checks, seconds: float) -> None:
    pause = seconds
    while True:
        _look.wait(pause)
        if _stopping.is_set():
            return
        _look.clear()
        _guarded("orders", lambda: checks.orders().work(seconds=ORDER_SECONDS))
        soon = _guarded("evaluation", lambda: checks.evaluator().look())
        pause = seconds if soon is None else min(seconds, soon)


def _guarded(what: str, work: Callable[[], T]) -> T | None:
    try:
        return work()
    except CatalogError as e:
        log.warning(f"{what} put off", code=e.code, error=str(e))
    except Exception:
        log.exception(f"{what} failed")
    return None
