"""A service of one's own for the scenarios, and how it is emptied between two of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.asking import Asking
from tests.servers.deployment import Deployment
from tests.servers.stores import borrowed, empty


@contextmanager
def emptied(store: str, folder: Path) -> Iterator[tuple[Asking, Callable[[], None]]]:
    """API and worker over a new store, and what takes all events out of it while nothing is under way."""
    with borrowed(store, folder) as server:
        opened = server.open()
        deployment = Deployment(folder / "headwater", server.env).start()
        try:
            yield deployment, lambda: empty(opened)
        finally:
            deployment.stop()
            opened.close()
