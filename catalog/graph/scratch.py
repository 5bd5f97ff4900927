"""An embedded store for a job that may be interrupted: it is found again, as long as it belongs to the same store."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from catalog import __version__
from catalog.errors import DirectoryUnusable
from catalog.graph.copying import entries_at
from catalog.graph.embedded import Embedded
from catalog.graph.retention import kept
from catalog.graph.store import Store

MARK = "headwater-rebuild.json"
STORE = "store"


@contextmanager
def scratch(live: Store, folder: Path, *, keep: bool) -> Iterator[Embedded]:
    """A running embedded store below a folder: the one that was left there for this live store, or a fresh one.

    It stays when the block is left by an error or by Ctrl-C, so that the next one can go on; else it is removed.

    Args:
        keep: do not remove it (the next one does, and begins anew).

    Raises:
        DirectoryInUse: another process works in it.
        DirectoryUnusable: something else is there, or it cannot be written.
    """
    folder = folder.resolve()
    if folder.exists() and not (folder / MARK).exists() and any(folder.iterdir()):
        raise DirectoryUnusable(f"{folder} holds something else; choose an empty folder with --dir")
    if not (folder / MARK).exists():
        _write(folder / MARK, {})
    server = Embedded(folder / STORE)
    server.claim()
    first = entries_at(live, [1])
    mark = {"version": __version__, "first": first[0]["id"] if first else "", "kept": list(kept(live))}
    if _read(folder / MARK) != mark:
        server.stop()
        shutil.rmtree(folder / STORE)
        server = Embedded(folder / STORE)
        server.claim()
        _write(folder / MARK, mark)
    try:
        server.start()
        yield server
        _write(folder / MARK, {**mark, "done": True})
    finally:
        server.stop()
    if not keep:
        shutil.rmtree(folder)


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None


def _write(path: Path, mark: dict[str, object]) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(json.dumps(mark), "utf-8")
    except OSError as e:
        raise DirectoryUnusable(f"{path.parent} cannot be written ({e.strerror}); choose another with --dir") from e
