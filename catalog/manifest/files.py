"""The texts of files: which ones a path means, how large they may be, and that they are UTF-8."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from catalog.manifest.json_text import json_pieces
from catalog.manifest.nodes import Fault, Piece
from catalog.manifest.yaml_text import yaml_pieces

MAX_BYTES = 32_000_000
"""Of one file; 10,000 documents of a usual size have a fifth of it."""
JSON = ".json"

_WILD = {"**/": r"(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
_UNSEEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_pieces(path: Path, faults: list[Fault]) -> Iterator[Piece]:
    """The documents of a file, by the end of its name JSON or YAML; faults have their places in it."""
    try:
        data = _bytes(path)
    except Fault as fault:
        faults.append(fault)
        return
    yield from pieces_of(path.name, data, faults)


def pieces_of(name: str, data: bytes, faults: list[Fault]) -> Iterator[Piece]:
    """The documents of what stands, or would stand, in a file of this name."""
    try:
        text = decode(data)
    except Fault as fault:
        faults.append(fault)
        return
    yield from (json_pieces if name.lower().endswith(JSON) else yaml_pieces)(text, faults)


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise Fault(f"the file has {size:,} bytes", 0, 0, f"at most {MAX_BYTES:,}; split it")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as wrong:
        raise Fault(f"the file cannot be read: {(wrong.strerror or str(wrong)).lower()}", 0, 0) from None
    if len(data) > MAX_BYTES:
        raise Fault(f"the file has more than {MAX_BYTES:,} bytes", 0, 0, "less; split it")
    return data


def decode(data: bytes) -> str:
    """The text of a file.

    Raises:
        Fault: it is no UTF-8, or has characters that no editor shows.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Fault("the file is UTF-16", 1, 1, "UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        before = data[: wrong.start]
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        message = f"the byte 0x{data[wrong.start]:02x} is no UTF-8"
        raise Fault(message, before.count(b"\n") + 1, column, "UTF-8") from None
    if found := _UNSEEN.search(text):
        at = found.start()
        line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
        raise Fault(f"the character U+{ord(found[0]):04X} has no place in a text", line, column)
    return text


def files_under(folder: Path, include: Sequence[str], exclude: Sequence[str]) -> list[Path]:
    """The files of a folder that patterns choose, sorted; hidden ones and those in hidden folders never."""
    chosen, left_out = _patterns(include), _patterns(exclude)
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            path = Path(parent, name)
            inside = path.relative_to(folder).as_posix()
            if not name.startswith(".") and chosen.fullmatch(inside) and not left_out.fullmatch(inside):
                found.append(path)
    return sorted(found)


def _patterns(patterns: Sequence[str]) -> re.Pattern[str]:
    """One expression for several patterns; `**/` is any folders or none, `*` any characters within one.

    A pattern of a folder means all that is in it.
    """
    parts = [_pattern(pattern.removeprefix("./")) for pattern in patterns]
    return re.compile("|".join(f"(?:{part})" for part in parts) or r"(?!)")


def _pattern(pattern: str) -> str:
    found = ""
    for part in re.findall(r"\*\*/|\*\*|\*|\?|[^*?]+", pattern.rstrip("/")):
        found += _WILD.get(part) or re.escape(part)
    return found + "(?:/.*)?"
