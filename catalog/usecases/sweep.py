"""Drain every shard, woken or not: the reconciler beside the queue of wake-ups."""

from __future__ import annotations

import time

import structlog

from catalog.metrics import APPLIED, DRAIN_SECONDS
from catalog.usecases.ingest import Drained, Ingester

SECONDS = 20.0
"""How long one call goes on taking entries: far below the time limit of a task, however many shards there are."""

log = structlog.get_logger(__name__)


def sweep(ingester: Ingester) -> Drained:
    """Drain all shards once, each for its part of the time; returns the totals."""
    total = Drained()
    for shard in range(ingester.shards):
        done = drain_counted(ingester, shard, SECONDS / ingester.shards)
        total.applied += done.applied
        total.rejected += done.rejected
        total.dead += done.dead
        total.put_off += done.put_off
    return total


def drain_counted(ingester: Ingester, shard: int, seconds: float = SECONDS) -> Drained:
    """Drain one shard; what it did is counted and logged."""
    started = time.monotonic()
    done = ingester.drain(shard, seconds=seconds)
    if done.settled or done.put_off:
        seconds = time.monotonic() - started
        DRAIN_SECONDS.observe(seconds)
        for state in ("applied", "rejected", "dead"):
            APPLIED.labels(state.upper()).inc(getattr(done, state))
        log.info(
            "drained",
            shard=shard,
            applied=done.applied,
            rejected=done.rejected,
            dead=done.dead,
            put_off=done.put_off,
            seconds=round(seconds, 3),
        )
    return done
