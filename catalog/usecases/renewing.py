"""Keeps a lease while work goes on, in a thread of its own: work that is silent for long is not taken for dead."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from catalog.errors import CatalogError, LeaseLost

log = structlog.get_logger(__name__)


class Renewing:
    """Calls `renew` every so often, as long as its block lasts.

    Args:
        what: whose lease it is, for the log.
        every: seconds.
    """

    def __init__(self, what: str, renew: Callable[[], None], every: float) -> None:
        self._what = what
        self._renew = renew
        self._every = every
        self.error: CatalogError | MemoryError | None = None
        """Why it could not be renewed the last time that it could not."""
        self._lost: LeaseLost | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name=what, daemon=True)

    def __enter__(self) -> Renewing:
        """Begin.

        Raises:
            MemoryError: there is no room for a thread.
        """
        try:
            self._thread.start()
        except RuntimeError as e:
            raise MemoryError(f"no thread to renew the lease of {self._what}") from e
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def check(self) -> None:
        """Pass, if the lease is not known to be lost.

        Raises:
            LeaseLost: it is.
        """
        if self._lost is not None:
            raise self._lost

    def _go_on(self) -> None:
        while not self._over.wait(self._every):
            try:
                self._renew()
            except LeaseLost as e:
                self._lost = e
                return
            except (CatalogError, MemoryError) as e:  # the lease outlasts a short absence of the store, or of memory
                self.error = e
                log.warning("could not renew a lease", what=self._what, error=str(e) or type(e).__name__)
