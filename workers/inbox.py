"""Tasks around the inbox."""

from __future__ import annotations

from celery import shared_task

from catalog.dispatch import DRAIN, SWEEP
from catalog.usecases.sweep import drain_counted, sweep
from workers import hand
from workers.task import HeadwaterTask


@shared_task(name=DRAIN, base=HeadwaterTask)
def drain(shard: int) -> None:
    """Apply what waits in a shard. Delivering it twice is harmless; losing it costs a sweep's interval."""
    drain_counted(hand.current().ingester(), shard)


@shared_task(name=SWEEP, base=HeadwaterTask)
def sweep_all() -> None:
    """Apply whatever waits anywhere, woken or not. Two beats do no harm."""
    sweep(hand.current().ingester())
