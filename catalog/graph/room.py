"""Whether the disk under the embedded store has room, asked before each write.

On a full disk the engine fails with errors that nobody can read, and with other ones each time; a little room is left
so that what is under way ends well and files are never cut off in the middle.
"""

from __future__ import annotations

import os
from pathlib import Path

from catalog.errors import StoreFull

LEAST_FREE = 32_000_000


class Room:
    """The disk that holds a folder; None where the store is elsewhere and looks after its own."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def check(self) -> None:
        """Pass while there is room; costs microseconds.

        Raises:
            StoreFull: there is not.
        """
        if self._folder is None:
            return
        found = os.statvfs(self._folder)
        free = found.f_bavail * found.f_frsize
        if free < LEAST_FREE:
            raise StoreFull(
                f"the disk that holds {self._folder} is full ({free / 1e6:.0f} MB left, {LEAST_FREE / 1e6:.0f} MB are "
                "needed to write); free some space, then send the event again; what was accepted is safe"
            )
