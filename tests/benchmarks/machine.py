"""What a result was measured on; nothing that names the machine or its user."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from catalog import __version__

PACKAGES = ("arcadedb-embedded", "neo4j", "neo4j-rust-ext", "granian", "celery", "strawberry-graphql")


def describe(folder: Path) -> dict[str, str]:
    """Machine and software as short texts.

    Args:
        folder: where the store's files will be; the kind of its file system is told.
    """
    return {
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "headwater": f"{__version__}{_commit()}",
        "CPU": _first(r"model name\s*:\s*(.+)", "/proc/cpuinfo") or platform.processor() or platform.machine(),
        "cores": str(os.cpu_count()),
        "memory": _memory(),
        "file system": _file_system(folder),
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        **{name: _version(name) for name in PACKAGES},
    }


def load() -> str:
    """The load averages of 1, 5 and 15 minutes: above the number of cores, figures mean little."""
    return " ".join(f"{value:.2f}" for value in os.getloadavg())


def resident(pid: int) -> float:
    """Resident memory of a process, MiB; 0 when it is gone or this is not Linux."""
    return float(_first(r"VmRSS:\s*(\d+) kB", f"/proc/{pid}/status") or 0) / 1024


def proportional(pid: int) -> float:
    """Its memory with shared pages divided among those who share them, MiB: the figure that may be added up."""
    return float(_first(r"Pss:\s*(\d+) kB", f"/proc/{pid}/smaps_rollup") or 0) / 1024


def processor_seconds(pid: int) -> float:
    """Processor time a process has used; neighbours on a noisy machine hardly change it."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / float(os.sysconf("SC_CLK_TCK"))


def children(pid: int) -> list[int]:
    """The direct children of a process."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += map(int, task.read_text().split())
    return sorted(found)


def family(pid: int) -> list[int]:
    """A process and all below it."""
    return [pid, *(below for child in children(pid) for below in family(child))]


def _memory() -> str:
    kilobytes = _first(r"MemTotal:\s*(\d+) kB", "/proc/meminfo")
    return f"{int(kilobytes) / 2**20:.1f} GiB" if kilobytes else "unknown"


def _file_system(folder: Path) -> str:
    """The type of the mount with the longest path above the folder."""
    try:
        mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return "unknown"
    above = [(len(at), kind) for at, kind in mounts if folder.resolve().is_relative_to(at)]
    return max(above)[1] if above else "unknown"


def _first(pattern: str, path: str) -> str:
    try:
        found = re.search(pattern, Path(path).read_text("utf-8", "replace"))
    except OSError:
        return ""
    return found[1].strip() if found else ""


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


def _commit() -> str:
    """The commit that was measured, marked when the tree differs from it."""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=10, cwd=Path(__file__).parent)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return f" ({said.stdout.strip()})" if said.returncode == 0 else ""
