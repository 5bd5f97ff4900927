"""The disk under the embedded store is full: everybody is told so in words, reading goes on, room is all it needs."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.graph.embedded import free_port
from catalog.graph.inbox import NewEntry
from catalog.graph.store import Store
from catalog.usecases.ingest import MAX_ATTEMPTS
from tests.e2e.conftest import Up, alive, children
from tests.e2e.faults.clients import CLIENT_TIMEOUT, Clients, stream
from tests.e2e.faults.sides import open_store_of
from tests.e2e.faults.verdict import judge
from tests.servers import plain
from tests.servers.asking import wait_for

DISK = "200m"
LOOKS = 3.0
"""Seconds in which `headwater up`, which looks several times each, sees what its disk has come to."""
STATUS = "{ status { sequence appliedThrough rejected dead } }"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    tmp_path = tmp_path / "disk"
    tmp_path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=700", "tmpfs", str(tmp_path)], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"this user cannot mount a small disk to fill: {mounted.stderr.strip()}")
    try:
        yield tmp_path
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def fill(file: Path) -> None:
    """Take every byte there is."""
    with file.open("wb", buffering=0) as sink:
        for size in (1 << 20, 4_096, 1):
            try:
                while sink.write(b"\0" * size) == size:
                    pass
            except OSError:
                continue


@pytest.mark.slow
def test_a_full_disk_is_said_and_survived(disk: Path) -> None:
    """Filled to the last byte under load: posts get 503 with the reason, questions their answers, no part ends, and no
    entry is blamed; with room again everything goes on by itself, and all that was answered 201 is applied once.
    """
    accepted: dict[str, tuple[int, NewEntry]] = {}
    up = Up(disk / "data", free_port()).wait_up()
    try:
        clients = Clients([up.url], stream(11), accepted=accepted, count=4, may_post=lambda: len(accepted) < 400)
        clients.start()
        try:
            wait_for(lambda: len(accepted) > 150, 60)
            parts = children(up.process.pid)
            fill(disk / "filler")
            wait_for(lambda: "STORE_FULL" in {problem["code"] for problem in clients.problems})
            told = [up.ask(STATUS)["status"], up.ask("{ datasets(first: 3) { edges { node { name } } } }")]
            ready = plain.get(f"{up.url}/readyz", timeout=CLIENT_TIMEOUT)
            time.sleep(LOOKS)
            (disk / "filler").unlink()
        finally:
            clients.stop()
        up.wait_applied(max(sequence for sequence, _ in accepted.values()), 90)
        ended = [pid for pid in parts if not alive(pid)]
        store = open_store_of(disk / "data")
        try:
            judge(store, accepted)
            attempts = most_attempts(store)
        finally:
            store.close()
    finally:
        up.stop()
    said = "\n".join(up.lines)
    refusal = next(problem for problem in clients.problems if problem["code"] == "STORE_FULL")

    assert [] == clients.faults
    assert [] == ended
    assert (True, 503) == (refusal["retryable"], refusal["status"])
    assert f"the disk that holds {disk / 'data'} is full" in refusal["detail"]
    assert (503, "STORE_FULL") == (ready.status_code, ready.json()["code"])
    assert 150 < told[0]["sequence"]
    assert 3 == len(told[1]["datasets"]["edges"])
    assert MAX_ATTEMPTS > attempts
    assert f"disk    full   the disk that holds {disk / 'data'} is full" in said
    assert "disk    ready  there is room again" in said


def most_attempts(store: Store) -> int:
    """How often the most unlucky entry was tried."""
    return int(store.rows("MATCH (e:Entry) RETURN max(e.attempts) AS n")[0]["n"])
