"""The heap: while something large is made of many small parts nobody searches it for garbage; and when it is full.

Python frees what nobody refers to at once, and now and then searches everything for circles that refer to themselves
alone. While millions of parts are made that all are kept, it searches again and again, and finds none: that was a third
of the time that reading a large catalog took. What was made meanwhile counts as old afterwards: the next search for
young garbage would go through all of it, which took another second.
"""

from __future__ import annotations

import gc
import resource
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import orjson

KEPT = 1 / 16
"""The share of a limit that is left to what has to go on when nothing more is read."""
TOO_LARGE = "it needed more memory than a worker may take (HEADWATER_CHECK_MEMORY); ask for less at once"
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


def check_room() -> None:
    """Pass, while some of the memory that this process may have is left; cheap, so ask often where much is read.

    Where memory runs out, not everything says so: orjson ends the process. So reading stops before, while there is
    still room to let go and to tell. Without a limit (`process.limit_memory`) nothing is asked.

    Raises:
        MemoryError: less than `KEPT` of the limit is left.
    """
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY or sys.platform != "linux":
        return
    with open("/proc/self/statm", "rb") as told:
        taken = int(told.read().split()[0]) * resource.getpagesize()
    if taken > limit * (1 - KEPT):
        raise MemoryError(f"{taken:,} of {limit:,} bytes are taken")


def is_full(error: BaseException) -> bool:
    """Whether an error, or what caused it, is for want of memory.

    Of orjson that is a text that cannot be parsed, by its type (`orjson.JSONDecodeError: Not enough memory to ...`).
    """
    told: BaseException | None = error
    while told is not None:
        if isinstance(told, MemoryError) or (isinstance(told, orjson.JSONDecodeError) and told.msg.startswith(_FULL)):
            return True
        told = told.__cause__
    return False


_FULL = "Not enough memory"
