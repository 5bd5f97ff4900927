"""Asking the store on behalf of a request: in a thread, and no longer than a client waits for an answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

from anyio import to_thread

from catalog.errors import StoreUnavailable, Unavailable
from catalog.graph.store import Store
from catalog.metrics import STORE_ERRORS

T = TypeVar("T")

ANSWER_SECONDS = 4.0
"""OpenLineage's clients wait five."""


async def ask(store: Store, function: Callable[[], T]) -> T:
    """What `function` gets from the store; a fault of the store is counted.

    Many statements may take longer together. It is the store's silence that is not waited for: the thread is left
    behind then, and ends when the connection does.

    Raises:
        StoreUnavailable: the store answered nothing, to nobody, for `ANSWER_SECONDS`.
    """
    asked = time.monotonic()
    thread = asyncio.ensure_future(to_thread.run_sync(function, abandon_on_cancel=True))
    try:
        silent = 0.0
        while silent < ANSWER_SECONDS:
            done, _ = await asyncio.wait({thread}, timeout=ANSWER_SECONDS - silent)
            if done:
                return thread.result()
            silent = time.monotonic() - max(asked, store.heard)
        raise StoreUnavailable(f"the graph store has been silent for {ANSWER_SECONDS:.0f} s; see `headwater doctor`")
    except Unavailable as e:
        STORE_ERRORS.labels(e.code).inc()
        raise
    finally:
        thread.cancel()
