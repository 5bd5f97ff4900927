"""The connections of one worker process, and its own timer that sweeps even when the broker is gone."""

from __future__ import annotations

import threading

import structlog

from catalog.bootstrap import Hand
from catalog.errors import CatalogError
from catalog.settings import Settings
from catalog.usecases.sweep import sweep

log = structlog.get_logger(__name__)
_hand: Hand | None = None
_stopping = threading.Event()


def open_hand(settings: Settings) -> None:
    """Connect, and start the timer; called once per process, after the fork."""
    global _hand
    _hand = Hand(settings)
    _stopping.clear()
    threading.Thread(target=_sweep_for_ever, args=(settings.sweep_seconds,), name="sweeper", daemon=True).start()


def current() -> Hand:
    """This process's connections.

    Raises:
        RuntimeError: `open_hand` was not called.
    """
    if _hand is None:
        raise RuntimeError("this process has no connections; open_hand was not called")
    return _hand


def close_hand() -> None:
    """Stop the timer and give the connections back."""
    global _hand
    _stopping.set()
    if _hand is not None:
        _hand.close()
        _hand = None


def _sweep_for_ever(seconds: float) -> None:
    while not _stopping.wait(seconds):
        try:
            sweep(current().ingester())
        except CatalogError as e:
            log.warning("sweep put off", code=e.code, error=str(e))
        except Exception:
            log.exception("sweep failed")
