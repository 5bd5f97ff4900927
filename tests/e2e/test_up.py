"""`headwater up` as a person and a machine meet it: start, faults, stop."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.graph.embedded import free_port
from tests.corpus import scenario
from tests.e2e.conftest import Up, alive, children
from tests.servers import plain
from tests.servers.asking import wait_for

Start = Callable[..., Up]
STATUS = "{ status { sequence appliedThrough } }"
LINEAGE = (
    '{ lineage(root: {namespace: "file", name: "/tmp/cll_test/tbl1"}) { nodes { name } edges { kind } complete } }'
)


def test_parts_come_back_and_nothing_accepted_is_lost(start: Start) -> None:
    """Killing any part, one after the other, loses nothing; a stop leaves no process; a restart has it all.

    kill -9 of `headwater up` itself ends its parts too, and the next start needs no repair.
    """
    up = start().wait_up()
    parts = children(up.process.pid)
    events = scenario("CLL")

    up.wait_applied(up.send(*events[:3]))
    for name in ("worker", "checks", "store", "api"):
        _kill(_part(up, name))
        wait_for(up.is_ready, 60)
        up.send(*events[3:6])
    up.wait_applied(up.send(*events[6:]))
    before = up.ask(LINEAGE)
    parts |= children(up.process.pid)
    up.process.send_signal(signal.SIGTERM)
    code, said = up.ended()

    assert 0 == code, said
    assert [] == [pid for pid in parts if alive(pid)]
    assert 9 == len(before["lineage"]["nodes"])
    again = start(data=up.data).wait_up()
    assert before == again.ask(LINEAGE)
    assert {"sequence": 9, "appliedThrough": 9} == again.ask(STATUS)["status"]

    parts = children(again.process.pid)
    sequence = again.send(*scenario("airflow"))
    again.process.kill()
    again.process.wait()
    wait_for(lambda: not any(map(alive, parts)), 60)
    last = start(data=up.data).wait_up()
    last.wait_applied(sequence, 60)
    assert before == last.ask(LINEAGE)
    assert {"sequence": sequence, "appliedThrough": sequence} == last.ask(STATUS)["status"]


def test_two_services_never_share_a_directory(start: Start, laptop: Up) -> None:
    """The second one refuses, names the holder, and the first is unharmed."""
    code, said = start(data=laptop.data).ended()

    assert 1 == code
    assert f"in use by process {laptop.process.pid}" in said
    assert "--data" in said
    assert plain.get(f"{laptop.url}/readyz").status_code == 200


def test_a_taken_port_is_said(start: Start, tmp_path: Path) -> None:
    """Before anything starts, and before anything is written."""
    import socket

    with socket.create_server(("127.0.0.1", free_port())) as taken:
        port = taken.getsockname()[1]
        code, said = start(data=tmp_path / "new", port=port).ended()

    assert 1 == code
    assert not (tmp_path / "new").exists()
    assert f"headwater: port {port} on 127.0.0.1 is taken; choose another with --port" in said


def test_an_unusable_directory_is_said(start: Start, tmp_path: Path) -> None:
    """A file in the way, as a directory without rights would be, gets a reason and a next step."""
    (tmp_path / "file").write_text("")

    code, said = start(data=tmp_path / "file" / "data").ended()

    assert 1 == code
    assert "cannot be written" in said
    assert "--data" in said


def test_secrets_are_readable_by_their_owner_only(laptop: Up) -> None:
    """The data directory, the store's password and where it listens."""
    assert 0o700 == stat.S_IMODE(laptop.data.stat().st_mode)
    for name in ("root.password", "runtime.json"):
        assert 0o600 == stat.S_IMODE((laptop.data / name).stat().st_mode)


def test_only_loopback_listens(laptop: Up) -> None:
    """Every listening socket of every part is bound to 127.0.0.1 or ::1."""
    pids = children(laptop.process.pid)
    inodes = {
        os.readlink(fd)[8:-1]
        for pid in pids
        for fd in Path(f"/proc/{pid}/fd").iterdir()
        if _link(fd).startswith("socket:")
    }
    listening = set()
    for table in ("tcp", "tcp6"):
        for row in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = row.split()
            if fields[3] == "0A" and fields[9] in inodes:
                listening.add(fields[1].split(":")[0])

    # 127.0.0.1, and the same written as IPv6
    assert listening
    assert listening <= {"0100007F", "0000000000000000FFFF00000100007F"}


@pytest.mark.slow
def test_idle_memory_stays_small(start: Start) -> None:
    """All parts together hold less than 900 MB resident once they are up; with work, the store's heap adds to it."""
    up = start(env={"JAVA_TOOL_OPTIONS": ""}).wait_up()
    pids = children(up.process.pid) | {up.process.pid}
    resident = {(pid, _words(pid)[-1]): _resident(pid) for pid in pids}

    assert sum(resident.values()) < 900_000_000, resident


def _part(up: Up, name: str) -> int:
    words = {
        "worker": b"headwater",
        "checks": b"headwater.checks",
        "store": b"ArcadeDBServer",
        "api": b"serve",
    }[name]
    direct = [int(p) for t in Path(f"/proc/{up.process.pid}/task").glob("*/children") for p in t.read_text().split()]
    (pid,) = [pid for pid in direct if any(part.endswith(words) for part in _words(pid))]
    return pid


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not alive(pid), 60)


def _words(pid: int) -> list[bytes]:
    return Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")


def _link(path: Path) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


def _resident(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0
