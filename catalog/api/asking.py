"""Asking the store on behalf of a request: in a thread, and no longer than a client waits for an answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextvars import copy_context
from typing import TypeVar

from anyio import to_thread

from catalog.errors import StoreUnavailable, Unavailable
from catalog.graph.store import HEARD, Heard
from catalog.metrics import STORE_ERRORS

T = TypeVar("T")

ANSWER_SECONDS = 4.0
"""OpenLineage's clients wait five."""


async def ask(function: Callable[[], T]) -> T:
    """What `function` gets from the store; a fault of the store is counted.

    Many statements may take longer together. It is the store's silence that is not waited for: the thread is left
    behind then, and ends when the connection does.

    Raises:
        StoreUnavailable: it was silent for `ANSWER_SECONDS`.
    """
    heard, context = Heard(), copy_context()
    context.run(HEARD.set, heard)
    thread = asyncio.create_task(to_thread.run_sync(function, abandon_on_cancel=True), context=context)
    try:
        silent = 0.0
        while silent < ANSWER_SECONDS:
            done, _ = await asyncio.wait({thread}, timeout=ANSWER_SECONDS - silent)
            if done:
                return thread.result()
            silent = time.monotonic() - heard.at
        raise StoreUnavailable(f"the graph store has been silent for {ANSWER_SECONDS:.0f} s; see `headwater doctor`")
    except Unavailable as e:
        STORE_ERRORS.labels(e.code).inc()
        raise
    finally:
        thread.cancel()
