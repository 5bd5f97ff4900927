"""Files that a tool has left: found, bounded, unpacked, parsed; what is wrong with one says which and what to do."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from catalog.errors import InvalidArtifact, InvalidEvent
from catalog.imports.members import Json
from catalog.lineage.canonical import parse
from catalog.lineage.wire import kind_of

MAX_BYTES = 500_000_000
"""Unpacked; the largest dbt manifests of the field have 200 MB, and parsed JSON takes about six times its size."""
PACKED = ".gz"

Tell = Callable[[str], None]


def find(folder: Path, name: str) -> Path | None:
    """The file of this name in a folder, packed or not."""
    return next((path for path in (folder / name, folder / f"{name}{PACKED}") if path.is_file()), None)


def read_object(path: Path, *, most: int = MAX_BYTES, tell: Tell = lambda _: None) -> Json:
    """The JSON object of a file.

    Args:
        most: how many bytes it may have, unpacked.
        tell: told what is being read.

    Raises:
        InvalidArtifact: it cannot be read, is too large, is no JSON, or half of one, or no object.
    """
    body = _body(path, most, tell)
    try:
        value: Any = parse(body)
    except InvalidEvent as e:
        cut = body.rstrip()[-1:] not in (b"}", b"]")
        hint = "; it ends in the middle, so its writer may not be done: run it again" if cut and body.strip() else ""
        said = str(e).replace("the body ", "it ").partition(";")[0]
        raise InvalidArtifact(f"{path}: {said}{hint}", str(path)) from e
    if not isinstance(value, dict):
        raise InvalidArtifact(f"{path}: a JSON {kind_of(value)}, not an object", str(path))
    return value


def _body(path: Path, most: int, tell: Tell) -> bytes:
    try:
        size = path.stat().st_size
        tell(f"reading {path.name} ({size / 1e6:,.1f} MB)")
        _check_size(path, size, most)
        body = path.read_bytes()
    except OSError as e:
        raise InvalidArtifact(f"{path}: cannot be read: {e.strerror or e}", str(path)) from e
    if path.suffix != PACKED:
        return body
    unpack = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        unpacked = unpack.decompress(body, most + 1)
    except zlib.error as e:
        raise InvalidArtifact(f"{path}: is no gzip file: {e}", str(path)) from e
    _check_size(path, len(unpacked), most)
    if not unpack.eof:
        raise InvalidArtifact(f"{path}: ends too early for a gzip file; copy it again", str(path))
    return unpacked


def _check_size(path: Path, size: int, most: int) -> None:
    if size > most:
        raise InvalidArtifact(
            f"{path}: {size / 1e6:,.0f} MB, and {most / 1e6:,.0f} MB can be read (unpacked)", str(path)
        )
