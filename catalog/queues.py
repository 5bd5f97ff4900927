"""Names of Celery's queues and tasks, for those who need no more of Celery than its names."""

from __future__ import annotations

DRAIN = "headwater.drain"
SWEEP = "headwater.sweep"
CHECK = "headwater.check"
QUEUE, CHECKS = "headwater", "headwater.checks"
"""Entries are applied from one queue; what takes long has its own, so that no event waits for it."""
