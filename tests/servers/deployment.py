"""Headwater as it is deployed: API and worker processes of their own against a store and a broker that are given."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from catalog.bootstrap.stores import migrate_store
from catalog.graph.embedded import free_port
from catalog.metrics import DIR_VARIABLE
from catalog.process import READY_FILE
from catalog.settings import PREFIX, read_settings
from tests.servers.asking import Asking
from tests.servers.child import Child, plain_environment


class Deployment(Asking):
    """`headwater migrate`, then several `headwater serve` and `headwater worker`.

    Args:
        env: `HEADWATER_…` variables: the store's, the broker's.
        apis: API processes, each on a port of its own; `url` is the first one's, `urls` has all.
        workers: workers, each with one child process.
    """

    def __init__(self, folder: Path, env: Mapping[str, str], *, apis: int = 1, workers: int = 1) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        ports = [free_port() for _ in range(apis)]
        self.urls = [f"http://127.0.0.1:{port}" for port in ports]
        self.url = self.urls[0]
        (folder / "metrics").mkdir()
        self.env = {"HEADWATER_DATA": str(folder), "PYTHONUNBUFFERED": "1", **env}
        self.env[DIR_VARIABLE] = str(folder / "metrics")
        whole = {**plain_environment(), **self.env}
        command = [sys.executable, "-m", "catalog.cli.main"]
        self.apis = [
            Child(
                [*command, "serve", "--port", str(port)],
                folder / f"api-{i}.log",
                env=whole,
                ready=Probe(url).is_ready,
            )
            for i, (port, url) in enumerate(zip(ports, self.urls, strict=True))
        ]
        self.workers = []
        for i in range(workers):
            ready = folder / f"worker-{i}.ready"
            self.workers.append(
                Child(
                    [*command, "worker", "--concurrency", "1"],
                    folder / f"worker-{i}.log",
                    env={**whole, READY_FILE: str(ready)},
                    ready=ready.exists,
                )
            )

    @property
    def parts(self) -> list[Child]:
        """All processes."""
        return [*self.apis, *self.workers]

    def start(self) -> Deployment:
        """Migrate, start everything at once, and wait until all of it works."""
        migrate_store(read_settings(**{k.removeprefix(PREFIX).lower(): v for k, v in self.env.items()}))
        try:
            for part in self.parts:
                part.launch()
            for part in self.parts:
                part.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End everything, doors first."""
        for part in self.parts:
            part.stop(10)


class Probe(Asking):
    """The questions alone."""

    def __init__(self, url: str) -> None:
        self.url = url
