"""Credentials in documents: they are refused with their places, since what is stored has none (`lineage.scrub`).

Were they taken out silently, what is stored would never be what the file says. Written as `***` they stand for
themselves: so does the event of a dataset whose address carries a password, and the names are equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalog.lineage.canonical import canonical as spelled
from catalog.lineage.scrub import MASK, scrub
from catalog.manifest.nodes import Path

FOUND = "holds what looks like a password, a key or a token, and none is ever stored"
EXPECTED = f"{MASK} in its place, as events are stored: the names are equal then"


def masked(body: Any) -> Any:
    """A document with `***` for credentials; the very same object where it has none."""
    clean = scrub(body, spelled(body))
    return body if clean == body else clean


def credentials(body: Any) -> Iterator[Path]:
    """Where a document has credentials."""
    clean = masked(body)
    if clean is not body:
        yield from _differing(body, clean, ())


def _differing(said: Any, clean: Any, path: Path) -> Iterator[Path]:
    if isinstance(said, dict) and isinstance(clean, dict):
        for name, value in said.items():
            yield from _differing(value, clean[name], (*path, name))
    elif isinstance(said, list) and isinstance(clean, list):
        for i, value in enumerate(said):
            yield from _differing(value, clean[i], (*path, i))
    elif said != clean:
        yield path
