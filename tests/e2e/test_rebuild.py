"""`headwater inbox rebuild --verify` beside a running service: while events come, killed, and resumed."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.graph.store import Store
from tests.benchmarks.layered import several_runs
from tests.e2e.conftest import Up
from tests.servers.asking import Asking, wait_for
from tests.servers.child import plain_environment
from tests.servers.deployment import Deployment
from tests.servers.stores import EMBEDDED, LONG, borrowed


@pytest.fixture(params=LONG)
def beside(
    request: pytest.FixtureRequest, start: Callable[..., Up], tmp_path: Path
) -> Iterator[tuple[Asking, dict[str, str]]]:
    """A service of its own, and the settings by which a command finds its store."""
    if request.param == EMBEDDED:
        up = start().wait_up()
        yield up, {"HEADWATER_DATA": str(up.data)}
        return
    with borrowed(request.param, tmp_path) as server:
        deployment = Deployment(tmp_path / "headwater", server.env).start()
        try:
            yield deployment, deployment.env
        finally:
            deployment.stop()


def rebuild(env: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "catalog.cli.main", "inbox", "rebuild", "--verify", "--json"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, env={**plain_environment(), **env}, text=True, **pipes)  # type: ignore[call-overload,no-any-return]


def verdict(process: subprocess.Popen[str]) -> tuple[int, dict[str, Any]]:
    said, faults = process.communicate(timeout=120)
    assert said, faults
    return process.returncode, json.loads(said)


def damage(env: dict[str, str]) -> None:
    """One edge closed by hand."""
    from catalog.bootstrap.stores import open_store, running_store
    from catalog.settings import PREFIX, read_settings

    settings = read_settings(**{k.removeprefix(PREFIX).lower(): v for k, v in env.items() if k.startswith(PREFIX)})
    store: Store = open_store(running_store(settings), pool=1, patience=5)
    try:
        store.write(lambda tx: tx.run("MATCH ()-[r:READS]->() WITH r LIMIT 1 SET r.open = false"))
    finally:
        store.close()


@pytest.mark.slow
def test_the_live_graph_is_proven_and_damage_is_found(beside: tuple[Asking, dict[str, str]]) -> None:
    """Events come and are applied all the while; a killed replay goes on; a changed edge is named; nothing stays."""
    service, env = beside
    events = list(several_runs(4, 10, 3, range(4)))
    service.wait_applied(service.send(*events[:100]), 60)
    folder = Path(env["HEADWATER_DATA"]) / "rebuild"

    killed = rebuild(env)
    wait_for(lambda: (folder / "store" / "runtime.json").exists(), 60)
    killed.kill()
    killed.communicate()
    assert folder.exists()
    poster = threading.Thread(target=service.send, args=events[100:])
    poster.start()
    code, equal = verdict(rebuild(env))
    poster.join()

    assert (0, True, []) == (code, equal["equal"], equal["differences"])
    assert 100 <= equal["replayed"]
    assert not folder.exists()
    service.wait_applied(len(events), 60)
    damage(env)
    code, different = verdict(rebuild(env))
    (edge,) = different["differences"]
    assert (1, False, len(events)) == (code, different["equal"], different["sequence"])
    assert ("edge", "READS") == (edge["kind"], edge["about"]["kind"])
    assert (False, True) == (edge["live"]["now"], edge["rebuilt"]["now"])
    assert edge["about"]["source"].startswith("job ")
    assert edge["about"]["target"].startswith("dataset ")
