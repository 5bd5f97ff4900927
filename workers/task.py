"""The base of every task: log context, duration, outcome, and retry decided by the type of the error."""

from __future__ import annotations

from typing import Any

import structlog
from celery import Task
from celery.exceptions import Retry

from catalog.errors import CatalogError
from catalog.metrics import STORE_ERRORS, TASKS


class HeadwaterTask(Task):
    """Retryable errors are retried with backoff and jitter; others are bugs, logged and counted."""

    acks_late = True
    ignore_result = True
    max_retries = 3

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the task's body with its id in every log line."""
        structlog.contextvars.bind_contextvars(task=self.name, task_id=self.request.id)
        try:
            result = super().__call__(*args, **kwargs)
        except CatalogError as e:
            STORE_ERRORS.labels(e.code).inc()
            TASKS.labels(self.name, "put off" if e.retryable else "failed").inc()
            if e.retryable:
                raise self.retry(exc=e, countdown=min(30, 2**self.request.retries)) from e
            raise
        except Retry:
            raise
        except Exception:
            TASKS.labels(self.name, "failed").inc()
            structlog.get_logger(__name__).exception("task failed")
            raise
        finally:
            structlog.contextvars.clear_contextvars()
        TASKS.labels(self.name, "done").inc()
        return result
