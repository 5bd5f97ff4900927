"""What the measurements share: their sizes, and a store or a service that is started when first needed."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.benchmarks.bare import Bare
from tests.benchmarks.service import Service
from tests.benchmarks.size import Size


class Session:
    """Keeps one of the two running at a time, so that neither takes processors or memory from the other."""

    def __init__(self, size: Size, folder: Path, store: str) -> None:
        self.size = size
        self.folder = folder
        self.store = store
        self._bare: Bare | None = None
        self._service: Service | None = None

    def bare(self) -> Bare:
        """The store alone, warmed up."""
        if self._bare is None:
            self.close()
            self._bare = Bare(self._new_folder("bare"), self.store)
            self._bare.warm_up(self.size.warm)
        return self._bare

    def service(self) -> Service:
        """The whole service, with the measured graph in it."""
        if self._service is None:
            self.close()
            self._service = Service(self._new_folder("service"), self.store)
            self._service.warm_up(self.size.warm)
        return self._service

    def _new_folder(self, name: str) -> Path:
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.folder))

    def close(self) -> None:
        """End what runs."""
        bare, self._bare = self._bare, None
        service, self._service = self._service, None
        if bare:
            bare.close()
        if service:
            service.close()
