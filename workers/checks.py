"""Tasks around what is ordered and judged."""

from __future__ import annotations

from celery import shared_task

from catalog.queues import CHECK
from workers.task import HeadwaterTask


@shared_task(name=CHECK, base=HeadwaterTask)
def check() -> None:
    """Look for orders and for what is to be judged. Delivering it twice is harmless; losing it costs a few seconds."""
    from workers import hand  # as in `workers.inbox`

    hand.look()
