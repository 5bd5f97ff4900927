"""How much slower this machine is just now because others use it too: promises in seconds are made for a free one."""

from __future__ import annotations

import subprocess
import sys
import time

from catalog.process import end_with_parent

_SPIN = "import time\nwhile time.process_time() < {}: pass"
_SECONDS = 0.5


def contention() -> float:
    """Seconds that pass while a process gets one second of a processor: 1.0 on a machine that is free."""
    started = time.monotonic()
    command = [sys.executable, "-S", "-c", _SPIN.format(_SECONDS)]
    subprocess.run(command, check=True, timeout=60, preexec_fn=end_with_parent)
    return max(1.0, (time.monotonic() - started) / (_SECONDS + 0.02))
