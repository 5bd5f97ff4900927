"""Finds `schema/` in a checkout and in an installed wheel.

The folder holds contracts, no Python, so it is not importable; the wheel ships it as `catalog/_schema`.
"""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def schema_dir() -> Path:
    """The folder of contracts: graph migrations, GraphQL SDL, JSON Schemas."""
    packaged = _HERE / "_schema"
    return packaged if packaged.is_dir() else _HERE.parent / "schema"


def demo_dir() -> Path:
    """The recorded events shipped for `headwater demo`."""
    return _HERE / "demo"
