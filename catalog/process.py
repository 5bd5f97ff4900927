"""Processes that end with their parent, whatever ends the parent.

A supervisor killed with SIGKILL cannot tidy up, so each part asks the kernel for a signal on its parent's death.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import threading
import time
from pathlib import Path

READY_FILE = "HEADWATER_READY_FILE"
"""The variable by which a supervisor names the file a part makes once it works."""


def tell_ready() -> None:
    """Tell the supervisor, if there is one, that this process works."""
    path = os.environ.get(READY_FILE)
    if path:
        Path(path).touch()


_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def end_with_parent(sig: signal.Signals = signal.SIGTERM) -> None:
    """Have this process receive `sig` when its parent dies.

    On Linux the kernel sends it (the signal follows the parent's spawning thread, so spawn from the main one);
    elsewhere a thread looks for a change of parent each second.
    """
    parent = os.getppid()
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, sig)
        if os.getppid() != parent:
            os.kill(os.getpid(), sig)
        return
    threading.Thread(target=_watch, args=(parent, sig), daemon=True).start()


def _watch(parent: int, sig: signal.Signals) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), sig)


def end_hard_with_parent() -> None:
    """Have this process end at once with its parent, for parts that have nothing to tidy up."""
    end_with_parent(signal.SIGKILL)


def limit_memory(size: int) -> bool:
    """Let this process have at most so many bytes of address space; beyond it allocations fail with MemoryError.

    Expressions of policies can make large texts out of small ones, and no engine bounds that: the process that judges
    is bounded instead. 0 sets no limit. Gives whether there is one: not every system can.
    """
    if size <= 0 or sys.platform not in ("linux", "freebsd"):
        return False
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = size if hard == resource.RLIM_INFINITY else min(size, hard)
    resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
    return True
