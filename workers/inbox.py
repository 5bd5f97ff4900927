"""Tasks around the inbox.

Their bodies load what they work with: the process that only hands them out, and beat, must not have to.
"""

from __future__ import annotations

from celery import shared_task

from catalog.queues import DRAIN, SWEEP
from workers.task import HeadwaterTask


@shared_task(name=DRAIN, base=HeadwaterTask)
def drain(shard: int) -> None:
    """Apply what waits in a shard. Delivering it twice is harmless; losing it costs a sweep's interval."""
    from catalog.usecases.sweep import drain_counted
    from workers import hand

    drain_counted(hand.current().ingester(), shard)


@shared_task(name=SWEEP, base=HeadwaterTask)
def sweep_all() -> None:
    """Apply whatever waits anywhere, woken or not. Two beats do no harm."""
    from catalog.usecases.sweep import sweep
    from workers import hand

    sweep(hand.current().ingester())
