"""The heap while something large is made of many small parts: nobody searches it for garbage meanwhile.

Python frees what nobody refers to at once, and now and then searches everything for circles that refer to themselves
alone. While millions of parts are made that all are kept, it searches again and again, and finds none: that was a third
of the time that reading a large catalog took. What was made meanwhile counts as old afterwards: the next search for
young garbage would go through all of it, which took another second.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_growing = 0
_paused = False


@contextmanager
def growing() -> Iterator[None]:
    """No search for circles, in the whole process, until all who make something large have made it."""
    global _growing, _paused
    with _lock:
        if not _growing:
            _paused = gc.isenabled()
            gc.disable()
        _growing += 1
    try:
        yield
    finally:
        with _lock:
            _growing -= 1
            if not _growing and _paused:
                gc.freeze()
                gc.unfreeze()
                gc.enable()
