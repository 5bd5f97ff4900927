"""What a worker that prunes on schedule works with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.bootstrap.stores import open_store
from catalog.clock import SystemClock
from catalog.graph.pruning import pruning
from catalog.settings import Settings
from catalog.usecases.ingest import is_gone, name_owner
from catalog.usecases.prune import Ages
from catalog.usecases.pruning import SCHEDULE, Schedule, prune_alone

if TYPE_CHECKING:
    from catalog.bootstrap.hand import Hand

SILENCE = 120.0
"""Seconds a statement over a large graph may take."""
PATIENCE = 10.0


def schedule(settings: Settings) -> Schedule:
    """When these settings have the catalog pruned, and what."""
    ages = Ages(**{name: getattr(settings, f"keep_{name}_days") for name in Ages._fields})
    return Schedule(settings.prune_every, ages, settings.prune_max_share)


class Pruner:
    """Prunes when it is due, by connections of its own."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand
        self._schedule = schedule(hand.settings)

    def look(self) -> None:
        """Prune if that is due and nobody else does.

        Raises:
            TooMuchAtOnce: more would go than the settings allow; nothing did.
            StoreFull, StoreUnavailable, Conflict: as `Hand.ingester`, and of a prune; it is tried again.
        """
        self._hand.gate.check()
        clock = SystemClock()
        newest, now, me = pruning(self._hand.store), clock.now(), name_owner()
        if newest.is_held(me, now, is_gone) or self._schedule.due(newest, now, me) != 0.0:
            return
        store = open_store(self._hand.settings, pool=2, patience=PATIENCE, silence=SILENCE)
        try:
            wanted = self._schedule
            prune_alone(store, clock, wanted.ages, owner=me, by=SCHEDULE, max_share=wanted.max_share)
        finally:
            store.close()
